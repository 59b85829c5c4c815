"""The test vectors of the Fernet specification.

Source: https://github.com/fernet/spec, generate.json, verify.json and invalid.json (version 0x80).
"""

from __future__ import annotations

SECRET = "cw_0x689RpI-jtRR7oE8h_eQsKImvJapLeSbXpwF4e4="
NOW = 499162800  # 1985-10-26T01:20:00-07:00
IV = bytes(range(16))
SOURCE = "hello"
TOKEN = (
    "gAAAAAAdwJ6wAAECAwQFBgcICQoLDA0ODy021cpGVWKZ_eEwCGM4BLLF_5CV9dOPmrhuVUPgJobwOz7JcbmrR64jVmpU"
    "4IwqDA=="
)

# Those that are invalid only by their age are left out: a stored value never expires.
INVALID = {
    "incorrect mac": (
        "gAAAAAAdwJ6xAAECAwQFBgcICQoLDA0OD3HkMATM5lFqGaerZ-fWPAl1-szkFVzXTuGb4hR8AKtwcaX1YdykQUFBQUFB"
        "QUFBQQ=="
    ),
    "too short": "gAAAAAAdwJ6xAAECAwQFBgcICQoLDA0OD3HkMATM5lFqGaerZ-fWPA==",
    "invalid base64": (
        "%%%%%%%%%%%%%AECAwQFBgcICQoLDA0OD3HkMATM5lFqGaerZ-fWPAl1-szkFVzXTuGb4hR8AKtwcaX1YdykRtfsH-p1"
        "YsUD2Q=="
    ),
    "payload size not multiple of block size": (
        "gAAAAAAdwJ6xAAECAwQFBgcICQoLDA0OD3HkMATM5lFqGaerZ-fWPOm73QeoCk9uGib28Xe5vz6oxq5nmxbx_v7mrfyu"
        "dzUm"
    ),
    "payload padding error": (
        "gAAAAAAdwJ6xAAECAwQFBgcICQoLDA0ODz4LEpdELGQAad7aNEHbf-JkLPIpuiYRLQ3RtXatOYREu2FWke6CnJNYIbku"
        "KNqOhw=="
    ),
    "incorrect IV (causes padding error)": (
        "gAAAAAAdwJ6xBQECAwQFBgcICQoLDA0OD3HkMATM5lFqGaerZ-fWPAkLhFLHpGtDBRLRTZeUfWgHSv49TF2AUEZ1TIvc"
        "ZjK1zQ=="
    ),
    "trailing characters after b64 padding": TOKEN + "trailingdata",
    "invalid characters in b64": (
        "*gAAAAAAdwJ6wAAECAwQFBgcI!CQoLDA0ODy021?cpGVWKZ_eEwC@GM4BLLF_5CV9dOPmrhuVUPgJobwOz7JcbmrR64j"
        "VmpU4IwqDA=="
    ),
    "invalid non-urlsafe characters in b64": (
        "gAAAAAAdwJ6wAAEC/AwQFBgcICQoLDA0ODy+021cpGVWKZ_eEwCGM4BLLF_5CV9dOPmrhuVUPgJobwOz7JcbmrR64jVm"
        "pU4IwqDA=="
    ),
}

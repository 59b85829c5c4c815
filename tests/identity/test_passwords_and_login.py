"""Password hashes in known formats only, read by nobody but the service that signs users in."""

from __future__ import annotations

import psycopg
import pytest

from tests.identity.people import act_as, serve
from tests.pgtap import as_role, is_empty, lacks_privilege, throws, value

SET = "SELECT identity.set_password_hash('staff', %s)"
READ = "SELECT identity.password_hash_of(%s)"
SIGN_IN = ["identity.sign_in"]
B22, B31, B43, B86 = "x" * 22, "y" * 31, "z" * 43, "a" * 86
ARGON2 = f"$argon2id$v=19$m=65536,t=3,p=4${B22}${B43}"

KNOWN = {
    "argon2id": ARGON2,
    "argon2i": ARGON2.replace("argon2id", "argon2i"),
    "argon2d": ARGON2.replace("argon2id", "argon2d"),
    "bcrypt 2a": f"$2a$10${B22}{B31}",
    "bcrypt 2b": f"$2b$12${B22}{B31}",
    "bcrypt 2y": f"$2y$31${B22}{B31}",
    "scrypt of passlib": f"$scrypt$ln=16,r=8,p=1${B22}${B43}",
    "scrypt of Werkzeug": f"scrypt:32768:8:1${'s' * 16}${'0f' * 64}",
    "PBKDF2 of passlib": f"$pbkdf2-sha256$29000${B22}${B43}",
    "PBKDF2 of passlib, SHA-512": f"$pbkdf2-sha512$25000${B22}${B86}",
    "PBKDF2 of Django": f"pbkdf2_sha256$600000${B22}${B43}=",
    "PBKDF2 of Werkzeug": f"pbkdf2:sha256:600000${'s' * 16}${'0f' * 32}",
    "PBKDF2 of Werkzeug, SHA-512": f"pbkdf2:sha512:600000${'s' * 16}${'0f' * 64}",
}
UNKNOWN = {
    "plain text": "correct horse battery staple",
    "empty": "",
    "MD5": "5f4dcc3b5aa765d61d8327deb882cf99",
    "SHA-1": "5baa61e4c9b93f3f0682250b6cf8331b7ee68fd8",
    "SHA-256": "5e884898da28047151d0e56f8dc6292773603d0d6aabbdd62a11ef721d1542d8",
    "MD5 of PostgreSQL": "md5a3556571e93b0d20722ba62be61e8c2d",
    "crypt MD5": "$1$abcdefgh$0123456789012345678901",
    "crypt SHA-512": f"$6$rounds=5000$abcdefgh${B86}",
    "bcrypt of cost 9": f"$2b$09${B22}{B31}",
    "bcrypt of cost 32": f"$2b$32${B22}{B31}",
    "bcrypt a character short": f"$2b$12${B22}{B31[1:]}",
    "bcrypt with more behind": f"$2b$12${B22}{B31} secret",
    "a line end behind": f"$2b$12${B22}{B31}\n",
    "a line before": f"secret\n$2b$12${B22}{B31}",
    "argon2 without salt": f"$argon2id$v=19$m=65536,t=3,p=4${B43}",
    "argon2 of version 16": ARGON2.replace("v=19", "v=16"),
    "PBKDF2 with SHA-1": f"$pbkdf2$29000${B22}${B43}",
    "PBKDF2 of few rounds": f"pbkdf2_sha256$100${B22}${B43}=",
    "only the name": "$argon2id$",
}


@pytest.mark.parametrize("name", KNOWN)
def test_a_hash_of_a_known_format_is_kept_and_given_to_who_signs_in(
    db: psycopg.Connection, people: int, name: str
) -> None:
    with as_role(db, "pgerp_app"):
        db.execute(SET, [ARGON2])
        db.execute(SET, [KNOWN[name]])
        serve(db, people, permissions=SIGN_IN)
        assert value(db, READ, ["staff"]) == KNOWN[name]


@pytest.mark.parametrize("name", UNKNOWN)
def test_anything_else_is_refused_as_a_password_hash(
    db: psycopg.Connection, people: int, name: str
) -> None:
    throws(db, "23514", SET, [UNKNOWN[name]])
    throws(
        db,
        "23514",
        """INSERT INTO identity.credentials (tenant_id, user_id, password_hash)
        SELECT tenant_id, id, %s FROM identity.users WHERE subject = 'staff'""",
        [UNKNOWN[name]],
    )


def test_no_hash_is_kept_for_null(db: psycopg.Connection, people: int) -> None:
    throws(db, "23502", SET, [None])


def test_clients_read_no_table_and_no_view_with_hashes(db: psycopg.Connection, people: int) -> None:
    for role in ("pgerp_app", "pgerp_readonly", "pgerp_auditor", "pgerp_monitor"):
        for privilege in ("SELECT", "INSERT", "UPDATE", "DELETE"):
            for table in ("identity.credentials", "identity.subject_rights"):
                lacks_privilege(db, role, privilege, f"table {table}")
    is_empty(
        db,
        """SELECT c.oid::regclass, a.attname
        FROM pg_attribute AS a JOIN pg_class AS c ON c.oid = a.attrelid
        WHERE (a.atttypid = 'identity.password_hash'::regtype OR a.attname ~ 'password')
            AND c.relnamespace::regnamespace::text !~ '^(pg_|information_schema)'
            AND c.oid <> 'identity.credentials'::regclass""",
    )


@pytest.mark.parametrize("subject", ["service", "owner", "accountant", "staff"])
def test_neither_users_nor_services_of_every_day_read_hashes_or_record_logins(
    db: psycopg.Connection, people: int, subject: str
) -> None:
    db.execute(SET, [ARGON2])
    for changes in ({}, {"permissions": ["identity.*"]}):
        act_as(db, people, subject, **changes)
        with as_role(db, "pgerp_app"):
            throws(db, "ZI011", READ, ["staff"])
            throws(db, "ZI011", "SELECT identity.record_login('staff')")


def test_a_login_is_recorded_for_active_users_only(db: psycopg.Connection, people: int) -> None:
    db.execute(SET, [ARGON2])
    db.execute("SELECT identity.deactivate_user('owner')")
    serve(db, people, permissions=SIGN_IN)
    db.execute("SELECT identity.record_login('staff')")
    login = "SELECT last_login = now() FROM identity.users WHERE subject = %s"
    assert value(db, login, ["staff"]) is True
    assert value(db, login, ["accountant"]) is None
    throws(db, "ZI012", "SELECT identity.record_login('owner')")
    throws(db, "ZI012", "SELECT identity.record_login('nobody')")
    throws(db, "ZI012", "SELECT identity.record_login(NULL)")
    assert value(db, READ, ["accountant"]) is None
    assert value(db, READ, ["nobody"]) is None


def test_the_hash_of_an_inactive_user_is_not_given(db: psycopg.Connection, people: int) -> None:
    db.execute(SET, [ARGON2])
    db.execute("SELECT identity.deactivate_user('staff')")
    serve(db, people, permissions=SIGN_IN)
    assert value(db, READ, ["staff"]) is None

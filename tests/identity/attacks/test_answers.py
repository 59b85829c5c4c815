"""What a client of A is answered is the same whether what it asks about is B's or nobody's."""

from __future__ import annotations

import json
import re
import uuid
from collections.abc import Iterator
from typing import Any

import psycopg
import pytest

from tests.identity.attacks.prey import NAME, Prey, state_of
from tests.identity.conftest import hold
from tests.identity.questions import NOT_OF_A_BUSINESS, questions
from tests.identity.reach import FUNCTIONS
from tests.identity.routines import statement
from tests.identity.two_businesses import UUID, Answer, call
from tests.party.customers import ADDRESS, DOCUMENT, PHONE
from tests.pgtap import as_role, throws, value

NOBODY = "ERSATZ"
"""As long as NAME, and of no tenant."""
NO_TENANT = 999999999

# What is not in questions.py, since it is not about a business.
MORE: dict[str, Any] = {
    "p_address": json.dumps(ADDRESS),
    "p_changes": '{"given_name": "New"}',
    "p_contact": json.dumps({"channel": "phone", **PHONE}),
    "p_customer": '{"given_name": "New"}',
    "p_document": json.dumps(DOCUMENT),
    "p_number_hashes": [DOCUMENT["number_hash"]],
    "p_phone_hashes": [PHONE["phone_hash"]],
    "p_purpose": "sms_reminders",
    "p_version": 1,
    "p_amount": "10",
    "p_at": "2026-01-01",
    "p_claims": "{}",
    "p_currency": "EUR",
    "p_currency_code": "USD",
    "p_on": "2026-03-04",
    "p_parts": 2,
    "p_password_hash": "$2b$12$" + "y" * 53,
    "p_permission": "ledger.post",
    "p_permissions": ["ledger.post"],
    "p_rate": "1.5",
    "p_rate_type": "spot",
    "p_rates": "[]",
    "p_role": NAME,
    "p_subject": NAME,
    "p_text": NAME,
    "p_to_currency": "USD",
    "p_to_currency_code": "USD",
    "p_valid_on": "2026-03-04",
    "p_template": '{"code": "new", "language": "en", "body": "New", "purpose": "notices"}',
    "p_template_code": "notice",
    "p_language": "en",
    "p_values": '{"amount": "1"}',
}
# How far they get depends on whatever else is running on the server; their hashes are over times.
UNSTEADY = {"audit.seal", "ledger.seal"}
CODES = ("account_code", "budget_code", "business_code", "number", "role", "subject", "p_code")
TIME = re.compile(r"datetime\.datetime\([^)]*\)+|\d{4}-\d\d-\d\d[ T]\d\d:\d\d:\d\d[.\d]*(\+\d\d)?")
Question = tuple[str, dict[str, Any]]


def asked(prey: Prey, conn: psycopg.Connection) -> Iterator[Question]:
    """Yield every function that clients may call, with arguments about B's rows by their ids."""
    for function, given, needed, _ in conn.execute(FUNCTIONS).fetchall():
        names = list(given or [])
        # Parts of a replay are given rows; what they look up they read as the caller.
        if NOT_OF_A_BUSINESS.get(function, "").startswith(
            ("knows no row", "know no row", "work upon what they are given")
        ):
            continue
        known = prey.keys() | MORE
        if function.startswith("party."):
            known |= {"p_source": "paper_form"}
        for arguments in questions(prey.side, function, names):
            more = {name: known[name] for name in names if name in known}
            arguments = more | {"p_tenant_id": prey.world.ours} | arguments
            arguments = {name: arguments[name] for name in names if name in arguments}
            missing = set(names[:needed]) - set(arguments)
            assert not missing, f"say in MORE or questions.py what {function} is asked: {missing}"
            yield function, arguments


def of_tenant(arguments: dict[str, Any], tenant: int) -> dict[str, Any]:
    return arguments | {"p_tenant_id": tenant} if "p_tenant_id" in arguments else arguments


def of_strangers(arguments: dict[str, Any]) -> dict[str, Any]:
    """Return the arguments with ids that nobody has."""
    text = UUID.sub(lambda id_: str(uuid.uuid5(uuid.NAMESPACE_OID, id_[0])), _dump(arguments))
    return json.loads(text)  # type: ignore[no-any-return]


def by_name(arguments: dict[str, Any], name: str) -> dict[str, Any]:
    """Return the arguments with a code in the place of every code."""
    return {
        key: name if key.endswith(CODES) and item is not None else item
        for key, item in arguments.items()
    }


def _dump(arguments: dict[str, Any]) -> str:
    return json.dumps(arguments, default=str)


def plain(prey: Prey, answer: Answer) -> tuple[str, str]:
    """Return what is answered, without what the question named and what differs at every call."""
    text = TIME.sub("<time>", UUID.sub("<id>", answer.text))
    text = re.sub(rf"\b({prey.world.theirs}|{NO_TENANT})\b", "<tenant>", text)
    return answer.sqlstate, re.sub(rf"{NAME}|{NOBODY}", "<name>", text, flags=re.IGNORECASE)


PAIRS = ["ids", "names", "tenant"]


def pair(prey: Prey, arguments: dict[str, Any], kind: str, tenant: int) -> list[dict[str, Any]]:
    """Return a question about what is B's, and the same one about what is nobody's."""
    if kind == "ids":
        both = [arguments, of_strangers(arguments)]
    elif kind == "names":
        both = [by_name(of_strangers(arguments), name) for name in (NAME, NOBODY)]
    else:
        return [of_tenant(arguments, theirs) for theirs in (prey.world.theirs, NO_TENANT)]
    return [of_tenant(one, tenant) for one in both]


def tell_tales(prey: Prey, conn: psycopg.Connection, kind: str) -> dict[str, Any]:
    """Return the functions that answer A about B as they do not about nobody, or change B."""
    token, found = prey.world.token(permissions=["*"]), {}

    def ask(function: str, arguments: dict[str, Any]) -> Answer:
        return call(conn, token, function, arguments, lambda: state_of(conn, prey.world.theirs))

    for function, arguments in asked(prey, conn):
        of_b, of_nobody = pair(prey, arguments, kind, prey.world.ours)
        answers = [ask(function, of_b), ask(function, of_nobody)]
        said = [plain(prey, answer) for answer in answers]
        if (
            said[0][0] != said[1][0]
            or (said[0] != said[1] and function not in UNSTEADY)
            or prey.told(answers[0].text, _dump(of_b))
            or any(answer.is_change for answer in answers)
        ):
            found[function] = [(answer.sqlstate, answer.text) for answer in answers]
    return found


@pytest.mark.parametrize("kind", PAIRS)
def test_no_function_knows_b_s_from_what_is_nobody_s(
    prey: Prey, watcher: psycopg.Connection, kind: str
) -> None:
    assert tell_tales(prey, watcher, kind) == {}


ORACLES = {
    "ids": """CREATE FUNCTION core.bad(p_entry_id uuid) RETURNS boolean LANGUAGE sql
        SECURITY DEFINER AS 'SELECT EXISTS (
            SELECT FROM ledger.journal_entries WHERE id = p_entry_id)'""",
    "names": """CREATE FUNCTION core.bad(p_subject text) RETURNS void LANGUAGE sql
        SECURITY DEFINER AS 'UPDATE identity.users SET name = ''x'' WHERE subject = p_subject'""",
    "tenant": """CREATE FUNCTION core.bad(p_tenant_id integer) RETURNS SETOF text LANGUAGE sql
        SECURITY DEFINER AS 'SELECT name FROM identity.tenants WHERE id = p_tenant_id'""",
}


@pytest.mark.parametrize("kind", PAIRS)
def test_a_function_that_did_would_be_noticed(
    prey: Prey, watcher: psycopg.Connection, kind: str
) -> None:
    watcher.execute(ORACLES[kind])  # type: ignore[arg-type]
    watcher.execute("REVOKE EXECUTE ON ALL FUNCTIONS IN SCHEMA identity, ledger FROM pgerp_app")
    watcher.execute("GRANT EXECUTE ON FUNCTION core.bad TO pgerp_app")
    assert "core.bad" in tell_tales(prey, watcher, kind)


@pytest.mark.parametrize("kind", ["ids", "names"])
def test_to_b_every_function_that_is_asked_about_it_tells_the_difference(
    prey: Prey, watcher: psycopg.Connection, kind: str
) -> None:
    token = prey.token_of_b(permissions=["*"])
    alike = set()
    for function, arguments in asked(prey, watcher):
        of_b, of_nobody = pair(prey, arguments, kind, prey.world.theirs)
        if of_b == of_nobody:
            continue
        answers = [call(watcher, token, function, one, lambda: "") for one in (of_b, of_nobody)]
        if plain(prey, answers[0]) == plain(prey, answers[1]):
            alike.add(function)
    assert alike == set()


def test_an_idempotency_key_of_b_is_as_good_as_new_to_a(
    prey: Prey, watcher: psycopg.Connection
) -> None:
    post = (
        "SELECT ledger.create_journal_entry('MAIN', '2026-03-04', %s, %s, p_idempotency_key => %s)"
    )
    batch = "SELECT entry_id::text, sqlstate FROM ledger.create_journal_entries(%s)"
    lines = [{"account": "1110", "debit": "1"}, {"account": "4100", "credit": "1"}]
    entry = {"business": "MAIN", "date": "2026-03-04", "description": "x", "lines": lines}
    made = []
    with as_role(watcher, "pgerp_app"):
        for token, text in ((prey.token_of_b(), "B's"), (prey.world.token(), "A's")):
            hold(watcher, token)
            made.append(value(watcher, post, [text, json.dumps(lines), NAME]))
            assert value(watcher, post, [text, json.dumps(lines), NAME]) == made[-1]
            request = json.dumps([entry | {"idempotency_key": f"{NAME}-1", "description": text}])
            ((entry_id, sqlstate),) = watcher.execute(batch, [request]).fetchall()
            assert sqlstate is None
            made.append(entry_id)
        # The same key with another request is refused, as for B with its own.
        throws(watcher, "ZL008", post, ["Other", json.dumps(lines), NAME])
    assert len(set(made)) == 4


def test_b_s_transaction_that_is_not_over_makes_a_wait_for_nothing(prey: Prey) -> None:
    """Each writing function of B is called and held; then A, and B elsewhere, call the same."""
    of_b, of_a = prey.token_of_b(permissions=["*"]), prey.world.token(permissions=["*"])
    waited: dict[str, set[str]] = {"a": set(), "b": set()}

    def attempt(conn: psycopg.Connection, token: str, timeout: str, question: Question) -> bool:
        function, arguments = question
        named = ", ".join(f"{name} => %({name})s" for name in arguments)
        hold(conn, token)
        conn.execute("SELECT set_config('lock_timeout', %s, true)", [timeout])
        try:
            with conn.transaction():
                conn.execute(statement(conn, function, named).encode(), arguments)
        except psycopg.Error as error:
            return error.sqlstate == "55P03"
        return False

    with prey.client(of_b) as b, prey.client(of_a) as a, prey.client(of_b) as other_b:
        functions = {
            name
            for (name,) in b.execute(
                "SELECT pronamespace::regnamespace || '.' || proname FROM pg_proc"
                " WHERE provolatile = 'v'"
            )
        }
        for function, arguments in list(asked(prey, a)):
            if function in functions:
                arguments = by_name(arguments, NAME)
                theirs = function, of_tenant(arguments, prey.world.theirs)
                attempt(b, of_b, "2s", theirs)
                if attempt(a, of_a, "2s", (function, arguments)):
                    waited["a"].add(function)
                if attempt(other_b, of_b, "20ms", theirs):
                    waited["b"].add(function)
    assert waited["a"] == set()
    # B's locks are there: who works for B meets them.
    assert len(waited["b"]) > 20

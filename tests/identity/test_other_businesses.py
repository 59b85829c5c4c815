"""A token that lists one business learns nothing of another and changes nothing of it: from the
catalog, every table and view that clients read, and every function that they may call."""

from __future__ import annotations

from collections.abc import Iterator

import psycopg
import pytest

from pgerp.db import connect
from tests.identity.conftest import World, hold
from tests.identity.questions import BARE, NOT_OF_A_BUSINESS, SHARED, questions
from tests.identity.reach import FUNCTIONS, RELATIONS
from tests.identity.two_businesses import MAIN, SIDE, Answer, Side, ask, make_secrets
from tests.pgtap import as_role, throws, value

# Tables without anything of one business, and why: see also tests/house/tenancy.py.
WHOLE_TENANT = {
    "events.event_types": "reference",
    "events.settings": "reference",
    "events.subscriptions": "reference",
    "identity.tenants": "the tenant itself",
    "identity.permissions": "reference",
    "identity.roles": "what a role may is the same in every business",
    "identity.role_permissions": "the same",
    "identity.user_roles": "the same",
    "identity.users": "people, who may work for several businesses",
    "ledger.account_types": "reference",
    "payroll.summary_refreshes": "a time",
    "payroll.tax_rates": "reference",
    "ledger.currencies": "reference",
    "ledger.exchange_rates": "businesses convert at the same rates",
    "ledger.reference_posting_rules": "reference",
    "ledger.retention_rules": "a year is archived of all businesses at once",
    "ledger.seals": "positions and hashes of one chain",
    **dict.fromkeys(
        (
            "party.consents",
            "party.current_consents",
            "party.customer_addresses",
            "party.customer_contacts",
            "party.customer_details",
            "party.customer_terms",
            "party.customers",
            "party.identity_documents",
            "party.privacy_acts",
        ),
        "customers are shared by the businesses",
    ),
    "lending.customers": "customers are shared by the businesses",
    "lending.sms_templates": "businesses write in the same words",
    "lending.users": "people, who may work for several businesses",
    "messaging.sms_templates": "businesses write in the same words",
    "messaging.templates": "the same",
    "party.document_types": "reference",
    "party.personal_data_columns": "reference",
    "party.personal_data_tables": "reference",
}


@pytest.fixture(scope="module")
def side(world: World) -> Iterator[Side]:
    """SIDE with its secrets, in a transaction that is rolled back."""
    with connect(world.url, autocommit=False) as conn:
        yield make_secrets(conn, world)
        conn.rollback()


def rows_of(side: Side, relation: str, businesses: object) -> list[str]:
    with as_role(side.conn, "pgerp_app"):
        hold(side.conn, side.world.token(business=businesses))
        return [row for (row,) in side.conn.execute(f"SELECT t::text FROM {relation} AS t")]  # type: ignore[arg-type]


def columns(conn: psycopg.Connection, relation: str) -> set[str]:
    query = """SELECT attname FROM pg_attribute
        WHERE attrelid = %s::regclass AND attnum > 0 AND NOT attisdropped"""
    return {name for (name,) in conn.execute(query, [relation])}


def test_no_row_of_another_business_is_read_from_any_table_or_view(side: Side) -> None:
    relations = [name for (name,) in side.conn.execute(RELATIONS)]
    unseen, seen = {}, set()
    for relation in relations:
        column = {"identity.businesses": "id"}.get(relation, "business_id")
        if column in columns(side.conn, relation):
            ours = f"SELECT count(*) FROM {relation} WHERE {column} NOT IN (%s)"
            with as_role(side.conn, "pgerp_app"):
                hold(side.conn, side.world.token(business=[MAIN]))
                assert value(side.conn, ours, [MAIN]) == 0, relation
                hold(side.conn, side.world.token(business=[SIDE]))
                if value(side.conn, ours, [MAIN]) > 0:
                    seen.add(relation)
        told = side.told("\n".join(rows_of(side, relation, [MAIN])))
        if told:
            unseen[relation] = told
        if side.told("\n".join(rows_of(side, relation, [SIDE]))):
            seen.add(relation)
    assert unseen == {}
    # All of them have something of SIDE for those who may see it.
    assert set(relations) - seen == set(WHOLE_TENANT)


def test_each_role_that_reads_is_held_to_the_businesses_of_its_token(side: Side) -> None:
    for role in ("pgerp_app", "pgerp_readonly", "pgerp_auditor"):
        with as_role(side.conn, role):
            hold(side.conn, side.world.token(business=[MAIN]))
            for (relation,) in side.conn.execute(RELATIONS).fetchall():
                rows = side.conn.execute(f"SELECT t::text FROM {relation} AS t").fetchall()  # type: ignore[arg-type]
                assert side.told(str(rows)) == set(), (role, relation)


# Statements that say more of all businesses than of MAIN.
CONSOLIDATED = {
    "finance.account_totals",
    "finance.balance_sheet",
    "finance.income_statement",
    "finance.stored_reports",
    "finance.trial_balance",
    "ledger.account_balance",
    "ledger.account_statement",
    "ledger.aged_balances",
    "ledger.balance_sheet",
    "ledger.balance_sheet_comparative",
    "ledger.budget_status",
    "ledger.cash_flow_statement",
    "ledger.dashboard_daily_cash",
    "ledger.dashboard_monthly",
    "ledger.general_ledger",
    "ledger.income_statement",
    "ledger.income_statement_by_month",
    "ledger.income_statement_comparative",
    "ledger.open_items",
    "ledger.rolled_up_balances",
    "ledger.trial_balance",
    "ledger.trial_balance_movements",
    "lending.arrears",
    "lending.calculate_par",
    "lending.collection_report",
    "lending.monthly_summary",
    "lending.portfolio",
    "lending.vintage_report",
}


def asked(side: Side, businesses: object) -> dict[str, list[Answer]]:
    """Ask every function about SIDE."""
    answers: dict[str, list[Answer]] = {}
    for function, given, needed, _ in side.conn.execute(FUNCTIONS).fetchall():
        names = list(given or [])
        if function in NOT_OF_A_BUSINESS:
            continue
        for arguments in questions(side, function, names):
            missing = set(names[:needed]) - set(arguments)
            assert not missing, f"say in questions.py what {function} is asked with: {missing}"
            answer = ask(side, function, arguments, businesses)
            told = side.told(answer.text, str(arguments))
            answers.setdefault(function, []).append(
                Answer(answer.sqlstate, answer.rows, " ".join(sorted(told)), answer.is_change)
            )
    return answers


def test_no_function_tells_anything_of_another_business_or_changes_it(side: Side) -> None:
    refused = asked(side, [MAIN])
    leaks = {
        (function, answer.sqlstate, answer.text)
        for function, answers in refused.items()
        for answer in answers
        if answer.text
        or answer.is_change
        or not (answer.sqlstate or answer.is_empty or function in SHARED)
    }
    assert leaks == set()
    # Whoever may ask is answered by every one of them, or has it done.
    allowed = asked(side, [SIDE])
    whole = asked(side, "*")
    useless = {
        (function, mine.sqlstate, all_.sqlstate)
        for function, answers in allowed.items()
        for mine, all_ in zip(answers, whole[function], strict=True)
        if not (mine.text or mine.is_change or all_.text or all_.is_change)
        and (function not in BARE or mine.is_empty)
    }
    assert useless == set()


def test_consolidated_is_what_the_token_s_businesses_are_together(side: Side) -> None:
    """For one business: what it says by itself, to whom all of them are open."""
    compared = set()
    for function, names, needed, is_statement in side.conn.execute(FUNCTIONS).fetchall():
        if not is_statement or function in {*NOT_OF_A_BUSINESS, *BARE}:
            continue
        (arguments,) = questions(side, function, [n for n in names if n != "p_budget_code"])
        arguments.pop("p_business_code")
        assert set(names[:needed]) <= {"p_business_code", *arguments}
        of_all = ask(side, function, arguments | {"p_business_code": None}, "*")
        of_main = ask(side, function, arguments | {"p_business_code": "MAIN"}, "*")
        seen = ask(side, function, arguments | {"p_business_code": None}, [MAIN])
        if of_all.sqlstate:
            # It answers about one business only.
            assert (seen.sqlstate, seen.rows) == (of_all.sqlstate, []), function
            continue
        assert (seen.sqlstate, seen.rows) == ("", of_main.rows), function
        if of_all.rows != of_main.rows:
            compared.add(function)
    assert compared == CONSOLIDATED


def test_a_consolidated_report_is_not_stored_for_some_businesses_only(side: Side) -> None:
    arguments = {"p_business_code": None, "p_kind": "trial_balance"}
    assert ask(side, "finance.store_report", arguments, [MAIN]).sqlstate == "ZI006"
    assert ask(side, "finance.store_report", arguments, "*").sqlstate == ""


REFUSED = [
    # What is shared concerns all; whether a limit can be set would tell the others' balances.
    ("ZI006", "SELECT ledger.set_account_limits('1110', p_minimum_balance => 1000000)"),
    ("ZI006", "SELECT ledger.set_account_monetary('1110', false)"),
    ("ZI006", "SELECT ledger.deactivate_account('1110')"),
    ("ZI006", "SELECT ledger.activate_account('1110')"),
    ("ZI006", "SELECT ledger.set_cash_flow_activity('1110', 'investing')"),
    ("ZI006", "SELECT ledger.set_control_module('1110', 'billing')"),
    ("ZI006", "SELECT ledger.set_account_role('exchange_gain', '4100')"),
    ("ZI006", "SELECT * FROM ledger.seal()"),
    ("ZI006", "SELECT * FROM audit.seal()"),
    # What is another's is not there.
    ("ZL007", "SELECT ledger.set_account_limits('1130')"),
    ("ZL007", "SELECT ledger.set_account_monetary('1130', false)"),
    ("ZL007", "SELECT ledger.deactivate_account('1130')"),
    ("ZF003", "SELECT ledger.close_budget('SIDE-1')"),
    ("ZF003", "SELECT ledger.set_budget_policy('SIDE-1', 'stop')"),
    ("ZL056", "SELECT ledger.unmatch(%(match)s, 'Mine')"),
    ("ZL026", "SELECT ledger.void_journal_entry(%(draft)s, 'Mine')"),
    ("ZL026", "SELECT ledger.release_held_entry(%(held)s, 'Mine')"),
    ("ZL026", "SELECT ledger.reverse_journal_entry(%(posted)s, 'Mine')"),
]


@pytest.mark.parametrize(("sqlstate", "statement"), REFUSED)
def test_who_works_for_one_business_changes_nothing_of_another_or_of_all(
    side: Side, sqlstate: str, statement: str
) -> None:
    with as_role(side.conn, "pgerp_app"):
        hold(side.conn, side.world.token(business=[MAIN]))
        throws(side.conn, sqlstate, statement, side.keys)


def test_who_works_for_one_business_changes_its_own_accounts(side: Side) -> None:
    with as_role(side.conn, "pgerp_app"), side.conn.transaction(force_rollback=True):
        hold(side.conn, side.world.token(business=[MAIN]))
        for change in (
            "set_account_limits('1130-M', p_minimum_balance => 0)",
            "set_account_monetary('1130-M', false)",
            "set_account_role('exchange_gain', '4100', 'MAIN')",
            "deactivate_account('1130-M')",
        ):
            side.conn.execute(f"SELECT ledger.{change}")  # type: ignore[arg-type]


def test_maintenance_is_done_for_the_token_s_businesses(side: Side) -> None:
    for function in ("ledger.expire_holds", "ledger.fold_balances"):
        for businesses, expected in (([MAIN], False), ([SIDE], True), ("*", True)):
            assert ask(side, function, {}, businesses).is_change is expected, (function, businesses)
    assert ask(side, "ledger.expire_holds", {}, [MAIN]).rows == [(0,)]
    assert ask(side, "ledger.expire_holds", {}, [SIDE]).rows == [(1,)]

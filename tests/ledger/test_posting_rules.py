"""ledger.save_posting_rule: a rule is kept only if it balances for every payload of its type."""

from __future__ import annotations

import json
from typing import Any

import psycopg
import pytest

from tests.ledger.books import Books
from tests.ledger.posting import (
    CREDIT,
    CREDITS,
    DEBIT,
    SAVE,
    TYPE,
    add_type,
    both,
    emit,
    open_posting,
    result,
    rule,
    save,
)
from tests.pgtap import as_role, results_eq, throws, value


@pytest.fixture
def books(db: psycopg.Connection, books: Books) -> Books:
    """Books with the type of event and its role."""
    open_posting(db)
    return books


SOUND = [
    both(),
    # By the sums of the type: gross = net + tax, tax = vat + levy.
    [DEBIT, *CREDITS],
    [
        DEBIT,
        {**CREDIT, "amount": "tax"},
        {**CREDIT, "amount": "net"},
    ],
    [
        {**DEBIT, "amount": "gross"},
        {**DEBIT, "amount": "gross"},
        *[{**CREDIT, "amount": part} for part in ("net", "net", "vat", "levy", "tax")],
    ],
    # Each condition by itself.
    [*both(), *both(amount="totals.tip", when="$.is_cash == true")],
    # What may be null is nothing in a template.
    both(description="{note}, {remark}", counterparty="{remark}", department="{remark}"),
    both(when='$.totals.tip > 1.5 && !($.customer starts with "A$.x")'),
    both(when='exists($.note) || $.note like_regex "^a[.]" flag "i"'),
    both(when="($.net + $.vat * 2 > -1) is unknown"),
]


@pytest.mark.parametrize("lines", SOUND)
def test_a_rule_that_balances_is_kept(
    db: psycopg.Connection, books: Books, lines: list[Any]
) -> None:
    rule_id = save(db, lines=lines)
    results_eq(
        db,
        "SELECT id, current_revision, is_active, created_by FROM ledger.posting_rules",
        [(rule_id, 1, True, "alice")],
    )
    assert value(db, "SELECT count(*) FROM ledger.posting_rule_lines") == len(lines)


def test_saving_again_makes_the_next_revision(db: psycopg.Connection, books: Books) -> None:
    rule_id = save(db)
    assert save(db, lines=both()) == rule_id
    assert save(db, business="MAIN") != rule_id
    results_eq(
        db,
        """SELECT v.revision_no, count(*) FROM ledger.posting_rule_revisions AS v
        INNER JOIN ledger.posting_rule_lines USING (tenant_id, rule_id, revision_no)
        WHERE rule_id = %s GROUP BY 1 ORDER BY 1""",
        [(1, 4), (2, 2)],
        [rule_id],
    )
    assert result(db, emit(db, books))["revision"] == 1


def test_a_revision_that_is_refused_leaves_the_one_in_force(
    db: psycopg.Connection, books: Books
) -> None:
    rule_id = save(db)
    throws(db, "ZL093", SAVE, [json.dumps(rule(lines=[DEBIT]))])
    assert result(db, emit(db, books))["rule_id"] == str(rule_id)


def test_who_saves_over_what_they_have_not_read_is_told(
    db: psycopg.Connection, books: Books
) -> None:
    save(db, revision=0)
    throws(db, "ZK001", SAVE, [json.dumps(rule(revision=0))])
    throws(db, "ZK001", SAVE, [json.dumps(rule(revision=1.5))])
    save(db, revision=1)


def test_a_new_revision_of_an_inactive_rule_is_inactive(
    db: psycopg.Connection, books: Books
) -> None:
    save(db)
    db.execute("SELECT ledger.set_posting_rule_active(%s, false)", [TYPE])
    save(db)
    assert value(db, "SELECT is_active FROM ledger.posting_rules") is False


def test_a_rule_that_fits_no_more_is_not_made_active_again(
    db: psycopg.Connection, books: Books
) -> None:
    save(db)
    db.execute("SELECT ledger.set_posting_rule_active(%s, false)", [TYPE])
    db.execute("UPDATE events.event_types SET identities = '{}'")
    throws(db, "ZL093", "SELECT ledger.set_posting_rule_active(%s, true)", [TYPE])


def test_only_a_rule_that_is_there_can_be_stopped(db: psycopg.Connection, books: Books) -> None:
    save(db)
    stop = "SELECT ledger.set_posting_rule_active(%s, %s, %s)"
    throws(db, "ZL090", stop, [TYPE, False, "MAIN"])
    throws(db, "ZL090", stop, ["wash.unheard_of", False, None])
    throws(db, "ZI005", stop, [TYPE, False, "NONE"])
    throws(db, "23502", stop, [TYPE, None, None])


def test_rules_for_all_need_a_token_for_all(db: psycopg.Connection, books: Books) -> None:
    save(db)
    token = value(
        db,
        "SELECT identity.issue_token(%s, 'bob', ARRAY[%s])",
        [books.tenant_id, books.business_id],
    )
    db.execute("SELECT set_config('pgerp.token', %s, true)", [token])
    with as_role(db, "pgerp_app"):
        throws(db, "ZI006", SAVE, [json.dumps(rule())])
        throws(db, "ZI006", SAVE, [json.dumps(rule(business="SIDE"))])
        throws(db, "ZI006", "SELECT ledger.set_posting_rule_active(%s, false)", [TYPE])
        throws(db, "ZI006", "SELECT ledger.create_reference_rules()")
        throws(db, "ZL007", SAVE, [json.dumps(rule(business="MAIN", lines=both(account="1130")))])
        save(db, business="MAIN")


def test_a_reference_rule_is_given_to_a_tenant_that_lacks_it(
    db: psycopg.Connection, books: Books
) -> None:
    add_type(db, "wash.other")
    db.execute("DELETE FROM ledger.reference_posting_rules")
    for code in (TYPE, "wash.other"):
        db.execute(
            "INSERT INTO ledger.reference_posting_rules VALUES (%s, %s)",
            [code, json.dumps(rule(event_type=code))],
        )
    assert value(db, "SELECT ledger.create_reference_rules(%s)", [["wash.other"]]) == 1
    assert value(db, "SELECT ledger.create_reference_rules()") == 1
    assert value(db, "SELECT ledger.create_reference_rules()") == 0
    assert result(db, emit(db, books))["revision"] == 1
    throws(db, "23514", "INSERT INTO ledger.reference_posting_rules VALUES ('wash.other', '{}')")

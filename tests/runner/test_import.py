"""`pgerp import`: what a good file becomes, and that it becomes it once."""

from __future__ import annotations

from decimal import Decimal

import pytest

from pgerp.config import build_url
from pgerp.db import connect, parse_url
from pgerp.errors import PgerpError
from pgerp.importer import ImportOptions, import_file
from tests.runner.journals import RENT, SALE, ask, counts, load, pairs, run, write

LINES = """
SELECT e.reference, e.entry_date::text, e.description, a.code, l.amount, l.description
FROM ledger.journal_lines AS l
JOIN ledger.journal_entries AS e ON (e.tenant_id, e.id) = (l.tenant_id, l.entry_id)
JOIN ledger.accounts AS a ON (a.tenant_id, a.id) = (l.tenant_id, l.account_id)
WHERE e.status = 'POSTED'
ORDER BY e.reference, l.line_no
"""


def test_a_file_becomes_posted_entries_with_its_dates_texts_and_signs(clone, tmp_path):
    file = write(tmp_path / "j.csv", [*SALE, *RENT])
    assert run(clone, "import", file, "--tenant", "T", "--business", "B", "--create").exit_code == 0
    assert ask(clone, LINES) == [
        ("1", "2026-03-05", "Sale", "Assets:Cash", Decimal(100), None),
        ("1", "2026-03-05", "Sale", "Income:Sales", Decimal(-100), None),
        ("2", "2026-04-01", "Rent", "Expenses:Rent", Decimal("30.5"), None),
        ("2", "2026-04-01", "Rent", "Assets:Cash", Decimal("-30.5"), None),
    ]


def test_create_makes_tenant_business_calendar_years_and_accounts_with_their_parents(
    clone, tmp_path
):
    old = [line.replace("2026", "2023") for line in RENT]
    load(clone, write(tmp_path / "j.csv", [*SALE, *old]))
    assert ask(
        clone,
        "SELECT t.name, b.code, b.currency_code FROM identity.businesses b"
        " JOIN identity.tenants t ON t.id = b.tenant_id",
    ) == [("T", "B", "USD")]
    assert ask(
        clone, "SELECT starts_on::text, ends_on::text FROM ledger.fiscal_years ORDER BY 1"
    ) == [("2023-01-01", "2023-12-31"), ("2026-01-01", "2026-12-31")]
    assert ask(
        clone,
        "SELECT a.code, a.name, a.type_code, p.code, a.is_postable, a.business_id"
        " FROM ledger.accounts a"
        " LEFT JOIN ledger.accounts p ON (p.tenant_id, p.id) = (a.tenant_id, a.parent_id)"
        ' ORDER BY a.code COLLATE "C"',
    ) == [
        ("Assets", "Assets", "ASSET", None, False, None),
        ("Assets:Cash", "Cash", "ASSET", "Assets", True, None),
        ("Expenses", "Expenses", "EXPENSE", None, False, None),
        ("Expenses:Rent", "Rent", "EXPENSE", "Expenses", True, None),
        ("Income", "Income", "REVENUE", None, False, None),
        ("Income:Sales", "Sales", "REVENUE", "Income", True, None),
    ]


def test_a_parent_that_lines_name_takes_postings(clone, tmp_path):
    file = write(tmp_path / "j.csv", [*SALE, *(r.replace("Assets:Cash", "Assets") for r in RENT)])
    load(clone, file)
    assert ask(clone, "SELECT is_postable FROM ledger.accounts WHERE code = 'Assets'") == [(True,)]


def test_create_adds_to_books_that_exist_and_leaves_the_rest_alone(clone, tmp_path):
    load(clone, write(tmp_path / "a.csv", SALE))
    load(clone, write(tmp_path / "b.csv", [line.replace("2026", "2027") for line in RENT]))
    assert counts(clone) == (1, 6, 2, 2, 4)


def test_the_same_file_again_changes_nothing(clone, tmp_path):
    file = write(tmp_path / "j.csv", pairs(300))
    first = load(clone, file)
    before = ask(clone, "SELECT * FROM ledger.account_balances ORDER BY 1, 2, 3, 4, 5, 6")
    again = load(clone, file)
    assert (first.new, first.existing) == (300, 0)
    assert (again.new, again.existing, again.problem_count) == (0, 300, 0)
    assert ask(clone, "SELECT count(*) FROM ledger.journal_entries") == [(300,)]
    assert before == ask(clone, "SELECT * FROM ledger.account_balances ORDER BY 1, 2, 3, 4, 5, 6")


def test_a_file_that_grew_adds_only_what_is_new(clone, tmp_path):
    load(clone, write(tmp_path / "j.csv", SALE))
    result = load(clone, write(tmp_path / "j.csv", [*SALE, *RENT]))
    assert (result.new, result.existing) == (1, 1)


def test_entries_already_there_stay_so_when_their_period_closes_and_accounts_retire(
    clone, tmp_path
):
    file = write(tmp_path / "j.csv", [*SALE, *RENT])
    load(clone, file)
    ask(clone, "UPDATE ledger.fiscal_periods SET status = 'closed' WHERE kind = 'regular'")
    ask(clone, "UPDATE ledger.accounts SET is_active = false")
    result = load(clone, file)
    assert (result.new, result.existing, result.problem_count) == (0, 2, 0)


def test_the_same_amounts_written_with_other_zeros_are_the_same_entries(clone, tmp_path):
    load(clone, write(tmp_path / "j.csv", SALE))
    longer = [line.replace("100.00", "100.0000") for line in SALE]
    result = load(clone, write(tmp_path / "j.csv", longer))
    assert (result.new, result.existing) == (0, 1)


def test_an_entry_that_changed_since_is_named_by_its_line_and_stops_the_import(clone, tmp_path):
    load(clone, write(tmp_path / "j.csv", [*SALE, *RENT]))
    changed = [line.replace("30.5", "31.5") for line in RENT]
    more = [line.replace("2,", "3,", 1) for line in RENT]
    result = load(clone, write(tmp_path / "j.csv", [*SALE, *changed, *more]))
    assert [(p.line, p.number) for p in result.problems] == [(4, "2")]
    assert (result.new, ask(clone, "SELECT count(*) FROM ledger.journal_entries")) == (0, [(2,)])


def test_another_source_makes_the_same_numbers_other_entries(clone, tmp_path):
    file = write(tmp_path / "j.csv", SALE)
    load(clone, file)
    result = load(clone, file, source="february")
    assert (result.new, result.existing) == (1, 0)
    assert ask(clone, "SELECT idempotency_key FROM ledger.idempotency_keys ORDER BY 1") == [
        ("import:february:1",),
        ("import:j:1",),
    ]


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_columns_stand_in_any_order_under_a_byte_order_mark(clone, tmp_path, end):
    file = tmp_path / "j.csv"
    text = end.join(
        [
            "currency,amount,type,account,description,date,entry",
            f'USD,5,ASSET,Cash,"one, ""two""{end}three",2026-01-02,é1',
            "",
            f'USD,-5,EQUITY,Capital,"one, ""two""{end}three",2026-01-02,é1',
            "",
        ]
    )
    file.write_bytes(b"\xef\xbb\xbf" + text.encode())
    load(clone, file)
    written = f'one, "two"{end}three'
    assert ask(clone, LINES) == [
        ("é1", "2026-01-02", written, "Cash", Decimal(5), None),
        ("é1", "2026-01-02", written, "Capital", Decimal(-5), None),
    ]


def test_a_line_with_a_description_of_its_own_keeps_it(clone, tmp_path):
    load(clone, write(tmp_path / "j.csv", [SALE[0], SALE[1].replace("Sale,", "10 pcs,")]))
    assert [row[5] for row in ask(clone, LINES)] == [None, "10 pcs"]


def test_the_largest_and_the_smallest_amount_arrive_exactly(clone, tmp_path):
    big, small = "9999999999999999.9999", "0.0001"
    rows = [
        f"{n},2026-01-01,x,{account} {n},{kind},{sign}{amount},USD"
        for n, amount in enumerate((big, small))
        for account, kind, sign in (("Cash", "ASSET", ""), ("Capital", "EQUITY", "-"))
    ]
    load(clone, write(tmp_path / "j.csv", rows))
    assert [abs(row[4]) for row in ask(clone, LINES)] == [Decimal(big)] * 2 + [Decimal(small)] * 2


def test_an_entry_is_never_split_over_batches(clone, tmp_path):
    rows = [f"1,2026-01-01,x,Cash {n},ASSET,1,USD" for n in range(9)]
    rows.append("1,2026-01-01,x,Capital,EQUITY,-9,USD")
    result = load(clone, write(tmp_path / "j.csv", [*rows, *RENT]), batch=3)
    assert result.new == 2
    assert ask(clone, "SELECT count(DISTINCT xmin::text) FROM ledger.journal_entries") == [(2,)]


def test_a_batch_is_one_transaction(clone, tmp_path):
    load(clone, write(tmp_path / "j.csv", pairs(100)), batch=50)
    assert ask(clone, "SELECT count(DISTINCT xmin::text) FROM ledger.journal_entries") == [(4,)]


def test_good_entries_of_a_bad_file_are_imported_when_asked_and_the_exit_code_tells(
    clone, tmp_path
):
    bad = RENT[1].replace("-30.5", "-30.4")
    third = [line.replace("1,", "3,", 1) for line in SALE]
    file = write(tmp_path / "j.csv", [*SALE, RENT[0], bad, *third])
    words = ("import", file, "--tenant", "T", "--business", "B", "--create", "--skip-bad")
    result = run(clone, *words)
    assert result.exit_code == 2
    assert f"{file}:4:" in result.stderr
    assert ask(clone, "SELECT reference FROM ledger.journal_entries ORDER BY 1") == [
        ("1",),
        ("3",),
    ]
    assert run(clone, *words).exit_code == 2
    assert ask(clone, "SELECT count(*) FROM ledger.journal_entries") == [(2,)]


def test_a_member_of_pgerp_migrator_can_import(clone, tmp_path):
    url = build_url({**parse_url(clone), "options": "-c role=pgerp_migrator"})
    result = load(url, write(tmp_path / "j.csv", [*SALE, *RENT]))
    assert (result.new, result.existing) == (2, 0)
    again = load(url, write(tmp_path / "j.csv", [*SALE, *RENT]), create=False)
    assert (again.new, again.existing) == (0, 2)


def test_a_role_that_may_not_issue_tokens_is_refused(clone, tmp_path):
    load(clone, write(tmp_path / "a.csv", SALE))
    url = build_url({**parse_url(clone), "options": "-c role=pgerp_app"})
    with pytest.raises(PgerpError) as caught:
        load(url, write(tmp_path / "j.csv", RENT))
    assert caught.value.sqlstate == "42501"


def test_no_token_stays_behind_in_the_session(clone, tmp_path):
    file = write(tmp_path / "j.csv", SALE)
    with connect(clone) as conn:
        import_file(conn, file, ImportOptions("T", "B", create=True))
        row = conn.execute("SELECT current_setting('pgerp.token', true)").fetchone()
    assert row in [("",), (None,)]


def test_a_database_without_the_ledger_is_an_error(empty_database, tmp_path):
    file = write(tmp_path / "j.csv", SALE)
    result = run(empty_database, "import", file, "--tenant", "T", "--business", "B", "--create")
    assert (result.exit_code, "pgerp up" in result.stderr) == (2, True)

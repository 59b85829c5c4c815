import pathlib, pytest
from tests.ledger.books import open_books
from tests.lending import test_par as P, test_reports_equal_replay as R, test_report_views as V
from tests.lending.reports import open_lender
ROOT = pathlib.Path(__file__).resolve().parents[2]
F = "functions/lending/"
def with_lender(fn):
    return lambda db, books: fn(db, open_lender(db, books))
A=F+"arrears_as_of.sql"
R1=lambda db,b: R.test_reports_of_any_day_equal_a_replay(db,b,'kind')
MUT = [
 ("due today late", A, "i.due_date < p_as_of", "i.due_date <= p_as_of", with_lender(V.test_overdue_loans_come_with_how_to_reach_their_borrowers)),
 ("no interest", A, "OR i.interest_to_date > s.interest_settled", "", lambda db,b: P.test_an_instalment_paid_in_part_is_late(db, open_lender(db,b), 400, 0.99, 1)),
 ("no fees", A, "OR i.fees_to_date > s.fees_settled", "", lambda db,b: P.test_an_instalment_paid_in_part_is_late(db, open_lender(db,b), 400, 1, 0.99)),
 ("written off", A, "WHERE NOT s.is_written_off\n            AND", "WHERE", R1),
 ("advance", A, "c.principal_settled + coalesce(a.principal, 0)", "c.principal_settled", R1),
 ("advance order", A, "ORDER BY array_position(c.allocation_order, k.kind)", "ORDER BY k.kind", R1),
 ("advance through", A, "i.due_date > c.processed_through", "i.due_date >= c.processed_through", R1),
 ("closed", A, "AND (l.closed_on IS NULL OR l.closed_on > p_as_of)", "AND l.closed_on IS NULL", R1),
]
@pytest.mark.parametrize("m", MUT, ids=[m[0] for m in MUT])
def test_mut(db, m):
    _, path, old, new, fn = m
    books = open_books(db)
    text = (ROOT/path).read_text()
    assert old in text, "stale"
    db.execute(text.replace(old, new))
    try:
        fn(db, books)
    except BaseException as e:
        print(type(e).__name__, str(e)[:200]); return
    raise SystemError("SURVIVED")

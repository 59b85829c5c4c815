"""`pgerp import`: what is wrong with a file is told by line, and nothing of it is imported."""

from __future__ import annotations

import csv
import os
from pathlib import Path

import pytest

from pgerp.errors import PgerpError
from tests.runner.journals import HEADER, RENT, SALE, ask, counts, load, pairs, run, write

EMPTY = (0, 0, 0, 0, 0)
GOOD = [*SALE, *RENT]
"""Four records, lines 2 to 5."""


def change(number: int, old: str, new: str) -> list[str]:
    """Return GOOD with a text replaced in the record on one line of the file."""
    lines = list(GOOD)
    assert old in lines[number - 2]
    lines[number - 2] = lines[number - 2].replace(old, new, 1)
    return lines


def twice(old: str, new: str) -> list[str]:
    """Return GOOD with a text replaced in both records of the second entry, lines 4 and 5."""
    return [*SALE, *(line.replace(old, new) for line in RENT)]


FAULTS = {
    "amounts with a thousands separator": (change(4, "30.5,", '"1,030.5",'), [4]),
    "amounts with a decimal comma": (change(4, "30.5,", '"30,5",'), [4]),
    "amounts with an exponent": (twice("30.5,", "3e1,"), [4, 5]),
    "amounts with five decimals": (twice("30.5,", "30.00001,"), [4, 5]),
    "amounts that are NaN": (twice("30.5,", "NaN,"), [4, 5]),
    "amounts that are infinite": (twice("30.5,", "inf,"), [4, 5]),
    "amounts with a plus sign": (change(4, "30.5,", "+30.5,"), [4]),
    "amounts with a blank": (change(4, "30.5,", " 30.5,"), [4]),
    "amounts in other digits": (change(4, "30.5,", "٣٠,"), [4]),
    "amounts that are missing": (change(4, "30.5,", ","), [4]),
    "amounts beyond 16 digits": (twice("30.5,", "12345678901234567,"), [4, 5]),
    "amounts of zero": (twice("30.5,", "0.00,"), [4, 5]),
    "amounts of minus zero": ([*GOOD, RENT[0].replace("30.5", "-0")], [6]),
    "an entry that does not balance": (change(5, "-30.5", "-30.4999"), [4]),
    "an entry that balances only when rounded": (
        [*GOOD, *(f"3,2026-01-01,x,A{n},ASSET,{a},USD" for n, a in enumerate(("0.1", "-0.1001")))],
        [6],
    ),
    "an entry of one line": ([*GOOD, "3,2026-01-01,x,A,ASSET,1,USD"], [6]),
    "a date that is no day": (twice("2026-04-01", "2026-02-30"), [4]),
    "a date in another order": (twice("2026-04-01", "01.04.2026"), [4]),
    "a date without hyphens": (twice("2026-04-01", "20260401"), [4]),
    "a date of a week": (twice("2026-04-01", "2026-W14-3"), [4]),
    "a date in the year 0": (twice("2026-04-01", "0000-04-01"), [4]),
    "an entry with two dates": (change(5, "2026-04-01", "2026-04-02"), [5]),
    "a type that is none of the five": (change(4, "EXPENSE", "COST"), [4]),
    "a type in lower case": (change(4, "EXPENSE", "expense"), [4]),
    "an account of two types in the file": (change(5, "ASSET", "LIABILITY"), [5]),
    "an account without parents of two types in the file": (
        [*GOOD, "3,2026-01-01,x,Till,ASSET,1,USD", "3,2026-01-01,x,Till,EQUITY,-1,USD"],
        [7],
    ),
    "an account of another type than its parent": (
        [*GOOD, "3,2026-01-01,x,Income:Odd,ASSET,1,USD", "3,2026-01-01,x,Assets:Z,ASSET,-1,USD"],
        [6],
    ),
    "an account with an empty part": (change(4, "Expenses:Rent", "Expenses::Rent"), [4]),
    "an account with a blank at its end": (change(4, "Expenses:Rent", "Expenses:Rent "), [4]),
    "an account without a code": (change(4, "Expenses:Rent", ""), [4]),
    "an account with a tab": (change(4, "Expenses:Rent", "Expenses:R\tent"), [4]),
    "an account code of 201 characters": (change(4, "Expenses:Rent", "x" * 201), [4]),
    "a currency that does not exist": (twice("USD", "USX"), [4, 5]),
    "a currency in lower case": (twice("USD", "usd"), [4, 5]),
    "a second currency": (twice("USD", "KES"), [4, 5]),
    "a description of 2001 characters": (change(4, "Rent", "r" * 2001), [4]),
    "a description with NUL": (change(5, "Rent", "R\0ent"), [5]),
    "an entry without a number": (twice("2,", ","), [4]),
    "an entry number with a blank at its end": (twice("2,", "2 ,"), [4]),
    "an entry number with a control character": (twice("2,", "2\x07,"), [4]),
    "an entry number of 200 characters": (twice("2,2026", "2" * 200 + ",2026"), [4]),
    "an entry number that comes back": ([*GOOD, *SALE], [6]),
    "a record with a field too few": (change(4, ",USD", ""), [4]),
    "a record with a field too many": (change(5, ",USD", ",USD,x"), [5]),
}


@pytest.fixture(scope="module")
def untouched(new_database, template):
    """A database for files of which nothing is imported."""
    with new_database(template) as url:
        yield url


@pytest.mark.parametrize("fault", FAULTS)
def test_nothing_is_imported_of_a_file_that_has(fault, untouched, tmp_path):
    lines, expected = FAULTS[fault]
    # One batch an entry: what the check lets pass, the books would refuse after the first entry.
    result = load(untouched, write(tmp_path / "j.csv", lines), batch=1)
    assert [problem.line for problem in result.problems] == expected
    assert all(problem.reason for problem in result.problems)
    assert (result.new, counts(untouched)) == (0, EMPTY)


def test_the_exit_code_is_2_and_each_problem_is_told_as_file_and_line(untouched, tmp_path):
    file = write(tmp_path / "j.csv", twice("30.5,", "x,"))
    result = run(untouched, "import", file, "--tenant", "T", "--business", "B", "--create")
    assert result.exit_code == 2
    assert [line.split(": ")[0] for line in result.stderr.splitlines()] == [
        f"{file}:4",
        f"{file}:5",
    ]


def test_lines_are_counted_as_the_file_has_them(untouched, tmp_path):
    tall = [line.replace("Sale", '"S\na\nle"', 1) for line in SALE]
    lines = [tall[0], "", tall[1], "", *twice("30.5,", "x,")[2:]]
    result = load(untouched, write(tmp_path / "j.csv", lines))
    assert [problem.line for problem in result.problems] == [10, 11]


def test_two_pieces_of_an_entry_are_both_left_out(clone, tmp_path):
    pieces = [SALE[0], *RENT, SALE[1]]
    result = load(clone, write(tmp_path / "j.csv", pieces), skip_bad=True)
    assert (result.new, result.left_out) == (1, 2)
    assert {problem.line for problem in result.problems} == {2, 5}
    assert ask(clone, "SELECT reference FROM ledger.journal_entries") == [("2",)]


def test_an_entry_number_that_comes_back_with_a_complete_entry_is_left_out_twice(clone, tmp_path):
    result = load(clone, write(tmp_path / "j.csv", [*GOOD, *SALE]), skip_bad=True)
    assert (result.new, result.left_out) == (1, 2)
    assert ask(clone, "SELECT reference FROM ledger.journal_entries") == [("2",)]


def test_an_entry_number_comes_back_after_many_others(untouched, tmp_path):
    lines = [*pairs(6000), *pairs(1)]
    result = load(untouched, write(tmp_path / "j.csv", lines))
    assert [problem.line for problem in result.problems] == [12002]
    assert counts(untouched) == EMPTY


@pytest.mark.parametrize(
    ("header", "named"),
    [
        (HEADER + ",vat", "vat"),
        (HEADER.replace("type,", ""), "type"),
        (HEADER + ",account", "account"),
        ("", "entry"),
        (SALE[0], "entry"),
    ],
    ids=["extra", "missing", "repeated", "empty", "none"],
)
def test_a_header_that_is_not_a_journals_is_an_error_that_names_the_column(
    untouched, tmp_path, header, named
):
    with pytest.raises(PgerpError) as caught:
        load(untouched, write(tmp_path / "j.csv", GOOD, header=header))
    assert repr(named) in caught.value.message
    assert caught.value.where is not None
    assert caught.value.where.startswith(f"{tmp_path / 'j.csv'}:")
    assert counts(untouched) == EMPTY


@pytest.mark.parametrize(
    ("content", "line"),
    [
        (f"{HEADER}\n{GOOD[0]}\n{GOOD[1]}\n".encode() + b"3,caf\xe9\n", 4),
        (f"{HEADER}\n{GOOD[0]}\n".encode("utf-16"), 1),
        (f'{HEADER}\n{GOOD[0]}\n1,"open\n{GOOD[1]}\n'.encode(), 3),
        (f'{HEADER}\n{GOOD[0]}\n1,"a"b,\n'.encode(), 3),
        (f'{HEADER}\n{GOOD[0]}\n1,"{"x" * 200_000}",\n'.encode(), 3),
    ],
    ids=["latin-1", "utf-16", "open quote", "stray quote", "endless field"],
)
def test_a_file_that_is_not_utf_8_or_not_csv_is_an_error_with_its_line(
    untouched, tmp_path, content, line
):
    file = tmp_path / "j.csv"
    file.write_bytes(content)
    with pytest.raises(PgerpError) as caught:
        load(untouched, file)
    assert caught.value.where == f"{file}:{line}"
    assert counts(untouched) == EMPTY


@pytest.mark.parametrize("name", ["absent.csv", "."])
def test_a_file_that_cannot_be_read_is_an_error(untouched, tmp_path, name):
    with pytest.raises(PgerpError) as caught:
        load(untouched, tmp_path / name)
    assert str(tmp_path / name) in str(caught.value)


def test_a_pipe_is_refused_since_it_cannot_be_read_twice(untouched):
    reader, writer = os.pipe()
    os.write(writer, "\n".join([HEADER, *GOOD, ""]).encode())
    os.close(writer)
    try:
        with pytest.raises(PgerpError):
            load(untouched, Path(f"/dev/fd/{reader}"))
    finally:
        os.close(reader)
    assert counts(untouched) == EMPTY


@pytest.mark.parametrize("source", ["", " x", "a\tb", "x" * 101])
def test_a_source_that_cannot_be_part_of_a_key_is_refused(untouched, tmp_path, source):
    with pytest.raises(PgerpError):
        load(untouched, write(tmp_path / "j.csv", GOOD), source=source)
    assert counts(untouched) == EMPTY


def test_an_empty_journal_imports_nothing_and_makes_nothing(untouched, tmp_path):
    result = load(untouched, write(tmp_path / "j.csv", []))
    assert (result.entries, result.new, result.problem_count) == (0, 0, 0)
    assert counts(untouched) == EMPTY


def test_a_long_list_of_problems_is_cut_on_the_screen_and_whole_in_its_file(untouched, tmp_path):
    lines = [line.replace(",USD", ",USX") for line in pairs(60)]
    file, errors = write(tmp_path / "j.csv", lines), tmp_path / "errors.csv"
    words = ("import", file, "--tenant", "T", "--business", "B", "--create")
    result = run(untouched, *words, "--errors-to", errors)
    assert result.exit_code == 2
    assert result.stderr.count(f"{file}:") == 50
    with errors.open(newline="") as written:
        rows = list(csv.reader(written))
    assert rows[0] == ["line", "entry", "reason"]
    assert [int(row[0]) for row in rows[1:]] == list(range(2, 122))
    assert run(untouched, *words, "--errors-to", tmp_path / "no" / "where").exit_code == 2


def test_reference_data_is_missing_is_an_error(clone, tmp_path):
    ask(clone, "DELETE FROM ledger.currencies")
    with pytest.raises(PgerpError) as caught:
        load(clone, write(tmp_path / "j.csv", GOOD))
    assert "pgerp seed" in str(caught.value)

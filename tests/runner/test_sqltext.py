"""Where statements begin and end: as psql and the server see it."""

from __future__ import annotations

from pgerp.sqltext import normalise, split


def texts(sql: str) -> list[str]:
    return [statement.text for statement in split(sql)]


def test_statements_end_at_semicolons_outside_quotes_comments_and_parentheses() -> None:
    sql = """
    SELECT ';', "a;b", $$;$$, $x$ $$;$$ $x$ /* ; /* ; */ ; */ -- ;
    ;; SELECT 2; CREATE RULE r AS ON INSERT TO t DO (SELECT 3; SELECT 4);
    """
    assert [text[:8] for text in texts(sql)] == ["SELECT '", "SELECT 2", "CREATE R"]


def test_an_escape_string_keeps_its_quote_and_goes_on_after_a_line_break() -> None:
    assert texts("SELECT E'it\\'s;'\n'still \\';'; SELECT 2") == [
        "SELECT E'it\\'s;'\n'still \\';'",
        "SELECT 2",
    ]


def test_a_backslash_in_a_plain_string_escapes_nothing() -> None:
    assert texts("SELECT type'a\\'; SELECT 2") == ["SELECT type'a\\'", "SELECT 2"]


def test_dollars_in_names_and_parameters_open_no_quote() -> None:
    assert texts("SELECT a$b$, $1; SELECT $1$2") == ["SELECT a$b$, $1", "SELECT $1$2"]


def test_a_begin_atomic_body_is_one_statement() -> None:
    sql = """CREATE OR REPLACE FUNCTION f(begin int, "end" int) RETURNS int BEGIN ATOMIC
        SELECT CASE WHEN 1 = 1 THEN 2 END; SELECT 3; END; SELECT 4"""
    assert len(texts(sql)) == 2


def test_lines_and_offsets_point_at_the_first_token() -> None:
    sql = "-- one\n\nSELECT 'a\nb';\n/* c\n*/ SELECT 2;"
    found = split(sql)
    assert [(item.line, sql[item.offset : item.offset + 6]) for item in found] == [
        (3, "SELECT"),
        (6, "SELECT"),
    ]


def test_twenty_thousand_inserts_are_split_into_as_many_statements() -> None:
    sql = "".join(f"INSERT INTO t VALUES ({n}, 'x''y', $$z;$$);\n" for n in range(20_000))
    found = split(sql)
    assert (len(found), found[-1].line) == (20_000, 20_000)


def test_normalising_touches_nothing_else() -> None:
    assert normalise(b"a\r\nb\rc\n\n", "x") == "a\nb\rc\n\n"

"""Each rule of the SQL lint finds an offence planted for it, and nothing in a right file."""

from __future__ import annotations

from pathlib import Path

import pytest

from .fixes import mended
from .source import SqlFile
from .sql_style import check, main

FUNCTION = """\
-- Close a period: from now on nothing can be posted into it.
CREATE OR REPLACE FUNCTION ledger.close_period(
    p_code text, p_amount core.amount DEFAULT 0, VARIADIC p_rest text [] DEFAULT NULL
)
RETURNS ledger.fiscal_periods
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_period ledger.fiscal_periods;
    v_total CONSTANT core.amount := coalesce(p_amount, 0);
    v_codes ledger.fiscal_periods.code%TYPE;
    v_rows core.amount[];
BEGIN
    SELECT p.* INTO STRICT v_period FROM ledger.fiscal_periods AS p WHERE p.code = p_code;
    v_period.status := replace(v_period.status, 'open', 'closed');
    IF v_period.status = 'closed' AND left(p_code, 1) = 'x' THEN
        RAISE EXCEPTION 'period % is already closed', p_code
        USING ERRCODE = 'ZL004', HINT = 'Reopen it.';
    END IF;
    RETURN v_period;
EXCEPTION
    WHEN no_data_found THEN
        RAISE;
END;
$$;
COMMENT ON FUNCTION ledger.close_period(text, core.amount, text []) IS
'Closes a period. Raises ZL004 (already closed).';
"""
TABLE = """\
CREATE TABLE ledger.accounts (
    tenant_id integer NOT NULL,
    id uuid NOT NULL,
    parent_id uuid,
    code text NOT NULL,
    is_active boolean NOT NULL DEFAULT true,
    created_at timestamptz NOT NULL DEFAULT current_timestamp,
    CONSTRAINT accounts_pkey PRIMARY KEY (tenant_id, id),
    CONSTRAINT accounts_code_key UNIQUE (tenant_id, code),
    CONSTRAINT accounts_code_check CHECK (length(code) BETWEEN 1 AND 40),
    CONSTRAINT accounts_parent_fkey FOREIGN KEY (tenant_id, parent_id)
    REFERENCES ledger.accounts (tenant_id, id) ON DELETE RESTRICT
);
CREATE INDEX accounts_parent_idx ON ledger.accounts (tenant_id, parent_id);
"""
VIEW = """\
CREATE OR REPLACE VIEW ledger.open_periods WITH (security_invoker = true) AS
SELECT p.code
FROM ledger.fiscal_periods AS p
WHERE p.status = 'open';
COMMENT ON VIEW ledger.open_periods IS 'The periods that take postings.';
"""
FUNCTION_PATH = "functions/ledger/close_period.sql"
TABLE_PATH = "migrations/ledger/20260102_0900_ledger_accounts.sql"
ROLLBACK_PATH = "migrations/ledger/20260102_0900_ledger_accounts.rollback.sql"
VIEW_PATH = "views/ledger/open_periods.sql"
REGISTRY_PATH = "sql/ERRORS.md"
REGISTRY = "| code | cause |\n| --- | --- |\n| ZL004 | The period is closed already. |\n"


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """Make a project that breaks no rule."""
    files = {
        FUNCTION_PATH: FUNCTION,
        TABLE_PATH: TABLE,
        ROLLBACK_PATH: "DROP TABLE ledger.accounts;\n",
        VIEW_PATH: VIEW,
        REGISTRY_PATH: REGISTRY,
    }
    for path, text in files.items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(text)
    return tmp_path


def plant(project: Path, path: str, old: str, new: str) -> list[tuple[str, int, str]]:
    """Replace text in a file of the project; return the offences as (path, line, rule)."""
    file = project / path
    text = file.read_text() if file.exists() else ""
    assert old in text
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text.replace(old, new, 1) if old else text + new, newline="")
    return [(str(found.path), found.line, found.rule) for found in check(project)]


def test_a_project_in_house_style_has_no_offence(project: Path) -> None:
    assert list(check(project)) == []
    assert main(["--root", str(project)]) == 0


@pytest.mark.parametrize(
    ("rule", "path", "line", "old", "new"),
    [
        ("tab", TABLE_PATH, 3, "    id uuid", "\tid uuid"),
        ("trailing-blank", TABLE_PATH, 3, "id uuid NOT NULL,", "id uuid NOT NULL, "),
        ("line-end", TABLE_PATH, 1, "accounts (\n", "accounts (\r\n"),
        ("line-end", TABLE_PATH, 16, "", "\n"),
        ("line-length", TABLE_PATH, 3, "id uuid NOT NULL,", "id uuid NOT NULL," + " -- x" * 20),
        ("file-length", TABLE_PATH, 301, "", "-- x\n" * 290),
        ("parse", TABLE_PATH, 3, "id uuid NOT NULL,", "id uuid NOT NULL NOT,"),
        ("body", FUNCTION_PATH, 7, "RETURN v_period;", "RETURN v_period FROM FROM;"),
        ("keyword-case", TABLE_PATH, 3, "id uuid NOT NULL", "id uuid not NULL"),
        ("keyword-case", TABLE_PATH, 6, "DEFAULT true", "DEFAULT TRUE"),
        ("keyword-case", FUNCTION_PATH, 16, "THEN\n", "then\n"),
        ("keyword-case", FUNCTION_PATH, 17, "RAISE EXCEPTION", "raise EXCEPTION"),
        ("keyword-case", FUNCTION_PATH, 10, "coalesce(", "COALESCE("),
        ("keyword-case", FUNCTION_PATH, 6, "LANGUAGE plpgsql", "language plpgsql"),
        ("errcode", FUNCTION_PATH, 17, "ERRCODE = 'ZL004', HINT", "HINT"),
        ("errors", REGISTRY_PATH, 3, "| ZL004", "| ZL003 |\n| ZL004"),
        ("errors", REGISTRY_PATH, 4, "", "| ZL004 | Again. |\n"),
        ("errors", FUNCTION_PATH, 18, "'ZL004'", "'ZL099'"),
        ("local-name", FUNCTION_PATH, 3, "p_code text", "code text"),
        ("local-name", FUNCTION_PATH, 12, "v_rows", "amounts"),
        ("path-is-name", FUNCTION_PATH, 2, "FUNCTION ledger.close_period", "FUNCTION ledger.shut"),
        ("path-is-name", FUNCTION_PATH, 2, "CREATE OR REPLACE FUNCTION", "CREATE FUNCTION"),
        ("path-is-name", FUNCTION_PATH, 28, "", "DROP TABLE ledger.accounts;\n"),
        ("path-is-name", "functions/ledger/none.sql", 1, "", "-- nothing\n"),
        ("path-is-name", VIEW_PATH, 1, "VIEW ledger.open_periods WITH", "VIEW ledger.opens WITH"),
        ("path-is-name", VIEW_PATH, 6, "", "DROP VIEW ledger.x;\n"),
        ("path-is-name", "views/ledger/none.sql", 1, "", "-- nothing\n"),
        ("comment", FUNCTION_PATH, 2, "ON FUNCTION ledger.close", "ON FUNCTION ledger.x"),
        ("comment", VIEW_PATH, 1, "ON VIEW ledger.open_periods IS", "ON COLUMN x.y.z IS"),
        ("volatility", FUNCTION_PATH, 2, " VOLATILE", ""),
        ("search-path", FUNCTION_PATH, 2, " SET search_path = pg_catalog, pg_temp", ""),
        ("search-path", FUNCTION_PATH, 2, ", pg_temp", ""),
        ("type", TABLE_PATH, 5, "code text", "code varchar(40)"),
        ("type", TABLE_PATH, 5, "code text", "code double precision"),
        ("type", TABLE_PATH, 5, "code text", "code serial"),
        ("type", TABLE_PATH, 7, "timestamptz", "timestamp"),
        ("type", TABLE_PATH, 5, "code text", "code json"),
        ("type", FUNCTION_PATH, 3, "p_code text", "p_code real"),
        ("constraint-name", TABLE_PATH, 10, "CONSTRAINT accounts_code_check CHECK", "CHECK"),
        ("constraint-name", TABLE_PATH, 10, "accounts_code_check", "accounts_code"),
        ("constraint-name", TABLE_PATH, 8, "accounts_pkey", "accounts_key"),
        ("constraint-name", TABLE_PATH, 3, "id uuid NOT NULL", "id uuid UNIQUE NOT NULL"),
        ("index-name", TABLE_PATH, 14, "accounts_parent_idx", "accounts_parent_key"),
        ("index-name", TABLE_PATH, 14, "INDEX accounts_parent_idx", "INDEX"),
        ("on-delete", TABLE_PATH, 11, " ON DELETE RESTRICT", ""),
        ("cascade", VIEW_PATH, 6, "", "DROP VIEW ledger.x CASCADE;\n"),
        ("if-not-exists", TABLE_PATH, 1, "CREATE TABLE", "CREATE TABLE IF NOT EXISTS"),
        ("qualified", TABLE_PATH, 14, "ON ledger.accounts (", "ON accounts ("),
        ("migration-name", "migrations/ledger/accounts.sql", 1, "", TABLE),
        ("migration-name", "migrations/ledger/20260102_0900_core_x.sql", 1, "", TABLE),
        ("rollback", "migrations/ledger/20260102_0901_ledger_x.sql", 1, "", TABLE),
        ("rollback", "migrations/ledger/20260102_0902_ledger_x.rollback.sql", 1, "", "SELECT 1;\n"),
    ],
)  # fmt: skip
def test_a_planted_offence_is_found_at_its_line(
    project: Path, rule: str, path: str, line: int, old: str, new: str
) -> None:
    assert (path, line, rule) in plant(project, path, old, new)
    assert main(["--root", str(project)]) == 1


def test_words_that_may_be_columns_or_functions_keep_their_case(project: Path) -> None:
    sql = "SELECT a.name, a.user, replace(a.value, 'x', 'y') AS type, left(a.status, 1) FROM x.a;\n"
    assert plant(project, "sql/checks/ledger/x.sql", "", sql) == []


def test_a_common_table_expression_needs_no_schema(project: Path) -> None:
    sql = "WITH one AS (SELECT a.id FROM x.a AS a) SELECT one.id FROM one;\n"
    assert plant(project, "sql/checks/ledger/x.sql", "", sql) == []


def test_the_body_of_a_function_in_sql_is_parsed(project: Path) -> None:
    sql = FUNCTION[FUNCTION.index("CREATE") : FUNCTION.index("DECLARE")].replace("plpgsql", "sql")
    sql += "    SELECT FROM FROM ledger.x;\n$$;\n"
    (project / FUNCTION_PATH).write_text(sql)
    found = [(one.line, one.rule) for one in check(project)]
    assert (7, "body") in found


def test_a_do_block_is_parsed(project: Path) -> None:
    sql = "DO $$\nBEGIN\n    PERFORM 1;\n    RAISE EXCEPTION 'x';\nEND;\n$$;\n"
    assert plant(project, "sql/roles.sql", "", sql) == [("sql/roles.sql", 4, "errcode")]


def test_long_seed_files_are_data(project: Path) -> None:
    assert plant(project, "seeds/reference/x.sql", "", "SELECT 1;\n" * 400) == []


def test_only_the_given_paths_are_checked(project: Path) -> None:
    plant(project, TABLE_PATH, "id uuid NOT NULL", "id uuid not NULL")
    assert main(["--root", str(project), str(project / VIEW_PATH)]) == 0
    assert main(["--root", str(project), str(project / "migrations")]) == 1


def test_fix_mends_keyword_case_and_long_comments_without_changing_their_text(
    project: Path,
) -> None:
    text = " ".join(["it''s a long comment"] * 12)
    plant(
        project,
        VIEW_PATH,
        "COMMENT ON VIEW ledger.open_periods IS 'The periods that take postings.'",
        f"-- {text}\ncomment ON VIEW ledger.open_periods is '{text}'",
    )
    before = SqlFile(project, Path(VIEW_PATH)).statements[-1].stmt.comment
    assert main(["--root", str(project), "--fix"]) == 0
    fixed = SqlFile(project, Path(VIEW_PATH))
    assert fixed.statements[-1].stmt.comment == before
    assert mended(fixed) == fixed.text

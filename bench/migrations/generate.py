"""The migrations that everybody applies: the same SQL in each tool's own form."""

from __future__ import annotations

from pathlib import Path

MODULE = "bench"
SQL = """\
CREATE TABLE bench.table_{n} (
    id bigint GENERATED ALWAYS AS IDENTITY,
    name text NOT NULL,
    amount numeric(20, 4) NOT NULL DEFAULT 0,
    created_at timestamptz NOT NULL DEFAULT current_timestamp,
    CONSTRAINT table_{n}_pkey PRIMARY KEY (id),
    CONSTRAINT table_{n}_name_check CHECK (length(name) <= 100)
);
CREATE INDEX table_{n}_name_idx ON bench.table_{n} (name);
CREATE FUNCTION bench.total_{n}(p_name text)
RETURNS numeric
LANGUAGE plpgsql STABLE SET search_path = ''
AS $$
BEGIN
    RETURN (SELECT sum(t.amount) FROM bench.table_{n} AS t WHERE t.name = p_name);
END;
$$;
"""
SCHEMA = "CREATE SCHEMA bench;\n"
ALEMBIC_INI = "[alembic]\nscript_location = {folder}\n"
ALEMBIC_ENV = """\
import os
from alembic import context
from sqlalchemy import create_engine, pool

engine = create_engine(os.environ["BENCH_URL"], poolclass=pool.NullPool)
with engine.connect() as connection:
    context.configure(connection=connection, transaction_per_migration=True)
    with context.begin_transaction():
        context.run_migrations()
"""
ALEMBIC_REVISION = """\
from alembic import op

revision = {revision!r}
down_revision = {before!r}


def upgrade():
    op.execute({sql!r})


def downgrade():
    pass
"""


def texts(count: int) -> list[str]:
    """Return the SQL of `count` migrations; the first one also makes the schema."""
    made = [SQL.format(n=f"{number:04}") for number in range(1, count + 1)]
    return [SCHEMA + made[0], *made[1:]]


def write_project(root: Path, count: int) -> list[Path]:
    """Write the files as a project of pgerp's, whose migrations yoyo and psql take as they are.

    Returns:
        The files, in order.
    """
    folder = root / "migrations" / MODULE
    folder.mkdir(parents=True)
    paths = []
    for number, text in enumerate(texts(count)):
        hour, minute = divmod(number, 60)
        path = folder / f"20260101_{hour:02}{minute:02}_{MODULE}_table_{number + 1:04}.sql"
        path.write_text(text)
        paths.append(path)
    return paths


def write_alembic(root: Path, count: int) -> Path:
    """Write the same SQL as alembic revisions.

    Returns:
        alembic.ini.
    """
    folder = root / "alembic"
    (folder / "versions").mkdir(parents=True)
    (folder / "env.py").write_text(ALEMBIC_ENV)
    before = None
    for number, text in enumerate(texts(count), 1):
        revision = f"r{number:04}"
        # A colon would be a parameter to SQLAlchemy's text(); there is none in these files.
        content = ALEMBIC_REVISION.format(revision=revision, before=before, sql=text)
        (folder / "versions" / f"{revision}.py").write_text(content)
        before = revision
    ini = root / "alembic.ini"
    ini.write_text(ALEMBIC_INI.format(folder=folder))
    return ini

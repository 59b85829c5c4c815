# What a developer does here. `make help` lists the targets; each makes .venv itself if needed.
SHELL := /bin/bash
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
MAKEFLAGS += --no-print-directory

# The Python that .venv is made with, the server of `make test`, and more words for pytest.
PYTHON ?= python3
PG ?= embedded
ARGS ?=

BIN := .venv/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check -qq --no-input
SQL := $(wildcard migrations functions views sql seeds)

.PHONY: help venv demo test test-all chaos lint bench clean

help: ## Show this list.
	@echo "pgerp: an ERP's books as a PostgreSQL schema. Targets:"; echo
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12 | sed 's/^/  make /'
	@echo; echo "Variables: PYTHON=python3.12 (for .venv), PG=embedded|embedded16|system|docker|URL and"
	@echo "ARGS='-k period' (for test)."

venv: .venv/.dev ## Make .venv with everything for use and development.

.venv/.run: pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	    { echo "error: Python 3.11 or newer is needed. Install it, or name one: make PYTHON=python3.12 $(MAKECMDGOALS)" >&2; exit 2; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || \
	    { echo "error: $(PYTHON) cannot make virtual environments. On Debian and Ubuntu: apt-get install python3-venv" >&2; exit 2; }
	@echo "installing into .venv (downloads packages the first time) ..."
	@$(PYTHON) -m venv .venv
	@$(PIP) install --constraint constraints.txt hatchling
	@$(PIP) install --constraint constraints.txt --no-build-isolation --editable .
	@touch $@

.venv/.dev: .venv/.run
	@echo "installing the development tools into .venv ..."
	@$(PIP) install --constraint constraints.txt --no-build-isolation --editable '.[dev]'
	@touch $@

.venv/.bench: .venv/.dev
	@$(PIP) install --constraint constraints.txt --no-build-isolation --editable '.[bench]'
	@touch $@

demo: .venv/.run ## Migrate an embedded PostgreSQL, import a four-year journal, print its statements; then loans.
	@set -e; \
	step() { echo; echo "== pgerp $$*"; $(BIN)/pgerp $${url:+--database-url "$$url"} "$$@"; }; \
	step server start; \
	url=$$($(BIN)/pgerp server url); \
	step up; \
	step seed reference; \
	step import seeds/demo/journal.csv --tenant Demo --business MAIN --create; \
	step report trial-balance --tenant Demo; \
	for year in 2022 2023 2024 2025; do step report income-statement --tenant Demo --year $$year; done; \
	step report balance-sheet --tenant Demo; \
	step seed demo; \
	step report par --tenant Umoja --as-of 2025-09-30; \
	step report arrears --tenant Umoja --as-of 2025-09-30; \
	step report portfolio --tenant Umoja --as-of 2025-09-30 --by officer; \
	step verify
	@echo; echo "Next: $(BIN)/pgerp --help; look around with $(BIN)/pgerp server psql."
	@echo "The server goes on running; stop it with: $(BIN)/pgerp server stop"

test: .venv/.dev ## Run all tests in parallel, on the embedded PostgreSQL 18 (or PG=...).
	@$(BIN)/pytest -n auto --pg $(PG) $(ARGS)

test-all: .venv/.dev ## Run all tests on each server that this machine has, one after the other.
	@failed=""; for server in $$($(BIN)/python -m tests.servers); do \
	    echo; echo "== --pg $$server"; \
	    $(BIN)/pytest -n auto --pg $$server $(ARGS) || failed="$$failed $$server"; \
	done; \
	[ -z "$$failed" ] || { echo "error: tests failed on:$$failed" >&2; exit 1; }

chaos: .venv/.dev ## Let 20 clients work for a minute while clients and server are killed (PGERP_TEST_SEED=... replays).
	@PGERP_TEST_CHAOS=long $(BIN)/pytest -s -o faulthandler_timeout=0 --pg $(PG) tests/ledger/test_chaos.py $(ARGS)

lint: .venv/.dev ## Check Python (ruff, mypy) and SQL (sqlfluff, squawk, our own rules).
	@echo "ruff";      $(BIN)/ruff check --quiet
	@echo "format";    $(BIN)/ruff format --check --quiet || { $(BIN)/ruff format --diff; exit 1; }
	@echo "mypy";      $(BIN)/mypy --no-error-summary
	@echo "sqlfluff";  PYTHONWARNINGS=ignore::UserWarning $(BIN)/sqlfluff lint --disable-progress-bar --processes 0 $(SQL)
	@echo "squawk";    $(BIN)/squawk $$(find migrations -name '*.sql' ! -name '*.rollback.sql')
	@echo "sql_style"; $(BIN)/python -m tests.lint.sql_style

bench: .venv/.bench ## Measure against psql, yoyo and alembic; results are printed and kept in bench/results/.
	@$(BIN)/python -m bench $(ARGS)

clean: ## Remove .venv, caches and build results; the data in .pgerp/ stay.
	@rm -rf .venv build dist *.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +
	@[ ! -d .pgerp ] || echo "The database in .pgerp/ was kept. Before you remove it, stop it: ./migrate.py server stop"

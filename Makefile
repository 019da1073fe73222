# The front door: `make run` to use it, `make test` to check it. `make help` lists the rest.

PYTHON ?= python3
BIN := .venv/bin
# Our own settings only: a newcomer's FLASK_APP or PYTHONPATH must not lead elsewhere.
unexport FLASK_APP PYTHONPATH
MAKEFLAGS += --no-print-directory

.DEFAULT_GOAL := help
.PHONY: help install run test check format faults bench lock test-install clean

help: ## list these commands
	@sed -n 's/^\([a-z-]*\):.*## /\1: /p' Makefile

install: ## make .venv from the hash-locked list, only when the list changed
	@PYTHON=$(PYTHON) bin/install run

run: install ## migrate, load the demo community once, serve on 127.0.0.1:8000
	@$(BIN)/flask db upgrade
	@$(BIN)/flask demo
	@exec $(BIN)/gunicorn 'app:create_app()'

test-install: ## what the tests need: Python packages, PostgreSQL, Chromium
	@PYTHON=$(PYTHON) bin/install test
	@bin/install-system

test: test-install ## every check and every test but the long fault runs
	@# The tests run after a failed check too: one run tells all, and fails for either.
	@$(MAKE) check; checked=$$?; $(BIN)/pytest -n 2 && exit $$checked

check: ## formatter, linter, types, import contracts, templates
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/djlint templates --lint --quiet

format: ## write what the formatter wants
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

faults: test-install ## the long runs that kill real processes
	@$(BIN)/pytest -m faults -n 0

bench: test-install ## cost of each page and feed, beside a bare Flask "hello"
	@$(BIN)/python -m benchmarks

lock: ## renew requirements/*.lock from pyproject.toml (needs uv)
	@bin/lock

clean: ## throw away the environment and caches, keep var/
	rm -rf .venv .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache

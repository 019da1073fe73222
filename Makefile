# Start here: `make run` to use Convenor, `make test` to check it, `make help` for the rest.

PYTHON ?= python3
BIN := .venv/bin
# FLASK_APP or PYTHONPATH of the user's shell must not select other code.
unexport FLASK_APP PYTHONPATH
MAKEFLAGS += --no-print-directory

.DEFAULT_GOAL := help
.PHONY: help install run test check format faults bench lock test-install clean

help: ## list the commands
	@sed -n 's/^\([a-z-]*\):.*## /\1: /p' Makefile

install: ## create .venv from the hash-locked list, if the list has changed
	@PYTHON=$(PYTHON) bin/install run

run: install ## migrate, load the demo community once, serve on 127.0.0.1:8000
	@$(BIN)/flask db upgrade
	@$(BIN)/flask demo
	@exec $(BIN)/gunicorn 'app:create_app()'

test-install: ## install what the tests need: Python packages, PostgreSQL, Chromium
	@PYTHON=$(PYTHON) bin/install test
	@bin/install-system

test: test-install ## run every check and every test except the long fault tests
	@# The tests run even if a check fails, so that one run reports everything.
	@$(MAKE) check; checked=$$?; $(BIN)/pytest -n 2 && exit $$checked

check: ## run formatter, linter, types, import contracts, templates
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/djlint templates --lint --quiet

format: ## format the code and apply safe fixes
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

faults: test-install ## run the long tests that kill real processes
	@$(BIN)/pytest -m faults -n 0

bench: test-install ## measure pages and feeds against a bare Flask "hello"
	@$(BIN)/python -m benchmarks

lock: ## update requirements/*.lock from pyproject.toml (needs uv)
	@bin/lock

clean: ## delete the environment and caches, keep var/
	rm -rf .venv .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache

# `make help` lists the targets. Everything is set up in .venv by the targets that need it.
.DEFAULT_GOAL := help
SHELL := /bin/bash
# The first interpreter that runs and is new enough (a name on the PATH may be a shim that does not).
PYTHON ?= $(shell for name in python3 python3.13 python3.12 python3.11 python3.14 python; do \
	$$name -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1 && { echo $$name; break; }; done)
BIN := .venv/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check
SOURCES := fleet_runtime tests examples benchmarks
# Hundreds of tests start a program: each reads compiled modules, even where the environment says to write none.
export PYTHONDONTWRITEBYTECODE :=
# Tests that wait for other processes leave a core to one more.
TESTERS ?= $(shell expr $$(nproc 2>/dev/null || echo 2) + 1)

.PHONY: help
help: ## list the targets
	@awk 'BEGIN {FS = ":.*## "} /^[a-z0-9-]+:.*## / {printf "  %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

.venv/.base:
	@test -n "$(PYTHON)" || { echo "Python 3.11 or newer is needed; say which with PYTHON=..."; exit 1; }
	$(PYTHON) -m venv .venv
	$(PIP) install --quiet --upgrade pip
	@touch $@

.venv/.local: .venv/.base pyproject.toml
	$(PIP) install --quiet --editable '.[local]'
	@touch $@

.venv/.dev: .venv/.local pyproject.toml
	$(PIP) install --quiet --group dev
	@touch $@

.PHONY: install
install: .venv/.dev ## set up .venv with everything for development

.PHONY: demo
demo: .venv/.local ## a Customer Success Manager over three sessions, months apart
	@$(BIN)/python examples/csm_conversation.py

.PHONY: check
check: .venv/.dev ## lint, types, floors, unit and contract tests (some minutes)
	@set -e -o pipefail; \
	$(BIN)/ruff format --check --quiet $(SOURCES); \
	$(BIN)/ruff check --quiet $(SOURCES); \
	$(BIN)/lint-imports --no-cache | tail -n 1; \
	{ $(BIN)/mypy --no-error-summary && $(BIN)/mypy --no-error-summary --explicit-package-bases examples && $(BIN)/basedpyright --level error | tail -n 1; } & types=$$!; \
	$(BIN)/pytest --numprocesses auto -m 'not slow' tests/unit tests/contract tests/api; \
	wait $$types

.PHONY: test
test: .venv/.dev ## all tests that need no model: what CI runs
	$(BIN)/pytest -m 'not e2e' --numprocesses $(TESTERS) --durations 12 --dist worksteal tests

.PHONY: coverage
coverage: .venv/.dev ## what unit tests reach of floors 1 to 4: below 95 % it fails (tracing makes them twice as slow)
	$(BIN)/pytest -m 'not slow' --numprocesses auto --dist worksteal --cov --cov-report= tests/unit
	@$(BIN)/coverage report --fail-under=95 --include='$(shell $(BIN)/python benchmarks/floors.py)'

.PHONY: e2e
e2e: .venv/.dev ## a real conversation on the embedded model (fetches 1.1 GB once)
	$(BIN)/pytest -m e2e tests/e2e

N ?= 50
STORE ?= sqlite
.PHONY: kill
kill: .venv/.dev ## kill -9 workers and gateways N times, read the ledger: make kill N=1000 STORE=sqlite|postgres|inline
	@$(if $(filter inline,$(STORE)),$(BIN)/python benchmarks/kill.py --kills $(N),\
	$(BIN)/python benchmarks/durable.py kill --kills $(N) --store $(STORE))

.PHONY: mutate
mutate: .venv/.dev ## read 10,000 damaged role and profile files: findings or typed errors, within a second each
	MUTATED_FILES=10000 $(BIN)/pytest tests/property/test_mutated_files.py

.PHONY: explore
explore: .venv/.dev ## property tests on new random cases, ten times as many
	$(BIN)/pytest --hypothesis-profile explore --numprocesses $(TESTERS) --dist worksteal tests/property

.PHONY: wheel
wheel: .venv/.dev ## build the wheel into dist/
	$(BIN)/python -m build --outdir dist .

.PHONY: clean
clean: ## remove the virtual environment, builds and the demo's stores
	rm -rf .venv dist .fleet .coverage

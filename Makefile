# Two commands do everything: `make demo` and `make test`. Each sets itself up on a machine with only Python and venv.
SHELL := /bin/bash
ARGS ?=
PYTHON ?= $(shell for v in python3.14 python3.13 python3.12 python3.11 python3; do \
	if $$v -c 'import sys, venv, ensurepip; sys.exit(not (3,11) <= sys.version_info[:2] <= (3,14))' >/dev/null 2>&1; \
	then command -v $$v; break; fi; done)
BIN := .venv/bin

.PHONY: demo test lint bench lock traps rules torture latency clean
demo: .venv/ready
	@$(BIN)/publisher demo $(ARGS)

test: .venv/ready lint
	@$(BIN)/python tests/run.py $(ARGS)

lint: .venv/ready
	@test ! -e queue/__init__.py || { echo "queue/__init__.py exists: it hides Python's own queue module; delete it." >&2; exit 1; }
	@$(BIN)/ruff check . && $(BIN)/ruff format --check . && $(BIN)/mypy && PYTHONPATH=.:queue $(BIN)/lint-imports

traps: .venv/ready
	@$(BIN)/python tests/traps/mutate.py $(ARGS)

rules: .venv/ready
	@$(BIN)/python tests/rules/mutate.py $(ARGS)

# 2,000 Posts on each database under kill -9, SIGSTOP, faults and withdrawals; ARGS=--short as CI runs it.
torture: .venv/ready
	@$(BIN)/python tests/torture/run.py $(ARGS)

latency: .venv/ready
	@$(BIN)/python tests/torture/latency.py $(ARGS)

bench: .venv/ready
	@$(BIN)/python -m pytest -q bench $(ARGS)

# The lock is universal (one file for Python 3.11 to 3.14, every platform) and names no index. Needs uv.
lock:
	uv pip compile pyproject.toml --universal --generate-hashes --no-emit-index-url --no-emit-find-links --no-annotate \
		--no-header --extra dev --extra postgres --python-version 3.11 --upgrade -o requirements.lock
	sed -i '1i # Every dependency with its hashes, for Python 3.11 to 3.14; made by `make lock`. Names no index.' requirements.lock

.venv/ready: requirements.lock pyproject.toml
	@test -n "$(PYTHON)" || { echo "Publisher needs Python 3.11 to 3.14 with venv and pip, and found none. \
	On Debian or Ubuntu: apt-get install python3-venv" >&2; exit 1; }
	@echo "Setting up .venv with $(PYTHON) (once; a minute or two) ..." >&2
	@rm -rf .venv && $(PYTHON) -m venv .venv
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock >&2
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-build-isolation --no-deps -e . >&2
	@touch $@

clean:
	rm -rf .venv dist build demo-office demo-office-register

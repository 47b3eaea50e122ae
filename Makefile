# Raqam's commands. `make` alone lists them; each sets up what it needs in .venv, once.

PYTHON ?= python3
PORT   ?= $(or $(RAQAM_PORT),8000)

BIN := .venv/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check
UV  := uv==0.13.9
LOCK = $(BIN)/python -m uv pip compile --quiet --universal --python-version 3.11 --fork-strategy fewest \
	--generate-hashes --no-annotate --custom-compile-command 'make lock'
SOURCES := raqam serving training benchmarks tests

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help serve annotate test lint format train image lock clean

help: ## list these commands
	@echo "Raqam: labelled spans in Persian news. Usage: make COMMAND [NAME=VALUE]"
	@echo
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  %-10s %s\n", $$1, $$2 }' $(firstword $(MAKEFILE_LIST))

serve: .venv/.serve ## serve the default model over HTTP on PORT (8000)
	@RAQAM_PORT="$(PORT)" exec $(BIN)/python -m serving

annotate: .venv/.serve ## annotate FILE (.txt, .jsonl, .csv or a folder) and print one record a line
	@test -n "$(FILE)" || { echo "Name the file to annotate: make annotate FILE=seeds/NAME.txt" >&2; exit 2; }
	@$(BIN)/raqam annotate "$(FILE)"

test: lint ## run every check: lint, types, imports, tests, doctests, Dockerfile
	$(BIN)/python -m pytest

lint: .venv/.dev ## run every check but the tests
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/hadolint Dockerfile

format: .venv/.dev ## sort imports and format the code
	$(BIN)/ruff check --select I --fix .
	$(BIN)/ruff format .

train: .venv/.dev ## retrain the default model on annotations/ and corrections, and on CORPORA=DIR where given
	$(BIN)/python -m serving corrections export annotations/corrections
	$(BIN)/python -m training retrain $(if $(CORPORA),--corpora "$(CORPORA)")
	$(BIN)/python -m serving corrections trained annotations/corrections

image: ## build the container image raqam
	docker build --tag raqam .

lock: .venv/.python ## resolve the locks again, to the newest versions that fit
	$(PIP) install --quiet $(UV)
	$(LOCK) --upgrade pyproject.toml requirements/build.in --extra serve --extra train --extra dev \
		--excludes requirements/torch.txt --excludes requirements/excluded.txt --output-file requirements/dev.lock
	$(LOCK) --upgrade pyproject.toml --extra serve --constraint requirements/dev.lock \
		--output-file requirements/serve.lock
	$(LOCK) --upgrade requirements/build.in --constraint requirements/dev.lock \
		--output-file requirements/build.lock

clean: ## remove caches and build outputs (the environment stays: rm -r .venv)
	rm -rf build dist *.egg-info .hypothesis .import_linter_cache .mypy_cache .pytest_cache .ruff_cache
	find $(SOURCES) -type d -name __pycache__ -prune -exec rm -rf {} +

# The environment. Each stamp is written last, so a set-up that was cut short runs again.

.venv/.python:
	@command -v $(PYTHON) >/dev/null || { echo "Raqam needs Python 3.11 or newer; there is no '$(PYTHON)' here." >&2; exit 2; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
		echo "Raqam needs Python 3.11 or newer; '$(PYTHON)' is $$($(PYTHON) -V 2>&1)." \
			"Name another: make PYTHON=python3.12 …" >&2; exit 2; }
	@$(BIN)/python -m pip --version >/dev/null 2>&1 || $(PYTHON) -m venv --clear .venv || { \
		echo "Python could not make a virtual environment; on Debian or Ubuntu: apt install python3-venv" >&2; exit 2; }
	@touch $@

.venv/.serve: .venv/.python requirements/serve.lock requirements/build.lock pyproject.toml
	@echo "Setting up .venv to serve (once) …"
	$(PIP) install --quiet --no-deps --require-hashes -r requirements/serve.lock -r requirements/build.lock
	$(PIP) install --quiet --no-deps --no-build-isolation --editable .
	@touch $@

# torch comes last and on its own. A build of it without CUDA runs as it is; one with CUDA also needs its libraries.
.venv/.dev: .venv/.serve requirements/dev.lock requirements/torch.txt
	@echo "Setting up .venv to test and train (once, some minutes) …"
	$(PIP) install --quiet --no-deps --no-build-isolation --require-hashes -r requirements/dev.lock
	$(PIP) install --quiet --no-deps -r requirements/torch.txt
	@$(BIN)/python -c 'import torch' 2>/dev/null || $(PIP) install --quiet -r requirements/torch.txt
	@touch $@

# Every target first brings .venv in line with requirements.lock (.ci/prepare.py); that is a no-op when it already is.
# Needed: Python >= 3.11, pip and make. Choose an interpreter with `make PYTHON=/path/to/python test`.

PYTHON ?= $(shell for each in python3 python3.13 python3.12 python3.11 python; do \
	$$each -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && { echo $$each; break; }; done)
RUN := .venv/bin/python

.DEFAULT_GOAL := help
.PHONY: help setup demo test lint coverage bench format lock clean

help:  ## list the targets
	@sed -n 's/^\([a-z]*\):.*## /make \1\t/p' $(MAKEFILE_LIST)

setup:  ## create or repair .venv
	@test -n "$(PYTHON)" || { echo "No Python >= 3.11 found. Install one, or name it: make PYTHON=/path/to/python" >&2; exit 1; }
	@$(PYTHON) .ci/prepare.py

demo: setup  ## hold a real conversation, offline
	@.venv/bin/trialogue demo

test: setup  ## lint, then all tests, each phase against its time budget
	@$(RUN) .ci/phases.py lint tests

lint: setup  ## ruff, flake8-async, mypy, import-linter
	@$(RUN) .ci/phases.py lint

coverage: setup  ## which lines and branches the tests leave out
	@$(RUN) -m coverage run -m pytest -q && $(RUN) -m coverage report

bench: setup  ## measure what the project claims, in a quarter of an hour
	@$(RUN) -m benches

format: setup  ## let ruff format and fix
	@$(RUN) -m ruff format .
	@$(RUN) -m ruff check --fix .

lock:  ## resolve requirements.lock again; UPGRADE=--upgrade for newest versions (needs uv)
	UV_CUSTOM_COMPILE_COMMAND="make lock" uv pip compile --quiet $(UPGRADE) --universal --fork-strategy fewest \
		--generate-hashes --no-annotate --python-version 3.11 --all-extras --group dev --group files \
		pyproject.toml --output-file requirements.lock

clean:  ## remove .venv and every cache
	rm -rf .venv build dist *.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache

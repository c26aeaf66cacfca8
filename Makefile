# Every target makes .venv itself; a machine needs python3 with its venv module, and make.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready

.PHONY: demo run test test-slow check format clean

demo: $(READY)            ## play the story end to end on this machine, without internet
	$(BIN)/monitor demo

run: $(READY)             ## follow the topics of config.toml
	$(BIN)/monitor run

test: $(READY)            ## the whole suite, on all cores
	$(BIN)/pytest -q -n auto

test-slow: $(READY)       ## the proofs that take longer
	$(BIN)/pytest -q -m slow

check: $(READY)           ## what CI runs besides the tests: style, types, layers
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/pytest -q tests/test_layers.py

format: $(READY)
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

clean:
	rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache .hypothesis

$(READY): pyproject.toml constraints.txt
	$(PYTHON) -c 'import sys; sys.exit("Python 3.11 or newer is needed, this is %d.%d: make PYTHON=python3.12" % sys.version_info[:2] if sys.version_info < (3, 11) else 0)'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[dev]'
	touch $(READY)

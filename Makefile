# Each target installs what it needs into .venv. `make run` and `make test` are all that most people need.
PYTHON ?= python3
BIN = .venv/bin
PIP = $(BIN)/python -m pip --disable-pip-version-check -q install -c constraints.txt

.PHONY: install install-dev run test check format eval bench

install: .venv/.installed
install-dev: .venv/.installed-dev

.venv/.installed: pyproject.toml constraints.txt
	$(PYTHON) -m venv .venv
	$(PIP) -e .
	@touch $@

.venv/.installed-dev: .venv/.installed
	$(PIP) torch==2.13.0
	$(PIP) -e '.[dev,sentence-transformers]'
	@touch $@

run: install
	$(BIN)/python -m bot run

test: install-dev
	$(BIN)/python -m pytest

check: install-dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

format: install-dev
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

eval: install-dev
	$(BIN)/python -m tests.eval.report $(if $(MODEL),--model $(MODEL))

bench: install-dev
	$(BIN)/python -m bench.answering

# Write constraints.txt anew from what pyproject.toml admits today.
.PHONY: constraints
constraints:
	rm -rf build/constraints && $(PYTHON) -m venv build/constraints
	build/constraints/bin/python -m pip -q install torch==2.13.0
	build/constraints/bin/python -m pip -q install -e '.[dev,ocr,sentence-transformers]'
	echo '# Exact versions of everything that is installed; written by `make constraints`.' > constraints.txt
	build/constraints/bin/python -m pip freeze --exclude-editable | grep -v ' @ ' | sed 's/+cpu//' >> constraints.txt

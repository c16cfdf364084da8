# The commands of the project; each sets up what it needs. `make help` lists them.

PYTHON ?= python3
VENV ?= .venv
WHAT ?= -e '.[dev]'
JOBS ?= 2
LESS ?=
MEASURED := dsl tasks
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
TORCH := $(shell sed -n 's/^torch==//p' constraints.txt)
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet

.DEFAULT_GOAL := help
.PHONY: help setup run test check format docs wheel clean

help: ## list the targets
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/  make \1\t\2/p' Makefile | expand -t 16

setup: $(STAMP) ## make .venv with the synth command (PYTHON=python3.12 chooses another interpreter)

# On Linux the plain torch of PyPI brings gigabytes of CUDA; the `+cpu` build is a tenth of it. It is taken from
# wherever pip already looks (a local wheel), else from PyTorch's own index. macOS has one build only.
$(STAMP): pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "setup: expected Python 3.11 or newer, found $$($(PYTHON) --version 2>&1); try: make setup PYTHON=python3.12" >&2; exit 1; }
	@test -x $(BIN)/python || { echo "setup 1/3: $(VENV) with $$($(PYTHON) --version)"; $(PYTHON) -m venv $(VENV); }
	@echo "setup 2/3: torch $(TORCH) for the CPU (some 200 MB where it is not there yet)"
	@if [ "$$(uname -s)" = Linux ]; then \
	  $(PIP) install "torch==$(TORCH)+cpu" 2>/dev/null || \
	  $(PIP) install --index-url https://download.pytorch.org/whl/cpu "torch==$(TORCH)+cpu"; \
	else $(PIP) install "torch==$(TORCH)"; fi
	@echo "setup 3/3: sketchwright ($(WHAT)) and what it needs"
	@$(PIP) install -c constraints.txt $(WHAT)
	@touch $(STAMP)
	@echo "setup: done; $(BIN)/synth --help shows the commands"

run: setup ## learn programs and train nets on the same tasks, side by side: prints a table and the path of report.html
	@$(BIN)/synth compare length --budget quick

# Coverage is taken under the tests of what it is asked of only: a search takes twice as long where it is taken.
test: setup ## all tests, on JOBS=2 processes; those of dsl/ and tasks/ must cover at least 85% of them
	@failed=0; \
	$(BIN)/python -m pytest -n $(JOBS) $(MEASURED) $(MEASURED:%=tests/%) \
	  $(MEASURED:%=--cov=%) --cov-report=term:skip-covered --cov-fail-under=85 || failed=1; \
	$(BIN)/python -m pytest -n $(JOBS) synth tests $(MEASURED:%=--ignore=tests/%) $(LESS) || failed=1; \
	exit $$failed

check: setup ## ruff (style and layout), mypy --strict, import-linter
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check . >/dev/null || { echo "the layout of some file is another than ruff would choose: make format" >&2; exit 1; }
	@$(BIN)/mypy
	@$(BIN)/lint-imports

format: setup ## lay the code out as ruff does
	@$(BIN)/ruff format .

docs: setup ## write the generated parts of the docs anew (words, outputs); read the diff
	@$(BIN)/python docs/make_words.py
	@$(BIN)/python docs/run_blocks.py --update README.md docs/*.md docs/*/*.md

wheel: setup ## dist/*.whl
	@$(BIN)/python -m build --wheel

clean: ## remove what was built, .venv too
	rm -rf $(VENV) dist build .coverage .coverage.* .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

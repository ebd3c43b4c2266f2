# `make demo` and `make test` are all a newcomer needs: each makes the environment on first use.
PYTHON ?= python3
VENV   ?= .venv
BIN    := $(VENV)/bin
STAMP  := $(VENV)/.installed

# An environment that another checkout was installed in is that one's.
ifneq ($(wildcard $(BIN)/python),)
OTHER := $(shell .ci/environment $(BIN)/python)
ifneq ($(OTHER),)
$(error VENV=$(VENV): expected an environment of this checkout, got that of $(OTHER); name another folder, or delete this one)
endif
endif

# Options of make bench: --help lists them.
BENCH ?=

# What README and docs show of the experiment; DATA is a folder with Omniglot's images, for the pictures of drawings.
DATA ?= $(BOUNDCHECK_DATA)

.PHONY: demo results bench test lint types imports docs package proofs ci clean

demo: $(STAMP)
	$(BIN)/boundcheck demo

results: $(STAMP)
	$(BIN)/boundcheck demo --out benchmarks/results/demo $(if $(DATA),--data $(DATA))

# 20 minutes or so on two cores that nothing else uses; BENCH=--full takes more than an hour, and pykeops a C++ compiler.
# DATA, with Omniglot's images, adds the work on pixels.
bench: $(STAMP)-bench
	$(BIN)/python -m benchmarks.distances $(if $(DATA),--data $(DATA)) $(BENCH)

# One thread a process: the processes are the parallelism. Each begins with files of its own, so that what a file of tests
# shares is made once, and takes from others when it is done.
test: $(STAMP)
	OMP_NUM_THREADS=1 $(BIN)/python -m pytest -n auto --maxprocesses 4 --dist worksteal -m "not coq"

lint: $(STAMP)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(STAMP)
	$(BIN)/mypy

imports: $(STAMP)
	$(BIN)/lint-imports

docs: $(STAMP)
	$(BIN)/python -m sphinx -W --keep-going -b html docs docs/_build/html

package: $(STAMP)
	.ci/package $(BIN)

# The proofs, and the tests of what asks Coq about them.
proofs: $(STAMP)
	$(BIN)/boundcheck prove --strict
	OMP_NUM_THREADS=1 $(BIN)/python -m pytest -n auto --maxprocesses 4 --dist worksteal -m coq tests/formal

# torch and timm are installed together, so that pip resolves one torch that suits both.
$(STAMP): setup.cfg pyproject.toml
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -e '.[all]'
	touch $@

$(STAMP)-bench: $(STAMP)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -e '.[bench]'
	touch $@

clean:
	rm -rf $(VENV) build dist *.egg-info docs/_build

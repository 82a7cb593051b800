# make run: the first sheet. make test: lint, types, tests; make quick: the same in a minute.
# Each sets up .venv when it is needed.
# Another interpreter: make test PYTHON=python3.12

.PHONY: run lint quick test test-torch test-installed page page-test soak bench bench-peers golden \
	clean help
.DELETE_ON_ERROR:

# The stamp says what made .venv; a moved checkout or another interpreter makes it anew.
MADE := $(shell .venv/bin/python -V >/dev/null 2>&1 && cat .venv/.stamp-run 2>/dev/null)
PYTHON ?= $(or $(firstword $(MADE)),python3)
export STAMP := $(PYTHON) in $(CURDIR)
ifneq ($(MADE),$(STAMP))
.PHONY: .venv/.stamp-run
endif

# Settings that would send pip's packages elsewhere than into .venv.
unexport PIP_USER PIP_TARGET PIP_PREFIX PIP_ROOT
export PIP_DISABLE_PIP_VERSION_CHECK := 1
PIP := .venv/bin/python -m pip install --quiet
# Tests start Python hundreds of times; without bytecode each start would compile backcalc anew.
unexport PYTHONDONTWRITEBYTECODE
# Compiled ahead, so that a machine that forbids Python to write bytecode starts as fast.
COMPILE := .venv/bin/python -m compileall -q backcalc

run: .venv/.stamp-run ## work through a network with a skip connection
	@.venv/bin/backcalc step networks/skip.yaml --lr 1

lint: .venv/.stamp-dev ## lint and check types
	.venv/bin/ruff check
	.venv/bin/ruff format --check
	.venv/bin/python -m mypy

quick: lint ## the same, and the tests that take little: a minute
	.venv/bin/python -m pytest -q -n auto --dist worksteal -m 'not sweep'

test: lint ## the same, and all tests; WHOLE=1: each on every network and sheet
	.venv/bin/python -m pytest -q -n auto --dist worksteal

test-torch: .venv/.stamp-torch ## compare with PyTorch's gradients and optimizers, run code for it
	.venv/bin/python -m pytest -q tests/pytorch

test-installed: .venv/.stamp-dev ## build wheel and sdist, install them elsewhere, try them there
	.venv/bin/python -m pytest -q tests/installed $(INSTALLED)

page: .venv/.stamp-run ## build page/built, the page that works sheets in a browser, and its zip
	@.venv/bin/python page/build.py

page-test: page .venv/.stamp-dev ## build it and try it in Chromium
	@.venv/bin/python page/build.py fetch
	.venv/bin/python -m pytest -q tests/page

soak: .venv/.stamp-dev ## sheets, random networks and hostile files by the thousand, 17 minutes
	@.venv/bin/python tests/soak $(SOAK)

bench: .venv/.stamp-run ## measure speed against its bounds
	@.venv/bin/python tests/bench.py $(BENCH); status=$$?; \
	.venv/bin/python tests/bench_training.py $(BENCH) && exit $$status

bench-peers: .venv/.stamp-peers bench ## the same against installed peers; BENCH=--readme renews the manual

golden: .venv/.stamp-dev ## renew the golden outputs and the examples of README and manual; read their diff
	.venv/bin/python -m pytest -q tests --renew

clean: ## remove .venv, caches and builds
	rm -rf .venv build dist page/built page/fetched page/*.zip *.egg-info .mypy_cache .pytest_cache .ruff_cache .hypothesis
	find backcalc tests -name __pycache__ -prune -exec rm -rf {} +

help: ## this list
	@sed -n 's/^\([a-z-]*\):.*## /\1	/p' Makefile

.venv/.stamp-run: pyproject.toml
	@exec >&2; \
	"$(PYTHON)" -c 'import sys; sys.exit(sys.version_info < (3, 10))' || \
		{ echo "backcalc needs Python 3.10 or later, and $(PYTHON) is not; another one: make PYTHON=python3.12"; exit 1; }; \
	"$(PYTHON)" -c 'import ensurepip' 2>/dev/null || \
		{ echo "$(PYTHON) cannot make a virtual environment; on Debian or Ubuntu: apt install $(notdir $(PYTHON))-venv"; exit 1; }; \
	echo "Setting up .venv with $(PYTHON) (once) ..."; \
	: "Whatever goes wrong from here on, no half-made .venv stays."; \
	trap 'test $$? = 0 || rm -rf .venv' EXIT; trap 'exit 130' INT TERM HUP; \
	"$(PYTHON)" -m venv --clear .venv && $(PIP) --editable . && $(COMPILE) && \
	printf '%s\n' "$$STAMP" > $@

.venv/.stamp-dev: .venv/.stamp-run
	@echo "Adding the tools for tests (once) ..." >&2
	@$(PIP) --editable '.[dev]' >&2
	@touch $@

.venv/.stamp-torch: .venv/.stamp-dev
	@echo "Adding PyTorch and ONNX (once, about 230 MB) ..." >&2
	@$(PIP) --editable '.[torch,onnx]' >&2
	@touch $@

.venv/.stamp-peers: .venv/.stamp-torch
	@echo "Adding JAX, CasADi and micrograd (once, about 200 MB) ..." >&2
	@$(PIP) --editable '.[peers]' >&2
	@touch $@

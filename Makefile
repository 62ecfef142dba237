# The commands a person and CI both use. `make` alone lists them.

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
MAKEFLAGS += --no-builtin-rules

VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed

# PYTHON=… chooses the interpreter of .venv; otherwise requirements/choose_python.py does. The first of these runs it.
CANDIDATES := python3 python3.14 python3.13 python3.12 python3.11

# The stamp holds what this prints. If another interpreter is chosen, .venv is made again.
IDENTIFY := import sys; print(sys.base_prefix, sys.version)
ifneq ($(PYTHON),)
ifneq ($(shell cat $(STAMP) 2>/dev/null),$(shell $(PYTHON) -c '$(IDENTIFY)' 2>/dev/null))
.PHONY: $(STAMP)
endif
endif

# What `make test-pythons` tests with each of these: whatever depends on the interpreter.
PYTHONS := python3.11 python3.12 python3.13 python3.14
SUITE := tests/unit tests/integration/environments tests/integration/sandbox tests/integration/selftest \
	tests/acceptance/test_answers.py tests/acceptance/test_package_answers.py

.PHONY: help install run api environment worker test test-pythons test-containers test-machine chaos soak fairness bench \
	check format lock pages screenshots release clean

help: ## list these commands
	@sed -n 's/^\([a-z-]*\):.*## /\1\t/p' Makefile | while IFS="$$(printf '\t')" read -r name what; do \
		printf 'make %-15s %s\n' "$$name" "$$what"; done

install: $(STAMP) ## prepare .venv from the lock file, and nothing more

run: $(STAMP) ## start everything on 127.0.0.1:8080; Ctrl-C stops it
	@exec $(BIN)/python-executor run

api: $(STAMP) ## start the API alone, with the Redis at REDIS_URL
	@exec $(BIN)/python-executor api

# NAME and LOCK as environment variables are ignored: other programs use these names too.
environment: NAME := $(if $(filter command line,$(origin NAME)),$(NAME),data)
environment: LOCK := $(if $(filter command line,$(origin LOCK)),$(LOCK),requirements/environments/data.lock)
environment: $(STAMP) ## build the environment data; NAME=geo LOCK=geo.lock for another
	@exec $(BIN)/python-executor environment build $(NAME) $(LOCK)

worker: $(STAMP) ## start a worker alone, with the Redis at REDIS_URL
	@exec $(BIN)/python-executor worker

# With CI set every test runs, whatever pyproject.toml leaves out by default.
test: $(STAMP) ## run all tests except those in containers and machines; with CI=true those too; ARGS="-k name -x" goes to pytest
	@exec $(BIN)/python -m pytest $(if $(CI),-m "") $(ARGS)

# No test runs the probes in fresh jails, so the self-test does.
test-pythons: ## test the sandboxes with every Python of PYTHONS="python3.12 python3.13"; ARGS goes to pytest
	@results= failed=; for python in $(PYTHONS); do \
		if ! "$$python" requirements/choose_python.py "$$python" >/dev/null 2>&1; then \
			result="skipped, because it is not here"; failed=$$failed$$CI; \
		elif venv=.venv-$$("$$python" -c 'import sys; print("%d.%d" % sys.version_info[:2])') && \
			$(MAKE) --no-print-directory VENV=$$venv PYTHON="$$python" test ARGS='$(SUITE) $(ARGS)' && \
			$$venv/bin/python -m sandbox selftest --isolation fresh; then \
			result=passed; \
		else result=failed; failed=1; fi; \
		results="$$results$$python: $$result\n"; \
	done; printf "$$results"; test -z "$$failed"

test-containers: $(STAMP) ## run the tests in containers, also under gVisor
	@exec $(BIN)/python -m pytest tests/containers -m containers $(ARGS)

test-machine: $(STAMP) ## run the tests in a virtual machine with cgroup version 2; RELEASE=trixie for another Debian
	@exec $(if $(RELEASE),env RELEASE=$(RELEASE)) $(BIN)/python -m pytest tests/machine -m machine $(ARGS)

chaos: $(STAMP) ## kill parts of the service under load for two minutes and check that no job is lost; ARGS="--seed 1"
	@exec $(BIN)/python -m stress.chaos $(ARGS)

# SECONDS as an environment variable is ignored: bash sets a variable of that name.
soak: $(STAMP) ## load the service for five minutes and check that nothing grows; SECONDS=60 for less
	@exec $(BIN)/python -m stress.soak --seconds $(if $(filter command line,$(origin SECONDS)),$(SECONDS),300) $(ARGS)

fairness: $(STAMP) ## measure an honest API key beside a hostile one for five minutes; ARGS="cpu-loops together"
	@exec $(BIN)/python -m stress.fairness $(ARGS)

bench: $(STAMP) ## measure speed and cost, write docs/explanation/performance.md; AGAINST=DIR compares
	@exec $(BIN)/python -m bench $(if $(AGAINST),--against $(AGAINST)) $(ARGS)

check: $(STAMP) ## check lint, format, types and the Lua scripts; changes nothing
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/python -m tests.check_lua

format: $(STAMP) ## sort imports and format the code
	$(BIN)/ruff check --select I --fix
	$(BIN)/ruff format

screenshots: $(STAMP) ## make the pictures of the pages in docs/images/, with Chromium
	@exec $(BIN)/python -m tests.screenshots

PIN := $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-annotate \
	--no-emit-index-url --no-emit-find-links
PIN_OWN := $(PIN) $(LOCK_ARGS) pyproject.toml

# An image and an environment have wheels only, so each package needs one for every architecture that the sandboxes know.
WHEELS := $(BIN)/uv pip install --quiet --dry-run --target build --only-binary :all: --no-deps --require-hashes

lock: $(STAMP) ## pin the dependencies again; LOCK_ARGS=--upgrade for newer ones
	$(PIN_OWN) client/pyproject.toml --all-extras --group dev --output-file requirements/dev.lock
	$(PIN_OWN) --all-extras --constraint requirements/dev.lock --output-file requirements/run.lock
	$(PIN_OWN) --extra api --constraint requirements/dev.lock --output-file requirements/api.lock
	$(PIN_OWN) --extra worker --constraint requirements/dev.lock --output-file requirements/worker.lock
	$(PIN) $(LOCK_ARGS) client/pyproject.toml --all-extras --constraint requirements/dev.lock --output-file requirements/client.lock
	$(PIN) $(LOCK_ARGS) requirements/environments/data.in --output-file requirements/environments/data.lock
	@for list in requirements/clients/*.in; do \
		$(PIN) $(LOCK_ARGS) $$list --output-file $${list%.in}.lock || exit; \
	done
	@for platform in x86_64-manylinux_2_34 aarch64-manylinux_2_34; do \
		$(WHEELS) --python-platform $$platform --python-version 3.11 --requirements requirements/dev.lock || exit; \
		for version in 3.11 3.12 3.13 3.14; do \
			for lock in api worker client environments/data; do \
				$(WHEELS) --python-platform $$platform --python-version $$version --requirements requirements/$$lock.lock || exit; \
			done; \
		done; \
	done

pages: $(STAMP) ## write the files of the pages that are made from others: bundled JavaScript, its licences, the examples
	@exec $(BIN)/python -m release.pages

release: $(STAMP) ## build the packages, the images, their SBOMs and SHA256SUMS of this commit into dist/
	@exec $(BIN)/python -m release $(ARGS)

clean: ## remove .venv and every cache
	rm -rf $(VENV) .venv-* .mypy_cache .pytest_cache .ruff_cache .hypothesis .schemathesis build dist
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# The stamp is written last, so an install that was cut short is done again from the start.
$(STAMP): requirements/dev.lock pyproject.toml client/pyproject.toml
	@runner=$$(for candidate in $(PYTHON) $(CANDIDATES); do \
		if "$$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 7))' 2>/dev/null; then \
			echo "$$candidate"; break; fi; done); \
	python=$$($${runner:-python3} requirements/choose_python.py $(PYTHON)) || exit 1; \
	"$$python" -m venv --clear $(VENV)
	@$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes --no-deps -r requirements/dev.lock
	@$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable . --editable client
	@$(BIN)/python -c '$(IDENTIFY)' >$@

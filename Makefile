# What a developer or a first user types.  Needs Python 3.11+ and make; `make test` and `make bench` on Debian as root
# also install the system packages that system-packages.txt of tests and benchmarks name.
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet
TAG ?= number-monitor:dev
VERSION = $(shell sed -n 's/^__version__ = "\(.*\)"/\1/p' monitor/__init__.py)
REVISION := $(shell git rev-parse --short=12 HEAD 2>/dev/null || echo unknown)

.PHONY: help demo test lint format bench crash replicas chaos fuzz image lock schemas tables docs pictures audit coverage mutants clean

help: ## this list
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## /\1\t/' | expand -t 10

demo: $(VENV)/run.stamp ## watch an embedded vendor whose numbers degrade and recover
	$(BIN)/python -m monitor demo

test: $(VENV)/dev.stamp $(VENV)/system.stamp ## every test
	$(BIN)/python -m pytest --numprocesses auto --dist loadfile

lint: $(VENV)/dev.stamp ## style, types, the arrows between the rooms, the Dockerfile, known vulnerabilities
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/hadolint Dockerfile
	$(BIN)/python requirements/audit.py

format: $(VENV)/dev.stamp ## put the code into its form
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench: $(VENV)/dev.stamp $(VENV)/bench.stamp ## the figures of the README
	$(BIN)/python -m benchmarks

crash: $(VENV)/dev.stamp ## kill the daemon 200 times, and count what was lost
	$(BIN)/python -m benchmarks crash

replicas: $(VENV)/dev.stamp ## three replicas on one PostgreSQL, disturbed in 200 rounds, and the tables of docs/reliability.md
	$(BIN)/python -m benchmarks failover

chaos: $(VENV)/dev.stamp $(VENV)/system.stamp ## every fault against the real daemon, and the tables of docs/reliability.md
	$(BIN)/python -m tests.chaos

fuzz: $(VENV)/dev.stamp ## a million hostile answers, ten thousand damaged configurations
	$(BIN)/python -m benchmarks fuzz

image: ## the container image (docker, else podman)
	@builder=$$(command -v docker || command -v podman) || { echo "docker or podman is needed to build the image" >&2; exit 1; }; \
	 case $$builder in *podman) format="--format docker" ;; *) format= ;; esac; \
	 set -x; $$builder build $$format --build-arg VERSION=$(VERSION) --build-arg REVISION=$(REVISION) -t $(TAG) .

lock: $(VENV)/dev.stamp ## resolve the dependencies anew, with hashes and without index addresses
	$(BIN)/python requirements/lock.py

schemas: $(VENV)/dev.stamp ## write the events' JSON Schemas anew
	PYTHONPATH=. $(BIN)/python docs/events/write.py

tables: $(VENV)/dev.stamp ## write what the documents take from the code anew: configuration, commands, metrics, events, config/kubernetes
	$(BIN)/python -m docs.write
	$(BIN)/python config/kubernetes/write.py

docs: $(VENV)/dev.stamp ## the documents as a site, in build/site
	NO_MKDOCS_2_WARNING=1 $(BIN)/python -m mkdocs build --strict --quiet
	@echo "build/site/index.html"

pictures: $(VENV)/dev.stamp $(VENV)/system.stamp ## take the documents' pictures anew, of the page and the terminal
	$(BIN)/python -m docs.take_pictures

coverage: $(VENV)/dev.stamp ## the branches of fleet and phonelist that no test of theirs takes: there must be none
	@rm -rf build/coverage
	$(BIN)/coverage run -m pytest -q --hypothesis-profile repeatable tests/fleet tests/phonelist
	$(BIN)/coverage combine -q
	$(BIN)/coverage report

mutants: $(VENV)/dev.stamp ## change fleet and phonelist in one place at a time, and see whether their tests notice
	nice -n 19 $(BIN)/python -m benchmarks.mutants

audit: $(VENV)/dev.stamp ## known vulnerabilities of the locked versions; fails also where their list does not answer
	$(BIN)/python requirements/audit.py --strict

clean: ## remove what make made
	rm -rf $(VENV) .mypy_cache .pytest_cache .ruff_cache .import_linter_cache .hypothesis dist build mutants

# Debian splits venv from Python; as root on Debian it is installed, elsewhere the error says what is missing.
$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or later is needed: make PYTHON=python3.12 …" >&2; exit 1; }
	@$(PYTHON) -m venv $(VENV) >/dev/null 2>&1 || { rm -rf $(VENV); \
	  if [ -x /usr/bin/apt-get ] && [ "$$(id -u)" = 0 ]; then apt-get update -qq && apt-get install -y -qq --no-install-recommends python3-venv >/dev/null; fi; \
	  $(PYTHON) -m venv $(VENV); }

$(VENV)/run.stamp: requirements/run.txt | $(VENV)/bin/python
	@echo "installing what requirements/run.txt names into $(VENV) …"
	@$(PIP) install --require-hashes -r requirements/run.txt
	@touch $@

$(VENV)/dev.stamp: requirements/dev.txt | $(VENV)/bin/python
	@echo "installing what requirements/dev.txt names into $(VENV) …"
	@$(PIP) install --require-hashes -r requirements/dev.txt
	@touch $@ $(VENV)/run.stamp

$(VENV)/system.stamp: tests/system-packages.txt
$(VENV)/bench.stamp: benchmarks/system-packages.txt
$(VENV)/system.stamp $(VENV)/bench.stamp: | $(VENV)/bin/python
	@if [ -x /usr/bin/apt-get ] && [ "$$(id -u)" = 0 ]; then \
	  missing=$$(grep -v '^#' $< | while read -r package command; do command -v $$command >/dev/null || echo $$package; done); \
	  if [ -n "$$missing" ]; then apt-get update -qq && RUNLEVEL=1 DEBIAN_FRONTEND=noninteractive \
	    apt-get install -y -qq --no-install-recommends $$missing >/dev/null; fi; fi
	@touch $@

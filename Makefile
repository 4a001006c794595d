# bitsim: `make demo` and `make test` do all their own set-up in a fresh clone.
.PHONY: help setup node tools test-tools demo test test-full check bench clean
.DELETE_ON_ERROR:

SOURCES := $(shell find src -name '*.ts') $(shell find templates/verilog/lib templates/verilog/folded -type f)

help:
	@echo "make setup       npm packages and the build; make tools: simulators and Yosys, where apt-get is allowed"
	@echo "make demo        train a small net, verify it, emit Verilog, simulate and synthesize it (about a minute)"
	@echo "make test        types, lint, format and every test"
	@echo "make test-full   the same with the wide sweeps"
	@echo "make check       types, lint and format"
	@echo "make bench       the figures of docs/results.md (needs DATA=folder with the MNIST IDX files)"
	@echo "make clean       remove what was built"

setup: dist/.built

node:
	@sh scripts/check-node.sh

node_modules/.installed: package-lock.json | node
	npm ci --no-audit --no-fund --loglevel=error
	@touch $@

dist/.built: node_modules/.installed package.json tsconfig.json tsconfig.build.json scripts/build-web.mjs $(SOURCES)
	npm run --silent build
	@touch $@

tools:
	@sh scripts/install-tools.sh

test-tools:
	@sh scripts/install-tools.sh tests

demo: dist/.built tools
	node dist/cli/main.js demo --force

check: dist/.built
	npm run --silent check

test: dist/.built test-tools
	npm run --silent check
	npx vitest run

test-full: dist/.built test-tools
	npm run --silent check
	BITSIM_FULL=1 npx vitest run

bench: dist/.built tools
	npx tsx bench/results.ts $(if $(DATA),--data $(DATA)) --all

clean:
	rm -rf dist node_modules/.installed coverage

# Every command works on a fresh clone: what it needs is installed first, when it is missing or out of date.
.DEFAULT_GOAL := help
.PHONY: help install serve test watch sentences lint format build bench field newest drift differences mutants survey upstream diagrams successor proof soak powercuts failover bots pastes lock clean

FITS := import sys; sys.exit(sys.version_info < (3, 11))
PYTHON ?= $(shell for p in python3 python3.14 python3.13 python3.12 python3.11 python; do \
	"$$p" -c "$(FITS)" >/dev/null 2>&1 && echo "$$p" && break; done)
ifeq ($(OS),Windows_NT)
BIN := .venv/Scripts
else
BIN := .venv/bin
endif
ADDRESS ?= 127.0.0.1:8000
TESTS ?=
BENCH ?=
FIELD ?=
FAILOVER ?=
DOCS ?= docs
SHOWN ?=
RUN ?=
WITH ?=
POWER ?=
SERVE ?=
PEERS := tests/contract/peers
LINTED := reference_impl tests docs/plugins docs/reports
# The package of pages that run is installed from its own place, as another project installs it.
PAGES := docs/plugins
# The theme announces its end of life at every start; CONTRIBUTING.md has the plan.
export NO_MKDOCS_2_WARNING := 1
# Hundreds of processes import the same packages: without byte code each would compile them again.
unexport PYTHONDONTWRITEBYTECODE

help: ## list these commands
	@sed -n 's/^\([a-z]*\):.*## /\1 /p' Makefile | awk '{ n = $$1; $$1 = ""; printf "  make %-9s%s\n", n, $$0 }'

install: .venv/.everything ## create .venv and install everything

serve: .venv/.site ## browse the site on http://127.0.0.1:8000 (ADDRESS=host:port for another)
	@$(BIN)/python -m mkdocs serve --quiet -a $(ADDRESS)

test: .venv/.everything ## run every test (TESTS="-k fresh --target release" for a part)
	$(BIN)/python -m pytest -n 4 --durations=10 --durations-min=1 $(TESTS)

watch: .venv/.everything ## browse the site, and test each page when you save it
	$(BIN)/python -m tests.watch --address $(ADDRESS)

sentences: .venv/.everything ## bring the ledger of sentences up to the pages, and list what is open
	$(BIN)/python -m tests.sentences

lint: .venv/.everything ## ruff and mypy
	$(BIN)/python -m ruff check $(LINTED)
	$(BIN)/python -m ruff format --check $(LINTED)
	$(BIN)/python -m mypy

format: .venv/.everything ## let ruff mend what it can
	$(BIN)/python -m ruff check --fix $(LINTED)
	$(BIN)/python -m ruff format $(LINTED)

build: .venv/.site ## the strict site build (REQUIRE_EVIDENCE=1 fails on an unproven block)
	$(BIN)/python -m mkdocs build --strict --site-dir build/site

bench: .venv/.everything .venv/.peers ## stores side by side, as ratios of one run (BENCH=--quick for a minute)
	$(BIN)/python -m tests.bench $(BENCH)

drift: .venv/.everything ## what changes with the newest release instead of the pinned one
	$(BIN)/python -m tests.drift

differences: .venv/.everything ## both targets do the same thousands of steps, but for the known differences
	$(BIN)/python -m tests.differences.run

mutants: .venv/.everything ## lie to the pages and to the code, and report what was caught
	$(BIN)/python -m tests.mutants

survey: .venv/.everything ## what is wrong on pages that were not written for tests (DOCS=path/to/a/tree, SHOWN=1, RUN=1, WITH=python, SERVE="NAME=command")
	$(BIN)/python -m executable_pages.testing.survey $(DOCS) $(if $(SHOWN),--shown) $(if $(RUN),--run) $(if $(WITH),--python "$(WITH)") $(if $(SERVE),--serve "$(SERVE)")

upstream: .venv/.everything .venv/.released ## what upstream's pages about sessions come to (DOCS=path/to/a/clone of PraisonAIDocs)
	$(BIN)/python -m tests.upstream "$(DOCS)" .venv/released/$(notdir $(BIN))/python

diagrams: .venv/.everything ## draw the diagrams that have no drawing yet
	$(BIN)/python -m executable_pages.testing.drawings

successor: .venv/.site .venv/.successor ## what stands between this site and Zensical
	$(BIN)/python tests/successor.py .venv/successor/$(notdir $(BIN))/zensical

proof: .venv/.everything ## keep the proof of the last whole test run with the pages
	$(BIN)/python -m executable_pages.testing.proof

field: .venv/.everything .venv/.peers ## the stores of other projects under the contract (FIELD="a name" for one)
	$(BIN)/python -m tests.field $(if $(FIELD),"$(FIELD)")

newest: .venv/.everything ## the same with the newest versions of those stores, and what changes (FIELD="a name" for one)
	"$(PYTHON)" -m venv --clear .venv/newest
	$(BIN)/python -m uv pip install --quiet --upgrade --python .venv/newest -b constraints.txt \
		-r $(PEERS)/requirements.in praisonaiagents cryptography -e .
	$(BIN)/python -m tests.field --newest $(if $(FIELD),"$(FIELD)")

soak: .venv/.everything ## every fault, and the contract on every store 20 times
	$(BIN)/python -m tests.soak

powercuts: .venv/.everything ## cut the power of real file systems while stores write; needs root (POWER="--only Redis" for a part)
	$(BIN)/python -m tests.powercuts $(POWER)

failover: .venv/.everything ## lose the primary of each server with replicas, ten times in each way (FAILOVER="--only Redis" for a part)
	$(BIN)/python -m tests.failover $(FAILOVER)

bots: .venv/.everything .venv/.bots ## run what needs praisonai-code, in an environment with it
	$(BIN)/python -m pytest -n 0 tests/differences/test_bot_yaml.py

pastes: .venv/.everything ## run each program of a page with nothing installed but what the page says
	$(BIN)/python -m tests.pastes

LOCK := -m uv pip compile --universal --generate-hashes --no-emit-index-url --no-annotate --no-header --python-version 3.11 --upgrade --quiet
lock: .venv/.uv ## resolve the files of constraints again
	$(BIN)/python $(LOCK) --all-extras --output-file constraints.txt pyproject.toml $(PAGES)/pyproject.toml
	echo zensical | $(BIN)/python $(LOCK) --output-file tests/successor.txt -
	$(BIN)/python $(LOCK) --output-file tests/differences/bots.txt tests/differences/bots.in
	$(BIN)/python $(LOCK) --output-file $(PEERS)/constraints.txt $(PEERS)/requirements.in

clean: ## remove what these commands made
	rm -rf .venv build

# pip verifies the hash of uv, and uv the hashes of the rest.
.venv/.uv: constraints.txt
	@test -n "$(PYTHON)" || { echo "make: no Python 3.11 or newer was found; install one, or say make PYTHON=/path/to/python"; exit 1; }
	@"$(PYTHON)" -c "$(FITS)" || { echo "make: $(PYTHON) is older than Python 3.11; say make PYTHON=/path/to/newer"; exit 1; }
	"$(PYTHON)" -m venv .venv
	sed -n '/^uv==/,/[^\\]$$/p' constraints.txt > .venv/uv.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r .venv/uv.txt
	touch $@

.venv/.site: .venv/.uv pyproject.toml $(PAGES)/pyproject.toml
	$(BIN)/python -m uv pip install --quiet -c constraints.txt -b constraints.txt -e '.[site]' -e '$(PAGES)[mkdocs]'
	touch $@

.venv/.everything: .venv/.uv pyproject.toml $(PAGES)/pyproject.toml
	$(BIN)/python -m uv pip install --quiet -c constraints.txt -b constraints.txt -e '.[test]' -e '$(PAGES)[all]'
	touch $@ .venv/.site

# It brings a program of its own and shares nothing with the site.
.venv/.successor: .venv/.uv tests/successor.txt
	"$(PYTHON)" -m venv .venv/successor
	$(BIN)/python -m uv pip install --quiet --python .venv/successor --require-hashes -r tests/successor.txt
	touch $@

# What who follows our pages has installed, and no more.
.venv/.released: .venv/.uv constraints.txt
	"$(PYTHON)" -m venv .venv/released
	$(BIN)/python -m uv pip install --quiet --python .venv/released -c constraints.txt -b constraints.txt \
		praisonaiagents praisonai-bot filelock
	touch $@

# The release's `Bot` and `bot.yaml`, whose litellm cannot share an environment with the site.
.venv/.bots: .venv/.uv tests/differences/bots.txt
	"$(PYTHON)" -m venv .venv/bots
	$(BIN)/python -m uv pip install --quiet --python .venv/bots --require-hashes -r tests/differences/bots.txt
	touch $@

# Stores of other projects, which cannot share an environment with the site.
.venv/.peers: .venv/.uv $(PEERS)/constraints.txt
	"$(PYTHON)" -m venv .venv/peers
	$(BIN)/python -m uv pip install --quiet --python .venv/peers -c $(PEERS)/constraints.txt -b constraints.txt \
		-r $(PEERS)/requirements.in -e .
	touch $@

# Two commands are enough: `make demo` and `make test`. Everything else is for those who carry the code on.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
DATA ?= demo-data
SERVE ?= 1

unexport PYTHONDONTWRITEBYTECODE # tests start hundreds of processes: each would compile every module anew

.DEFAULT_GOAL := help
.PHONY: read tamper million scan security-counts mutants help assets setup demo test fast lint types contracts schemas rows rows-bite pictures tour patterns-page bench bench-real soak fuzz fuzz-guided clean

help: ## say what there is
	@grep -E '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed 's/:.*## /\t/'

$(VENV)/.installed: pyproject.toml requirements.lock
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --requirement requirements.lock
	PYTHONWARNINGS=ignore $(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

setup: $(VENV)/.installed ## make the environment from the lock

demo: setup ## run the main job on invented children; SERVE=0 ends after printing
	$(BIN)/hub --data $(DATA) demo $(if $(filter 0,$(SERVE)),--no-serve)

# Tests found hundreds of hubs, and each waits for its disk to have written: in memory, where there is room, it need not.
ROOM := $(shell df -Pk /dev/shm 2>/dev/null | awk 'NR == 2 && $$4 > 6000000 { print "/dev/shm" }')

read: setup # what tests assert is rewritten once, beside the types, and not by each worker at the same time
	@mkdir -p build
	@$(BIN)/pytest --collect-only --quiet --quiet > build/collected.txt || { cat build/collected.txt; exit 1; }

# Playwright keeps a loop running in its process: a run of its own beside the others, told of when both have ended.
# Unbuffered, so that what a worker says when it dies stands beside its death.
test: setup ## everything CI runs
	@$(MAKE) --no-print-directory -j2 lint types contracts read
	@mkdir -p build
	@folder=$$(TMPDIR=$(or $(ROOM),$${TMPDIR:-/tmp}) mktemp -d) && chmod 711 $$folder && export TMPDIR=$$folder; \
	trap 'rm -rf $$folder' EXIT; \
	$(BIN)/pytest tests/browser > build/browser-tests.txt 2>&1 & browser=$$!; \
	$(BIN)/python -u -m pytest -n 3 --dist worksteal --ignore tests/browser; others=$$?; \
	wait $$browser; browser=$$?; cat build/browser-tests.txt; \
	[ $$others = 0 ] && [ $$browser = 0 ]

fast: setup ## unit tests only, in seconds
	$(BIN)/pytest -q -m "not slow"

lint: setup
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: setup
	$(BIN)/mypy

contracts: setup
	$(BIN)/lint-imports

schemas: setup ## write schemas/published anew
	$(BIN)/python -m schemas.publish

patterns-page: setup ## write the tables of docs/patterns.md anew, after a rule or its numbers changed
	HUB_GOLDEN=write $(BIN)/pytest -q tests/simulation/test_simulation.py -k page

patterns-counted: setup ## count anew how often each rule asks, after a rule or its numbers changed (minutes)
	$(BIN)/hub simulate --children 100000 --workers 2 --json | $(BIN)/python -m hub.patterns.counted

rows: setup ## write docs/protocol-rows.md anew from the shipped procedure pack
	$(BIN)/python -m tests.protocol.rows_page

pictures: setup ## a picture of every page, on a telephone and a laptop, in artefacts/pages (needs Chromium)
	HUB_PICTURES=1 $(BIN)/pytest -n 2 --dist worksteal tests/browser

tour: setup ## make the README's four pictures anew (needs Chromium)
	$(BIN)/python -m tests.browser.tour

rows-bite: setup ## take each row out of the pack: a test named after it must fail (about 8 minutes of one core)
	$(BIN)/python -m tests.protocol.bite $(ROWS)

assets: setup ## fetch the design system's stylesheet anew (npm), checked against its SHA-256
	$(BIN)/python -m hub.web.kit

bench: setup ## ratios against floors measured in the same run
	$(BIN)/python -m benchmarks

million: setup ## a million events verified in every way; EVENTS=n for fewer
	$(BIN)/python -m benchmarks.million $(EVENTS)

bench-real: setup ## the same on Kafka and PostgreSQL, started here; NAMES="intake latency", EVENTS=n to be shorter; of growth SIZES=1000,1000000 FILLED=1
	$(BIN)/python -m benchmarks.real $(NAMES) $(if $(EVENTS),--events $(EVENTS)) $(if $(SIZES),--sizes $(SIZES)) $(if $(FILLED),--filled)

soak: setup ## kill workers, agencies, brokers and the database at random, then reckon; MINUTES=n KILLS=n BUS=… STORE=…
	$(BIN)/python -m tests.soak.run --minutes $(or $(MINUTES),0) --kills $(or $(KILLS),200) \
		--bus $(or $(BUS),kafka) --store $(or $(STORE),postgres) --seed $(or $(SEED),1)

non-interference: setup ## 20,000 pairs of histories that differ in what a viewer may not know; PAIRS=n for another number
	HUB_PAIRS=$(or $(PAIRS),20000) $(BIN)/pytest -q -n auto tests/properties/test_non_interference.py

fuzz: setup ## 100,000 malformed inputs through every adapter and the bus; INPUTS=n for another number
	$(BIN)/python -m tests.hostile.run $(or $(INPUTS),100000)

fuzz-guided: setup ## the same found by what code they reach (installs atheris, 35 MB); MINUTES=n in all, TARGETS="schools.ctf said" for some
	$(BIN)/python -m pip install --quiet --disable-pip-version-check atheris==3.0.0
	$(BIN)/python -m tests.hostile.guided $(TARGETS) --minutes $(or $(MINUTES),10)

tamper: setup ## alter every row of the real tables in every way of security.md 4.2, on both engines: 1,197 cases each
	HUB_TAMPER_EVERYWHERE=1 $(BIN)/pytest -q tests/audit/test_real_tables.py

scan: setup ## look for what is dangerous in code, for secrets in files, for known faults in dependencies
	$(BIN)/python .ci/scan.py

security-counts: setup ## how much the security tests looked at, said by themselves; ROWS="4 5" for some
	$(BIN)/python -m tests.security_counts $(ROWS)

mutants: setup ## wrong copies of the guards, and whether tests notice; MODULES="hub.web.guard" MOST=n to be shorter
	$(BIN)/python -m tests.mutation.run $(MODULES) $(if $(MOST),--most $(MOST))

clean: ## forget the demonstration's data
	rm -rf $(DATA)

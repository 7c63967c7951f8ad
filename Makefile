# Everything a person does with this project, one word each. `make` alone lists the words.

PYTHON ?= $(shell for python in python3 python3.14 python3.13 python3.12 python3.11 python; do \
	$$python scripts/check_python.py >/dev/null 2>&1 && echo $$python && exit; done; echo python3)
VENV := .venv/bin/python
PIP := $(VENV) -m pip --quiet --disable-pip-version-check --no-input
CATALOGUES := $(patsubst %.po,%.mo,$(wildcard storefront/*/*/LC_MESSAGES/*.po))
FONTS := static/fonts/regular.woff2
MADE := $(CATALOGUES) $(FONTS)
FAST := tests/engine tests/gateways tests/shop tests/test_docs.py tests/test_docs_site.py \
	tests/test_contracts.py tests/test_vocabulary.py

.PHONY: help run ports-are-free test test-fast test-long chaos hosts abuse bench bench-scale drill conformance mutants screenshots lighthouse validate format lint translations settings docs learn lock clean
.DELETE_ON_ERROR:

# Tests start hundreds of processes: each would compile the shop anew where bytecode is not kept.
export PYTHONDONTWRITEBYTECODE :=

help:
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1	\2/p' Makefile | expand -t 22

run: ports-are-free .venv/ready-to-run $(MADE) ## start the shop, the worker and the sandbox gateway; PORT= and SANDBOX_PORT= move them
	@$(VENV) -m storefront

ports-are-free:  # before an installation that takes minutes
	@$(PYTHON) scripts/check_python.py && $(PYTHON) storefront/devserver/ports.py

# Tests wait for processes and browsers half of their time: two workers more than there are cores.
WORKERS = $(shell $(VENV) -c "import os; print((os.cpu_count() or 1) + 2)")

test: lint .venv/ready-for-docs ## lint, then every test, on SQLite and on PostgreSQL, with a real browser
	@TEST_BROWSER="$$($(VENV) scripts/ensure_browser.py)" && \
		export TEST_BROWSER && $(VENV) -m pytest -n $(WORKERS) --dist worksteal

test-fast: lint ## lint, then what needs neither PostgreSQL nor a browser: under a minute
	@$(VENV) -m pytest -n auto -q -k "not postgresql" $(FAST)

test-long: .venv/ready-for-docs $(MADE) ## hours: whole matrices, the machine, the fuzzer and the chaos run
	@TEST_BROWSER="$$($(VENV) scripts/ensure_browser.py)" && \
		export TEST_BROWSER && MACHINE_EXAMPLES=2000 ODD_EXAMPLES=500 $(VENV) -m pytest -n auto --dist worksteal \
		-m "long or not long"
	@$(VENV) -m tests.sandbox.fuzz 150
	@CHAOS_SWITCHES=every CHAOS_SECONDS=1600 CHAOS_SHOPPERS=18 CHAOS_KILL_EVERY=8 CHAOS_WINDOW=60 \
		CHAOS_READ_TIMEOUT=3 $(VENV) -m drills.chaos

chaos: .venv/ready-to-test $(MADE) ## a load generator, faults and kill -9, then the ledgers are compared; CHAOS_SEED=, CHAOS_SECONDS=, CHAOS_DATABASE=
	@$(VENV) -m drills.chaos

hosts: .venv/ready-to-test $(MADE) ## the same storm on nine hosts in namespaces, of which one is lost (needs root, nginx); CHAOS_SEED=, CHAOS_SECONDS=
	@$(VENV) -m drills.hosts

abuse: .venv/ready-to-test $(MADE) ## strangers send three times what the shop bears, an honest shopper buys (needs nginx); ABUSE_SECONDS=, ABUSE_DATABASE=
	@$(VENV) -m drills.abuse

bench: .venv/ready-to-test $(MADE) ## measure the client, the pages, a backlog, a hanging gateway and the sandbox, each beside its limit
	@broken=0; for script in benchmarks/[a-z]*.py; do \
		$(VENV) -m "benchmarks.$$(basename "$$script" .py)" || broken=1; done; exit $$broken

bench-scale: .venv/ready-to-test $(MADE) ## hours: lost callbacks, checkouts, a backlog of 20,000, a million orders and memory (docs/scale.md)
	@broken=0; for script in benchmarks/scale/[a-z]*.py; do \
		$(VENV) -m "benchmarks.scale.$$(basename "$$script" .py)" || broken=1; done; exit $$broken

drill: .venv/ready-to-test $(MADE) ## rehearse over 70 failures against the running shop, a line each
	@$(VENV) -m drills.drill $(ONLY)

conformance: .venv/ready-to-test ## hold a gateway against the documents (docs/sandbox/conformance.md); TARGET=https://..., KEYS=, GATEWAY=ppg_v3, ALLOW_ORDERS=1
	@$(VENV) -m tests.conformance --target "$(TARGET)" --gateway "$(or $(GATEWAY),ppg)" --keys "$(KEYS)" \
		$(if $(ALLOW_ORDERS),--allow-orders) $(if $(PAUSE),--pause "$(PAUSE)") \
		$(if $(DEADLINE),--deadline "$(DEADLINE)") $(if $(REPORT),--report "$(REPORT)")

screenshots: .venv/ready-to-test $(MADE) ## take a picture of every page, state and letter into screenshots/; ONLY=cart or LOOKS="phone-fa wide" takes some
	@TEST_BROWSER="$$($(VENV) scripts/ensure_browser.py)" $(VENV) -m scripts.take_screenshots $(ONLY)

lighthouse: .venv/ready-to-test $(MADE) ## measure the pages as on a slow phone (needs Node); ONLY=cart, RUNS=1
	@TEST_BROWSER="$$($(VENV) scripts/ensure_browser.py)" $(VENV) -m scripts.run_lighthouse $(ONLY)

validate: .venv/ready-to-test $(MADE) ## hold every page and letter against html-validate and the W3C's checker (needs Node and Java); ONLY=cart
	@TEST_BROWSER="$$($(VENV) scripts/ensure_browser.py)" $(VENV) -m scripts.validate_pages $(ONLY)

mutants: .venv/ready-to-test $(MADE) ## change the payment engine in a thousand small ways and count which the tests notice; ONLY=
	@$(VENV) scripts/mutants.py $(ONLY)

format: .venv/ready-to-test ## put the code in the house's layout
	@$(VENV) -m ruff check --fix . && $(VENV) -m ruff format .

lint: .venv/ready-to-test $(MADE) ## layout, types, who imports whom
	@$(VENV) -m ruff check . && $(VENV) -m ruff format --check .
	@$(VENV) -m mypy --num-workers auto
	@.venv/bin/lint-imports

translations: .venv/ready-to-test ## collect the words that wait for a translation in messages.po
	@$(VENV) -m babel.messages.frontend --quiet extract --mapping-file babel.cfg --no-location --sort-output \
		--output-file .venv/messages.pot .
	@$(VENV) -m babel.messages.frontend --quiet update --input-file .venv/messages.pot \
		--output-dir storefront/translations --no-fuzzy-matching --ignore-obsolete \
		--width 100 --ignore-pot-creation-date

settings: .venv/ready-to-run ## write README.md's table of settings from storefront/core/settings.py
	@$(VENV) -m scripts.write_settings

learn: .venv/ready-to-learn $(FONTS) ## take the hands-on course: its text, your shop and the sandbox in one window; LEARN="--lang fa"
	@$(VENV) -m learn serve $(LEARN)

docs: .venv/ready-for-docs $(FONTS) ## build the documentation site into site/, in English and Persian; a broken link fails
	@$(VENV) scripts/build_site.py
	@echo "The documentation is in site/index.html."

lock: .venv/ready-to-test ## pin and hash what requirements*.in ask for
	@for name in requirements requirements-otel requirements-dev requirements-docs; do $(VENV) -m uv pip compile --quiet --universal \
		--python-version 3.11 --generate-hashes --no-header $$name.in -o $$name.txt || exit 1; done

clean: ## remove what was installed or generated; instance/ with the shop's data stays
	@rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache site
	@rm -rf $(CATALOGUES) static/fonts
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(VENV):
	@$(PYTHON) scripts/check_python.py
	@rm -rf .venv && $(PYTHON) -m venv .venv

# The stamp is younger than the list only if the install finished.
.venv/ready-to-run: requirements.txt | $(VENV)
	@echo "Installing what the shop needs; only the first start takes this long."
	@$(PIP) install --require-hashes -r requirements.txt
	@touch $@

.venv/ready-to-test: requirements-dev.txt .venv/ready-to-run
	@echo "Installing what the tests need."
	@$(PIP) install --require-hashes -r requirements-dev.txt
	@touch $@

.venv/ready-to-learn: requirements-docs.txt .venv/ready-to-run
	@echo "Installing what builds the pages of the course and of the documentation."
	@$(PIP) install --require-hashes -r requirements-docs.txt
	@touch $@

# The reference is written from the modules, and some of them need what the tests need.
.venv/ready-for-docs: .venv/ready-to-test .venv/ready-to-learn
	@touch $@

$(FONTS): scripts/make_fonts.py | .venv/ready-to-run
	@$(VENV) scripts/make_fonts.py

%.mo: %.po | .venv/ready-to-run
	@$(VENV) -m babel.messages.frontend --quiet compile --input-file $< --output-file $@

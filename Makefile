# Needs: make, and Python 3.11, 3.12 or 3.13 with venv. Everything else is fetched into .venv, by hash, once.
#   make demo    the whole flow on the sample district        make up | down   Airflow and the warehouse on this machine
#   make test    all tests                                     make check       format, lint, types, imports, SQL, links
#   make bench   speed and memory against the budgets          make docs        writes generated pages
#   make prove   what must always hold, on many cases          make fuzz      files that nobody expects
#   make attack  replays the attacks of docs/security.md       make compose-test   docker-compose.yaml on a real engine
#   make docs-site   all documents as web pages in site/       make import-graph  which package imports which
#   make audit   known vulnerabilities of what we stand on     make sbom        packages and licences (CycloneDX)
#   make bundle ARCH=aarch64   an installation for machines without a network (docs/offline.md)
#   make release VERSION=0.2.0   checks and tags a release; first make release-notes (docs/releases.md)
#   make pictures   of the pages, for the README (Chromium)
#   make ldap    what the production login needs (gcc, libldap-dev, libsasl2-dev)
#   make clean   remove .venv and caches; data stay            make format      let the tools mend what they can

PYTHON ?= $(shell for python in python3 python3.13 python3.12 python3.11; do \
	$$python -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' 2>/dev/null && echo $$python && break; done)
BIN := .venv/bin
READY := .venv/ready
RUNNABLE := .venv/runnable
ARGS ?=
WORKERS ?= 3

# A home of the caller's must not become the home of tests; and Python that is not compiled starts three times slower.
unexport PYTHONPATH PYTHONHOME PYTHONDONTWRITEBYTECODE VIRTUAL_ENV
export PIP_DISABLE_PIP_VERSION_CHECK := 1
export PIP_ROOT_USER_ACTION := ignore
export PYRIGHT_PYTHON_IGNORE_WARNINGS := 1

.DEFAULT_GOAL := help
.PHONY: help setup ldap demo test compose-test check format-check lint types imports import-graph sql rules links format fuzz prove attack bench up down docs docs-check docs-site pictures pictures-dags audit sbom bundle release release-notes clean

help:
	@sed -n '2,14s/^#//p' Makefile

setup: $(READY)

# $(READY): all that tests and checks need. $(RUNNABLE): what runs on a server, a third smaller; what is there already is left there.
$(READY): requirements.lock pyproject.toml
	$(call install,requirements.lock)
	@touch $(RUNNABLE) $@

$(RUNNABLE): requirements-production.lock pyproject.toml
	$(call install,requirements-production.lock)
	@touch $@

# Marked as done last: an interrupted set-up is taken up again. A .venv whose Python is gone is made anew.
define install
@test -n "$(PYTHON)" || { echo "Fugong needs Python 3.11, 3.12 or 3.13; none was found. Install one, or name it: make PYTHON=/path/to/python3.12 $(MAKECMDGOALS)"; exit 1; }
@$(PYTHON) -c 'import sys; sys.exit(0 if (3, 11) <= sys.version_info[:2] <= (3, 13) else "Fugong needs Python 3.11, 3.12 or 3.13; $(PYTHON) is " + sys.version.split()[0] + ".")'
@$(PYTHON) -c 'import venv, ensurepip' || { echo "$(PYTHON) has no venv. On Debian and Ubuntu: apt install python3-venv"; exit 1; }
@$(BIN)/python -m pip --version >/dev/null 2>&1 || { echo "Making .venv"; $(PYTHON) -m venv --clear .venv; }
@echo "Fetching and compiling packages (about 1 GB on disk; some minutes, once)"
@$(BIN)/python -m pip install --quiet --no-deps --require-hashes --only-binary :all: --requirement $(1)
@$(BIN)/python -m pip install --quiet --no-index --no-deps --no-build-isolation --editable .
endef

# python-ldap has no wheels: it is compiled, with headers of Debian's, where people log in with a directory and where that is tested.
ldap: $(RUNNABLE)
	@$(BIN)/python -m pip install --quiet --require-hashes --no-build-isolation --no-deps --no-binary python-ldap --requirement requirements-ldap.lock

demo: $(RUNNABLE)
	@$(BIN)/python tools/demo.py $(ARGS)

test: $(READY)
	@env -u FUGONG_HOME -u FUGONG_WAREHOUSE -u FUGONG_DISTRICT -u FUGONG_PROJECT -u AIRFLOW_HOME $(BIN)/python -m pytest -n $(WORKERS) --dist loadscope --no-loadscope-reorder $(ARGS)

# The compose file on a real engine, as root (.ci/docker installs what that needs): about six minutes. Not part of `make test`.
compose-test: $(READY)
	@env -u FUGONG_HOME -u FUGONG_WAREHOUSE -u FUGONG_DISTRICT -u FUGONG_PROJECT -u AIRFLOW_HOME $(BIN)/python -m pytest -m compose $(ARGS) tests/compose

# Each can be called alone; `make -k check` shows the faults of all.
check: format-check lint types imports sql rules links docs-check

format-check: $(READY)
	@$(BIN)/ruff format --check --quiet .

lint: $(READY)
	@$(BIN)/ruff check --quiet .

types: $(READY)
	@$(BIN)/pyright

# Which package may import which: [tool.importlinter] in pyproject.toml.
imports: $(READY)
	@$(BIN)/lint-imports --no-logo --no-cache

# The packages in layers, and what each imports.
import-graph: $(READY)
	@$(BIN)/python tools/import_graph.py $(ARGS)

sql: $(READY)
	@$(BIN)/sqlfluff lint --processes -1 --disable-progress-bar include/sql plugins/fugong/warehouse

# Faults in the files of the sample district; then rules that contradict each other, or that others imply without a stated reason.
rules: $(READY)
	@$(BIN)/python -m fugong lint
	@$(BIN)/python -m fugong rules --examine

links: $(READY)
	@$(BIN)/python tools/check_links.py

format: $(READY)
	@$(BIN)/ruff check --fix --quiet . ; $(BIN)/ruff format --quiet .
	@$(BIN)/sqlfluff fix --quiet --processes -1 --disable-progress-bar include/sql plugins/fugong/warehouse

# Seconds in ARGS, 60 without; or --correct 1000, --traps 1000 --seed 7 --survey. What is found becomes a file of the corpus.
fuzz: $(READY)
	@$(BIN)/python -m tests.fuzz $(ARGS)

# Many cases of what must always hold; goes on where it was stopped. ARGS="--list", "histories --cases 200 --seed 7", "--write" for the documents.
prove: $(READY)
	@$(BIN)/python -m tests.prove $(ARGS)

# Every attack of docs/security.md: each has to fail. ARGS="--write" for the documents.
attack: $(READY)
	@$(BIN)/python -m tests.attack $(ARGS)

bench: $(READY)
	@$(BIN)/python -m tests.bench $(ARGS)

# The grid of each DAG after a day's work, as pictures of docs/airflow.md; needs Chromium.
pictures-dags: $(READY)
	@$(BIN)/python tools/dag_pictures.py $(ARGS)

up: $(RUNNABLE)
	@$(BIN)/python tools/airflow_local.py up $(ARGS)

down: $(RUNNABLE)
	@$(BIN)/python tools/airflow_local.py down $(ARGS)

# Pages that come from the code; those with a .md in Git are compared with it by docs-check.
docs: $(READY)
	@$(BIN)/python -m fugong dictionary --lang zh --output docs/data_dictionary.zh-CN.md
	@$(BIN)/python -m fugong dictionary --lang en --output docs/data_dictionary.md
	@$(BIN)/python -m fugong findings --output docs/findings.md
	@$(BIN)/python -m fugong dictionary --picture --output docs/images/star_schema.svg
	@$(BIN)/python tools/docs_reference.py
	@$(BIN)/python tools/docs_packages.py

docs-check: $(READY)
	@$(BIN)/python tools/docs_reference.py --check && $(BIN)/python tools/docs_packages.py --check

# The pages as the README shows them, over the sample district: docs/images/pages_*.png.
pictures: $(READY)
	@$(BIN)/python tools/pictures.py $(ARGS)

# All documents as web pages, with dictionary, findings, SQL and figures; nothing is fetched from elsewhere, also not by a reader's browser.
docs-site: $(READY)
	@DISABLE_MKDOCS_2_WARNING=true NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --quiet --clean --strict
	@$(BIN)/python tools/check_links.py --site site

# Asks a service about every package of the lock. Exit code: 0 nothing known, 1 vulnerable, 2 the tool failed, 3 the service did not answer.
audit: $(READY) .venv-audit/ready
	@$(BIN)/python tools/dependencies.py audit || exit $$?

sbom: $(READY) .venv-audit/ready
	@$(BIN)/python tools/dependencies.py sbom

# Wheels by the hashes of the production lock, source, images: dist/fugong-VERSION-ARCH.tar. Goes on where it was cut off.
bundle: $(READY)
	@$(BIN)/python -m tools.bundle $(if $(ARCH),--arch $(ARCH)) $(ARGS)

# The sample district's figures, kept and compared with the release before: releases/VERSION.md.
release-notes: $(READY)
	@$(BIN)/python -m tools.release notes $(VERSION)

# ARGS=check makes no tag.
release: $(READY)
	@$(BIN)/python -m tools.release $(or $(ARGS),tag) $(VERSION)

# The tools of both, apart from .venv: nobody who only runs or tests waits for them.
.venv-audit/ready: tools/audit-requirements.lock
	@$(PYTHON) -m venv --clear .venv-audit
	@.venv-audit/bin/python -m pip install --quiet --require-hashes --only-binary :all: --requirement $<
	@touch $@

# The data of an installation (var/) are never removed by make.
clean:
	@if test -x $(BIN)/python && test -f tools/airflow_local.py; then $(BIN)/python tools/airflow_local.py down || true; fi
	@rm -rf .venv .venv-audit .pytest_cache .ruff_cache .hypothesis site
	@find . -name __pycache__ -type d -not -path './.git/*' -prune -exec rm -rf {} +

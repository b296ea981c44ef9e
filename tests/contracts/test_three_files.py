"""A new report is three files: contract, suite, sample. A mart, a check and a figure are files, too. The engine is not touched."""

from __future__ import annotations

import ast
import csv
import hashlib
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from fugong.contracts.code_list import load_code_lists
from fugong.contracts.load import load_contracts
from fugong.core.errors import WarehouseError
from fugong.core.settings import PROJECT, Settings
from fugong.core.time import SHANGHAI
from fugong.documentation.template import write_template
from fugong.figures.cross_checks import contradictions
from fugong.figures.figure import figures
from fugong.intake.collect import Arrival
from fugong.intake.pipeline import ingest_history
from fugong.intake.types import Outcome
from fugong.lineage import trace
from fugong.operations import build_marts, setup
from fugong.validation.suite import load_suites
from fugong.warehouse.connection import connect
from fugong.warehouse.embedded import server as embedded
from tests.contracts import added

D = date(2020, 3, 18)
NEW_COLUMN = """\
      - name: brand
        businessName: 品牌
        logicalType: string
        physicalType: text
        description: Brand of the masks. | 口罩品牌。
"""
CONTRACT = "include/contracts/mask_stock.odcs.yaml"


@dataclass(frozen=True)
class Installation:
    settings: Settings

    @property
    def district(self) -> Path:
        return self.settings.district

    def write(self, name: str, text: str) -> None:
        (self.district / name).write_text(text, encoding="utf-8")

    def files(self) -> set[str]:
        return {str(path.relative_to(self.district)) for path in self.district.rglob("*") if path.is_file()}

    def send(self, name: str, content: bytes, hour: int) -> Outcome:
        path = self.settings.inbox / "WZB" / name
        path.write_bytes(content)
        arrival = Arrival(f"WZB/{name}", datetime(2020, 3, 19, hour, tzinfo=SHANGHAI))
        [outcome] = ingest_history(self.settings, [arrival])
        return outcome

    def ask(self, statement: str) -> list[tuple[Any, ...]]:
        with connect(self.settings) as connection:
            return connection.execute(statement.encode()).fetchall()


@pytest.fixture(scope="module")
def installation(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    """The district as it is, in folders of its own."""
    home = tmp_path_factory.mktemp("home")
    district = tmp_path_factory.mktemp("district")
    for folder in ("include", "expectations"):
        shutil.copytree(PROJECT / folder, district / folder, ignore=shutil.ignore_patterns("__pycache__"))
    settings = Settings(home, district, None)
    setup.init(settings)
    yield Installation(settings)
    embedded.remove(home)


def test_a_new_report_is_a_contract_a_suite_and_a_sample(installation: Installation, tmp_path: Path) -> None:
    """The steps build on each other: one installation goes through all of them."""
    before = installation.files()
    added.append(installation.district)
    added.add(installation.district, added.REPORT)
    assert "created report.mask_stock" in setup.init(installation.settings)
    assert installation.files() - before == added.REPORT

    # The sample is judged as its suite says.
    outcome = installation.send(added.SAMPLE_NAME, added.SAMPLE, 8)
    assert (outcome.report, outcome.report_date) == ("mask_stock", D)
    assert (outcome.state, outcome.rows_accepted, outcome.rows_set_aside) == ("partly_accepted", 2, 1)
    rows = installation.ask("SELECT store, kind, n_masks, stock_value, report_date, unit FROM asof.mask_stock ORDER BY n_masks")
    assert rows == [
        ("二号库", "DIST", 300, Decimal("1000.00"), D, "WZB"),
        ("一号库", "CITY", 5000, Decimal("12500.00"), D, "WZB"),
    ]
    [receipt] = (installation.settings.outbox / "WZB").glob("*.txt")
    assert "“库存数量”不能为负" in receipt.read_text(encoding="utf-8")

    # Its template comes from the contract, and what is filled into it is taken.
    contracts = load_contracts(installation.settings.include / "contracts")
    suites = load_suites(installation.settings.expectations, contracts.tables)
    template = tmp_path / "R77_口罩库存日报_20200317.xlsx"
    code_lists = load_code_lists(installation.settings.include / "reference" / "code_list.csv")
    write_template(contracts.find("R77"), code_lists, suites, template)
    book = openpyxl.load_workbook(template)
    sheet = book.worksheets[0]
    header = next(cell for row in sheet.iter_rows() for cell in row if str(cell.value).startswith("仓库"))
    for at, value in enumerate(["一号库", "市级库", 7, 0.5]):
        sheet.cell((header.row or 0) + 1, (header.column or 0) + at, value)
    book.save(template)
    assert installation.send(template.name, template.read_bytes(), 9).state == "accepted"

    # A mart, a check and a figure are files.
    added.add(installation.district, added.new_files())
    setup.init(installation.settings)
    built = build_marts.build_marts(installation.settings)
    assert built.rows["mask_stock_daily"] == 2
    with connect(installation.settings) as connection:
        include = installation.settings.include
        [figure] = figures(connection, include, D, ids=["S901"])
        assert (figure.value, figure.display) == (Decimal(5300), "5300")
        lines = trace.trace(connection, include, "S901", D)
        [found] = contradictions(connection, include, D, ids=["X90"])
    assert sorted(line.value for line in lines) == [300, 5000]
    assert (found.check.id, found.check.severity) == ("X90", "review")
    assert installation.ask("SELECT n_masks FROM open.mask_stock_daily ORDER BY as_of") == [(7,), (5300,)]
    assert installation.files() - before == added.new_files()

    # A contract may gain a column, wherever it stands; the rows there are stay.
    contract = (installation.district / CONTRACT).read_text(encoding="utf-8")
    wider = contract.replace("      - name: n_masks\n", f"{NEW_COLUMN}      - name: n_masks\n")
    installation.write(CONTRACT, wider)
    assert setup.init(installation.settings) == ["added report.mask_stock.brand"]
    sent = installation.send("口罩库存日报2020年3月16日.csv", "仓库,品牌,库存数量\n一号库,N95,9\n".encode(), 10)
    assert sent.state == "accepted"
    assert installation.ask("SELECT store, brand FROM asof.mask_stock ORDER BY report_date, n_masks") == [
        ("一号库", "N95"), ("一号库", None), ("二号库", None), ("一号库", None),
    ]  # fmt: skip

    # It may not change what a column holds.
    retyped = wider.replace(
        "logicalType: integer\n        physicalType: integer", "logicalType: date\n        physicalType: date"
    )
    installation.write(CONTRACT, retyped)
    with pytest.raises(WarehouseError, match=r"report\.mask_stock: .* retyped n_masks \(integer → date\), .*new name"):
        setup.init(installation.settings)

    # An earlier contract works, too: a column that it does not know stays.
    installation.write(CONTRACT, contract)
    kept = "report.mask_stock.brand is not in the contract: its values stay, new rows leave it empty"
    assert setup.init(installation.settings) == [kept]
    assert setup.init(installation.settings) == []
    installation.write(CONTRACT, wider)
    assert setup.init(installation.settings) == ["report.mask_stock.brand is in use again"]
    assert setup.init(installation.settings) == []
    assert installation.ask("SELECT COUNT(*) FROM asof.mask_stock") == [(4,)]


def digest(folder: Path) -> dict[str, str]:
    files = (path for path in folder.rglob("*") if path.is_file() and "__pycache__" not in path.parts)
    return {path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the whole project, with the report added to its district and `make docs` done."""
    copy = tmp_path_factory.mktemp("checkout")
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"], cwd=PROJECT, check=True, capture_output=True
    )
    for name in filter(None, listed.stdout.decode().split("\0")):
        if (PROJECT / name).is_file():
            (copy / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(PROJECT / name, copy / name)
    subprocess.run(["git", "init", "--quiet"], cwd=copy, check=True)
    added.add(copy)
    run_make(copy, "docs")
    return copy


def run_make(checkout: Path, *targets: str) -> None:
    """Run `make` in the copy, with this environment's programs."""
    run(checkout, "make", "--old-file", ".venv/ready", f"BIN={Path(sys.executable).parent}", *targets)


def run(checkout: Path, *command: str) -> None:
    """Run a command in the copy.

    Raises:
        AssertionError: it fails.
    """
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("FUGONG_", "PYTHON", "PYTEST", "MAKE"))}
    done = subprocess.run(command, cwd=checkout, env=kept, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{' '.join(command)}\n{done.stdout}\n{done.stderr}"


LOOPING = (
    "tests/contracts/test_contracts.py",
    "tests/contracts/test_schemas.py",
    "tests/contracts/test_example.py",
    "tests/briefing/test_wording.py::test_every_figure_is_printed_or_has_a_reason_not_to_be",
)
PYTHON_ONLY = {"format-check", "lint", "types", "imports"}
"""Parts of `make check` that read nothing but Python, of which a report adds none."""


def test_a_new_report_passes_what_make_check_runs(checkout: Path) -> None:
    makefile = (checkout / "Makefile").read_text(encoding="utf-8")
    [parts] = re.findall(r"^check: (.*)$", makefile, flags=re.MULTILINE)
    assert set(parts.split()) == PYTHON_ONLY | {"sql", "rules", "links", "docs-check"}
    assert "include/sql" in makefile.partition("\nsql:")[2].partition("\n\n")[0]
    added_sql = sorted(name for name in added.new_files() if name.endswith(".sql"))
    assert len(added_sql) == 3
    run(checkout, sys.executable, "-m", "sqlfluff", "lint", "--disable-progress-bar", *added_sql)
    run_make(checkout, "rules", "links", "docs-check")
    for page, words in (
        ("docs/data_dictionary.md", ("R77", "mask_stock", "S901")),
        ("docs/findings.md", ("below-zero",)),
        ("docs/images/star_schema.svg", ("mask_stock",)),
    ):
        text = (checkout / page).read_text(encoding="utf-8")
        assert [word for word in words if word not in text] == [], page
    assert not any(name.endswith(".py") for name in added.new_files())
    assert digest(checkout / "plugins") == digest(PROJECT / "plugins")


def test_a_new_report_breaks_no_test_that_loops_over_reports(checkout: Path) -> None:
    """The copy's tests import the copy: its district is the one with the report."""
    run(checkout, sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *LOOPING)


ENGINE = PROJECT / "plugins" / "fugong"
EXAMPLES = {
    # Words of English, and examples in help texts and advice. None of them decides anything.
    ("cli/departments.py", "R04"),
    ("findings/types/submission.py", "R04"),
    ("findings/types/cell.py", "enterprise"),
    *(("documentation/findings.py", name) for name in ("R01", "R04", "R05", "R06", "tax_relief")),
}


def names_of_the_district() -> set[str]:
    with (PROJECT / "include" / "reference" / "department.csv").open(encoding="utf-8", newline="") as file:
        names = {row["department_code"] for row in csv.DictReader(file)}
    contracts = load_contracts(PROJECT / "include" / "contracts")
    names |= {name for contract in contracts for name in (contract.id, contract.report)} | set(contracts.tables)
    return names | {f"R{number:02d}" for number in range(20)}


PLAIN_WORDS = {"problem", "project", "visit"}
"""Tables whose names are words that the engine has other uses for."""


def words_of(module: Path) -> set[str]:
    """The words of a module's code: identifiers and texts, without comments and docstrings."""
    tree = ast.parse(module.read_text(encoding="utf-8"))
    documents = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)}
    words: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in documents:
            words |= set(re.findall(r"[A-Za-z0-9_]+", node.value))
        for field in ("id", "attr", "arg", "name"):
            if isinstance(name := getattr(node, field, None), str):
                words |= set(re.findall(r"[A-Za-z0-9_]+", name))
    return words


def test_the_engine_knows_no_department_and_no_report_by_name() -> None:
    modules = sorted(ENGINE.rglob("*.py"))
    assert {"intake/collect.py", "parsing/rows.py", "marts/build.py", "figures/figure.py", "reading/worker/xlsx.py"} <= {
        path.relative_to(ENGINE).as_posix() for path in modules
    }
    names = names_of_the_district()
    assert {"TAX", "GXJ", "tax_relief", "enterprise", "power_bill", "R00", "R12"} <= names
    found = {
        (module.relative_to(ENGINE).as_posix(), word) for module in modules for word in words_of(module) & (names - PLAIN_WORDS)
    }
    assert found == EXAMPLES

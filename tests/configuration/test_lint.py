"""Every kind of fault in a district's files is found: with file, line and the nearest right word, and no other fault beside it."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

import pytest
from typer.testing import CliRunner

from fugong.cli.app import app
from fugong.cli.new import lay_district
from fugong.configuration import starter
from fugong.configuration.lint import lint, remarks
from fugong.configuration.reference import BOOLEAN, REFERENCES
from fugong.core.errors import ConfigurationError, NotFoundError, RefusedError
from fugong.core.settings import PROJECT, Settings
from fugong.operations import setup
from fugong.warehouse.connection import connect
from tests.configuration.faults import ADDED, CHANGED, CONTRACT, FIGURES, MART, SUITE, apply
from tests.fixtures.mini_district import Mini


@pytest.fixture(scope="module")
def skeleton(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("districts") / "skeleton"
    lay_district(folder)
    return folder


@pytest.fixture
def district(skeleton: Path, tmp_path: Path) -> Settings:
    folder = tmp_path / "district"
    shutil.copytree(skeleton, folder)
    return Settings(tmp_path / "home", folder, None)


def found_in(settings: Settings) -> list[tuple[str, int, str]]:
    return [(one.file, one.line, one.sentence) for one in lint(settings, tries_rules=False)]


def test_the_districts_that_ship_have_no_fault(district: Settings) -> None:
    assert lint(district) == []
    assert lint(Settings(district.home, PROJECT, None), tries_rules=False) == []  # make check tries them


@pytest.mark.parametrize("name", CHANGED)
def test_a_changed_file(district: Settings, name: str) -> None:
    file, _, _, line, said = CHANGED[name]
    apply(district.district, name)
    [found] = [one for one in found_in(district) if name != "a department that no folder can have" or one[0] == file]
    assert found[:2] == (file, line)
    assert said in found[2]


@pytest.mark.parametrize("name", ADDED)
def test_an_added_file(district: Settings, name: str) -> None:
    _, where, line, said = ADDED[name]
    apply(district.district, name)
    [found] = found_in(district)
    assert found[:2] == (where, line)
    assert said in found[2]


def test_a_file_that_is_gone(district: Settings) -> None:
    (district.district / SUITE).unlink()
    assert found_in(district) == [(SUITE, 0, "the table opening has no suite: nothing of it could be judged.")]
    (district.include / "reference" / "department.csv").unlink()
    assert ("include/reference/department.csv", 0, "there is no such file") in found_in(district)


def test_two_reports_of_one_department_have_different_names(district: Settings) -> None:
    starter.new_report(district, "stock", department="EXAMPLE", number=None, name_zh="营业日报", name_en="Stock")
    [(file, line, said)] = found_in(district)
    assert (file, line) == ("include/contracts/stock.odcs.yaml", 6)
    assert "'营业日报' is a name of opening, too" in said


def test_a_number_or_table_that_two_contracts_use_is_a_fault_of_both(district: Settings) -> None:
    text = (
        (district.district / CONTRACT)
        .read_text(encoding="utf-8")
        .replace("id: opening", "id: copied")
        .replace("商户营业", "副本")
    )
    (district.district / "include/contracts/copied.odcs.yaml").write_text(text.replace("营业日报]", "副本日]"), encoding="utf-8")
    assert {file for file, _, _ in found_in(district)} == {"include/contracts/copied.odcs.yaml", CONTRACT}


def test_rules_are_tried_on_the_good_row(district: Settings) -> None:
    path = district.district / SUITE
    suite = json.loads(path.read_text(encoding="utf-8"))
    suite["meta"]["good"]["n_staff"] = -1
    suite["expectations"][1]["kwargs"]["condition"] = "is_open.no_such_thing() or n_staff == 0"
    path.write_text(json.dumps(suite, ensure_ascii=False, indent=1), encoding="utf-8")
    [one] = lint(district)
    assert one.file == SUITE
    assert "staff-of-a-closed-shop" in one.sentence
    assert "cannot be evaluated" in one.sentence
    suite["expectations"][1]["kwargs"]["condition"] = "is_open or n_staff == 0"
    path.write_text(json.dumps(suite, ensure_ascii=False, indent=1), encoding="utf-8")
    [one] = lint(district)
    assert "the row of `meta.good` breaks it" in one.sentence
    assert one.line > 0


def test_all_faults_are_told_at_once_by_the_command(district: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FUGONG_DISTRICT", str(district.district))
    assert CliRunner().invoke(app, ["lint", "--quick"]).exit_code == 0
    for name in ("a word of a list misspelt", "a day of the calendar", "a figure twice"):
        apply(district.district, name)
    told = CliRunner().invoke(app, ["lint", "--quick", "--json", str(district.district)])
    assert told.exit_code == 2
    assert [one["file"] for one in json.loads(told.stdout)] == [FIGURES, CONTRACT, "include/reference/calendar.csv"]
    assert f"{CONTRACT}:16: " in CliRunner().invoke(app, ["lint", "--quick"]).stdout
    with pytest.raises(ConfigurationError, match=r"(?s)10_opening.*opening\.odcs\.yaml:16: .*calendar\.csv:3: "):
        setup.init(district)
    assert not district.home.exists()


def test_new_files_are_without_fault(district: Settings) -> None:
    starter.new_report(district, "stock", department="EXAMPLE", number=None, name_zh="库存日报", name_en="Stock")
    starter.new_mart(district, "stock_daily", fact="stock", column="quantity")
    starter.new_figure(district, "E002", mart="stock_daily", column="quantity", name_zh="库存", name_en="Stock")
    starter.new_check(district, "X01", name="odd_stock", fact="fact.stock", figure="E002")
    assert lint(district) == []
    for call in (
        lambda: starter.new_report(district, "stock", department="EXAMPLE", number=None, name_zh="存", name_en="S"),
        lambda: starter.new_report(district, "stock2", department="EXAMPLE", number="E01", name_zh="存", name_en="S"),
        lambda: starter.new_report(district, "../x", department="EXAMPLE", number=None, name_zh="存", name_en="S"),
        lambda: starter.new_mart(district, "stock_daily", fact="stock", column="quantity"),
        lambda: starter.new_figure(district, "E002", mart="stock_daily", column="quantity", name_zh="库存", name_en="Stock"),
        lambda: starter.new_check(district, "X01", name="odd", fact="stock", figure="E002"),
    ):
        with pytest.raises(RefusedError):
            call()
    for call in (
        lambda: starter.new_report(district, "s2", department="EXAMPEL", number=None, name_zh="存", name_en="S"),
        lambda: starter.new_mart(district, "s3", fact="stok", column="quantity"),
        lambda: starter.new_figure(district, "E003", mart="stock_daily", column="quanity", name_zh="库存", name_en="Stock"),
        lambda: starter.new_check(district, "X02", name="odd", fact="stock", figure="E02"),
    ):
        with pytest.raises(NotFoundError, match="Did you mean"):
            call()


def test_reference_files_are_described_as_the_warehouse_has_them(mini: Mini) -> None:
    """`REFERENCES` against the tables of `ref`: columns, what may be empty, keys, words."""
    with connect(mini.settings) as connection:
        rows = connection.execute(
            """
            SELECT table_name, column_name, is_nullable = 'YES' OR column_default IS NOT NULL, data_type
            FROM information_schema.columns
            WHERE table_schema = 'ref' AND is_generated = 'NEVER' AND column_name NOT IN ('recorded_at', 'counts_from', 'counts_to') AND table_name = ANY(%s)
            """,
            (list(REFERENCES),),
        ).fetchall()
        checks = dict(
            connection.execute(
                "SELECT conname, pg_get_constraintdef(oid) FROM pg_constraint WHERE connamespace = 'ref'::regnamespace AND contype = 'c'"
            ).fetchall()
        )
    kinds = {"date": "date", "boolean": "boolean", "integer": "integer", "numeric": "number"}
    there = {(table, column): (is_optional, kinds.get(kind, "text")) for table, column, is_optional, kind in rows}
    told: dict[tuple[str, str], tuple[bool, str]] = {}
    for table, reference in REFERENCES.items():
        for column, kind in reference.columns.items():
            plain = kind.removeprefix("?")
            told[table, column] = (
                kind.startswith("?"),
                "boolean" if plain == BOOLEAN else plain if plain in kinds.values() else "text",
            )
            if "|" in plain and plain != BOOLEAN:
                allowed = checks[f"{table}_{column}_check"].split("'")[1::2]
                assert plain.split("|") == allowed
    assert told | {("industry", "is_high_energy"): (True, "boolean")} == there  # the table has a default, which no file needs


def test_a_folder_that_is_no_district_is_refused(tmp_path: Path) -> None:
    told = CliRunner().invoke(app, ["lint", "--quick", str(tmp_path)])
    assert (told.exit_code, "不是辖区" in told.stderr) == (1, True)


def test_what_has_no_english_is_asked_for_and_is_no_fault(district: Settings) -> None:
    codes, figures, mart = (district.district / name for name in ("include/reference/code_list.csv", FIGURES, MART))
    codes.write_text(codes.read_text("utf-8") + "unit,家,家,firms,\nunit,单位,单位,department,\n", "utf-8")
    assert remarks(district) == []
    assert remarks(Settings(district.home, PROJECT, None)) == []
    codes.write_text(codes.read_text("utf-8").replace("东街,East Street", "东街,").replace("unit,家,家,firms,\n", ""), "utf-8")
    figures.write_text(figures.read_text("utf-8").replace("name: Shops", "name: 商户", 1), "utf-8")
    mart.write_text(re.sub("-- title: .*\n", "", mart.read_text("utf-8")), "utf-8")
    asked = [(one.file, one.sentence) for one in remarks(district)]
    assert ("include/reference/code_list.csv", "'东街' has no English: name_en") in asked
    assert (FIGURES, "'家' has no English: the list `unit` of code_list.csv") in asked
    assert (MART, "`title` is missing: people see the name opening_daily") in asked
    assert lint(district, tries_rules=False) == []
    told = CliRunner().invoke(app, ["lint", "--quick", str(district.district)])
    assert (told.exit_code, "东街" in told.stderr) == (0, True)

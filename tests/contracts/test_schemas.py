"""The JSON Schemas of contracts and suites: complete for an editor, and what they refuse is said with file, line and the right word."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from fugong.contracts.contract import OtherUnits
from fugong.contracts.load import load_contracts
from fugong.core.errors import ConfigurationError
from fugong.core.schema import SCHEMAS
from fugong.core.settings import PROJECT
from fugong.validation.suite import Suite

OURS = ("contract", "suite")
CONTRACT = PROJECT / "include" / "contracts" / "supply.odcs.yaml"
SUITE = PROJECT / "expectations" / "power_daily.json"


def content(name: str) -> dict[str, Any]:
    return json.loads((SCHEMAS / f"{name}.schema.json").read_text(encoding="utf-8"))


def properties(schema: Any, path: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    """Every property that a schema defines. What `then` and `contains` add to one is no definition."""
    if isinstance(schema, dict):
        for name, one in schema.get("properties", {}).items():
            yield f"{path}.{name}", one
            yield from properties(one, f"{path}.{name}")
        for key, value in schema.items():
            if key not in {"properties", "if", "then", "else", "contains", "examples"}:
                yield from properties(value, f"{path}.{key}")
    elif isinstance(schema, list):
        for item in schema:
            yield from properties(item, path)


@pytest.mark.parametrize("name", OURS)
def test_every_property_has_a_title_a_description_and_a_fitting_example(name: str) -> None:
    schema = content(name)
    Draft202012Validator.check_schema(schema)
    found = {path: schema["$defs"][one["$ref"].rpartition("/")[2]] if "$ref" in one else one for path, one in properties(schema)}
    assert {"contract": 90, "suite": 25}[name] < len(found)
    assert [
        path for path, one in found.items() if not (one.get("title") and one.get("description") and one.get("examples"))
    ] == []
    wrong = [
        (path, example)
        for path, one in found.items()
        for example in one["examples"]
        if not Draft202012Validator({**one, "$defs": schema["$defs"]}).is_valid(example)
    ]
    assert wrong == []


def test_an_editor_finds_the_schema_from_every_contract() -> None:
    files = sorted((PROJECT / "include" / "contracts").glob("*.odcs.yaml"))
    assert len(files) == len(load_contracts(PROJECT / "include" / "contracts").all)
    for file in files:
        first = file.read_text(encoding="utf-8").partition("\n")[0]
        assert (
            file.parent / first.removeprefix("# yaml-language-server: $schema=")
        ).resolve() == SCHEMAS / "contract.schema.json"


def line_of(text: str, piece: str) -> int:
    return text[: text.index(piece)].count("\n") + 1


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        ("property: codeList", "property: codelist", "should be one of .*found 'codelist'. Did you mean 'codeList'?"),
        ("property: mode, value: increment", "property: mode, value: increments", "found 'increments'. Did you mean 'increment'?"),
        ("property: cadence", "property: cadense", "found 'cadense'. Did you mean 'cadence'?"),
        ("property: dueTime", "property: dueTimes", "found 'dueTimes'. Did you mean 'dueTime'?"),
        ("businessName: 批次号", "bussinessName: 批次号", "has no key 'bussinessName'. Did you mean 'businessName'?"),
        ("primaryKeyPosition: 1", "primarykeyPosition: 1", "has no key 'primarykeyPosition'. Did you mean 'primaryKeyPosition'?"),
        ("status: active", "statuss: active", "no key 'statuss'. Did you mean 'status'?"),
        ("physicalType: numeric(10,6)", "physicalType: decimal(10,6)", "numeric"),
        ("physicalType: date", "physicalType: integer", "a date is stored as date or text, found 'integer'"),
        ("physicalType: numeric(10,6)", "physicalType: numeric(9999,6)", "should look like"),
        ('value: "18:00"', "value: 18:00", "should be of type string, found 1080. Put it in quotes."),
        ("version: 1.0.0", "version: 1.0", "should be of type string, found 1.0. Put it in quotes."),
        ("value: arrived_date", "value: arrived", "supply_lot has no column 'arrived'. Did you mean 'arrived_date'?"),
        ("id: supply\n", "id: supplies\n", "the file should be named supplies.odcs.yaml"),
        ("value: [批次, 批号, 购置编号]", "value: [批次, 规格, 购置编号]", "header '规格' means both lot_id and spec"),
    ],
)  # fmt: skip
def test_what_a_contract_cannot_say_is_refused_with_file_line_and_the_right_word(
    tmp_path: Path, before: str, after: str, said: str
) -> None:
    text = CONTRACT.read_text(encoding="utf-8")
    assert before in text
    line = line_of(text, before)
    (tmp_path / CONTRACT.name).write_text(text.replace(before, after, 1), encoding="utf-8")
    with pytest.raises(ConfigurationError, match=said.replace("?", r"\?")) as raised:
        load_contracts(tmp_path)
    file, found, _ = str(raised.value).split(":", 2)
    assert file == CONTRACT.name
    assert 0 <= abs(int(found) - line) <= 12, (found, line)  # of a cross-reference the line of the column or list that holds it


@pytest.mark.parametrize(
    ("piece", "said"),
    [
        (r"  - \{property: nameEn.*\n", "lacks the property 'nameEn'"),
        (r"  - \{property: dueTime.*\n", "lacks the property 'dueTime'"),
        (r"      - \{property: mode, value: snapshot\}\n", "lacks the property 'mode'"),
        (r"        primaryKey: true\n", "lacks a column with `primaryKey: true`"),
        (r"kind: DataContract\n", "needs the key 'kind'"),
    ],
)
def test_what_a_contract_has_to_say_is_asked_for(tmp_path: Path, piece: str, said: str) -> None:
    text, n = re.subn(piece, "", CONTRACT.read_text(encoding="utf-8"))
    assert n >= 1
    (tmp_path / CONTRACT.name).write_text(text, encoding="utf-8")
    with pytest.raises(ConfigurationError, match=rf"^{CONTRACT.name}:\d+: .*{said}"):
        load_contracts(tmp_path)


def test_a_property_that_stands_twice_is_refused(tmp_path: Path) -> None:
    text = CONTRACT.read_text(encoding="utf-8")
    twice = "          - {property: codeList, value: supply_item}\n"
    (tmp_path / CONTRACT.name).write_text(text.replace(twice, twice + twice, 1), encoding="utf-8")
    with pytest.raises(
        ConfigurationError, match=rf"^{CONTRACT.name}:{line_of(text, twice) + 1}: the property 'codeList' stands here twice"
    ):
        load_contracts(tmp_path)


ITEM = """\
      - name: qty_before
        businessName: 原数量
        logicalType: integer
        physicalType: integer
        required: true
        customProperties:
          - {property: requiredFrom, value: "2020-03-01"}
          - {property: formerly, value: old_qty}
      - name: remark
        businessName: 备注
        logicalType: string
        physicalType: text
        customProperties:
          - {property: retired, value: true}
"""


def with_item(folder: Path, item: str) -> Path:
    """The contract with columns added at the end of its first table."""
    text = CONTRACT.read_text(encoding="utf-8")
    second = "  - name: supply_line\n"
    assert text.count(second) == 1
    (folder / CONTRACT.name).write_text(text.replace(second, item + second), encoding="utf-8")
    return folder


def test_a_contract_says_since_when_a_column_is_required_what_it_was_called_and_that_one_is_retired(tmp_path: Path) -> None:
    table = load_contracts(with_item(tmp_path, ITEM)).tables["supply_lot"]
    assert (table.by_name["qty_before"].required_from, table.by_name["qty_before"].formerly) == (date(2020, 3, 1), "old_qty")
    assert "remark" not in table.by_name
    assert [column.name for column in table.retired] == ["remark"]
    assert [column.name for column in table.all_columns][-2:] == ["qty_before", "remark"]


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        ('"2020-03-01"', "2020-03-01", "should be of type string, .*Put it in quotes"),
        ('"2020-03-01"', '"2020-02-30"', "requiredFrom: there is no day 2020-02-30"),
        ('"2020-03-01"', '"1 March"', "1 March"),
        ("        required: true\n", "", "requiredFrom says from which day a column is required"),
        ("value: true", "value: gone", "should be of type boolean, found 'gone'"),
        ("        physicalType: text\n", "        physicalType: text\n        primaryKey: true\n", "remark: a column of the key cannot be retired"),
        ("value: old_qty", "value: lot_id", "qty_before: formerly: 'lot_id' is the name, or the former name, of lot_id"),
        ("{property: retired, value: true}", "{property: formerly, value: old_qty}", "remark: formerly: 'old_qty' is .* of qty_before"),
    ],
)  # fmt: skip
def test_what_makes_no_sense_about_a_changed_column_is_refused(tmp_path: Path, before: str, after: str, said: str) -> None:
    assert ITEM.count(before) == 1
    with pytest.raises(ConfigurationError, match=rf"^{CONTRACT.name}:\d+: .*{said}"):
        load_contracts(with_item(tmp_path, ITEM.replace(before, after)))


OTHER_UNITS = """      - name: weight
        businessName: 重量
        description: A weight. | 重量。
        logicalType: number
        physicalType: numeric(18,2)
        customProperties:
          - {property: unit, value: 元}
          - {property: otherUnits, value: {column: qty_unit, units: {kg: 吨}}}
"""


def test_a_contract_says_which_rows_of_a_column_count_something_else(tmp_path: Path) -> None:
    column = load_contracts(with_item(tmp_path, OTHER_UNITS)).tables["supply_lot"].by_name["weight"]
    assert column.other_units == OtherUnits("qty_unit", (("kg", "吨"),))
    assert [(other.unit, other.default_unit) for other in column.in_other_units] == [("吨", "吨")]


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        ("column: qty_unit", "column: qty_units", "weight: otherUnits: supply_lot has no column 'qty_units'.* 'qty_unit'"),
        ("column: qty_unit", "column: lot_id", "weight: otherUnits: lot_id has no code list"),
        ("kg: 吨", "kg: 重", "weight: otherUnits: '重' is no unit"),
        ("kg: 吨", "kg: 元/吨", "weight: otherUnits: '元/吨' is no unit"),
        ("column: qty_unit, ", "", "column"),
    ],
)
def test_other_units_that_nobody_could_apply_are_refused(tmp_path: Path, before: str, after: str, said: str) -> None:
    assert OTHER_UNITS.count(before) == 1
    with pytest.raises(ConfigurationError, match=rf"^{CONTRACT.name}:\d+: .*{said}"):
        load_contracts(with_item(tmp_path, OTHER_UNITS.replace(before, after)))


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        ('"advice_zh"', '"advise_zh"', "has no key 'advise_zh'. Did you mean 'advice_zh'?"),
        ('"severity": "critical"', '"severity": "fatal"', "should be one of critical, warning, info, found 'fatal'."),
        ('"severity": "critical"', '"severty": "critical"', "has no key 'severty'. Did you mean 'severity'?"),
        ('"column": "kwh_day"', '"column": "kwh_days"', "no column kwh_days. Did you mean 'kwh_day'?"),
        ('"name": "power_daily"', '"name": "power"', "its name is 'power', should be 'power_daily'"),
        ('"good"', '"goods"', "has no key 'goods'. Did you mean 'good'?"),
    ],
)
def test_what_a_suite_cannot_say_is_refused_with_file_line_and_the_right_word(
    tmp_path: Path, before: str, after: str, said: str
) -> None:
    text = SUITE.read_text(encoding="utf-8")
    assert before in text
    shutil.copy(SUITE, tmp_path)
    (tmp_path / SUITE.name).write_text(text.replace(before, after, 1), encoding="utf-8")
    columns = load_contracts(CONTRACT.parent).tables["power_daily"].by_name
    with pytest.raises(ConfigurationError, match=rf"^{SUITE.name}:\d+: .*{re.escape(said)}") as raised:
        Suite.load(tmp_path / SUITE.name, columns)
    assert abs(int(str(raised.value).split(":")[1]) - line_of(text, before)) <= 12

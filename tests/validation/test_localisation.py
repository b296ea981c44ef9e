"""Localisation: the wrong cell of a row is named, and what should stand there; right cells are left alone."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import date
from random import Random
from typing import Any

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fugong.contracts.code_list import load_code_lists
from fugong.contracts.load import load_contracts
from fugong.core.settings import PROJECT
from fugong.validation.localisation.constraints import Constraints, constraints_of
from fugong.validation.localisation.explanation import Localised
from fugong.validation.localisation.formula import formula
from fugong.validation.localisation.localise import Budget, localise
from fugong.validation.localisation.slips import slip_between
from fugong.validation.suite import load_suites
from tests.fixtures.spoiled_rows import Spoiled, broken_by, judge

CONTRACTS = load_contracts(PROJECT / "include" / "contracts")
CODE_LISTS = load_code_lists(PROJECT / "include" / "reference" / "code_list.csv")
SUITES = load_suites(PROJECT / "expectations", CONTRACTS.tables)
REPORT_DATE = date(2020, 3, 18)
QUANTITIES = [1000.0, 2310, 17287, 845, 66, 12345.5]


def constraints(table: str) -> Constraints:
    return constraints_of(SUITES[table], CONTRACTS.tables[table], CODE_LISTS)


def frame(table: str, rows: list[Mapping[str, Any]]) -> pd.DataFrame:
    """Typed rows as a suite validates them."""
    suite = SUITES[table]
    kinds = constraints(table).kinds
    columns: dict[str, Any] = {}
    for name in suite.columns:
        values = [row.get(name, suite.good.get(name)) for row in rows]
        match kinds[name].value:
            case "number":
                columns[name] = pd.Series(values, dtype="float64")
            case "day":
                columns[name] = pd.to_datetime(pd.Series(values, dtype=object)).astype("datetime64[s]")
            case "boolean":
                columns[name] = pd.Series(values, dtype="boolean")
            case _:
                columns[name] = pd.Series(values, dtype=object)
    return pd.DataFrame(columns).assign(row_number=range(2, len(rows) + 2))


def bill(quantity: float, changed: Mapping[str, object] | None = None) -> dict[str, object]:
    before, after = round(quantity * 4.1, 2), round(quantity * 4, 2)
    amounts = {"bill_before": before, "bill_after": after, "relief_claimed": round(before - after, 2)}
    return {"quantity": quantity, "price_before": 4.1, "price_after": 4.0, **amounts, **(changed or {})}


def bills(changed: Mapping[str, object], *, at: int = 2) -> pd.DataFrame:
    return frame("water_bill", [bill(quantity, changed if n == at else {}) for n, quantity in enumerate(QUANTITIES)])


def localised(rows: pd.DataFrame, table: str) -> dict[int, Localised]:
    found = SUITES[table].check(rows).findings
    failing: dict[int, list[int]] = {}
    for row, number in zip(found.column("row").to_pylist(), found.column("rule").to_pylist(), strict=True):
        failing.setdefault(row, []).append(number)
    return {one.at: one.localised for one in localise(rows, failing, constraints(table), REPORT_DATE, Budget())}


@pytest.mark.parametrize(
    ("column", "typed", "meant"),
    [
        ("quantity", 17_287_000.0, 17287.0),
        ("quantity", 1728.7, 17287.0),
        ("quantity", 17827.0, 17287.0),
        ("bill_before", 7087.67, 70876.7),
        ("bill_after", 69184.0, 69148.0),
        ("relief_claimed", 172_870.0, 1728.7),
        ("relief_claimed", -1728.7, 1728.7),
        ("price_before", 41.0, 4.1),
    ],
)
def test_of_a_bill_the_spoiled_cell_is_named_with_its_value(column: str, typed: float, meant: float) -> None:
    [(at, found)] = localised(bills({column: typed}), "water_bill").items()
    [explanation] = found.explanations
    [change] = explanation.changes
    assert (at, change.column, change.is_certain) == (2, column, True)
    assert change.proposed == pytest.approx(meant)


def test_two_spoiled_cells_are_named_together() -> None:
    found = localised(bills({"quantity": 172_870.0, "relief_claimed": 17.287}), "water_bill")[2]
    [explanation] = found.explanations
    assert {change.column: change.proposed for change in explanation.changes} == {"quantity": 17287, "relief_claimed": 1728.7}


@pytest.mark.parametrize(("one", "other"), [("bill_before", "bill_after"), ("quantity", "bill_before")])
def test_numbers_in_each_others_cells_are_named_together(one: str, other: str) -> None:
    good = bill(17287)
    found = localised(bills({one: good[other], other: good[one]}), "water_bill")[2]
    [explanation] = found.explanations
    assert {change.column: change.proposed for change in explanation.changes} == {one: good[one], other: good[other]}
    assert {change.slip.zh for change in explanation.changes if change.slip} == {"两格的数填串了"}


def test_two_numbers_that_are_only_compared_are_not_called_exchanged() -> None:
    good = dict(SUITES["loan"].good) | {"contract_amount": 50_000.0, "disbursed": 5_000_000.0}
    found = localised(frame("loan", [good]), "loan")[0]
    assert {one.columns for one in found.explanations} == {("disbursed",), ("contract_amount",)}


def test_what_the_rules_cannot_tell_apart_is_told_side_by_side() -> None:
    rows = frame("water_bill", [bill(100.0, {"read_from": "2020-03-05", "read_to": "2020-02-25"})])
    assert [one.columns for one in localised(rows, "water_bill")[0].explanations] == [("read_to",), ("read_from",)]


def test_a_date_that_most_rows_share_is_not_the_slip() -> None:
    found = localised(bills({"read_to": "2020-01-10"}), "water_bill")[2]
    assert [one.columns for one in found.explanations] == [("read_to",)]


def test_sound_rows_cost_nothing_and_accuse_nobody() -> None:
    assert localised(bills({}), "water_bill") == {}


def test_what_is_told_beyond_the_time_of_a_file_is_left_to_the_rules() -> None:
    rows = bills({"quantity": 1.0})
    failing = {2: broken_by(rows, constraints("water_bill"), 2)}
    assert len(failing[2]) > 0
    assert len(list(localise(rows, failing, constraints("water_bill"), REPORT_DATE, Budget()))) == 1
    assert list(localise(rows, failing, constraints("water_bill"), REPORT_DATE, Budget(seconds=0))) == []


def test_a_warning_that_the_proposal_mends_is_told_with_it() -> None:
    found = localised(bills({"price_before": 0.41}), "water_bill")[2]
    assert [one.changes[0].proposed for one in found.explanations] == [4.1]
    assert [SUITES["water_bill"].rules[number].rule.code for number in found.mended] == ["price-raised"]


def test_an_identity_that_is_never_reported_is_never_told() -> None:
    found = localised(bills({"quantity": 17_287_000.0}), "water_bill")[2]
    rules = SUITES["water_bill"].rules
    assert [rules[number].rule.code for number in (*found.broken, *found.mended)] == [
        "implausible-size", "off-by-10000", "unlike-computed",
    ]  # fmt: skip
    assert all(rules[number].is_reported for number in (*found.broken, *found.mended))


@settings(max_examples=60, deadline=None)
@given(
    quantity=st.floats(3, 2_000_000).map(lambda number: round(number, 2)),
    column=st.sampled_from(["quantity", "bill_before", "bill_after", "relief_claimed"]),
    factor=st.sampled_from([10.0, 100.0, 1000.0, 0.1, 0.01, -1.0]),
)
def test_a_slip_of_scale_in_any_bill_is_found(quantity: float, column: str, factor: float) -> None:
    rows = frame("water_bill", [*(bill(one) for one in QUANTITIES), bill(quantity)])
    meant = float(rows[column].iloc[-1])
    count = judge(
        rows, constraints("water_bill"), [Spoiled(column, len(QUANTITIES), meant, meant * factor)], REPORT_DATE, Random(1)
    )
    assert count["told"] + count["silent"] + count["one_column"] == 1
    assert not count["accused"]
    assert not count["certain_wrong"]
    assert not count["stays_broken"]
    assert count["exact"] == count["unique"] or not count["unique"]


def test_how_a_cell_follows_from_others_is_written_as_people_write_it() -> None:
    read = constraints("water_bill")
    [price, relief] = [
        one.identities[0]
        for one in read.constraints
        if one.is_identity and one.rule.column in ("bill_before", "relief_claimed") and one.rule.rule.code == "unlike-computed"
    ]

    def written(identity: Any, column: str) -> str | None:
        return formula(identity, column, lambda name: read.table.by_name[name].header)

    assert written(price, "quantity") == "原应收 ÷ 原单价"
    assert written(price, "bill_before") == "用量 × 原单价"
    assert written(relief, "relief_claimed") == "原应收 - 实收应收"
    assert written(relief, "bill_before") == "减免金额 + 实收应收"
    assert written(relief, "bill_after") == "原应收 - 减免金额"


@pytest.mark.parametrize(
    ("typed", "meant", "slip"),
    [
        (1_728_700.0, 17287.0, "a hundred times too large"),
        (17827.0, 17287.0, "two digits are swapped"),
        (17387.0, 17287.0, "one digit is wrong"),
        (1727.0, 17287.0, "a digit is missing"),
        (172287.0, 17287.0, "a digit too many"),
        (-5.0, 5.0, "its sign is wrong"),
        (666.6666666666666, 1.0, "square metres in a column of mu"),
        (17287.0, 31415.0, None),
    ],
)
def test_slips_name_themselves(typed: float, meant: float, slip: str | None) -> None:
    found = slip_between(typed, meant)
    assert (None if found is None else found.en) == slip


def test_a_spoiled_cell_of_each_table_is_seldom_blamed_on_another() -> None:
    """A few of what `make prove ARGS=localisation` tries on real rows."""
    total = Counter[str]()
    random = Random(7)
    for table, suite in sorted(SUITES.items()):
        read = constraints(table)
        rows = frame(table, [suite.good] * 3)
        for column in read.columns:
            good = rows[column].iloc[0]
            if read.kinds[column].value == "number" and good == good and good:
                total += judge(rows, read, [Spoiled(column, 0, float(good), float(good) * 100)], REPORT_DATE, random)
    assert total["told"] > 40
    assert total["accused"] == total["certain_wrong"] == total["stays_broken"] == 0

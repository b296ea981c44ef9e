"""Rules are read as Great Expectations runs them: over random rows of every table both decide alike."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

import numpy as np
import pandas as pd
import pytest

from fugong.contracts.code_list import load_code_lists
from fugong.contracts.load import load_contracts
from fugong.core.settings import PROJECT
from fugong.validation.localisation.constraints import constraints_of, rows_of
from fugong.validation.localisation.parse_condition import Kind
from fugong.validation.suite import Suite, load_suites

CONTRACTS = load_contracts(PROJECT / "include" / "contracts")
CODE_LISTS = load_code_lists(PROJECT / "include" / "reference" / "code_list.csv")
SUITES = load_suites(PROJECT / "expectations", CONTRACTS.tables)
DAYS = [date(2020, 3, 18) + timedelta(days=n) for n in (-800, -40, -2, -1, 0, 1, 2, 400)]
FACTORS = [0.0, 1.0, 1.0, 1.0, 1.004, 0.999, 10.0, 0.01, 10000.0, -1.0]
N_ROWS = 400


def random_frame(suite: Suite, kinds: Mapping[str, Kind], seed: int) -> pd.DataFrame:
    """Rows near the good one of a suite, as a suite validates them: some cells changed, some empty."""
    random = np.random.default_rng(seed)
    table = CONTRACTS.tables[suite.name]
    columns: dict[str, Any] = {}
    for name in suite.columns:
        good = suite.good.get(name)
        values: list[Any] = []
        for _ in range(N_ROWS):
            is_given = name in ("report_date", "arrival_date")
            if random.random() < 0.15 and not is_given:
                values.append(None)
                continue
            match kinds[name]:
                case Kind.NUMBER:
                    values.append(float(good if isinstance(good, int | float) else 100) * float(random.choice(FACTORS)))
                case Kind.DAY:
                    values.append(DAYS[4] if is_given else DAYS[random.integers(len(DAYS))])
                case Kind.BOOLEAN:
                    values.append(bool(random.integers(2)))
                case Kind.TEXT:
                    listed = (
                        [code.code for code in CODE_LISTS[table.by_name[name].code_list or ""].codes]
                        if name in codes(suite)
                        else []
                    )
                    values.append(str(random.choice([*listed, good if isinstance(good, str) else "x", "", "2020-03"])))
        match kinds[name]:
            case Kind.NUMBER:
                columns[name] = pd.Series(values, dtype="float64")
            case Kind.DAY:
                columns[name] = pd.Series(pd.to_datetime(pd.Series(values, dtype=object))).astype("datetime64[s]")
            case Kind.BOOLEAN:
                columns[name] = pd.Series(values, dtype="boolean")
            case Kind.TEXT:
                columns[name] = pd.Series(values, dtype=object)
    return pd.DataFrame(columns).assign(row_number=np.arange(N_ROWS))


def codes(suite: Suite) -> set[str]:
    return {column.name for column in CONTRACTS.tables[suite.name].columns if column.code_list}


@pytest.mark.parametrize("table", sorted(SUITES))
def test_rules_are_read_as_they_are_run(table: str) -> None:
    suite = SUITES[table]
    read = constraints_of(suite, CONTRACTS.tables[table], CODE_LISTS)
    assert read.unread == {}
    reported = [one for one in read.constraints if one.rule.is_reported]
    assert [one.number for one in reported] == [n for n, rule in enumerate(suite.rules) if rule.is_reported]
    frame = random_frame(suite, read.kinds, seed=20)
    found = suite.check(frame).findings.to_pydict()
    failing = {(rule, row) for rule, row in zip(found["rule"], found["row"], strict=True)}
    rows = rows_of(frame, read.kinds)
    for one in reported:
        here = {(one.number, int(row)) for row in np.flatnonzero(~one.holds(rows))}
        assert here == {pair for pair in failing if pair[0] == one.number}, one.rule.rule.code

"""Which parameters a mart's SELECT reads, by the project's own files."""

from __future__ import annotations

from datetime import date

import pytest

from fugong.core.settings import PROJECT
from fugong.figures.parameters import ParameterChange, concerns
from fugong.marts.sql_files import load_sql_files

FILES = load_sql_files(PROJECT / "include" / "sql")


@pytest.mark.parametrize(
    ("policy_id", "param", "some", "never"),
    [
        (
            "P21",
            "price_after",
            {"water_relief_flow", "fee_reduction"},
            {"stabilisation_daily", "loan_daily", "land", "resumption_daily"},
        ),
        ("P08", "layoff_limit", set(), {"water_relief_flow", "loan_daily", "land"}),
        ("P07", "layoff_limit", {"stabilisation_daily", "fee_reduction"}, {"water_relief_flow", "loan_daily", "land"}),
        ("SETTING", "full_capacity_share", {"resumption_daily"}, {"water_relief_flow", "loan_daily", "stabilisation_daily"}),
        ("SETTING", "accumulate_from", {"loan_daily"}, {"water_relief_flow", "resumption_daily", "stabilisation_daily"}),
        ("P03", "relief_share.PEN", {"fee_reduction_daily"}, {"water_relief_flow", "stabilisation_daily"}),
        ("P28", "guarantee_fee_max", set(), {"water_relief_flow", "fee_reduction_daily", "loan_daily", "stabilisation_daily"}),
    ],
)
def test_a_parameter_concerns_the_marts_that_name_it(policy_id: str, param: str, some: set[str], never: set[str]) -> None:
    change = ParameterChange(policy_id, param, None, None, None, None, date(2020, 3, 1), None)
    found = {mart.name for mart in FILES.marts if concerns(FILES, mart, change)}
    assert found >= some
    assert found.isdisjoint(never)

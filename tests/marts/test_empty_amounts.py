"""No fact makes zero of an amount that a sender may leave empty, except where an empty cell means none."""

from __future__ import annotations

import re
from collections.abc import Iterator

from fugong.contracts.load import load_contracts
from fugong.core.settings import PROJECT

FACTS = PROJECT / "include" / "sql" / "facts"
MEANS_NONE = {
    ("power_claim", "capacity_relief"): "a bill without relief of the capacity charge",
    ("service_event", "qty"): "the suite returns printings and policies without a number",
    ("tax_relief", "amt_relief"): "one of three amounts; the suite returns lines without the one of their kind",
    ("tax_relief", "amt_refund"): "the same",
    ("tax_relief", "amt_defer"): "the same",
    ("tax_claim", "amt_relief"): "the same",
    ("tax_claim", "amt_refund"): "the same",
    ("tax_claim", "amt_defer"): "the same",
    ("rent_relief", "relief_claimed"): "a lease whose relief nobody claimed; what the rule gives it stands beside it",
    ("award", "paid"): "not paid yet; where a day of payment is given, is_without_paid says so",
    ("stabilisation_refund", "paid"): "the same",
    ("stabilisation_refund", "approved"): "not approved yet; where the status says that it is, is_without_approved says so",
    ("arrears", "arrears"): "no arrears; where no account of a utility gives any, they are unknown",
    ("resumption", "on_site"): "required of sites; of projects it decides nothing",
    (
        "resumption",
        "baseline_headcount",
    ): "the headcount that the firm reports stands in, and silent firms without one are counted",
}
"""Fact and column → why an empty cell is zero there."""


def optional_numbers() -> set[str]:
    """The columns of reports that hold a number and may be empty."""
    return {
        column.name
        for table in load_contracts(PROJECT / "include" / "contracts").tables.values()
        for column in table.columns
        if not column.required and column.logical_type in {"integer", "number"}
    }


def made_zero() -> Iterator[tuple[str, str]]:
    """Every fact and column of which an empty value is made zero."""
    optional = optional_numbers()
    for file in sorted(FACTS.glob("*.sql")):
        for column in re.findall(r"COALESCE\((?:\w+\.)?(\w+), 0\)", file.read_text(encoding="utf-8")):
            if column in optional:
                yield file.stem, column


def test_an_empty_cell_is_zero_only_where_it_means_none() -> None:
    assert {"invested_year", "intents", "baseline_headcount"} <= optional_numbers()
    assert set(made_zero()) == set(MEANS_NONE)

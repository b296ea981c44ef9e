"""Our own Great Expectations expectations. Importing this module imports Great Expectations (seconds): do it inside functions.

`expect_row_to_satisfy` checks that the columns of one row agree:

    {"type": "expect_row_to_satisfy",
     "kwargs": {"column_list": ["resume_date", "report_date"], "condition": "resume_date <= report_date"}, …}

The condition is a pandas expression (`and`, `or`, `not`, `in`, comparisons, methods of a Series); it may name only the
columns listed. A row where a listed column is missing is not evaluated, unless `"missing": "judged"` is given: then the
condition has to handle missing values itself (`stop_reason.notna()`). A condition whose value is unknown (NA) is satisfied.
"""

from __future__ import annotations

import ast
from typing import Any, ClassVar, Literal

import pandas as pd
from great_expectations.compatibility import pydantic
from great_expectations.execution_engine import PandasExecutionEngine
from great_expectations.expectations.expectation import MulticolumnMapExpectation
from great_expectations.expectations.expectation_configuration import ExpectationConfiguration
from great_expectations.expectations.metrics.map_metric_provider import MulticolumnMapMetricProvider
from great_expectations.expectations.metrics.map_metric_provider.multicolumn_condition_partial import (
    multicolumn_condition_partial,
)

from fugong.core.errors import ConfigurationError


class RowSatisfies(MulticolumnMapMetricProvider):
    """Which rows satisfy a condition between columns."""

    condition_metric_name = "row.satisfies"
    condition_value_keys = ("condition", "missing")

    @multicolumn_condition_partial(engine=PandasExecutionEngine)
    def _pandas(cls, column_list: pd.DataFrame, condition: str, missing: str, **_: Any) -> pd.Series:
        # Great Expectations would copy the whole frame twice per rule to drop incomplete rows; a mask is enough.
        return satisfied(column_list, condition, judge_missing=missing == "judged")


def satisfied(frame: pd.DataFrame, condition: str, *, judge_missing: bool) -> pd.Series:
    """Evaluate a condition over a frame.

    Raises:
        ConfigurationError: the condition cannot be evaluated, or is not true or false row by row.
    """
    try:
        # "python": numexpr knows no text, no dates and no missing values.
        outcome = frame.eval(condition, engine="python", parser="pandas")
    except Exception as error:
        raise ConfigurationError(f"condition {condition!r} cannot be evaluated: {error}") from error
    if not isinstance(outcome, pd.Series) or not pd.api.types.is_bool_dtype(outcome.dtype):
        raise ConfigurationError(f"condition {condition!r} is not true or false row by row")
    if not isinstance(outcome.dtype, type(pd.Series([True]).dtype)):
        outcome = outcome.fillna(True).astype(bool)
    if judge_missing or bool(outcome.all()):
        return outcome
    return outcome | frame.isna().any(axis=1)


class ExpectRowToSatisfy(MulticolumnMapExpectation):
    """Expect every row to satisfy a condition between its columns."""

    condition: str
    missing: Literal["ignored", "judged"] = "ignored"
    ignore_row_if: Literal["all_values_are_missing", "any_value_is_missing", "never"] = "never"

    map_metric: ClassVar[str | None] = "row.satisfies"
    success_keys: ClassVar[tuple[str, ...]] = ("mostly", "condition", "missing")

    _configuration: ExpectationConfiguration | None = pydantic.PrivateAttr(None)

    @property
    def configuration(self) -> ExpectationConfiguration:
        """The configuration of this expectation. Cached: Great Expectations asks for it some ninety times a block and builds it each time."""
        if self._configuration is None:
            self._configuration = super().configuration
        return self._configuration

    @pydantic.validator("condition")
    def _validate_condition(cls, condition: str, values: dict[str, Any]) -> str:
        unlisted = names_in(condition) - set(values.get("column_list", ()))
        if unlisted:
            raise ValueError(f"the condition names columns that column_list lacks: {', '.join(sorted(unlisted))}")
        return condition


def names_in(condition: str) -> set[str]:
    """The columns that a condition names."""
    tree = ast.parse(condition.strip(), mode="eval")
    return {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}

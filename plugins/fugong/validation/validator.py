"""A Great Expectations validator that builds the graph of a suite's metrics once. Importing it takes seconds: do it inside functions.

Great Expectations builds the graph anew for every batch. For a block of a few dozen rows that takes as long as everything else together.
A suite never changes here and every block has the same batch id, so the graph is the same, too.
"""

from __future__ import annotations

from typing import Any

from great_expectations.expectations.expectation import Expectation
from great_expectations.expectations.expectation_configuration import ExpectationConfiguration
from great_expectations.validator.validator import Validator

import fugong.validation.expectation  # noqa: F401  (registers ours)

OUTCOME_ALONE = {"result_format": "BOOLEAN_ONLY"}


class RuleConfiguration(ExpectationConfiguration):
    """The configuration of a rule, which keeps the expectation that it is made into. Its arguments must not change after that."""

    _expectation: Expectation | None = None

    def to_domain_obj(self) -> Expectation:
        """The expectation."""
        expectation = self._expectation or super().to_domain_obj()
        self._expectation = expectation
        return expectation


class ReusingValidator(Validator):
    """A validator of blocks that are all validated by the same rules."""

    def __init__(self, **given: Any) -> None:
        super().__init__(**given)
        self._graphs: dict[tuple[Any, ...], tuple[list[Any], list[Any]]] = {}
        """Of each set of rules that was run for its outcome alone; sets of rules that failed are many."""

    def _generate_metric_dependency_subgraphs_for_each_expectation_configuration(
        self,
        expectation_configurations: list[ExpectationConfiguration],
        processed_configurations: list[ExpectationConfiguration],
        catch_exceptions: bool,
        runtime_configuration: dict[str, Any] | None = None,
    ) -> tuple[list[Any], list[Any], list[ExpectationConfiguration]]:
        is_outcome_alone = (runtime_configuration or {}).get("result_format") == OUTCOME_ALONE
        key = (self.active_batch_id, *map(id, expectation_configurations))
        if is_outcome_alone and key in self._graphs:
            graphs, processed = self._graphs[key]
            return list(graphs), [], [*processed_configurations, *processed]
        graphs, failed, processed = super()._generate_metric_dependency_subgraphs_for_each_expectation_configuration(
            expectation_configurations, processed_configurations, catch_exceptions, runtime_configuration
        )
        if is_outcome_alone and not failed:
            self._graphs[key] = (list(graphs), list(processed))
        return graphs, failed, processed

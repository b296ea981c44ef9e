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
        self._graphs: dict[tuple[Any, ...], tuple[list[Any], list[ExpectationConfiguration]]] = {}
        """Of each rule and form of its result: what the metrics of a rule depend on, and the configuration that is evaluated."""

    def _generate_metric_dependency_subgraphs_for_each_expectation_configuration(
        self,
        expectation_configurations: list[ExpectationConfiguration],
        processed_configurations: list[ExpectationConfiguration],
        catch_exceptions: bool,
        runtime_configuration: dict[str, Any] | None = None,
    ) -> tuple[list[Any], list[Any], list[ExpectationConfiguration]]:
        graphs: list[Any] = []
        failed: list[Any] = []
        processed = [*processed_configurations]
        result_format = str((runtime_configuration or {}).get("result_format"))
        for configuration in expectation_configurations:
            key = (self.active_batch_id, id(configuration), result_format)
            if key not in self._graphs:
                built, faults, evaluated = super()._generate_metric_dependency_subgraphs_for_each_expectation_configuration(
                    [configuration], [], catch_exceptions, runtime_configuration
                )
                failed += faults
                if faults:
                    continue
                self._graphs[key] = (built, evaluated)
            graphs += self._graphs[key][0]
            processed += self._graphs[key][1]
        return graphs, failed, processed

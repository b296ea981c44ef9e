"""Great Expectations suites (`expectations/<table>.json`): the rules of a report table, evaluated over blocks of typed rows.

Loading a suite checks it without Great Expectations, whose import takes seconds. The first `check` builds the validator, and every
block uses the same one. Where all rules are run, a first run only answers yes or no, and a rule that fails is run again to find the rows.
"""

from __future__ import annotations

import ast
import copy
import logging
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from fugong.core.errors import ConfigurationError
from fugong.core.schema import Document, nearest, parse_json, read_text, template_fault, validate
from fugong.core.vocabulary import Severity
from fugong.findings.finding import FindingType

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa

    from fugong.contracts.contract import Table
    from fugong.validation.checked import Checked

GIVEN = ("report_date", "arrival_date", "row_number")
"""Columns that every frame has in addition to those of its contract; `arrival_date`: the day on which the file arrived."""

SEVERITIES = {"critical": Severity.SET_ASIDE, "warning": Severity.WARNING, "info": None}
PLACES = frozenset({"value", "header", "row_number", "column", "cell"})
KEPT_TEXTS = 256
"""Texts of suites whose rules stay in memory: a process that takes files in reads them for each turn of a department."""
ROW_RULE = "expect_row_to_satisfy"


@dataclass(frozen=True)
class SuiteRule:
    """One expectation of a suite.

    Attributes:
        rule: code, severity and sentences, as in the catalogue.
        column: the column whose cell the finding names.
        columns: every column that the expectation reads.
        is_reported: False for `info` and in shadow: evaluated, never reported to the sender.
        is_shadow: evaluated and counted; never reported and without effect, whatever its severity.
        type, kwargs: what Great Expectations runs.
        overlaps: why it is kept although other rules imply it.
    """

    rule: FindingType
    column: str
    columns: tuple[str, ...]
    is_reported: bool
    is_shadow: bool
    type: str
    kwargs: Mapping[str, Any]
    overlaps: str = ""

    @property
    def is_critical(self) -> bool:
        """Whether a row that fails is set aside."""
        return self.is_reported and self.rule.severity is Severity.SET_ASIDE


@dataclass
class Suite:
    """The rules of one report table.

    Attributes:
        good: a row that breaks none of them, as it is stored.
    """

    name: str
    rules: tuple[SuiteRule, ...]
    good: Mapping[str, Any] = field(default_factory=dict[str, Any], repr=False)
    _engine: Any = field(default=None, repr=False)
    _validator: Any = field(default=None, repr=False)
    _configurations: list[Any] = field(default_factory=list, repr=False)

    @classmethod
    def load(cls, path: Path, columns: Collection[str] | None = None) -> Suite:
        """Read and check a suite: every rule has its sentences, and names only columns that exist.

        Args:
            columns: the columns of the table; None skips the check of names.

        Raises:
            ConfigurationError: the suite is not valid; the message names file and rule.
        """
        return cls(path.stem, *_parsed(read_text(path), path.name, None if columns is None else tuple(columns)))

    @cached_property
    def columns(self) -> tuple[str, ...]:
        """The columns that the rules read; a frame needs these and `row_number`."""
        return tuple(dict.fromkeys(name for rule in self.rules for name in (*rule.columns, rule.column)))

    def check(self, frame: pd.DataFrame, only: Sequence[int] | None = None) -> Checked:
        """Evaluate the rules over one block.

        Args:
            frame: typed rows: the contract's columns and those of `GIVEN` that the rules read (docs/conventions.md, Contracts and suites).
            only: places of the rules that are evaluated, where the block is known to pass the others; None for all.

        Raises:
            ConfigurationError: a rule cannot be evaluated, or the frame lacks a column. Never raised for what a department sent.
        """
        import numpy as np  # late, with Arrow: who asks which rules there are checks nothing

        from fugong.validation.checked import Checked, findings_of, nothing_found, together

        lacking = [name for name in (*self.columns, "row_number") if name not in frame.columns]
        if lacking:
            raise ConfigurationError(f"{self.name}: the block lacks {', '.join(lacking)}. It has: {', '.join(frame.columns)}")
        which = range(len(self.rules)) if only is None else only
        if not which or not len(frame):
            return nothing_found(len(frame))
        frame = frame[[*self.columns]].assign(row_number=frame["row_number"]).reset_index(drop=True)
        broken: dict[int, str] = {}
        if only is None:
            outcomes = self._run(frame, which, {"result_format": "BOOLEAN_ONLY"}, broken)
            which = _failed(outcomes, broken)
        complete = self._run(frame, which, {"result_format": "COMPLETE", "partial_unexpected_count": 0}, broken) if which else {}
        set_aside = np.zeros(len(frame), dtype=bool)
        found: list[pa.Table] = []
        in_shadow: list[pa.Table] = []
        for n in _failed(complete, broken):
            rule = self.rules[n]
            rows = np.asarray(complete[n].result.get("unexpected_index_list", ()), dtype=np.int64)
            if not rows.size:
                raise ConfigurationError(f"{self.name}: {rule.type} ({rule.rule.code}) fails without naming rows")
            if rule.is_critical:
                set_aside[rows] = True
            if rule.is_shadow:
                in_shadow.append(findings_of(frame, rule.column, rule.rule, n, rows))
            elif rule.is_reported:
                found.append(findings_of(frame, rule.column, rule.rule, n, rows))
        return Checked(set_aside, together(found), together(in_shadow), broken)

    def _run(
        self, frame: pd.DataFrame, which: Sequence[int], result_format: dict[str, Any], broken: dict[int, str]
    ) -> dict[int, Any]:
        self._build()
        self._engine.load_batch_data("block", frame)
        results = self._validator.graph_validate(
            configurations=[self._configurations[n] for n in which],
            runtime_configuration={"result_format": result_format, "catch_exceptions": True},
        )
        by_rule: dict[int, Any] = {}
        for result in results:
            n = result.expectation_config.meta["rule"]
            by_rule[n] = result
            error = _error_of(result.exception_info)
            if error is None:
                continue
            message = f"{self.name}: {self.rules[n].rule.code} ({self.rules[n].column}) cannot be evaluated: {error}"
            if not self.rules[n].is_shadow:
                raise ConfigurationError(message)
            broken[n] = message
        if set(by_rule) != set(which):
            raise ConfigurationError(f"{self.name}: rules {sorted(set(which) - set(by_rule))} were not evaluated")
        return by_rule

    def _build(self) -> None:
        """Build the validator once. `Batch.validate` would hash every block for a fingerprint that nobody reads."""
        if self._validator is not None:
            return
        warm_up()
        from great_expectations.data_context.types.base import ProgressBarsConfig
        from great_expectations.execution_engine import PandasExecutionEngine

        from fugong.validation.validator import ReusingValidator, RuleConfiguration

        for n, rule in enumerate(self.rules):
            kwargs = dict(rule.kwargs)
            if rule.type == ROW_RULE and len(rule.columns) == 1:
                # Great Expectations requires two columns; this one is never missing.
                kwargs["column_list"] = [*rule.columns, "row_number"]
            configuration = RuleConfiguration(type=rule.type, kwargs=kwargs, meta={"rule": n})
            try:
                copy.deepcopy(configuration).to_domain_obj()
            except Exception as error:
                raise ConfigurationError(f"{self.name}: {rule.rule.code} ({rule.column}): {error}") from error
            self._configurations.append(configuration)
        self._engine = PandasExecutionEngine()
        quiet: Any = _Quiet(ProgressBarsConfig(globally=False))
        self._validator = ReusingValidator(execution_engine=self._engine, data_context=quiet)


@lru_cache(KEPT_TEXTS)
def _parsed(text: str, file: str, columns: tuple[str, ...] | None) -> tuple[tuple[SuiteRule, ...], Mapping[str, Any]]:
    """The rules of a suite, and what it shows of good files."""
    document = parse_json(text, file)
    validate(document, "suite")
    content, name = document.content, file.removesuffix(".json")
    if content["name"] != name:
        raise document.fault(("name",), f"its name is {content['name']!r}, should be {name!r}")
    known = None if columns is None else {*columns, *GIVEN}
    rules = tuple(_rule(document, n, item, known) for n, item in enumerate(content["expectations"]))
    seen: set[tuple[str, str, bool]] = set()
    for n, rule in enumerate(rules):
        # A changed rule may run in shadow beside the rule that it is to replace.
        one = (rule.rule.code, rule.column, rule.is_shadow)
        if one in seen:
            raise document.fault(("expectations", n), f"{rule.rule.code!r} is given twice for {rule.column}")
        seen.add(one)
    return rules, content.get("meta", {}).get("good", {})


def load_suites(folder: Path, tables: Mapping[str, Table]) -> dict[str, Suite]:
    """The suite of every report table.

    Raises:
        ConfigurationError: a table has no suite, or its suite is not valid.
    """
    suites: dict[str, Suite] = {}
    for name, table in tables.items():
        path = folder / f"{name}.json"
        if not path.is_file():
            raise ConfigurationError(f"{name}: no suite {folder.name}/{path.name}")
        suites[name] = Suite.load(path, [column.name for column in table.columns])
    return suites


def warm_up() -> None:
    """Import Great Expectations. It takes seconds: a process that lives on does it before the first row that fails a rule."""
    # Set before the import, which logs hundreds of lines once Airflow has configured logging.
    logging.getLogger("great_expectations").setLevel(logging.ERROR)
    import great_expectations.expectations.core
    import great_expectations.validator.validator  # noqa: F401

    import fugong.validation.expectation  # noqa: F401  (registers ours)


@dataclass(frozen=True)
class _Quiet:
    """The only attribute of a data context that the validator reads here: no progress bars."""

    progress_bars: Any


def render(rule: SuiteRule, header: str, value: str | None, row_number: int | None, cell: str = "") -> tuple[str, str]:
    """The sentence of a finding, in Chinese and in English."""
    details = {"header": header, "value": value or "", "row_number": row_number, "column": rule.column, "cell": cell}
    return rule.rule.zh.format(**details), rule.rule.en.format(**details)


def _rule(document: Document, n: int, item: Mapping[str, Any], known: Collection[str] | None) -> SuiteRule:
    meta, kwargs = item["meta"], item["kwargs"]

    def fault(sentence: str) -> ConfigurationError:
        return document.fault(("expectations", n), f"rule {n + 1} ({meta['code']}): {sentence}")

    columns = tuple(kwargs.get("column_list") or [kwargs[name] for name in ("column", "column_A", "column_B") if name in kwargs])
    if not columns:
        raise fault("names no column; only rules about rows can be reported to a sender")
    if item["type"] == ROW_RULE:
        try:
            unlisted = _names_in(kwargs["condition"]) - set(columns)
        except SyntaxError as error:
            raise fault(f"condition {kwargs['condition']!r} cannot be read: {error.msg}") from error
        if unlisted:
            raise fault(f"the condition names {', '.join(sorted(unlisted))}, which column_list lacks")
    column = meta.get("column", columns[0])
    unknown = [name for name in (*columns, column) if known is not None and name not in known]
    if unknown:
        raise fault(f"no column {', '.join(unknown)}.{nearest(unknown[0], sorted(known or ()))}")
    for name in ("message_zh", "message_en", "advice_zh", "advice_en"):
        if wrong := template_fault(meta[name], PLACES):
            raise fault(f"{name} {wrong}")
    severity = SEVERITIES[item["severity"]]
    is_shadow = meta.get("shadow", False)
    if is_shadow and severity is None:
        raise fault("only a rule that is critical or a warning can be in shadow")
    return SuiteRule(
        rule=FindingType(
            code=meta["code"],
            severity=severity or Severity.WARNING,
            zh=meta["message_zh"],
            en=meta["message_en"],
            advice_zh=meta["advice_zh"],
            advice_en=meta["advice_en"],
        ),
        column=column,
        columns=columns,
        is_reported=severity is not None and not is_shadow,
        is_shadow=is_shadow,
        type=item["type"],
        kwargs=kwargs,
        overlaps=meta.get("overlaps", ""),
    )


def _names_in(condition: str) -> set[str]:
    tree = ast.parse(condition.strip(), mode="eval")
    return {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}


def _failed(outcomes: Mapping[int, Any], broken: Mapping[int, str]) -> list[int]:
    return [n for n, result in outcomes.items() if n not in broken and not result.success]


def _error_of(exception_info: Mapping[str, Any] | None) -> str | None:
    """The exception of a rule inside Great Expectations, which stores one exception or one per metric."""
    info = exception_info or {}
    nested = [value for value in info.values() if isinstance(value, Mapping)]
    return next((str(one.get("exception_message")) for one in nested or [info] if one.get("raised_exception")), None)

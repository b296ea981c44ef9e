"""Puts what was typed into the findings of rules: a rule sees the value that a cell was read as, its sender knows what stands in the cell."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

from fugong.findings.collector import FindingCollector
from fugong.privacy.detect import mask
from fugong.validation.run import TablePart


def quote_as_typed(parts: Sequence[TablePart], findings: FindingCollector) -> None:
    """Replace the value of every finding of a rule by the text of its cell, merged cells filled, masked where personal.

    A cell without a text (a default) keeps the value that it was read as.
    """
    for part in parts:
        sheet, table = part.interpreted.sheet, part.table
        named = {(rule.rule.code, rule.column) for rule in part.suite.rules if rule.column in table.by_name}
        at_rules = {
            at: one.row_number
            for at, one in enumerate(findings.findings)
            if one.sheet == sheet
            and one.row_number is not None
            and one.value is not None
            and (one.code, one.column_name) in named
        }
        if not at_rules:
            continue
        texts = part.typed_texts(set(at_rules.values()))
        for at, line in at_rules.items():
            one = findings.findings[at]
            column = part.interpreted.header_at(line).index.get(one.column_name or "")
            if column is None or column >= len(texts.get(line, ())):
                continue
            if typed := texts[line][column]:
                value = mask(typed.strip(), is_code=one.column_name in table.own_numbers)
                findings.findings[at] = dataclasses.replace(one, value=value)

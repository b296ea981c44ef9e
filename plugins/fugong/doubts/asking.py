"""What is said about calls: the question of each, the figures it moves, and when to stop calling."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from fugong.core.bilingual import Bilingual
from fugong.doubts.calls import Call, Calls, Decision, plain_cell
from fugong.doubts.doubt import Cell, Change, Kind, Reading
from fugong.figures.display import as_json

UNITS = {"元": "yuan", "立方米": "m³", "千瓦时": "kWh", "亩": "mu", "人": "people", "家": "firms", "个": ""}
"""Units as English sentences name them; others stay as the contract writes them."""


def question(call: Call) -> Bilingual:
    """What to ask."""
    reading = call.reading
    said = reading.why if reading.kind is Kind.RATIO else Bilingual(reading.source, reading.source)
    if reading.change is Change.ABSENT:
        return Bilingual(f"这一行应当有吗?({said.zh})", f"Should this line be there? ({said.en})")
    then = _value(call, reading.cells.get(call.column))
    if reading.change is Change.ADDED:
        return Bilingual(
            f"这一行退回了。“{call.header}”应为{then.zh}吗?({said.zh})",
            f"This line was set aside. Should {call.column} be {then.en}? ({said.en})",
        )
    now = _value(call, call.now)
    return Bilingual(
        f"“{call.header}”填的是{now.zh},应为{then.zh}吗?({said.zh})",
        f"{call.column} is {now.en}. Should it be {then.en}? ({said.en})",
    )


def place(call: Call) -> Bilingual:
    """Which line is meant: what people call it or its key, and file, sheet and line."""
    name = call.label or " ".join(call.key.values())
    file = " ".join(filter(None, (call.origin.file_name, call.line.sheet)))
    return Bilingual(f"{name} · {file} 第 {call.line.row_number} 行", f"{name} · {file} line {call.line.row_number}")


def figures(call: Call, *, most: int) -> list[str]:
    """The figures that the call moves, as printed now and as they would be; the others are counted."""
    printed = call.effect.printed
    lines = [f"{one.definition.id} {one.now.display or '–'} → {one.then.display or '–'}" for one in printed[:most]]
    return [*lines, f"+{len(printed) - most}"] if len(printed) > most else lines


def decision(one: Decision) -> Bilingual:
    """Which calls decide about a figure."""
    numbers = [str(at + 1) for at in one.calls]
    n, display = len(numbers), one.display or "–"
    return Bilingual(
        f"{one.figure}“{one.name.zh}”的 {display} 变不变,由这 {n} 个电话决定:{'、'.join(numbers)}。",
        f"{one.figure} ({one.name.en}): {'this call decides' if n == 1 else f'these {n} calls decide'} whether {display} stays {display}: "
        f"{', '.join(numbers)}.",
    )


def stop(found: Calls) -> Bilingual:
    """When to stop."""
    left = len(found.calls) - found.n_deciding
    if not found.calls:
        return Bilingual("没有会改变指标的存疑。", "No doubt changes a figure.")
    if not found.n_deciding:
        return Bilingual(
            f"不必打电话:{left} 处存疑合起来也改变不了任何指标的末位数字。",
            f"No call is needed: {left} doubts together change the last digit of no figure.",
        )
    if not left:
        return Bilingual(
            f"打完这 {found.n_deciding} 个电话就够了:没有别的存疑会改变指标。",
            f"Stop after call {found.n_deciding}: no other doubt changes a figure.",
        )
    return Bilingual(
        f"打完这 {found.n_deciding} 个电话就够了:其余 {left} 处存疑合起来也改变不了任何指标的末位数字。",
        f"Stop after call {found.n_deciding}: the other {left} doubts together change the last digit of no figure.",
    )


def unanswerable(found: Calls) -> Bilingual | None:
    """Contradictions that nothing can be computed for; None where there are none."""
    if not found.unanswerable:
        return None
    named = sorted(found.unanswerable.items())
    return Bilingual(
        f"另有 {sum(found.unanswerable.values())} 处不一致说不出应为多少:{'、'.join(f'{name} {n}' for name, n in named)}(见 fugong checks)。",
        f"{sum(found.unanswerable.values())} more contradictions do not say what should stand there: "
        f"{', '.join(f'{name} {n}' for name, n in named)} (see fugong checks).",
    )


def answered(found: Calls) -> Bilingual | None:
    """Doubts that are left out; None where there are none."""
    n = found.n_answered
    if not n:
        return None
    return Bilingual(
        f"已经答复的 {n} 处不再问(见 fugong answers)。", f"Left out, as they are answered: {n} (see fugong answers)."
    )


def to_json(found: Calls, lang: str) -> dict[str, Any]:
    """As `fugong doubts --json` prints it."""
    rest = unanswerable(found)
    return {
        "as_of": found.as_of.isoformat(),
        "known_at": found.known_at.isoformat(),
        "calls": [_call_json(at, call, found, lang) for at, call in enumerate(found.calls)],
        "decisions": [
            {
                "figure": one.figure,
                "display": one.display,
                "calls": [at + 1 for at in one.calls],
                "text": decision(one).text_in(lang),
            }
            for one in found.decisions
        ],
        "n_deciding": found.n_deciding,
        "stop": stop(found).text_in(lang),
        "unanswerable": dict(found.unanswerable),
        "n_answered": found.n_answered,
        "note": rest.text_in(lang) if rest else "",
    }


def _call_json(at: int, call: Call, found: Calls, lang: str) -> dict[str, Any]:
    return {
        "number": at + 1,
        "is_deciding": at < found.n_deciding,
        "department_code": call.origin.department_code,
        "department": call.origin.department.text_in(lang),
        "contact": call.contact.text_in(lang),
        "question": question(call).text_in(lang),
        "report_date": call.origin.report_date.isoformat(),
        "table": call.line.table,
        "file_name": call.origin.file_name,
        "sheet": call.line.sheet,
        "row_number": call.line.row_number,
        "key": dict(call.key),
        "label": call.label,
        "column": call.column,
        "unit": call.unit,
        "now": _json(call.now),
        "readings": [
            _reading_json(reading, lang) | {"figures": [one.to_json() for one in effect.changes]}
            for reading, effect in call.readings
        ],
    }


def _reading_json(reading: Reading, lang: str) -> dict[str, Any]:
    return {
        "kind": reading.kind,
        "source": reading.source,
        "change": reading.change,
        "cells": {name: _json(value) for name, value in reading.cells.items()},
        "why": reading.why.text_in(lang),
    }


def _json(value: Cell) -> Any:
    return value if value is None or isinstance(value, bool | int) else as_json(value)


def _value(call: Call, value: object) -> Bilingual:
    if isinstance(value, bool):
        return Bilingual("“是”", "yes") if value else Bilingual("“否”", "no")
    if value is None or value == "":
        return Bilingual("空", "empty")
    if isinstance(value, Decimal | int):
        return Bilingual(
            f" {plain_cell(value)} {call.unit}".rstrip() + " ", f"{plain_cell(value)} {UNITS.get(call.unit, call.unit)}".rstrip()
        )
    return Bilingual(f"“{value}”", f'"{value}"')

"""Notes in outboxes about rows that contradict other reports. Such rows stay loaded."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date
from itertools import groupby

import psycopg

from fugong.core.sanitize import file_stem
from fugong.core.settings import Settings
from fugong.figures.cross_checks import Contradiction, contradictions
from fugong.marts import asof
from fugong.storage.atomic_file import replace_file

NOTE = "核对提示.txt"
EXAMPLES = 10
"""Rows listed per check; the note counts the others."""


def write_notes(connection: psycopg.Connection, settings: Settings) -> None:
    """Write `outbox/<DEPT>/核对提示.txt` with the contradictions as of the last day reported on; delete it where there are none."""
    days = asof.reported_days(connection)
    found: defaultdict[str, list[Contradiction]] = defaultdict(list)
    if days:
        for one in contradictions(connection, settings.include, max(days)):
            if one.department_code:
                found[one.department_code].append(one)
    names = {file_stem(department) for department in found}
    for note in settings.outbox.glob(f"*/{NOTE}"):
        if note.parent.name not in names:
            note.unlink(missing_ok=True)
    for department, rows in found.items():
        path = settings.outbox / file_stem(department) / NOTE
        content = text(rows, max(days)).replace("\n", "\r\n").encode("utf-8-sig")
        if path.exists() and path.read_bytes() == content:
            continue
        path.parent.mkdir(parents=True, exist_ok=True)
        replace_file(path, content)


def text(rows: Iterable[Contradiction], as_of: date) -> str:
    """The note, for a clerk to read in any editor.

    Args:
        rows: those of one department; rows of one check stand together.
    """
    lines = [
        f"截至 {as_of},以下行与其他报表或以前的报送不一致。已入库的数据没有改动,也没有退回;请核对,有误的请报更正。",
        "",
    ]
    for check, group in groupby(rows, key=lambda one: one.check):
        same = sorted(group, key=lambda one: (one.first_day, one.key), reverse=True)
        lines.append(f"{check.id} {check.message.zh.format(n_rows=len(same))}:")
        lines += [f"  {line}" for line in _lines(same[:EXAMPLES])]
        if len(same) > EXAMPLES:
            lines.append(f"  ……另有 {len(same) - EXAMPLES} 处。")
        lines.append("")
    lines += ["核对无误或更正入库后,本提示自动更新。", ""]
    return "\n".join(lines)


def _lines(rows: Sequence[Contradiction]) -> Iterable[str]:
    for one in rows:
        place = " ".join(part for part in (one.file_name, one.sheet, one.row_number and f"第 {one.row_number} 行") if part)
        seen = f"{one.first_day} 起" if one.n_days > 1 else f"{one.first_day}"
        yield f"{place}({seen}):{one.text('zh')}"

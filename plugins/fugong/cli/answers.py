"""The command `answers`: what senders answered about doubts (核实说明)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table
from rich.text import Text

from fugong.analysis import formats
from fugong.cli.common import AsJson, KnownAt, Lang, Language, as_day, opened_warehouse, print_json, say
from fugong.cli.console import Console
from fugong.core.bilingual import Bilingual
from fugong.core.errors import NotFoundError
from fugong.figures.answers import Listed, list_answers

COLUMNS = (
    formats.Column("department_code", "text", Bilingual("部门", "department")),
    formats.Column("question_id", "int8", Bilingual("题号", "question")),
    formats.Column("code", "text", Bilingual("代码", "code")),
    formats.Column("subject", "text", Bilingual("报表", "report table")),
    formats.Column("row_key", "text", Bilingual("业务主键", "row")),
    formats.Column("column_name", "text", Bilingual("列", "column")),
    formats.Column("value", "text", Bilingual("值", "value")),
    formats.Column("verdict", "text", Bilingual("核实结果", "verdict")),
    formats.Column("reason", "text", Bilingual("核实说明", "reason")),
    formats.Column("answered_at", "timestamptz", Bilingual("答复时间", "answered")),
    formats.Column("holds_from", "date", Bilingual("适用起日", "holds from")),
    formats.Column("last_day", "date", Bilingual("最晚统计日", "came up last")),
    formats.Column("submission_id", "int8", Bilingual("报送编号", "submission")),
)


def register(app: typer.Typer) -> None:
    """Add the command `answers`."""
    app.command("answers")(answers_)


def answers_(
    as_of: Annotated[
        date | None,
        typer.Option("--as-of", parser=as_day, metavar="DATE", help="只看这一天的疑问 | Only doubts of that day"),
    ] = None,
    known_at: KnownAt = None,
    department: Annotated[str | None, typer.Option("--department", "-d", help="只看这个部门 | This department only")] = None,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", metavar="FILE", help="写成 csv、xlsx 或 parquet | Write csv, xlsx or parquet")
    ] = None,
    lang: Language = Lang.ZH,
    as_json: AsJson = False,
) -> None:
    """Print the newest answer to each doubt, the latest first."""
    form = "" if output is None else output.suffix.removeprefix(".").lower()
    if output is not None and form not in formats.FORMATS:
        raise typer.BadParameter(f"{output}: {', '.join(formats.FORMATS)}", param_hint="--output")
    with opened_warehouse() as (_, connection):
        if department is not None:
            there = [
                str(row[0]) for row in connection.execute("SELECT department_code FROM ref.department ORDER BY 1").fetchall()
            ]
            if department not in there:
                raise NotFoundError(
                    f"{department}: 没有这个部门,现有 {' '.join(there)} | no such department; there is {' '.join(there)}"
                )
        found = list_answers(connection, as_of=as_of, known_at=known_at, department=department)
    if output is not None:
        table = formats.Table("answers", COLUMNS, (_row(one, lang) for one in found), {"grain": "one row per question"})
        n_rows = formats.write(table, output, form)
        Console().print(say(lang, f"{output}  {n_rows:,} 行", f"{output}  {n_rows:,} rows"), highlight=False)
        return
    if as_json:
        print_json([one.to_json() for one in found])
        return
    _print(found, lang)


def _row(one: Listed, lang: Lang) -> tuple[object, ...]:
    answer = one.answer
    about = (one.department_code, one.question_id, one.code, one.subject, one.row_key, one.column_name, one.value)
    said = (answer.verdict.name_in(lang), answer.reason, answer.answered_at, answer.holds_from)
    return (*about, *said, one.last_day, one.submission_id)


def _print(found: Sequence[Listed], lang: Lang) -> None:
    console = Console()
    if not found:
        console.print(say(lang, "还没有核实说明。", "Nobody has answered anything yet."))
        return
    table = Table()
    shown = COLUMNS[:9]
    for column in shown:
        table.add_column(say(lang, column.comment.zh, column.comment.en), overflow="fold")
    for one in found:
        table.add_row(*(Text(str(cell)) for cell in _row(one, lang)[: len(shown)]))
    console.print(table)

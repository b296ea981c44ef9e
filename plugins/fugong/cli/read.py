"""The command `fugong read`: the tables in any file, without a contract."""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import IO, TYPE_CHECKING, Annotated, cast

import typer
from rich.cells import cell_len
from rich.markup import escape
from rich.progress import BarColumn, DownloadColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.table import Table as RichTable

from fugong.cli.common import Language
from fugong.cli.console import Console
from fugong.core.sanitize import escaped, on_screen, one_line
from fugong.core.vocabulary import Lang

if TYPE_CHECKING:
    from fugong.reading.model import Reading
    from fugong.table_detection.model import DetectedTable, LeftOut

MIN_COLUMN_WIDTH = 10
"""Characters; as many columns are shown as have that much room."""
MIN_CUT_WIDTH = 4
SHOWN_CHARACTERS = 60
SHOWN_LEFT_OUT = 8


def register(app: typer.Typer) -> None:
    """Add the command `read`."""
    app.command("read")(read)


def read(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="工作簿、CSV、文本、网页表格 | Workbook, CSV, text, HTML table")],
    as_json: Annotated[bool, typer.Option("--json", help="全部内容,JSON | Everything, as JSON")] = False,
    as_csv: Annotated[bool, typer.Option("--csv", help="最大的一张表,CSV | The largest table, as CSV")] = False,
    number: Annotated[int | None, typer.Option("--table", min=1, help="只要第几张表 | This table only, counted from 1")] = None,
    limit: Annotated[int, typer.Option(min=0, help="屏幕上每张表最多几行 | Rows of each table on the screen")] = 10,
    lang: Language = Lang.ZH,
) -> None:
    """Print the tables found in a file, header and cells as typed, and what was left out and why."""
    from fugong.reading.reader import Reader
    from fugong.table_detection.read import largest, read_tables, tables_of, write_csv, write_json

    is_zh = lang is Lang.ZH
    if as_json and as_csv:
        raise typer.BadParameter("--json 与 --csv 只能选一个 | choose one of the two", param_hint="--json, --csv")
    if not file.is_file():
        _stop(f"{file}: 没有这个文件,或不是文件。" if is_zh else f"{file}: there is no such file, or it is none.")
    with tempfile.TemporaryDirectory(prefix="fugong-read-") as folder, Reader() as reader:
        with _progress(file, Path(folder), "读取" if is_zh else "reading"):
            reading, sheets = read_tables(reader, file.resolve(), Path(folder))
        if reading.refused and reading.refused.code != "empty-file":
            _stop(f"{file.name}: {reading.refused.message_zh if is_zh else reading.refused.message_en}")
        tables = tables_of(sheets)
        if number and number > len(tables):
            _stop(
                f"没有第 {number} 张表,共找到 {len(tables)} 张。"
                if is_zh
                else f"There is no table {number}: {len(tables)} found."
            )
        chosen = [tables[number - 1]] if number else tables
        if as_json:
            write_json(reading, sheets, chosen, lang.value, cast("IO[str]", Shown(escaped)))
        elif not tables:
            Console(stderr=as_csv).print(_nothing(reading, is_zh=is_zh), highlight=False)
            for sheet in sheets:
                _print_left_out(Console(stderr=as_csv), sheet.left_out, is_zh=is_zh)
        elif as_csv:
            write_csv(largest(chosen), cast("IO[str]", Shown(on_screen)) if sys.stdout.isatty() else sys.stdout)
        else:
            _print(Console(), file, reading, tables, chosen, limit, is_zh=is_zh)


class Shown:
    """Standard output, where a terminal may be behind it: what the file holds must not control that."""

    def __init__(self, shown: Callable[[str], str]) -> None:
        self._shown = shown

    def write(self, text: str) -> int:
        """Write a text as it may be shown."""
        return sys.stdout.write(self._shown(text))


def _stop(sentence: str) -> None:
    Console(stderr=True).print(f"[red]✗[/red] {escape(one_line(sentence))}", highlight=False)
    raise typer.Exit(1)


def _nothing(reading: Reading, *, is_zh: bool) -> str:
    if reading.refused:
        return "文件是空的,没有表。" if is_zh else "The file is empty: no table."
    return "没有找到表。" if is_zh else "No table found."


@contextmanager
def _progress(file: Path, into: Path, what: str) -> Iterator[None]:
    """Show how far the reader has come, by what it has written so far; silent where standard error is no terminal."""
    size = file.stat().st_size
    bar = Progress(
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(),
        DownloadColumn(),
        TimeElapsedColumn(),
        console=Console(stderr=True),
        transient=True,
        disable=not sys.stderr.isatty(),
    )
    with bar, ThreadPoolExecutor(1) as watcher:
        task = bar.add_task(what, total=size)
        is_over = False

        def watch() -> None:
            while not is_over:
                written = sum(part.stat().st_size for part in into.glob("*.arrows") if part.exists())
                bar.update(task, completed=min(size, written))
                time.sleep(0.2)

        if not bar.disable:
            watcher.submit(watch)
        try:
            yield
        finally:
            is_over = True


def _print(
    out: Console,
    file: Path,
    reading: Reading,
    tables: Sequence[DetectedTable],
    chosen: Sequence[DetectedTable],
    limit: int,
    *,
    is_zh: bool,
) -> None:
    from fugong.table_detection.read import dialect_reasons, name_of

    lang = "zh" if is_zh else "en"
    found = f"找到 {len(tables)} 张表" if is_zh else f"{len(tables)} table{'s' if len(tables) > 1 else ''} found"
    out.print(f"{escape(one_line(file.name))} · {reading.kind} · {found}", highlight=False)
    if reading.dialect:
        words = ("编码", "分隔符", "引号", "转义", "换行") if is_zh else ("encoding", "delimiter", "quote", "escape", "line end")
        dialect = reading.dialect
        ends = {"\n": "LF", "\r\n": "CRLF", "\r": "CR"}
        values = (
            reading.encoding,
            *(name_of(dialect[key], lang) for key in ("delimiter", "quote", "escape")),
            ends[dialect["line_end"]],
        )
        out.print("  " + " · ".join(f"{word} {value}" for word, value in zip(words, values, strict=True)), style="dim")
    for reason in dialect_reasons(reading):
        out.print("  " + escape(reason.text_in(lang)), style="dim", highlight=False)
    for table in chosen:
        place = next(index for index, other in enumerate(tables, 1) if other is table)
        _print_table(out, table, place, limit, is_zh=is_zh)


def _print_table(out: Console, table: DetectedTable, place: int, limit: int, *, is_zh: bool) -> None:
    from fugong.table_detection.read import header_reason, range_of

    sheet = one_line(table.cells.name)
    where = f"{sheet} {range_of(table)}".strip()
    title = f"表 {place} · {where} · {table.n_rows:,} 行" if is_zh else f"Table {place} · {where} · {table.n_rows:,} rows"
    out.print(f"\n[bold]{escape(title)}[/bold]", highlight=False)
    reason = header_reason(table)
    out.print("  " + escape(reason.zh if is_zh else reason.en), style="dim", highlight=False)
    rows = list(islice(table.numbered_rows(), limit))
    width = max([len(table.header), *(len(row) for _, row in rows)])
    n_shown = min(width, max(3, out.width // (MIN_COLUMN_WIDTH + 3)))
    lines = [
        [_shown(row[index]) if index < len(row) else "" for index in range(n_shown)]
        for row in (table.header, *(r for _, r in rows))
    ]
    numbers = ["行" if is_zh else "row", *(str(number) for number, _ in rows)]
    first, *widths = _widths([[number, *line] for number, line in zip(numbers, lines, strict=True)], out.width)
    grid = RichTable(show_header=bool(table.header))
    grid.add_column(numbers[0], justify="right", style="dim", no_wrap=True, width=first)
    for name, column_width in zip(lines[0], widths, strict=True):
        grid.add_column(escape(name), no_wrap=True, overflow="ellipsis", width=column_width)
    for number, line in zip(numbers[1:], lines[1:], strict=True):
        grid.add_row(number, *map(escape, line))
    if limit:
        out.print(grid)
    more = [
        (f"另有 {table.n_rows - len(rows):,} 行", f"{table.n_rows - len(rows):,} more rows")
        if limit and table.n_rows > len(rows)
        else None,
        (f"另有 {width - n_shown} 列", f"{width - n_shown} more columns") if width > n_shown else None,
    ]
    told = [said[0 if is_zh else 1] for said in more if said]
    if told:
        out.print("  …… " + ("、" if is_zh else ", ").join(told), style="dim", highlight=False)
    _print_left_out(out, table.left_out, is_zh=is_zh)


def _widths(lines: Sequence[Sequence[str]], room: int) -> list[int]:
    """How wide each column is: as its cells are, the widest ones cut down until all fit; the first is never cut."""
    widths = [max(map(cell_len, column)) for column in zip(*lines, strict=True)]
    while sum(widths) + 3 * len(widths) + 1 > room and max(widths[1:], default=0) > MIN_CUT_WIDTH:
        widest = max(range(1, len(widths)), key=lambda index: widths[index])
        widths[widest] -= 1
    return widths


def _shown(cell: str | None) -> str:
    text = one_line(cell or "")
    return text if len(text) <= SHOWN_CHARACTERS else text[: SHOWN_CHARACTERS - 1] + "…"


def _print_left_out(out: Console, left_out: Sequence[LeftOut], *, is_zh: bool) -> None:
    from fugong.table_detection.read import WHY_LEFT_OUT

    if not left_out:
        return
    out.print("  未列入:" if is_zh else "  Left out:", highlight=False)
    for item in left_out[:SHOWN_LEFT_OUT]:
        rows = f"{item.first_row}" if item.first_row == item.last_row else f"{item.first_row}–{item.last_row}"
        why = WHY_LEFT_OUT[item.why].zh if is_zh else WHY_LEFT_OUT[item.why].en
        place = f"第 {rows} 行 {why}" if is_zh else f"row {rows} {why}"
        out.print(f"    {place}  {escape(_shown(item.text))}".rstrip(), highlight=False)
    if len(left_out) > SHOWN_LEFT_OUT:
        n = len(left_out) - SHOWN_LEFT_OUT
        out.print(f"    …… 另有 {n} 处" if is_zh else f"    … and {n} more", highlight=False)

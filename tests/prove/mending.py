"""Single errors in files of every report, and a clerk who mends them by the receipt alone: how many are right after one round."""

from __future__ import annotations

import csv
import tempfile
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

import psycopg
from psycopg import sql

from fugong.contracts.contract import Column, Table
from fugong.core.settings import PROJECT, Settings
from fugong.core.time import SHANGHAI
from fugong.intake.evaluate import Evaluation, evaluate
from fugong.intake.types import Outcome
from fugong.parsing.header_text import fold_header
from fugong.validation.context import IntakeContext
from include.samples.fugong_samples import write_district
from tests.fixtures.databases import copy_database, drop_database
from tests.fixtures.evaluations import accepted
from tests.fixtures.inbox import Inbox, as_xlsx
from tests.fixtures.scripted_clerk import Papers, mend_own_sheet, mend_returned
from tests.prove.proof import Proof, Try
from tests.prove.warehouse import empty_warehouse

SINCE = date(2020, 3, 9)
N_ROWS = 60
"""Rows of a file; at most every second one is spoiled."""
SHEET = "Sheet"
FACTORS = (10, 100, 1000, 10_000)
Row = Sequence[str | None]


@dataclass(frozen=True)
class GoodFile:
    """A file of a sample district without a fault, with one table.

    Attributes:
        rows: below the header, which is the first line.
        truth: key → what is stored of the row.
    """

    table: Table
    department: str
    name: str
    report_date: date
    received_at: datetime
    header: Row
    rows: Sequence[Row]
    truth: Mapping[tuple[Any, ...], Mapping[str, Any]]

    @property
    def columns(self) -> list[Column | None]:
        """The contract's column of each cell."""
        named = {fold_header(name): column for column in self.table.columns for name in column.headers}
        return [
            named.get(fold_header((text or "").partition("(")[0])) or named.get(fold_header(text or "")) for text in self.header
        ]


@dataclass(frozen=True)
class Error:
    """One cell that was typed wrong."""

    at: int
    column: int
    typed: str | None


@contextmanager
def open_files(seed: int) -> Iterator[Try]:
    """Good files of every table, once; each case spoils other cells of all of them."""
    with empty_warehouse() as (home, url, context):
        files = list(good_files(context, home / "files", seed))

        def try_case(case: int) -> dict[str, Any]:
            random = Random(seed * 10**6 + case)
            found: dict[str, dict[str, int]] = {}
            for n, file in enumerate(files):
                name = f"case_{case}_{n}"
                found[file.table.name] = dict(try_file(file, context, home, f"{url}/{name}", name, random))
            total = sum((Counter(one) for one in found.values()), Counter[str]())
            told = total["returned"] + total["warned"]
            assert total["mended"] >= 0.9 * told, (
                f"{total['mended']} of {told} errors that a receipt told of are mended in one round"
            )
            return found

        yield try_case


def good_files(context: IntakeContext, folder: Path, seed: int) -> Iterator[GoodFile]:
    """The largest file of the last days of every table, with the rows of which nothing is told."""
    write_district(folder, seed=seed)
    with (folder / "history.csv").open(encoding="utf-8-sig", newline="") as lines:
        arrivals = {row["file"]: datetime.fromisoformat(row["received_at"]).astimezone(SHANGHAI) for row in csv.DictReader(lines)}
    best: dict[str, GoodFile] = {}
    for name, received_at in arrivals.items():
        if received_at.date() < SINCE:
            continue
        department, _, file_name = name.partition("/")
        for file in _sent(context, folder / name, department, file_name, received_at):
            known = best.get(file.table.name)
            if known is None or len(file.rows) > len(known.rows):
                best[file.table.name] = file
    for file in best.values():
        sound = sound_rows(context, file)
        if sound.rows:
            yield sound


def _sent(context: IntakeContext, path: Path, department: str, name: str, received_at: datetime) -> Iterator[GoodFile]:
    with tempfile.TemporaryDirectory() as work:
        found = evaluate(context, path, file_name=name, department=department, received_at=received_at, work=Path(work))
        if found.report_date is None or found.contract is None or found.is_rejected:
            return
        named = f"{found.report_date:%Y%m%d}_{found.contract.report}_{department}_V1.xlsx"
        for part in found.parts:
            lines = part.interpreted.row_numbers.tolist()[:N_ROWS]
            rows = list(part.raw(set(lines)).values())
            headers = [header for header, _ in rows[0]] if rows else []
            same = [[text for _, text in row] for row in rows if [header for header, _ in row] == headers]
            if same:
                yield GoodFile(part.table, department, named, found.report_date, received_at, headers, same, {})


def sound_rows(context: IntakeContext, file: GoodFile) -> GoodFile:
    """The file without the rows of which something is told, and what is stored of the others."""
    found, stored = _evaluated(context, file, file.rows)
    told = {one.row_number for one in found.findings.all_findings() if one.row_number}
    rows = [row for line, row in enumerate(file.rows, start=2) if line in stored and line not in told]
    _, stored = _evaluated(context, file, rows)
    return replace(file, rows=rows, truth={tuple(row[name] for name in file.table.key): row for row in stored.values()})


def _evaluated(context: IntakeContext, file: GoodFile, rows: Sequence[Row]) -> tuple[Evaluation, dict[int, dict[str, Any]]]:
    """A file with other rows, and line → what would be stored of it."""
    names = [column.name for column in file.table.columns]
    with tempfile.TemporaryDirectory() as work:
        path = Path(work) / file.name
        path.write_bytes(as_xlsx([text or "" for text in file.header], rows))
        found = evaluate(
            context, path, file_name=file.name, department=file.department, received_at=file.received_at, work=Path(work)
        )
        stored = {
            row["row_number"]: {name: row[name] for name in names} for _, block in accepted(found) for row in block.to_pylist()
        }
    return found, stored


def try_file(file: GoodFile, context: IntakeContext, home: Path, url: str, name: str, random: Random) -> Counter[str]:
    """Spoil cells of a file, one a row; see what is told of each; mend what is told of."""
    errors = list(errors_in(file, context, random))
    count = Counter({"errors": len(errors)})
    found, stored = _evaluated(context, file, _with(file, errors))
    if found.is_rejected:
        return count + Counter({"refused": len(errors)})
    told = {one.row_number for one in found.findings.all_findings()}
    returned = [one for one in errors if one.at + 2 not in stored]
    warned = [one for one in errors if one.at + 2 in stored and one.at + 2 in told]
    same = [one for one in errors if one.at + 2 in stored and stored[one.at + 2] in file.truth.values()]
    warned = [one for one in warned if one not in same]
    silent = len(errors) - len(returned) - len(warned) - len(same)
    count += Counter({"returned": len(returned), "warned": len(warned), "read_rightly": len(same), "silent": silent})
    for kind, wrong in (("returned", returned), ("warned", warned)):
        if not wrong:
            continue
        copy_database(home, "empty", f"{name}_{kind}")
        inbox = Inbox(Settings(home / f"{name}_{kind}", PROJECT, f"{url}_{kind}"), context)
        try:
            n = _mended(inbox, file, wrong, is_returned=kind == "returned")
            count += Counter({"mended": n, f"mended_{kind}": n})
        finally:
            drop_database(home, f"{name}_{kind}")
    return +count


def _mended(inbox: Inbox, file: GoodFile, errors: Sequence[Error], *, is_returned: bool) -> int:
    """How many errors are right after the clerk has sent the mended sheet back once."""
    papers: Papers = dict(enumerate(file.rows, start=2))
    sent = as_xlsx([text or "" for text in file.header], _with(file, errors))
    outcome = inbox.send(file.department, file.name, sent, at=file.received_at)
    receipt = _workbook(inbox, outcome)
    back = mend_returned(receipt, papers) if is_returned else mend_own_sheet(receipt, SHEET, papers)
    if back is None:
        return 0
    name = "改好.xlsx" if is_returned else "改好 更正.xlsx"  # as the receipt says of what was loaded with a warning
    inbox.send(file.department, name, back, at=file.received_at + timedelta(minutes=5))
    names = [column.name for column in file.table.columns]
    query = sql.SQL("SELECT {} FROM {}").format(
        sql.SQL(", ").join(map(sql.Identifier, names)), sql.Identifier("asof", file.table.name)
    )
    with psycopg.connect(inbox.settings.warehouse_url or "") as connection:
        rows = [dict(zip(names, row, strict=True)) for row in connection.execute(query)]
    right = {key for row in rows if file.truth.get(key := tuple(row[name] for name in file.table.key)) == row}
    keys = list(file.truth)
    return sum(keys[one.at] in right for one in errors)


def _workbook(inbox: Inbox, outcome: Outcome) -> bytes:
    [path] = (inbox.settings.outbox / outcome.department).glob(f"*.{outcome.submission_id}.回执.xlsx")
    return path.read_bytes()


def _with(file: GoodFile, errors: Sequence[Error]) -> Sequence[Row]:
    rows = [list(row) for row in file.rows]
    for one in errors:
        rows[one.at][one.column] = one.typed
    return rows


def errors_in(file: GoodFile, context: IntakeContext, random: Random) -> Iterator[Error]:
    """One error a row, in every second row, each time in another column that is filled in."""
    filled = [at for at, column in enumerate(file.columns) if column is not None and any(row[at] for row in file.rows)]
    places = list(range(0, len(file.rows), 2))
    for n, at in enumerate(places):
        column = filled[n % len(filled)]
        text, about = file.rows[at][column], file.columns[column]
        if not text or about is None:
            continue
        ways = [way for way in _ways(text, about, context, random) if way != text]
        if ways:
            yield Error(at, column, random.choice(ways))


def _ways(text: str, column: Column, context: IntakeContext, random: Random) -> Iterator[str | None]:
    """How somebody may have mistyped a cell."""
    if column.is_mandatory:
        yield None
    digits = [at for at, one in enumerate(text) if one.isdigit()]
    if digits and not column.code_list:
        at = random.choice(digits)
        yield text[:at] + str((int(text[at]) + random.randint(1, 9)) % 10) + text[at + 1 :]
        pairs = [at for at in digits if at + 1 in digits and text[at] != text[at + 1]]
        if pairs:
            at = random.choice(pairs)
            yield text[:at] + text[at + 1] + text[at] + text[at + 2 :]
    match column.logical_type:
        case "number" | "integer":
            number = text.replace(",", "").rstrip("%")
            try:
                value = float(number)
            except ValueError:
                return
            sign = text[len(text.rstrip("%")) :]
            for factor in FACTORS:
                yield f"{value * factor:.10g}{sign}"
                if column.logical_type == "number":
                    yield f"{value / factor:.10g}{sign}"
            yield f"约{text}"
            yield f"-{text}"
        case "date":
            yield text.replace("2020", "2019")
            yield text.replace("2020", "2200")
            yield "3月32日"
        case _ if column.code_list:
            names = [code.name_zh for code in context.code_lists[column.code_list].codes]
            yield random.choice(names)
            yield f"{text}?"
            yield "不知道"
        case _ if column.format == "uscc":
            yield text[:-1]
            yield text.replace("0", "O", 1)
        case _:
            return


def _summary(found: Sequence[dict[str, Any]]) -> str:
    total = _total(found)
    told = total["returned"] + total["warned"]
    return (
        f"{total['errors']:,} errors: {total['returned']:,} sent back, {total['warned']:,} loaded with a warning, {total['silent']:,} seen by "
        f"no rule, {total['read_rightly']:,} read rightly all the same, {total['refused']:,} in files refused whole. Of {told:,} told, "
        f"{total['mended']:,} are right after one round"
    )


def _total(found: Sequence[dict[str, Any]]) -> Counter[str]:
    return sum((Counter(table) for one in found for table in one.values()), Counter[str]())


def table(found: Sequence[dict[str, Any]], lang: str) -> str:
    """The counts of every table, as Markdown."""
    heads = {
        "en": "| table | errors | sent back | mended in one round | loaded with a warning | mended in one round | seen by no rule | read rightly | file refused |",
        "zh": "| 表 | 填错 | 退回 | 一轮改好 | 提醒 | 一轮改好 | 没有规则能发现 | 照样读对 | 整份退回 |",
    }
    keys = ("errors", "returned", "mended_returned", "warned", "mended_warned", "silent", "read_rightly", "refused")
    lines = [heads[lang], "|" + " --- |" * (len(keys) + 1)]
    for name in sorted(found[0]):
        one = sum((Counter(case[name]) for case in found), Counter[str]())
        lines.append(f"| `{name}` | " + " | ".join(f"{one[key]:,}" for key in keys) + " |")
    return "\n".join(lines)


PROOF = Proof(
    name="mending",
    claim="A clerk who knows nothing but the receipt mends nine of ten errors that it tells of in one round.",
    claim_zh="只看回执的报送人,一轮就能改好回执指出的错的九成。",
    n_cases=10,
    open=open_files,
    summary=_summary,
    table=table,
    page="mending.md",
)

"""Returned rows as the tables hold them, and what is known of their cells: which are faulty, what is proposed.

`returned_rows` writes them into a receipt's workbook, pages show them, `resubmission` compares what comes back.
"""

from __future__ import annotations

import re
from collections.abc import Generator, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import psycopg
from psycopg import sql

from fugong.contracts.code_list import CodeList, fold
from fugong.contracts.contract import Column, Contracts, Table
from fugong.contracts.example import example_of
from fugong.core.typesetting import set_chinese
from fugong.core.vocabulary import Lang, ReceiptSheet, Verdict
from fugong.receipts.answers import LINE, NOTE, SHEET, VERDICT
from fugong.receipts.proposals import PROPOSED, TAKE
from fugong.receipts.styles import DOUBTFUL, sentence_of

REASON = "退回原因"
OURS = frozenset((LINE, SHEET, REASON, PROPOSED, TAKE, VERDICT, NOTE))
"""Headers that we add."""
MAX_ROWS = 100_000
"""Rows that one workbook lists."""

Pairs = Sequence[tuple[str | None, str | None]]
"""Header and text of each cell."""
Slot = tuple[str, int]
"""A header as sent, and its number among the columns with the same header, from 1."""


@dataclass(frozen=True)
class Returned:
    """One returned row.

    Attributes:
        line: its row number in the original file, also for a row of a repair.
        sheet: its sheet there; None where it is the only one.
        answered: verdict and reason of its sender, who settled every reason before; None where one is open.
        cells: header and text, in the order of the file.
        repaired_by: the submission that brought it mended; None while it is returned.
        row_number: in the submission that returned it.
    """

    line: int
    cells: Pairs
    reasons: Sequence[Mapping[str, Any]]
    sheet: str | None = None
    answered: tuple[Verdict, str] | None = None
    repaired_by: int | None = None
    row_number: int = 0

    @property
    def by_slot(self) -> dict[Slot, str | None]:
        """Slot → text."""
        return dict(zip(slots_of(header for header, _ in self.cells), (text for _, text in self.cells), strict=True))


def code_columns(table: Table) -> frozenset[str]:
    """Columns with numbers of the sender's own, which are never masked: keys, accounts, indexed references."""
    return table.own_numbers


def has_cells(connection: psycopg.Connection[Any], submission_id: int) -> bool:
    """Whether the warehouse still keeps the cells of a submission's returned rows."""
    found = connection.execute(
        "SELECT EXISTS (SELECT 1 FROM intake.set_aside_row WHERE submission_id = %s AND cells IS NOT NULL)", (submission_id,)
    ).fetchone()
    return found == (True,)


def tables_of(connection: psycopg.Connection[Any], submission_id: int, *, schema: str = "intake") -> list[tuple[str, str]]:
    """Table and sheet of each group of a submission's returned rows.

    Args:
        schema: `sent` for the role of a department, here and below.
    """
    return connection.execute(
        sql.SQL("""
        SELECT table_name, sheet FROM {schema}.set_aside_row WHERE submission_id = %s AND cells IS NOT NULL
        GROUP BY table_name, sheet ORDER BY sheet, table_name
        """).format(schema=sql.Identifier(schema)),
        (submission_id,),
    ).fetchall()


def n_rows(
    connection: psycopg.Connection[Any], submission_id: int, table_name: str, sheet: str, *, schema: str = "intake"
) -> int:
    """How many rows of one table and sheet a submission returned."""
    [(n,)] = connection.execute(
        sql.SQL(
            "SELECT COUNT(*) FROM {schema}.set_aside_row"
            " WHERE submission_id = %s AND table_name = %s AND sheet = %s AND cells IS NOT NULL"
        ).format(schema=sql.Identifier(schema)),
        (submission_id, table_name, sheet),
    ).fetchall()
    return n


def are_of_several(groups: Sequence[tuple[str, str]], table_name: str) -> bool:
    """Whether returned rows of a table stand on several sheets.

    Args:
        groups: table and sheet of each group (`tables_of`).
    """
    return sum(name == table_name for name, _ in groups) > 1


def rows_of(
    connection: psycopg.Connection[Any],
    submission_id: int,
    table_name: str,
    sheet: str,
    limit: int = MAX_ROWS,
    *,
    of_several: bool = False,
    schema: str = "intake",
    only: Sequence[int] | None = None,
    offset: int = 0,
) -> Generator[Returned]:
    """A submission's returned rows of one table and sheet.

    Args:
        of_several: whether rows of other sheets of the table are returned as well.
        only: their row numbers in this submission; None for all.
        offset: how many are left out at the beginning.
    """
    listed = None if only is None else list(only)
    with connection.cursor() as cursor:
        for row_number, cells, reasons, is_repair, verdict, said, repaired_by in cursor.stream(
            sql.SQL("""
            WITH settled AS (
                SELECT row_number, MAX(answer_id) AS answer_id FROM {schema}.finding
                WHERE submission_id = %s AND sheet = %s AND severity = 'set_aside' AND row_number IS NOT NULL
                GROUP BY row_number HAVING COUNT(*) = COUNT(answer_id)
            )
            SELECT line.row_number, line.cells, line.reasons, sent.repairs IS NOT NULL, answer.verdict, answer.reason,
                line.repaired_by
            FROM {schema}.set_aside_row AS line
            INNER JOIN {schema}.submission AS sent ON line.submission_id = sent.submission_id
            LEFT JOIN settled ON line.row_number = settled.row_number
            LEFT JOIN {schema}.answer AS answer ON settled.answer_id = answer.answer_id
            WHERE line.submission_id = %s AND line.table_name = %s AND line.sheet = %s AND line.cells IS NOT NULL
                AND (%s::bigint[] IS NULL OR line.row_number = ANY(%s))
            ORDER BY line.row_number LIMIT %s OFFSET %s
            """).format(schema=sql.Identifier(schema)),
            (submission_id, sheet, submission_id, table_name, sheet, listed, listed, limit, offset),
        ):
            known = {header: text for header, text in cells if header in OURS} if is_repair else {}
            line = known.get(LINE)
            ours = OURS if is_repair else frozenset[str]()
            yield Returned(
                line=int(line) if line and line.isdecimal() else row_number,
                cells=[(header, text) for header, text in cells if header not in ours],
                reasons=reasons,
                sheet=known.get(SHEET) if is_repair else (sheet if of_several else None),
                answered=(Verdict(verdict), said) if verdict else None,
                repaired_by=repaired_by,
                row_number=row_number,
            )


def slots_of(headers: Iterable[str | None]) -> Iterator[Slot]:
    """The slot of each header, in order."""
    seen: dict[str, int] = {}
    for header in headers:
        text = header or ""
        seen[text] = seen.get(text, 0) + 1
        yield text, seen[text]


@dataclass
class ReturnedSheet:
    """The returned rows of one table and sheet: their columns, and where the reasons of a row point.

    Attributes:
        table: None where no contract knows it any more.
        sheet: where the rows stand in the submission.
        of_several: whether rows of other sheets of the table are returned as well.
        name: of the table or the sheet, where a submission has several; None for the only one.
        slots: the columns from left to right.
        kinds: per slot `number`, `code` (not masked) or `text`.
        codes: columns that are not masked.
        has_proposals: whether values are proposed for any of its rows.
        has_doubts: whether some rows have cells of which one is wrong.
        widths: per slot, in characters, while it is written.
    """

    table_name: str
    table: Table | None
    sheet: str
    of_several: bool
    name: str | None
    code_lists: Mapping[str, CodeList]
    slots: list[Slot]
    kinds: list[str]
    codes: frozenset[str]
    has_proposals: bool = False
    has_doubts: bool = False
    widths: list[int] = field(default_factory=list[int])
    n_written: int = 0

    def faults(self, reasons: Sequence[Mapping[str, Any]], lang: Lang = Lang.ZH) -> dict[Slot, list[str]]:
        """Faulty slot → the sentences of its findings, and an example. A reason for the whole line or a missing column has no slot."""
        found: dict[Slot, list[str]] = {}
        for reason in reasons:
            for slot in self.slots_at(reason):
                found.setdefault(slot, []).append(self.sentence(reason, lang))
        for slot, sentences in found.items():
            column = column_of(self.table, slot[0])
            if column is not None and (example := example_line(column, self.code_lists, sentences, lang)):
                sentences.append(example)
        return found

    def doubtful(self, reasons: Sequence[Mapping[str, Any]]) -> dict[Slot, str]:
        """The slots that may be wrong and may be right, each with its mark; those that are wrong for another reason are none."""
        doubted = {slot for reason in reasons if reason.get("is_doubtful") for slot in self.slots_at(reason)}
        wrong = {slot for reason in reasons if not reason.get("is_doubtful") for slot in self.slots_at(reason)}
        return dict.fromkeys(doubted - wrong, DOUBTFUL)

    def proposals(self, reasons: Sequence[Mapping[str, Any]]) -> Iterator[tuple[Slot, str]]:
        """Slot and proposed value of the cells of a row. Of cells that are only doubted nothing can be taken at once."""
        for reason in reasons:
            proposed = reason.get("proposed")
            if proposed is None or reason.get("is_doubtful"):
                continue
            for slot in self.slots_at(reason)[:1]:
                yield slot, str(proposed)

    def slots_at(self, reason: Mapping[str, Any]) -> list[Slot]:
        """The slots that a reason is about."""
        header, name = reason.get("header"), reason.get("column")
        if header is not None and (header, 1) in self.slots:
            return [(header, 1)]
        column = self.table.by_name.get(name) if self.table and name else None
        from fugong.parsing.header_text import fold_header  # late: it brings pyarrow, and most receipts are read without

        wanted = {fold_header(text) for text in column.headers} if column else set[str]()
        # A key of several columns is named by all their headers at once.
        wanted |= {fold_header(text) for text in re.split(r"[、,+]|和", header or "") if fold(text)}
        return [slot for slot in self.slots if slot[1] == 1 and fold_header(slot[0]) in wanted]

    def sentence(self, reason: Mapping[str, Any], lang: Lang = Lang.ZH) -> str:
        """The sentence of a reason, masked."""
        return sentence_of(str(reason[f"message_{lang.value}"]), is_code=reason.get("column") in self.codes, lang=lang)


def sheets_of(
    connection: psycopg.Connection[Any],
    contracts: Contracts,
    code_lists: Mapping[str, CodeList],
    submission_id: int,
    *,
    is_repair: bool,
    schema: str = "intake",
) -> list[ReturnedSheet]:
    """The sheets of a submission's returned rows, without the rows.

    Args:
        is_repair: the submission is one: its rows hold headers of ours.
    """
    groups = tables_of(connection, submission_id, schema=schema)
    out: list[ReturnedSheet] = []
    for table_name, sheet in groups:
        table = contracts.tables.get(table_name)
        slots = _slots(connection, submission_id, table_name, sheet, OURS if is_repair else frozenset(), schema)
        named = sheet.removeprefix(ReceiptSheet.RETURNED).strip() if is_repair else sheet
        out.append(
            ReturnedSheet(
                table_name=table_name,
                table=table,
                sheet=sheet,
                of_several=are_of_several(groups, table_name),
                name=(named or (table.title if table else table_name)) if len(groups) > 1 else None,
                code_lists=code_lists,
                slots=slots,
                kinds=[_kind(table, header) for header, _ in slots],
                codes=code_columns(table) if table else frozenset(),
                has_proposals=_has(connection, submission_id, table_name, sheet, "proposed", schema),
                has_doubts=_has(connection, submission_id, table_name, sheet, "is_doubtful", schema),
            )
        )
    return out


def _slots(
    connection: psycopg.Connection[Any], submission_id: int, table_name: str, sheet: str, ours: frozenset[str], schema: str
) -> list[Slot]:
    found = connection.execute(
        sql.SQL("""
        SELECT headers, min(row_number) FROM (
            SELECT row_number, (SELECT jsonb_agg(pair -> 0 ORDER BY place)
                FROM jsonb_array_elements(cells) WITH ORDINALITY AS listed (pair, place)) AS headers
            FROM {schema}.set_aside_row
            WHERE submission_id = %s AND table_name = %s AND sheet = %s AND cells IS NOT NULL
        ) AS line
        GROUP BY headers ORDER BY 2
        """).format(schema=sql.Identifier(schema)),
        (submission_id, table_name, sheet),
    ).fetchall()
    slots: dict[Slot, None] = {}
    for headers, _ in found:
        slots |= dict.fromkeys(slots_of(header for header in headers or [] if header not in ours))
    return list(slots)


def _has(connection: psycopg.Connection[Any], submission_id: int, table_name: str, sheet: str, what: str, schema: str) -> bool:
    """Whether a reason of some returned row has a key."""
    found = connection.execute(
        sql.SQL("""
        SELECT EXISTS (
            SELECT FROM {schema}.set_aside_row
            WHERE submission_id = %s AND table_name = %s AND sheet = %s AND cells IS NOT NULL
                AND jsonb_path_exists(reasons, '$[*].keyvalue() ? (@.key == $what)', jsonb_build_object('what', %s::text))
        )
        """).format(schema=sql.Identifier(schema)),
        (submission_id, table_name, sheet, what),
    ).fetchone()
    return found == (True,)


def column_of(table: Table | None, header: str) -> Column | None:
    """The contract column that a header as sent means."""
    from fugong.parsing.header_text import fold_header  # late, as above

    folded = fold_header(header)
    columns = table.columns if table else ()
    return next((column for column in columns if folded in {fold_header(name) for name in column.headers}), None)


def _kind(table: Table | None, header: str) -> str:
    column = column_of(table, header)
    return kind_of(table, column) if table and column else "text"


def kind_of(table: Table, column: Column) -> str:
    """How cells of a column are written: `number`, `code` or `text`."""
    if column.name in code_columns(table):
        return "code"
    return "number" if column.logical_type in {"number", "integer"} else "text"


def example_line(
    column: Column, code_lists: Mapping[str, CodeList], sentences: Sequence[str], lang: Lang = Lang.ZH
) -> str | None:
    """An example of what the column accepts, unless the sentences give one."""
    example = example_of(column, code_lists.get(column.code_list or ""))
    told = ("例如", "只能填") if lang is Lang.ZH else ("such as", "e.g.", "takes only")
    if not example or any(word in sentence for sentence in sentences for word in told):
        return None
    if lang is Lang.EN:
        return f"Written right, for example: {example}"
    return set_chinese(f"正确的写法,例如:{example}")

"""What evaluation asks about earlier submissions: one protocol, answered by the warehouse or, without one, by nobody."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import NoReturn, Protocol

import psycopg
from psycopg import sql

from fugong.contracts.code_list import fold
from fugong.contracts.contract import Contracts
from fugong.core.settings import Settings
from fugong.findings.collector import NotInOnePass
from fugong.receipts.resubmission import Original, PriorSubmission
from fugong.receipts.returned import Returned, are_of_several, rows_of, tables_of
from fugong.storage import quarantine


class PriorSubmissions(Protocol):
    """Answers questions about what was submitted and loaded before."""

    def earlier(self, number: int) -> PriorSubmission | None:
        """The submission of that number, if the same department sent it."""
        ...

    def credit_codes(self, numbers: Sequence[str]) -> Mapping[str, str]:
        """15-digit registration numbers as typed → credit codes, for those that are known."""
        ...


class NoPriorSubmissions:
    """Knows nothing: for files that are evaluated without a warehouse."""

    def earlier(self, number: int) -> None:  # noqa: ARG002
        """No submission."""
        return

    def credit_codes(self, numbers: Sequence[str]) -> Mapping[str, str]:  # noqa: ARG002
        """No codes."""
        return {}


class DuringCopy:
    """Refuses every question: the connection is busy with the COPY of the same file."""

    def earlier(self, number: int) -> NoReturn:
        """Stop the COPY.

        Raises:
            NotInOnePass: always.
        """
        raise NotInOnePass(f"submission {number}")

    def credit_codes(self, numbers: Sequence[str]) -> NoReturn:
        """Stop the COPY.

        Raises:
            NotInOnePass: always.
        """
        raise NotInOnePass(f"{len(numbers)} old numbers")


class AskedBeforeItsTurn(Exception):
    """A file asks about submissions before it while some of them are not answered yet: it has to be evaluated again in its turn."""


class BeforeItsTurn:
    """Refuses every question: files before this one may bring the answer."""

    def earlier(self, number: int) -> NoReturn:
        """Stop the evaluation.

        Raises:
            AskedBeforeItsTurn: always.
        """
        raise AskedBeforeItsTurn(f"submission {number}")

    def credit_codes(self, numbers: Sequence[str]) -> NoReturn:
        """Stop the evaluation.

        Raises:
            AskedBeforeItsTurn: always.
        """
        raise AskedBeforeItsTurn(f"{len(numbers)} old numbers")


@dataclass(frozen=True)
class WarehouseSubmissions:
    """Asks the warehouse on behalf of one department.

    Attributes:
        schema: `sent` for the role of the department, which knows no codes of old numbers.
    """

    connection: psycopg.Connection
    settings: Settings
    contracts: Contracts
    department: str
    schema: str = "intake"

    def earlier(self, number: int) -> PriorSubmission | None:
        """A loaded submission of the department, and its original.

        The original is the submission itself, or the one that it repairs; of a submission that was replayed, the newest replay.
        """
        row = self.connection.execute(
            sql.SQL("""
            SELECT
                sent.submission_id,
                (
                    WITH RECURSIVE judged AS (
                        SELECT first.submission_id
                        UNION ALL
                        SELECT again.submission_id
                        FROM judged INNER JOIN {schema}.submission AS again ON again.replays = judged.submission_id
                    )
                    SELECT MAX(submission_id) FROM judged
                ),
                first.report, first.report_date, first.file_name, first.sha256
            FROM {schema}.submission AS sent
            INNER JOIN {schema}.submission AS first ON first.submission_id = COALESCE(sent.repairs, sent.submission_id)
            WHERE sent.submission_id = %s AND sent.department_code = %s AND sent.state <> 'received'
            """).format(schema=sql.Identifier(self.schema)),
            (number, self.department),
        ).fetchone()
        if row is None:
            return None
        sent, first, report, day, file_name, sha256 = row

        def returned() -> Iterator[Returned]:
            groups = tables_of(self.connection, sent, schema=self.schema)
            for table_name, sheet in groups:
                several = are_of_several(groups, table_name)
                yield from rows_of(self.connection, sent, table_name, sheet, of_several=several, schema=self.schema)

        original = Original(first, report, day) if report is not None and day is not None else None
        return PriorSubmission(sent, original, file_name, partial(quarantine.original, self.settings, sha256), returned)

    def credit_codes(self, numbers: Sequence[str]) -> Mapping[str, str]:
        """Codes for which a report table that maps old numbers knows exactly one."""
        plain = {number: fold(number) for number in numbers}
        out: dict[str, str] = {}
        for table in self.contracts.tables.values():
            for column in table.columns:
                if column.old_number_of is None:
                    continue
                rows = self.connection.execute(
                    sql.SQL(
                        "SELECT {old}, MIN({code}) FROM {table} WHERE {old} = ANY(%s) AND {code} <> '' "
                        "GROUP BY {old} HAVING MIN({code}) = MAX({code})"
                    ).format(
                        old=sql.Identifier(column.name),
                        code=sql.Identifier(column.old_number_of),
                        table=sql.Identifier("asof", table.name),
                    ),
                    (list(plain.values()),),
                ).fetchall()
                known = dict(rows)
                out |= {number: known[folded] for number, folded in plain.items() if folded in known}
        return out

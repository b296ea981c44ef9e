"""What a file costs the warehouse: a clean file is settled and answered with few statements, whatever the history before it."""

from __future__ import annotations

from typing import Any

import psycopg
import pytest

from tests.fixtures.inbox import TAX_HEADER, Inbox, as_xlsx, tax_row

AT_MOST = 50
"""Statements of one clean file, collecting and receipt included; they were 64 once, and 43 on 30 November 2026."""


def test_a_clean_file_takes_few_statements(inbox: Inbox, monkeypatch: pytest.MonkeyPatch) -> None:
    said: list[object] = []
    execute = psycopg.Cursor.execute

    def counted(self: psycopg.Cursor[Any], query: Any, *given: Any, **more: Any) -> Any:
        said.append(query)
        return execute(self, query, *given, **more)

    for day in (16, 17, 18):
        said.clear()
        with monkeypatch.context() as patch:
            patch.setattr(psycopg.Cursor, "execute", counted)
            outcome = inbox.send("TAX", f"202003{day}_R04_TAX_V1.xlsx", as_xlsx(TAX_HEADER, [tax_row(day, day=f"2020-03-{day}")]))
        assert outcome.rows_accepted == outcome.rows_read == 1
        assert 20 < len(said) <= AT_MOST

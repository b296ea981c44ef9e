"""Parquet: columns of every type become cells as a workbook shows them; what is no table, damaged or hostile goes back."""

from __future__ import annotations

import datetime as dt
import io
from decimal import Decimal
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from fugong.reading.limits import Limits
from tests.fixtures.files import ReadBytes, code, packed, rows

MOMENT = dt.datetime(2020, 3, 18, 1, 30, tzinfo=dt.UTC)


def parquet(table: pa.Table, **options: Any) -> bytes:
    """A table as Arrow writes it."""
    pq.write_table(table, out := io.BytesIO(), **options)
    return out.getvalue()


@pytest.mark.parametrize(
    ("column", "shown"),
    [
        (pa.array(["一厂", " ", "", None]), ["一厂", None, None, None]),
        (pa.array(["一厂", "二厂", "一厂"]).dictionary_encode(), ["一厂", "二厂", "一厂"]),
        (pa.array([9007199254740993, -1, None], pa.int64()), ["9007199254740993", "-1", None]),
        (pa.array([18446744073709551615], pa.uint64()), ["18446744073709551615"]),
        (pa.array([1379.88, 0.1 + 0.2, 3.0, 1e16, None]), ["1379.88", "0.3", "3", "1E+16", None]),
        (pa.array([0.1, 1379.88], pa.float32()), ["0.1", "1379.88"]),
        (pa.array([float("nan"), float("inf")]), ["#NUM!", "#NUM!"]),
        (pa.array([Decimal("1.50"), Decimal("0.00")], pa.decimal128(18, 2)), ["1.50", "0.00"]),
        (pa.array([Decimal("0.00000001")], pa.decimal128(38, 8)), ["0.00000001"]),
        (pa.array([True, False, None]), ["TRUE", "FALSE", None]),
        (pa.array([dt.date(2020, 3, 18)]), ["2020-03-18"]),
        (pa.array([dt.date(2020, 3, 18)], pa.date64()), ["2020-03-18"]),
        (pa.array([MOMENT], pa.timestamp("us", "UTC")), ["2020-03-18 09:30:00"]),
        (pa.array([MOMENT], pa.timestamp("ns", "America/New_York")), ["2020-03-18 09:30:00"]),
        (pa.array([MOMENT.replace(tzinfo=None)], pa.timestamp("ms")), ["2020-03-18 01:30:00"]),
        (pa.array([dt.time(9, 30)], pa.time64("ns")), ["09:30:00"]),
        (pa.array([dt.timedelta(hours=30)], pa.duration("ns")), ["30:00:00"]),
        (pa.nulls(2), [None, None]),
    ],
    ids=range(18),
)
def test_a_column_is_shown_as_in_a_workbook(read: ReadBytes, column: pa.Array, shown: list[str | None]) -> None:
    reading = read(parquet(pa.table({"金额": column, "序号": [str(n) for n in range(len(column))]})))
    assert (reading.kind, reading.refused) == ("parquet", None)
    assert rows(reading) == [["金额", "序号"], *([cell, str(n)] for n, cell in enumerate(shown))]


def test_what_pandas_writes_and_an_archive_are_read(read: ReadBytes) -> None:
    pd.DataFrame({"企业名称": ["某某厂", None], "金额": [12.5, None]}).to_parquet(out := io.BytesIO())
    expected = [["企业名称", "金额"], ["某某厂", "12.5"], [None, None]]
    assert rows(read(out.getvalue())) == expected
    packed_reading = read(packed({"复工.parquet": out.getvalue()}))
    assert (rows(packed_reading), packed_reading.inner_name) == (expected, "复工.parquet")


def test_a_table_without_rows_has_its_header(read: ReadBytes) -> None:
    assert rows(read(parquet(pa.table({"企业名称": pa.array([], pa.string())})))) == [["企业名称"]]


def test_a_number_of_a_person_in_what_a_file_says_of_itself_is_noted(read: ReadBytes) -> None:
    field = pa.field("金额", pa.int64(), metadata={"comment": "填报人 13800138000"})
    table = pa.table([pa.array([1])], schema=pa.schema([field], metadata={"author": "41010619800101001X"}))
    texts = [text for place, text in read(parquet(table)).texts if place == "properties"]
    assert texts == ["41010619800101001X", "填报人 13800138000"]


def with_text_that_is_none() -> bytes:
    """A column that calls bytes a text."""
    broken = pa.StringArray.from_buffers(1, pa.py_buffer(b"\0\0\0\0\2\0\0\0"), pa.py_buffer(b"\xff\xfe"))
    return parquet(pa.table({"企业名称": broken}))


@pytest.mark.parametrize(
    ("content", "refused"),
    [
        (parquet(pa.table({"a": [[1, 2]]})), "not-a-table"),
        (parquet(pa.table({"a": [{"b": 1}]})), "not-a-table"),
        (parquet(pa.table({"a": [b"\x00"]})), "not-a-table"),
        (b"PARE" + bytes(200) + b"PARE", "not-a-table"),
        (parquet(pa.table({"a": list(range(1000))}))[:2000], "truncated-file"),
        (b"PAR1", "truncated-file"),
        (b"PAR1" + bytes(500) + b"PAR1", "truncated-file"),
        (parquet(pa.table({"a": pa.array([2**62], pa.timestamp("us"))})), "truncated-file"),
        (with_text_that_is_none(), "truncated-file"),
        (parquet(pa.table({f"c{n}": [1] for n in range(Limits().columns + 1)})), "too-large"),
        (parquet(pa.table({"a": ["长" * (Limits().cell_characters + 1)]})), "too-large"),
        (parquet(pa.table({"a": pa.nulls(Limits().cells)})), "too-large"),
    ],
    ids=[
        "list",
        "structure",
        "bytes",
        "encrypted",
        "cut",
        "only a magic",
        "zeros",
        "year",
        "no text",
        "columns",
        "cell",
        "cells",
    ],
)
def test_what_is_no_table_or_damaged_goes_back(read: ReadBytes, content: bytes, refused: str) -> None:
    assert code(read(content)) == refused


def test_a_small_file_that_unpacks_to_more_than_memory_goes_back(read: ReadBytes) -> None:
    # Twenty kilobytes: one text of 100,000 characters, said 200,000 times.
    once = pa.DictionaryArray.from_arrays(pa.array([0] * 200_000, pa.int32()), pa.array(["长" * 100_000]))
    content = parquet(pa.table({"a": once}), compression="zstd")
    assert len(content) < 50_000
    assert code(read(content)) in {"too-much-memory", "too-large"}


def test_bytes_that_were_changed_never_end_the_reader(read: ReadBytes) -> None:
    whole = bytearray(parquet(pa.table({"a": [f"厂{n}" for n in range(300)], "b": [n / 8 for n in range(300)]})))
    for place in range(4, len(whole), len(whole) // 300):
        changed = whole.copy()
        changed[place] ^= 0xFF
        reading = read(bytes(changed))
        assert reading.refused is None or code(reading) in {"truncated-file", "too-large", "not-a-table", "too-much-memory"}, (
            place
        )

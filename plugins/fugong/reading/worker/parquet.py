"""Reads a Parquet file into cells: the names of its columns are the first row. So a city takes the marts of its districts as a report."""

# pyarrow has no types of its own.
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# pyright: reportUnknownParameterType=false, reportMissingTypeStubs=false

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any, BinaryIO

import pyarrow as pa
import pyarrow.compute as pa_compute
import pyarrow.parquet as pq

from fugong.reading.limits import Limits
from fugong.reading.worker.cell_text import AS_TEXT
from fugong.reading.worker.properties import note_text
from fugong.reading.worker.result import FileRefused, Result, Sheet, stream_path
from fugong.reading.worker.sheet_writer import SheetWriter

pc: Any = pa_compute  # its functions are made at import; no checker sees them

MAGIC, ENCRYPTED_MAGIC = b"PAR1", b"PARE"
FROM_UTC = dt.timedelta(hours=8)
"""Moments are shown in the time of Shanghai, which had no other since 1991."""
ARROW_SCHEMA = b"ARROW:schema"
"""A property of the file that repeats its columns, encoded."""


def is_parquet(start: bytes) -> bool:
    """Whether a file with these first bytes is read as Parquet."""
    return start.startswith((MAGIC, ENCRYPTED_MAGIC))


def read_parquet(file: BinaryIO, start: bytes, size: int, into: Path, result: Result, limits: Limits) -> None:
    """Read the one table of a Parquet file."""
    result.kind = "parquet"
    if start.startswith(ENCRYPTED_MAGIC):
        raise FileRefused("not-a-table", found="encrypted Parquet")
    if size > limits.workbook_bytes:
        raise FileRefused("too-large", what="bytes", found=size, limit=limits.workbook_bytes)
    try:
        _read(pq.ParquetFile(file), into, result, limits)
    except OSError as error:
        if error.errno is not None:  # of the system; Arrow says so, too, where the file is not whole
            raise
        raise FileRefused("truncated-file") from error
    except (pa.ArrowInvalid, UnicodeDecodeError) as error:  # Arrow decodes names of columns when they are asked for
        raise FileRefused("truncated-file") from error
    except pa.ArrowNotImplementedError as error:  # a compression or an encoding that Arrow does not know
        raise FileRefused("not-a-table", found="unusual Parquet") from error


def _read(source: pq.ParquetFile, into: Path, result: Result, limits: Limits) -> None:
    facts, schema = source.metadata, source.schema_arrow
    n_columns, n_cells = len(schema), (facts.num_rows + 1) * len(schema)
    inflated = sum(facts.row_group(group).total_byte_size for group in range(facts.num_row_groups))
    for what, found, limit in (
        ("columns", n_columns, limits.columns),
        ("area", n_cells, limits.cells),
        ("inflated", inflated, limits.inflated_bytes),
    ):
        if found > limit:
            raise FileRefused("too-large", what=what, found=found, limit=limit)
    if not n_columns:
        raise FileRefused("empty-file")
    if not all(_has_cells(field.type) for field in schema):
        raise FileRefused("not-a-table", found="nested Parquet")
    for text in _properties(schema, facts.created_by):
        note_text(result, "properties", text)
    sheet = Sheet("")
    result.sheets.append(sheet)
    with SheetWriter(stream_path(into, 0), sheet, n_columns) as writer:
        writer.write_rows([list(schema.names)])
        for batch in source.iter_batches(batch_size=writer.batch_rows, use_threads=False):
            batch.validate(full=True)
            columns = [as_text(column) for column in batch.columns]
            longest = max((pc.max(pc.utf8_length(column)).as_py() or 0 for column in columns), default=0)
            if longest > limits.cell_characters:
                raise FileRefused("too-large", what="cell", found=longest, limit=limits.cell_characters)
            writer.write_columns(columns, batch.num_rows)


def _properties(schema: pa.Schema, created_by: str | None) -> Iterator[str]:
    """What the file says about itself and its columns; programs write anything there."""
    yield created_by or ""
    for held in (schema.metadata, *(field.metadata for field in schema)):
        for name, value in (held or {}).items():
            if name != ARROW_SCHEMA:
                yield f"{name.decode('utf-8', 'replace')}\n{value.decode('utf-8', 'replace')}"


def _has_cells(kind: pa.DataType) -> bool:
    """Whether a value of this type can stand in a cell: no list, no structure, no bytes."""
    kind = kind.value_type if pa.types.is_dictionary(kind) else kind
    return any(
        is_it(kind)
        for is_it in (
            _is_text,
            pa.types.is_null,
            pa.types.is_boolean,
            pa.types.is_integer,
            pa.types.is_floating,
            pa.types.is_decimal,
            pa.types.is_temporal,
        )
    ) and not pa.types.is_interval(kind)


def _is_text(kind: pa.DataType) -> bool:
    return pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_string_view(kind)


def as_text(column: pa.Array) -> pa.Array:
    """Write a column as text, as a workbook would show it; whole numbers and decimals with all their digits."""
    if pa.types.is_dictionary(column.type):
        column = column.dictionary_decode()
    if _is_text(column.type) or pa.types.is_integer(column.type) or pa.types.is_null(column.type):
        return pc.cast(column, pa.string())
    if pa.types.is_floating(column.type) and not pa.types.is_float64(column.type):
        column = pc.cast(pc.cast(pc.cast(column, pa.float32()), pa.string()), pa.float64())  # 0.1, not 0.100000001490116
    if pa.types.is_timestamp(column.type):
        shift = FROM_UTC if column.type.tz else dt.timedelta()
        column = pc.add(pc.cast(column, pa.timestamp("us"), safe=False), pa.scalar(shift, pa.duration("us")))
    elif pa.types.is_duration(column.type) or pa.types.is_time64(column.type):
        column = pc.cast(column, pa.duration("us") if pa.types.is_duration(column.type) else pa.time64("us"), safe=False)
    try:
        texts = [None if value is None else _as_text(value) for value in column.to_pylist()]
    except (ValueError, OverflowError) as error:  # Python's calendar ends with the year 9999
        raise FileRefused("truncated-file") from error
    return pa.array(texts, pa.string())


def _as_text(value: object) -> str:
    return format(value, "f") if isinstance(value, Decimal) else AS_TEXT[type(value)](value)

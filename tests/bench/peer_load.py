"""Check and load the list of payments by polars, and by ADBC or pgpq into PostgreSQL; run by the Python of an environment that has them.

The checks are those that Fugong makes of the same file: 15 of values and rows, repeated keys, and the check characters of credit codes. The
table has the columns of `report.payment` with their lineage, and its two indexes.
"""

# These packages live in a virtual environment of their own, made when the benchmark runs.
# pyright: reportMissingImports=false

import sys
from datetime import date

import adbc_driver_postgresql.dbapi as adbc
import polars as pl
import psycopg
from pgpq import ArrowToPostgresBinaryEncoder

file, url, way = sys.argv[1:4]
NAMES = [
    "payment_id",
    "uscc",
    "name",
    "township",
    "size_class",
    "paid_date",
    "approved",
    "paid",
    "withheld",
    "headcount",
    "ratio",
    "remark",
]
MONEY = pl.Decimal(18, 2)
TYPES = {
    **dict.fromkeys(NAMES, pl.String),
    "paid_date": pl.Date,
    "approved": MONEY,
    "paid": MONEY,
    "withheld": MONEY,
    "headcount": pl.Int32,
    "ratio": pl.Decimal(7, 5),
}
REPORT_DATE = date(2020, 3, 18)
ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
TOWNSHIPS = ("济源路街道", "中心路街道", "新安路街道", "工业路街道", "矿山街道", "峡窝镇")
TABLE = """
    part_id bigint NOT NULL, sheet text NOT NULL, row_number bigint NOT NULL, payment_id text NOT NULL, uscc text NOT NULL, name text NOT NULL,
    township text NOT NULL, size_class text NOT NULL, paid_date date NOT NULL, approved numeric(18, 2) NOT NULL, paid numeric(18, 2) NOT NULL,
    withheld numeric(18, 2) NOT NULL, headcount integer NOT NULL, ratio numeric(7, 5) NOT NULL, remark text
"""


def check_characters() -> pl.Expr:
    """Whether the last character of each credit code is the one that the others call for."""
    values = {symbol: value for value, symbol in enumerate(ALPHABET)}
    total = sum(
        (
            pl.col("uscc").str.slice(at, 1).replace_strict(values, default=1_000_000, return_dtype=pl.Int32) * pow(3, at, 31)
            for at in range(17)
        ),
        start=pl.lit(0),
    )
    last = pl.col("uscc").str.slice(17, 1).replace_strict(values, default=-1, return_dtype=pl.Int32)
    return (pl.col("uscc").str.len_bytes() == 18) & ((31 - total % 31) % 31 == last)


frame = pl.read_csv(file, new_columns=NAMES, schema_overrides=[TYPES[name] for name in NAMES])
checks = [
    *(pl.col(name).is_not_null() for name in ("payment_id", "name", "paid_date", "headcount")),
    *(pl.col(name).is_between(0, 50_000_000) for name in ("paid", "approved", "withheld")),
    pl.col("headcount").is_between(0, 200_000),
    pl.col("ratio").is_between(0, 1),
    pl.col("name").str.len_chars().is_between(2, 100),
    pl.col("paid") <= pl.col("approved"),
    pl.col("paid_date") <= REPORT_DATE,
    pl.col("withheld") <= pl.col("paid"),
    pl.col("township").is_in(TOWNSHIPS),
    pl.col("size_class").is_in(("大", "中", "小", "微")),
    check_characters(),
]
found = (
    frame.lazy()
    .select(*(check.all().alias(str(number)) for number, check in enumerate(checks)), keys=pl.col("payment_id").is_unique().all())
    .collect()
)
if not all(found.row(0)):
    sys.exit(f"not what was to be measured: {found}")
rows = frame.select(
    pl.lit(1, pl.Int64).alias("part_id"),
    pl.lit("").alias("sheet"),
    pl.int_range(2, pl.len() + 2, dtype=pl.Int64).alias("row_number"),
    pl.all(),
)
with psycopg.connect(url, autocommit=True) as connection:
    connection.execute("CREATE SCHEMA IF NOT EXISTS by_polars")
    connection.execute("DROP TABLE IF EXISTS by_polars.payment")
    connection.execute(f"CREATE TABLE by_polars.payment ({TABLE})")
    connection.execute("CREATE INDEX ON by_polars.payment USING brin (part_id) WITH (pages_per_range = 32)")
    connection.execute("CREATE INDEX ON by_polars.payment (payment_id)")
table = rows.to_arrow(compat_level=pl.CompatLevel.oldest())
if way == "adbc":
    with adbc.connect(url) as connection, connection.cursor() as cursor:
        cursor.adbc_ingest("payment", table.to_reader(), mode="append", db_schema_name="by_polars")
        connection.commit()
else:
    encoder = ArrowToPostgresBinaryEncoder(table.schema)
    with (
        psycopg.connect(url) as connection,
        connection.cursor().copy("COPY by_polars.payment FROM STDIN WITH (FORMAT BINARY)") as copy,
    ):
        copy.write(encoder.write_header())
        for batch in table.to_batches(max_chunksize=50_000):
            copy.write(encoder.write_batch(batch))
        copy.write(encoder.finish())

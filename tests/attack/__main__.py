"""Replays every attack: python -m tests.attack [--write]

Attacks are the tests marked `attack`, wherever they stand: a file of hostile names, a login that reaches for more, a record that somebody changed.
Each has to fail. `--write` puts the table into docs/security.md and docs/zh/security.md.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections import Counter, defaultdict
from datetime import UTC, datetime
from pathlib import Path

import pytest

PROJECT = Path(__file__).resolve().parents[2]
BEGIN, END = "<!-- attacks -->", "<!-- /attacks -->"
HEADS = {
    "docs/security.md": ("| what is attacked | attacks | failed, as they should | seconds |", "Replayed on", "in all"),
    "docs/zh/security.md": ("| 攻击什么 | 攻击数 | 未得逞 | 秒 |", "重演于", "合计"),
}


class Record:
    """What became of each attack, by the sentence of its test."""

    def __init__(self) -> None:
        self.tried: Counter[str] = Counter()
        self.failed: Counter[str] = Counter()
        self.seconds: dict[str, float] = defaultdict(float)
        self.files: dict[str, str] = {}

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Count the attack."""
        file, _, rest = report.nodeid.partition("::")
        name = rest.partition("[")[0].removeprefix("test_").replace("_", " ")
        self.seconds[name] += report.duration
        self.files[name] = file
        if report.when == "call":
            self.tried[name] += 1
            self.failed[name] += report.passed
        elif report.failed:
            self.tried[name] += 1

    def lines(self, head: str, total: str) -> list[str]:
        """The table, in the order of the files."""
        rows = [
            f"| {name} (`{self.files[name]}`) | {self.tried[name]} | {self.failed[name]} | {self.seconds[name]:.0f} |"
            for name in sorted(self.tried, key=lambda one: (self.files[one], one))
        ]
        last = f"| {total} | {self.tried.total()} | {self.failed.total()} | {sum(self.seconds.values()):.0f} |"
        return [head, "| --- | --- | --- | --- |", *rows, last]


def main() -> int:
    parser = argparse.ArgumentParser(description="Replay every attack; each has to fail.")
    parser.add_argument("--write", action="store_true", help="write the table into docs/security.md and docs/zh/security.md")
    parser.add_argument("paths", nargs="*", default=["tests"], help="tests to take attacks from (all without)")
    arguments = parser.parse_args()
    record, began = Record(), time.monotonic()
    code = pytest.main(["-m", "attack", "-q", "--no-header", *arguments.paths], plugins=[record])
    print(*record.lines(HEADS["docs/security.md"][0], "in all"), f"{time.monotonic() - began:.0f} s", sep="\n")
    if not record.tried:
        print("没有攻击可重演 | no attack was found", file=sys.stderr)
        return 1
    if arguments.write:
        for page, (head, replayed, total) in HEADS.items():
            file = PROJECT / page
            before, _, rest = file.read_text(encoding="utf-8").partition(BEGIN)
            table = "\n".join(record.lines(head, total))
            text = f"{BEGIN}\n{replayed} {datetime.now(UTC):%Y-%m-%d}.\n\n{table}\n{END}"
            file.write_text(f"{before}{text}{rest.partition(END)[2]}", encoding="utf-8")
    return int(code)


if __name__ == "__main__":
    sys.exit(main())

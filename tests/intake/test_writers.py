"""Which modules write to `intake.*`: the package intake alone, but for the stale days that marts mark and clear."""

from __future__ import annotations

import re
from collections import defaultdict
from pathlib import Path

import pytest

from fugong.core.settings import PROJECT

WRITE = re.compile(
    r"\b(?:INSERT\s+INTO|UPDATE|DELETE\s+FROM|MERGE\s+INTO|TRUNCATE(?:\s+TABLE)?|COPY)\s+(?:ONLY\s+)?\"?intake\"?\.\"?(\w+)",
    re.IGNORECASE,
)
COMPOSED = re.compile(r"Identifier\(\s*[\"']intake[\"']")
"""A name put together at run time, which `WRITE` cannot see."""
WRITERS = {
    "fugong/intake/answers.py": {"answer"},
    "fugong/intake/collect.py": {"finding", "submission"},
    "fugong/intake/obligations.py": {"reminder"},
    "fugong/intake/questions.py": {"question"},
    "fugong/intake/records.py": {
        "finding",
        "part",
        "set_aside_row",
        "settle_clock",
        "shadow_finding",
        "reporting_unit",
        "submission",
    },
    "fugong/intake/sent_again.py": {"set_aside_row", "submission"},
    "fugong/intake/stale_days.py": {"stale_day"},
    "fugong/intake/submissions.py": {"submission"},
    "fugong/marts/build.py": {"stale_day"},
    "fugong/marts/staleness.py": {"stale_day"},
}


def sources() -> list[Path]:
    """The engine and what calls it, without the migrations, which make the tables."""
    files = [*(PROJECT / "plugins").rglob("*.py"), *(PROJECT / "dags").glob("*.py"), *(PROJECT / "tools").glob("*.py")]
    return [file for file in files if "migrations" not in file.parts]


def test_only_these_modules_write_to_intake() -> None:
    found: dict[str, set[str]] = defaultdict(set)
    for file in sources():
        for table in WRITE.findall(file.read_text(encoding="utf-8")):
            found[file.relative_to(PROJECT).as_posix().removeprefix("plugins/")].add(table)
    assert found == WRITERS


def test_no_name_of_a_table_of_intake_is_put_together() -> None:
    files = sources()
    assert PROJECT / "plugins" / "fugong" / "intake" / "records.py" in files
    assert [file.name for file in files if COMPOSED.search(file.read_text(encoding="utf-8"))] == []


@pytest.mark.parametrize(
    "statement",
    [
        "INSERT INTO intake.part (part_id)",
        "update intake.part SET unit = ''",
        "DELETE FROM\n    ONLY intake.part",
        'COPY "intake"."part" FROM STDIN',
        "TRUNCATE TABLE intake.part",
    ],
)
def test_every_way_of_writing_is_seen(statement: str) -> None:
    assert WRITE.findall(statement) == ["part"]

"""SQL that is put together in Python keeps to what a cluster takes, as the SQL files do (`test_sql_rules`)."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from fugong.core.settings import PROJECT

ENGINE = PROJECT / "plugins" / "fugong"
STATEMENT = re.compile(
    r"\b(SELECT|INSERT\s+INTO|DELETE\s+FROM|DROP\s+VIEW|UPDATE\s+\S+\s+(AS\s+\w+\s+)?SET|COPY\s+\S+|FROM\s+\S+\s.*\bJOIN)\b",
    re.DOTALL,
)
NAME = r"(\{\w+\}|report\.\w+)"
FORBIDDEN = {
    "MERGE": r"\bMERGE\s+INTO\b",
    "GROUPING SETS, ROLLUP, CUBE": r"\b(GROUPING\s+SETS|ROLLUP\s*\(|CUBE\s*\()",
    "a recursive CTE": r"\bWITH\s+RECURSIVE\b",
    "ON_ERROR": r"\bON_ERROR\b",
    "DETACH CONCURRENTLY": r"\bDETACH\s+PARTITION\b.*\bCONCURRENTLY\b",
    "DROP VIEW pg_temp": r"\bDROP\s+VIEW\s+(IF\s+EXISTS\s+)?pg_temp\b",
    "a table joined to itself": rf"\bFROM\s+{NAME}(?:(?!\bSELECT\b).)*\bJOIN\s+\1(?=\s)",
    "two tables of reports joined": r"\bFROM\s+report\.\w+(?:(?!\bSELECT\b).)*\bJOIN\s+report\.\w+",
}


LOCAL = re.compile(r"\b(FROM|JOIN)\s+(\{schema\}|intake|audit|access|ref|mart|open|sent)\.\w+")
OF_REPORTS = re.compile(r"\b(FROM|JOIN)\s+(\{\w*\}(?!\.)|(report|asof|fact)\.\w+)")


def faults(text: str) -> list[str]:
    """What in a statement a cluster does not take; of one that reads nothing but tables of the coordinator nothing."""
    if LOCAL.search(text) and not OF_REPORTS.search(text):
        return []
    return [what for what, pattern in FORBIDDEN.items() if re.search(pattern, text, re.IGNORECASE | re.DOTALL)]


def texts(file: Path) -> Iterator[tuple[int, str]]:
    """The strings of a module that hold SQL; of an f-string what is written, its values as `{}`."""
    tree = ast.parse(file.read_text(encoding="utf-8"))
    inner = {id(part) for node in ast.walk(tree) if isinstance(node, ast.JoinedStr) for part in node.values}
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr):
            text = "".join(
                str(part.value) if isinstance(part, ast.Constant) else "{" + ast.unparse(part)[2:-2].strip("{}") + "}"
                for part in node.values
            )
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in inner:
            text = node.value
        else:
            continue
        if STATEMENT.search(text):
            yield node.lineno, text


FILES = sorted(ENGINE.rglob("*.py"))


def test_sql_is_found_where_it_is_known_to_be() -> None:
    found = {file.relative_to(ENGINE).as_posix(): len(list(texts(file))) for file in FILES}
    assert sum(found.values()) > 300
    assert {
        name for name in ("intake/versions.py", "intake/copy.py", "marts/build.py", "marts/gate.py") if not found[name]
    } == set()


def test_nothing_composed_in_python_that_a_cluster_does_not_take() -> None:
    found = {
        f"{file.relative_to(ENGINE).as_posix()}:{line}": wrong
        for file in FILES
        for line, text in texts(file)
        if (wrong := faults(text))
    }
    assert found == {}


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("SELECT 1 FROM {table} AS new\nINNER JOIN {table} AS held ON {keys}", "a table joined to itself"),
        ("SELECT 1 FROM report.loan AS a LEFT JOIN report.loan AS b USING (uscc)", "a table joined to itself"),
        ("SELECT 1 FROM report.loan INNER JOIN report.award USING (uscc)", "two tables of reports joined"),
        ("SELECT a, COUNT(*) FROM {table} GROUP BY ROLLUP (a)", "GROUPING SETS, ROLLUP, CUBE"),
        ("DROP VIEW pg_temp.{view}", "DROP VIEW pg_temp"),
        ("MERGE INTO {table} USING incoming ON true WHEN MATCHED THEN DELETE", "MERGE"),
    ],
)
def test_each_kind_is_seen(text: str, what: str) -> None:
    assert what in faults(text)


def test_tables_of_the_coordinator_take_everything() -> None:
    assert faults("WITH RECURSIVE a AS (SELECT 1 FROM intake.part) SELECT * FROM a") == []


def test_a_table_that_is_read_twice_apart_is_no_join() -> None:
    assert faults("WITH a AS (SELECT 1 FROM {table}), b AS (SELECT 2 FROM {table}) SELECT * FROM a INNER JOIN b ON true") == []

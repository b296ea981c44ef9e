"""Static rules that let one set of SQL files serve plain PostgreSQL and a cluster where `report` tables are distributed by `uscc`.

No cluster is at hand in tests, so the files are held to what was found to work on one.
"""

from __future__ import annotations

import re

import pytest

from fugong.analysis.questions import load_questions
from fugong.core.settings import PROJECT
from fugong.marts.parameters import TOKEN
from fugong.marts.sql_files import load_sql_files

SQL = PROJECT / "include" / "sql"
ENGINE = PROJECT / "plugins" / "fugong"
ENGINE_FILES = {
    "warehouse/migrations/versions/0001_baseline.sql",
    "warehouse/sql/comments/10_intake.sql",
    "warehouse/sql/comments/20_audit.sql",
    "warehouse/sql/comments/30_reference.sql",
    "warehouse/sql/comments/40_access.sql",
    "warehouse/sql/comments/50_check_row.sql",
    "warehouse/sql/comments/60_sent.sql",
    "warehouse/sql/guards/10_persons.sql",
    "warehouse/sql/guards/20_signing.sql",
    "warehouse/sql/guards/30_settled.sql",
    "warehouse/sql/roles/10_roles.sql",
    "warehouse/sql/roles/20_rights.sql",
    "warehouse/sql/server/10_server.sql",
    "warehouse/sql/views/10_open.sql",
    "warehouse/sql/views/20_as_of.sql",
    "warehouse/sql/views/30_reference.sql",
    "warehouse/sql/views/50_check_row.sql",
    "warehouse/sql/views/60_sent.sql",
}
"""Of the engine: new ones are added here."""
LOADED = load_sql_files(SQL)
DISTRICT_FILES = {
    str(file.file.relative_to(SQL))
    for file in (*LOADED.facts, *LOADED.marts, *LOADED.checks, *load_questions(SQL.parent).values())
}
"""Of the district: what the engine loads."""
FILES = ENGINE_FILES | DISTRICT_FILES
FACTS_WITHOUT_REPORT = {
    "facts/recorded_finding.sql",
    "facts/denominator_change.sql",
    "facts/relief_entitled.sql",
    "facts/rule_version.sql",
    "facts/policy_rule.sql",
    "facts/relief_power.sql",
    "facts/relief_social.sql",
    "facts/relief_tax.sql",
}
"""Facts that read no report table themselves, but other facts, findings or parameters."""
# What distributed tables do not take, and what only one of our servers has.
FORBIDDEN = {
    "MERGE": r"\bMERGE\s+INTO\b",
    "GROUPING SETS, ROLLUP, CUBE": r"\b(GROUPING\s+SETS|ROLLUP\s*\(|CUBE\s*\()",
    "a recursive CTE": r"\bWITH\s+RECURSIVE\b",
    # On tables that stay local triggers work; report tables are distributed.
    "a trigger": r"\bCREATE\s+(OR\s+REPLACE\s+)?(CONSTRAINT\s+)?TRIGGER\b(?!\s+\w+\s+(BEFORE|AFTER)\s+[A-Z\s]+?\s+ON\s+(access|audit|intake)\.)",
    "a domain": r"\bCREATE\s+DOMAIN\b",
    "row-level security": r"\bCREATE\s+POLICY\b|\bROW\s+LEVEL\s+SECURITY\b",
    "EXCLUDE": r"\bEXCLUDE\s+USING\b",
    "ON_ERROR": r"\bON_ERROR\b",
    "FOR UPDATE": r"\bFOR\s+(NO\s+KEY\s+)?UPDATE\b",
    "DETACH CONCURRENTLY": r"\bDETACH\s+PARTITION\b.*\bCONCURRENTLY\b",
    "identity added later": r"\bADD\s+(COLUMN\s+)?\w+\s+\w+\s+GENERATED\b",
    "several constraints in one statement": r"\bADD\s+CONSTRAINT\b[^;]*\bADD\s+CONSTRAINT\b",
    "a temporary table": r"\bCREATE\s+(GLOBAL\s+|LOCAL\s+)?TEMP",
    "a materialized view": r"\bCREATE\s+MATERIALIZED\s+VIEW\b",
    "an extension": r"\bCREATE\s+EXTENSION\b",
    "a virtual column": r"\bVIRTUAL\b",
    # A function with its owner's rights fixes the path; nothing else relies on one.
    "search_path": r"(?<!SET )\bsearch_path\b",
    "an ICU collation": r"\bCOLLATE\b",
}
CLOCKS = r"\b(now|clock_timestamp|statement_timestamp|transaction_timestamp|random|gen_random_uuid)\s*\(|\bcurrent_(date|time|timestamp)\b"
RELATION = r"\b(?:FROM|JOIN)\s+(LATERAL\b|\(|[a-z_][a-z0-9_.]*)"
NOT_A_RELATION = {"unnest", "generate_series"}


def statements(name: str) -> str:
    """The file without comments, and with empty strings."""
    text = ((ENGINE if name.startswith("warehouse/") else SQL) / name).read_text(encoding="utf-8")
    return TOKEN.sub(lambda found: found[0] if found[1] else "''" if found[0].startswith("'") else " ", text)


def ctes(text: str) -> dict[str, tuple[bool, str]]:
    """Name of each CTE → whether it is materialized, and its text."""
    found: dict[str, tuple[bool, str]] = {}
    for start in re.finditer(r"\b([a-z_]+)\s+AS\s+(?:NOT\s+MATERIALIZED\s+|(MATERIALIZED\s+))?\(", text):
        depth, end = 1, start.end()
        while depth:
            depth += {"(": 1, ")": -1}.get(text[end], 0)
            end += 1
        if re.match(r"\s*(WITH|SELECT)\b", text[start.end() : end]):
            found[start[1]] = (bool(start[2]), text[start.end() : end - 1])
    return found


def test_the_files_are_these() -> None:
    assert {str(file.relative_to(SQL)) for file in SQL.rglob("*.sql")} == DISTRICT_FILES
    assert {str(file.relative_to(ENGINE)) for file in (ENGINE / "warehouse").rglob("*.sql")} == ENGINE_FILES
    assert {name.split("/")[0] for name in DISTRICT_FILES} == {"facts", "marts", "checks", "questions"}


@pytest.mark.parametrize("name", sorted(FILES))
def test_nothing_that_a_cluster_does_not_take(name: str) -> None:
    text = statements(name)
    assert [what for what, pattern in FORBIDDEN.items() if re.search(pattern, text, re.IGNORECASE | re.DOTALL)] == []


@pytest.mark.parametrize("name", sorted(FILES))
def test_foreign_keys_stay_within_the_intake(name: str) -> None:
    assert {found.split(".")[0] for found in re.findall(r"\bREFERENCES\s+(\S+)", statements(name))} <= {"intake"}


@pytest.mark.parametrize("name", sorted(file for file in FILES if file.startswith(("checks/", "facts/", "marts/"))))
def test_every_relation_is_written_with_its_schema(name: str) -> None:
    text = statements(name)
    # `FROM` also stands in IS DISTINCT FROM and in EXTRACT.
    found = re.findall(RELATION, re.sub(r"\bDISTINCT\s+FROM\b", " ", text))
    loose = {one for one in found if "." not in one and one not in {"(", "LATERAL"}}
    assert loose - NOT_A_RELATION <= ctes(text).keys()
    assert any("." in one for one in found)


@pytest.mark.parametrize("name", sorted(file for file in FILES if file.startswith(("checks/", "facts/", "marts/"))))
def test_effective_parts_come_from_a_materialized_cte(name: str) -> None:
    # The workers of a cluster do not see fugong.known_at: with a plain join the past would be read as the present.
    text = statements(name)
    for is_materialized, inside in ctes(text).values():
        if is_materialized:
            text = text.replace(inside, " ")
    assert re.findall(r"\basof\.\w+|\bintake\.part\b", text) == []


@pytest.mark.parametrize("name", sorted(file for file in FILES if file.startswith("facts/")))
def test_report_tables_are_never_joined_to_each_other(name: str) -> None:
    # Each SELECT reads one report table; what is brought together comes from CTEs and joins by uscc.
    parts = re.split(r"\bSELECT\b", statements(name))[1:]
    read = [re.findall(r"\b(?:FROM|JOIN)\s+(report\.\w+)", part) for part in parts]
    assert max(map(len, read)) == (0 if name in FACTS_WITHOUT_REPORT else 1)


@pytest.mark.parametrize("name", sorted(file for file in FILES if file.startswith(("checks/", "facts/", "marts/"))))
def test_lateral_is_only_for_values_and_for_parts(name: str) -> None:
    laterals = re.findall(r"\bLATERAL\s*\(\s*(VALUES|SELECT.*?FROM\s+\S+)", statements(name), re.DOTALL)
    assert {one.split()[-1] for one in laterals} <= {"VALUES", "asof.part"}


@pytest.mark.parametrize("name", sorted(file for file in FILES if file.startswith(("checks/", "facts/", "marts/"))))
def test_the_clock_is_never_asked(name: str) -> None:
    assert re.findall(CLOCKS, statements(name), re.IGNORECASE) == []


@pytest.mark.parametrize("name", sorted(file for file in FILES - FACTS_WITHOUT_REPORT if file.startswith("facts/")))
def test_a_fact_reads_by_part(name: str) -> None:
    # Facts of days read the parts of these days; facts of periods read effective parts, and the mart narrows them.
    text = statements(name)
    assert re.search(r"report\.\w+ AS line\s+INNER JOIN (part|effective|part_before)\b", text)
    for column in ("part_id", "sheet", "row_number"):
        assert re.search(rf"\b\w+\.{column}\b", text)


@pytest.mark.parametrize("name", sorted(file for file in FILES if file.startswith(("checks/", "facts/", "marts/"))))
def test_parameters_are_read_as_they_were_known(name: str) -> None:
    # The table holds every version that ever counted; ref.param_version those of the session's moment of knowledge.
    assert "ref.policy_param" not in re.findall(RELATION, statements(name))


def test_the_rules_can_be_broken() -> None:
    broken = "WITH a AS (SELECT 1 FROM asof.part) MERGE INTO x USING y ON true; SELECT now() FROM loose GROUP BY ROLLUP (b)"
    assert [what for what, pattern in FORBIDDEN.items() if re.search(pattern, broken)] == ["MERGE", "GROUPING SETS, ROLLUP, CUBE"]
    assert re.search(CLOCKS, broken)
    assert ctes(broken) == {"a": (False, "SELECT 1 FROM asof.part")}
    assert "loose" in re.findall(RELATION, broken)

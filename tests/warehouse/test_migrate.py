"""Older, newer and damaged warehouses: what `init` upgrades, what it refuses, and what every other command says."""

from __future__ import annotations

import pytest
import sqlalchemy as sa
from alembic.config import Config
from alembic.script import ScriptDirectory
from psycopg import sql

from fugong.core import errors
from fugong.core.vocabulary import Mode, PartKind, QuestionKind, Severity, State, Verdict
from fugong.operations import setup
from fugong.operations.task_result import Result
from fugong.warehouse import engine, revision
from fugong.warehouse.connection import connect
from fugong.warehouse.schema_log import Change
from tests.fixtures.mini_district import Mini

NEWEST = revision.revisions()[-1]
BEFORE_REVISIONS = """
    DROP TABLE audit.message, audit.message_channel;
    DROP TABLE audit.log_entry, audit.log_head, audit.sealed_part, audit.published_figure;
    DROP TABLE audit.alembic_version CASCADE; DROP TABLE audit.schema_change;
    DROP TABLE ref.contract; ALTER TABLE ref.department DROP COLUMN aliases CASCADE;
    ALTER TABLE ref.industry DROP COLUMN name_en CASCADE; DROP SCHEMA sent CASCADE; DROP SCHEMA access CASCADE; DROP TABLE audit.adjustment_approval; DROP FUNCTION intake.suppose_line, intake.discard_rows;
    ALTER TABLE audit.published DROP COLUMN account; ALTER TABLE audit.signing DROP COLUMN account, DROP COLUMN digest;
    ALTER TABLE audit.adjustment DROP COLUMN account, ALTER COLUMN approver SET NOT NULL;
    ALTER TABLE intake.finding DROP COLUMN question_id, DROP COLUMN answer_id; DROP TABLE intake.answer; DROP TABLE intake.question;
    ALTER TABLE intake.finding DROP COLUMN proposed, DROP COLUMN is_doubtful, DROP COLUMN rules;
    ALTER TABLE ref.report_due DROP COLUMN owed_from CASCADE;
    DROP TABLE audit.adjustment_end CASCADE;
    ALTER TABLE audit.published DROP CONSTRAINT published_format_check, ADD CHECK (format IN ('docx', 'html', 'md'));
    DROP TABLE audit.publication_end CASCADE; ALTER TABLE audit.published DROP COLUMN reason CASCADE;
    ALTER TABLE intake.reporting_unit RENAME TO speaker;
    ALTER TABLE intake.submission ALTER COLUMN sha256 SET NOT NULL;
    ALTER TABLE intake.speaker RENAME CONSTRAINT reporting_unit_pkey TO speaker_pkey;
    ALTER TABLE intake.part RENAME columns_present TO present;
    ALTER TABLE intake.shadow_finding RENAME n_only_cause TO n_alone
"""
"""Makes of a warehouse one of the release before the first migration: undoes the later revisions."""


def run(mini: Mini, statements: str) -> None:
    with mini.connect() as connection:
        connection.execute(statements)


def ask(mini: Mini, query: str) -> list[tuple]:
    with mini.connect() as connection:
        return connection.execute(query).fetchall()


def test_the_revisions_are_those_of_alembic_in_one_line() -> None:
    config = Config()
    config.set_main_option("script_location", str(revision.VERSIONS.parent))
    found = [script.revision for script in ScriptDirectory.from_config(config).walk_revisions()]
    assert tuple(reversed(found)) == revision.revisions()
    assert revision.revisions()[0] == revision.BASELINE == "0001"


def test_check_lists_are_the_words_of_the_program(own: Mini) -> None:
    lists = {
        "submission": ("intake", "state", State),
        "part": ("intake", "mode", Mode),
        "finding": ("intake", "severity", Severity),
        "chore": ("audit", "outcome", Result),
        "schema_change": ("audit", "change", Change),
        "question": ("intake", "kind", QuestionKind),
        "answer": ("intake", "verdict", Verdict),
    }
    for table, (schema, column, words) in lists.items():
        assert words_of(own, schema, table, column) == {word.value for word in words}
    assert words_of(own, "intake", "part", "kind") == {kind.value for kind in PartKind}
    assert words_of(own, "intake", "shadow_finding", "severity") == {word.value for word in Severity} - {Severity.REPAIRED.value}


def words_of(mini: Mini, schema: str, table: str, column: str) -> set[str]:
    """The words that the CHECK list of a column allows."""
    with engine.begin(mini.url) as connection:
        checks = sa.inspect(connection).get_check_constraints(table, schema)
    [text] = [check["sqltext"] for check in checks if check["sqltext"].startswith(f"{column} = ANY")]
    return set(text.split("'")[1::2])


def test_a_warehouse_of_the_release_before_is_stamped_and_keeps_its_rows(own: Mini) -> None:
    rows = ask(own, "SELECT * FROM intake.part ORDER BY part_id")
    run(own, BEFORE_REVISIONS)
    with pytest.raises(errors.WarehouseOlder, match="fugong init"), connect(own.settings):
        pass
    assert setup.init(own.settings) == [
        "the tables are those of revision 0001",
        "migrated to revision 0002: A log of changes to the shape of the warehouse: audit.schema_change",
        "migrated to revision 0003: Names that say what they hold: reporting_unit, columns_present, n_only_cause",
        (
            "migrated to revision 0004: Publications end: audit.publication_end; and why one may go out although a figure jumped: "
            "audit.published.reason"
        ),
        "migrated to revision 0005: Adjustments of figures can be revoked: audit.adjustment_end",
        "migrated to revision 0006: A report is owed from a day on: ref.report_due.owed_from",
        "migrated to revision 0007: A publication may hold the English edition, too: audit.published.format",
        "migrated to revision 0008: Findings name the wrong cell of a row and what should stand there: intake.finding",
        "migrated to revision 0009: Senders answer doubts: intake.question, intake.answer",
        "migrated to revision 0010: A submission may have no file in the archive: intake.submission.sha256",
        (
            "migrated to revision 0011: Records prove themselves: audit.log_entry, audit.log_head, audit.sealed_part, "
            "audit.published_figure"
        ),
        "migrated to revision 0012: People have accounts: access.account, and who signed, proposed and approved by account",
        "migrated to revision 0013: People are told what happens: audit.message, audit.message_channel",
        "migrated to revision 0014: Logins are recorded: access.login_event",
        (
            "migrated to revision 0015: The warehouse keeps the contracts that it was made by: ref.contract; a department's other names: "
            "ref.department.aliases"
        ),
        (
            "migrated to revision 0016: Pages: passwords for them, tokens of programs, and the record of who looked at single firms"
        ),
        "migrated to revision 0017: Who sent a file on the pages: access.upload",
        (
            "migrated to revision 0018: Industries have English names: ref.industry.name_en. Marts are computed again, also on days on which "
            "nobody reported"
        ),
        "sealed 6 submissions and 0 other records as they were found; the log begins with them",
    ]
    assert ask(own, "SELECT * FROM intake.part ORDER BY part_id") == rows
    assert ask(own, "SELECT relation, change, value_before, value_after FROM audit.schema_change") == [
        ("audit.alembic_version", "migrated", "0001", "0002"),
        ("audit.alembic_version", "migrated", "0002", "0003"),
        ("audit.alembic_version", "migrated", "0003", "0004"),
        ("audit.alembic_version", "migrated", "0004", "0005"),
        ("audit.alembic_version", "migrated", "0005", "0006"),
        ("audit.alembic_version", "migrated", "0006", "0007"),
        ("audit.alembic_version", "migrated", "0007", "0008"),
        ("audit.alembic_version", "migrated", "0008", "0009"),
        ("audit.alembic_version", "migrated", "0009", "0010"),
        ("audit.alembic_version", "migrated", "0010", "0011"),
        ("audit.alembic_version", "migrated", "0011", "0012"),
        ("audit.alembic_version", "migrated", "0012", "0013"),
        ("audit.alembic_version", "migrated", "0013", "0014"),
        ("audit.alembic_version", "migrated", "0014", "0015"),
        ("audit.alembic_version", "migrated", "0015", "0016"),
        ("audit.alembic_version", "migrated", "0016", "0017"),
        ("audit.alembic_version", "migrated", "0017", "0018"),
    ]
    with connect(own.settings) as connection:
        assert connection.execute("SELECT COUNT(*) > 0 FROM fact.work").fetchall() == [(True,)]


@pytest.mark.parametrize(
    ("damage", "named"),
    [
        ("ALTER TABLE intake.part DROP COLUMN repairs_part CASCADE", r"intake\.part\.repairs_part is missing"),
        ("ALTER TABLE intake.part ADD COLUMN colour text", r"intake\.part\.colour is not expected"),
        ("ALTER TABLE intake.part ALTER COLUMN version DROP NOT NULL", r"part\.version is integer default 1, should be integer not null"),
        ("ALTER TABLE intake.part ALTER COLUMN version DROP DEFAULT", r"part\.version is integer not null, should be .* default 1"),
        ("ALTER TABLE intake.finding ALTER COLUMN n_same TYPE integer", r"finding\.n_same is integer .* should be bigint"),
        ("ALTER TABLE intake.set_aside_row DROP CONSTRAINT set_aside_row_repaired_by_fkey", r"\(repaired_by\) REFERENCES .* is missing"),
        ("DROP INDEX intake.part_key", r"intake\.part: index part_key is missing"),
        ("DROP INDEX ref.policy_param_in_force", r"index policy_param_in_force is missing"),
        (
            "ALTER TABLE intake.part DROP CONSTRAINT part_kind_check, ADD CHECK (kind IN ('data', 'withdrawal'))",
            r"part: CHECK \(.*'repair'.*\) is missing",
        ),
        ("DROP TABLE audit.signing", r"audit\.signing is missing"),
        ("ALTER TABLE mart.check_row DROP COLUMN details CASCADE", r"mart\.check_row\.details is missing"),
    ],
)  # fmt: skip
def test_a_warehouse_of_another_shape_is_refused_with_the_differences(own: Mini, damage: str, named: str) -> None:
    run(own, f"{BEFORE_REVISIONS}; {damage}")
    views = ask(own, "SELECT schemaname, viewname FROM pg_views WHERE schemaname = 'fact'")
    with pytest.raises(errors.WarehouseOlder, match=named):
        setup.init(own.settings)
    # Nothing happened: neither the version's table nor the views that a migration drops.
    assert ask(own, "SELECT to_regclass('audit.alembic_version'), to_regnamespace('intake_found')") == [(None, None)]
    assert ask(own, "SELECT schemaname, viewname FROM pg_views WHERE schemaname = 'fact'") == views


def test_more_indexes_and_tables_than_expected_are_no_difference(own: Mini) -> None:
    run(own, f"{BEFORE_REVISIONS}; CREATE INDEX mine ON intake.part (settled_at); CREATE TABLE audit.mine (n integer)")
    assert setup.init(own.settings)[0] == "the tables are those of revision 0001"


def test_a_view_of_an_analyst_on_the_results_of_checks_does_not_hinder_the_comparison(own: Mini) -> None:
    run(own, f"{BEFORE_REVISIONS}; CREATE VIEW public.mine AS SELECT * FROM mart.check_row")
    assert setup.init(own.settings)[0] == "the tables are those of revision 0001"
    assert ask(own, "SELECT COUNT(*) FROM public.mine") == [(0,)]


def test_a_view_of_an_analyst_that_an_upgrade_drops_is_told_with_its_definition(own: Mini) -> None:
    run(own, f"{BEFORE_REVISIONS}; CREATE VIEW public.mine AS SELECT lease_id FROM asof.lease")
    run(
        own, "CREATE MATERIALIZED VIEW public.held AS SELECT lease_id FROM public.mine; CREATE VIEW public.other AS SELECT 1 AS n"
    )
    changes = setup.init(own.settings)
    again = "which read a view of ours. To create it again:"
    assert changes[-2:] == [
        f"dropped public.held, {again} CREATE MATERIALIZED VIEW public.held AS SELECT lease_id FROM mine;",
        f"dropped public.mine, {again} CREATE VIEW public.mine AS SELECT lease_id FROM asof.lease;",
    ]
    assert setup.init(own.settings) == []


@pytest.mark.parametrize("damage", ["DELETE FROM audit.alembic_version", "INSERT INTO audit.alembic_version VALUES ('0001')"])
def test_a_warehouse_whose_version_was_changed_by_hand_is_refused(own: Mini, damage: str) -> None:
    run(own, damage)
    revision._CURRENT.clear()
    with pytest.raises(errors.WarehouseVersionError, match=r"should have one row and has [02]"), connect(own.settings):
        pass
    with pytest.raises(errors.WarehouseVersionError, match=r"should have one row and has [02]"):
        setup.init(own.settings)


@pytest.mark.parametrize(
    ("damage", "changes"),
    [
        (
            "DROP VIEW asof.part CASCADE; CREATE VIEW asof.part AS SELECT submission_id, part_id FROM intake.part",
            ["changed asof.part", "created fact.lease", "created fact.loan", "created fact.work"],
        ),
        ("ALTER VIEW ref.param_version RENAME COLUMN value_number TO number", ["changed ref.param_version"]),
        (
            "DROP FUNCTION ref.is_close; CREATE FUNCTION ref.is_close(a numeric, b numeric) RETURNS text LANGUAGE sql RETURN 'x'",
            [],
        ),
    ],
)
def test_a_system_view_or_function_of_another_shape_is_created_anew(own: Mini, damage: str, changes: list[str]) -> None:
    before = ask(own, "SELECT * FROM asof.loan ORDER BY part_id, row_number")
    run(own, damage)
    assert sorted(setup.init(own.settings)) == changes
    assert ask(own, "SELECT * FROM asof.loan ORDER BY part_id, row_number") == before
    assert ask(own, "SELECT ref.is_close(1, 1.5)") == [(True,)]
    assert setup.init(own.settings) == []


def test_a_newer_warehouse_is_left_alone(own: Mini) -> None:
    run(own, "UPDATE audit.alembic_version SET version_num = '9999'")
    with pytest.raises(errors.WarehouseNewer, match=f"9999.*{NEWEST}.*upgrade the program"), connect(own.settings):
        pass
    with pytest.raises(errors.WarehouseNewer, match=f"9999.*{NEWEST}.*upgrade the program"):
        setup.init(own.settings)
    assert ask(own, "SELECT version_num FROM audit.alembic_version") == [("9999",)]


def test_an_empty_database_is_no_warehouse(own: Mini) -> None:
    with own.connect() as connection:
        for schema in ("mart", "fact", "asof", "report", "audit", "intake", "open", "ref", "access"):
            connection.execute(sql.SQL("DROP SCHEMA {} CASCADE").format(sql.Identifier(schema)))
    with pytest.raises(errors.WarehouseMissing, match="fugong init"), connect(own.settings):
        pass
    changes = setup.init(own.settings)
    assert changes[0] == "migrated to revision 0001: The tables as the last release without migrations made them"
    with connect(own.settings) as connection:
        assert connection.execute("SELECT COUNT(*) FROM intake.submission").fetchall() == [(0,)]


def test_the_revision_is_asked_once_per_process_and_address(own: Mini) -> None:
    with connect(own.settings):
        pass
    run(own, "DROP VIEW open.warehouse_revision")
    with connect(own.settings) as connection:
        assert connection.execute("SELECT 1").fetchall() == [(1,)]


def test_an_init_that_fails_changes_nothing(own: Mini) -> None:
    run(own, BEFORE_REVISIONS)
    file = own.include / "sql" / "facts" / "loan.sql"
    file.write_text(file.read_text(encoding="utf-8").replace("line.paid", "line.payed"), encoding="utf-8")
    with pytest.raises(errors.ConfigurationError, match="payed"):
        setup.init(own.settings)
    assert ask(own, "SELECT to_regclass('audit.alembic_version'), to_regclass('audit.schema_change')") == [(None, None)]
    assert ask(own, "SELECT COUNT(*) > 0 FROM fact.loan") == [(True,)]

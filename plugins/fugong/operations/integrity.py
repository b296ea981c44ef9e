"""Verifies that everything that was loaded is still there, unchanged, and adds up: archive, row counts, marts, publications."""

from __future__ import annotations

import time
from collections.abc import Sequence

import psycopg
from psycopg import sql

from fugong.core.retention import ARCHIVED_FILE_YEARS
from fugong.core.settings import Settings
from fugong.evidence import verify as evidence
from fugong.intake.collect import LEFTOVER_SECONDS
from fugong.marts import gate, replay, schema
from fugong.operations.task_result import Result, TaskResult, record
from fugong.storage import quarantine
from fugong.storage.archive import archived, fingerprint
from fugong.warehouse.connection import connect_as_loader

WAITING_DAYS = 1
EXAMPLES = 3
ROWS_A_NIGHT = 2_000_000
"""Rows of reports that are held against the log every night, some seconds' worth; `fugong verify` reads all."""


def verify(settings: Settings) -> list[TaskResult]:
    """Verify that everything that was loaded is still there, unchanged, and adds up."""
    # A build at the same time must not change what is compared.
    with connect_as_loader(settings) as connection, gate.one_state(connection, counts_rows=False):
        results = [
            _archive(connection, settings),
            _unknown_files(connection, settings),
            _counts(connection),
            _rows_of_parts(connection, settings),
            _marts(connection, settings),
            _published(connection),
            _evidence(connection),
            _waiting(connection),
            _checksums(connection),
        ]
    with connect_as_loader(settings) as connection:
        return record(connection, results)


def _found(name: str, n_checked: int, wrong: Sequence[str], zh: str, en: str, *, bad_zh: str, bad_en: str) -> TaskResult:
    """The result of a check: how many things are well, or the first examples of those that are not."""
    if not wrong:
        return TaskResult(name, Result.WELL, n_checked, f"{zh} {n_checked:,} 个,无误", f"{n_checked:,} {en}, all well")
    shown = "、".join(wrong[:EXAMPLES]) + (" …" if len(wrong) > EXAMPLES else "")
    return TaskResult(name, Result.BAD, len(wrong), f"{bad_zh} {len(wrong):,} 个:{shown}", f"{len(wrong):,} {bad_en}: {shown}")


def _archive(connection: psycopg.Connection, settings: Settings) -> TaskResult:
    """Every file within its retention is in the archive, byte by byte."""
    files = connection.execute(KEPT_FILES, {"years": ARCHIVED_FILE_YEARS}).fetchall()
    wrong: list[str] = []
    for sha256, submission_id, file_name in files:
        try:
            is_as_it_was = fingerprint(archived(settings, sha256))[0] == sha256
        except OSError as error:
            wrong.append(f"{submission_id} {file_name} ({error.strerror})")
        else:
            if not is_as_it_was:
                wrong.append(f"{submission_id} {file_name} (sha256)")
    return _found(
        "archive",
        len(files),
        wrong,
        "存档原件逐字节核对",
        "archived files read and compared with their digests",
        bad_zh="存档原件丢失或被改动",
        bad_en="archived files are lost or changed",
    )


KEPT_FILES = f"""
    SELECT sha256, MAX(submission_id), MAX(file_name) FROM intake.submission
    WHERE
        byte_size > 0
        AND sha256 IS NOT NULL
        AND recorded_at >= now() - make_interval(years => %(years)s)
        AND sha256 NOT IN ({quarantine.ALL_SEALED})
    GROUP BY sha256
    ORDER BY 2
"""


def _unknown_files(connection: psycopg.Connection, settings: Settings) -> TaskResult:
    """Every archived file has its submission. Files without one appear after an older dump was restored."""
    known = {sha256 for (sha256,) in connection.execute("SELECT DISTINCT sha256 FROM intake.submission").fetchall()}
    oldest = time.time() - LEFTOVER_SECONDS
    files = [*settings.archive.glob("??/*")]
    wrong = [file.name[:12] for file in files if file.name not in known and file.stat().st_mtime < oldest]
    return _found(
        "archive-unknown",
        len(files),
        wrong,
        "存档文件均有登记",
        "archived files have their submission",
        bad_zh="存档里有仓库没有登记的文件",
        bad_en="archived files are unknown to the warehouse",
    )


def _counts(connection: psycopg.Connection) -> TaskResult:
    """The counts of every submission add up, and equal those of its parts."""
    [(n_all,)] = connection.execute("SELECT COUNT(*) FROM intake.submission").fetchall()
    wrong = [str(number) for (number,) in connection.execute(UNBALANCED).fetchall()]
    return _found(
        "balance",
        n_all,
        wrong,
        "报送的行数平衡",
        "submissions balance",
        bad_zh="报送的行数对不上,编号",
        bad_en="submissions do not balance",
    )


UNBALANCED = """
    SELECT submission_id FROM intake.submission
    WHERE
        rows_read <> rows_accepted + rows_set_aside + rows_not_data
        OR (
            state NOT IN ('rejected', 'duplicate', 'received')
            AND (rows_read, rows_accepted, rows_set_aside, rows_not_data) IS DISTINCT FROM (
                SELECT (
                    COALESCE(SUM(rows_read), 0)::bigint, COALESCE(SUM(rows_accepted), 0)::bigint,
                    COALESCE(SUM(rows_set_aside), 0)::bigint, COALESCE(SUM(rows_not_data), 0)::bigint
                )
                FROM intake.part WHERE part.submission_id = submission.submission_id
            )
        )
    ORDER BY submission_id
"""


def _rows_of_parts(connection: psycopg.Connection, settings: Settings) -> TaskResult:
    """Every part has the rows that were accepted, and every row has its part."""
    wrong: list[str] = []
    n_parts = 0
    unknown: dict[str, dict[int, int]] = {}
    for (table,) in connection.execute("SELECT DISTINCT table_name FROM intake.part ORDER BY 1").fetchall():
        counted = connection.execute(
            sql.SQL(
                """
                SELECT part_id, part.rows_accepted, COALESCE(held.n, 0)
                FROM (SELECT part_id, COUNT(*) AS n FROM {} GROUP BY part_id) AS held
                FULL JOIN (SELECT part_id, rows_accepted FROM intake.part WHERE table_name = {}) AS part USING (part_id)
                ORDER BY part_id
                """
            ).format(sql.Identifier("report", table), sql.Literal(table))
        ).fetchall()
        n_parts += len(counted)
        wrong += [f"{table} {part_id} ({wanted}→{held})" for part_id, wanted, held in counted if wanted not in (None, held)]
        unknown[table] = {part_id: held for part_id, wanted, held in counted if wanted is None}
    if any(unknown.values()):
        # On a cluster rows that were settled meanwhile are visible, and their part is not yet: it is to anybody who comes later.
        with connect_as_loader(settings) as later:
            for table, rows in unknown.items():
                settled = later.execute("SELECT part_id FROM intake.part WHERE part_id = ANY(%s)", (list(rows),)).fetchall()
                wrong += [f"{table} {part_id} (0→{rows[part_id]})" for part_id in rows.keys() - {one for (one,) in settled}]
    return _found(
        "parts",
        n_parts,
        wrong,
        "部分的入库行数与明细一致",
        "parts have their rows",
        bad_zh="部分的入库行数与明细不一致",
        bad_en="parts have other rows than they brought",
    )


def _marts(connection: psycopg.Connection, settings: Settings) -> TaskResult:
    """The marts are those of the SQL files, and two days of each (the newest, and a random one) equal a new computation."""
    files = schema.sound_files(connection, settings.include)
    if files.faulty:
        faults = "; ".join(map(str, files.faulty.values()))
        return TaskResult("marts", Result.BAD, len(files.faulty), f"汇总的配置有误:{faults}", f"Marts cannot be used: {faults}")
    by_name = {mart.name: mart for mart in files.marts}
    days = connection.execute(DAYS_TO_COMPARE, ([*by_name],)).fetchall()
    wrong: list[str] = []
    for name, day, known_at in days:
        mart = by_name[name]
        with replay.replayed(connection, mart, [day], known_at) as replayed:
            table, stale = sql.Identifier("mart", name), sql.Identifier(mart.partition_by)
            [(n_different,)] = connection.execute(
                sql.SQL(
                    """
                    SELECT COUNT(*) FROM (
                        (SELECT * FROM {table} WHERE {stale} = %(day)s EXCEPT ALL SELECT * FROM {replayed})
                        UNION ALL
                        (SELECT * FROM {replayed} EXCEPT ALL SELECT * FROM {table} WHERE {stale} = %(day)s)
                    ) AS different
                    """
                ).format(table=table, stale=stale, replayed=replayed),
                {"day": day},
            ).fetchall()
        if n_different:
            wrong.append(f"{name} {day}")
    return _found(
        "marts",
        len(days),
        wrong,
        "抽查汇总表日期重算一致",
        "days of marts computed again",
        bad_zh="汇总表与重算结果不一致",
        bad_en="days of marts differ from their computation",
    )


DAYS_TO_COMPARE = """
    WITH built AS (
        SELECT
            mart,
            day,
            NULLIF(known_at, '-infinity') AS known_at,
            ROW_NUMBER() OVER (PARTITION BY mart ORDER BY day DESC) AS from_newest,
            ROW_NUMBER() OVER (PARTITION BY mart ORDER BY md5(day::text || current_date::text)) AS by_chance
        FROM audit.mart_day
        WHERE mart = ANY(%s) AND NOT EXISTS (SELECT FROM intake.stale_day)
    )

    SELECT mart, day, known_at FROM built WHERE from_newest = 1 OR by_chance = 1 ORDER BY mart, day
"""
"""No days while any are stale: the marts do not hold the latest changes yet."""


def _published(connection: psycopg.Connection) -> TaskResult:
    """Published files are unchanged."""
    files = connection.execute(
        "SELECT publication_id, format, encode(sha256(content), 'hex') = sha256 FROM audit.published ORDER BY publication_id, format"
    ).fetchall()
    return _found(
        "published",
        len(files),
        [f"{number}.{form}" for number, form, is_as_it_was in files if not is_as_it_was],
        "已发布文件与摘要一致",
        "published files are as they were",
        bad_zh="已发布文件被改动",
        bad_en="published files were changed",
    )


def _evidence(connection: psycopg.Connection) -> TaskResult:
    """Records, and the rows of some parts, are as the log has them; the archive was read already."""
    found = evidence.verify(connection, None, max_rows=ROWS_A_NIGHT)
    if not found.faults:
        part = "" if found.is_whole else "(明细抽查)"
        part_en = "" if found.is_whole else ", rows by sample"
        return TaskResult(
            "evidence",
            Result.WELL,
            found.n_records,
            f"记录与存证日志一致{part} {found.n_records:,} 项、{found.n_rows:,} 行;存证首 {found.head}",
            f"{found.n_records:,} records and {found.n_rows:,} rows agree with the log{part_en}; head {found.head}",
        )
    shown_zh, shown_en = (joint.join(texts[:EXAMPLES]) for joint, texts in (
        (";", [fault.zh for fault in found.faults]), ("; ", [fault.en for fault in found.faults]),
    ))  # fmt: skip
    return TaskResult(
        "evidence",
        Result.BAD,
        len(found.faults),
        f"记录被改动 {len(found.faults):,} 处:{shown_zh}。逐项核对:fugong verify --head",
        f"{len(found.faults):,} records were altered: {shown_en}. To verify everything: fugong verify --head",
    )


def _waiting(connection: psycopg.Connection) -> TaskResult:
    """No file has waited for its receipt for more than a day."""
    waiting = connection.execute(
        """
        SELECT department_code, COUNT(*) FROM intake.submission
        WHERE (state = 'received' OR replied_at IS NULL) AND recorded_at < now() - make_interval(days => %s)
        GROUP BY department_code ORDER BY department_code
        """,
        (WAITING_DAYS,),
    ).fetchall()
    return _found(
        "waiting",
        0,
        [f"{department} {n}" for department, n in waiting],
        "超过一天未答复的报送",
        "submissions unanswered for a day",
        bad_zh="有报送超过一天未答复的部门",
        bad_en="departments wait for an answer since a day",
    )


def _checksums(connection: psycopg.Connection) -> TaskResult:
    """PostgreSQL has read no page that differs from its checksum."""
    row = connection.execute(
        "SELECT checksum_failures FROM pg_stat_database WHERE datname = current_database()",
    ).fetchone()
    if row is None or row[0] is None:
        return TaskResult("checksums", Result.NOTICE, 0, "数据库没有开启页校验", "The database has no page checksums")
    return _found(
        "checksums",
        0,
        [str(row[0])] if row[0] else [],
        "数据库坏页",
        "damaged pages",
        bad_zh="数据库读到坏页",
        bad_en="damaged pages were read",
    )

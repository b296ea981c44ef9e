"""What somebody with a login of the warehouse may try: by role, what it is called → statements. Each has to be refused.

`{part}`, `{submission}`, `{table}` and `{database}` stand for what is settled there.
"""

from __future__ import annotations

from collections.abc import Mapping

READERS: Mapping[str, tuple[str, ...]] = {
    "reads submitted rows": ("SELECT * FROM report.{table}",),
    "reads returned cells": ("SELECT * FROM intake.set_aside_row",),
    "reads passwords": ("SELECT * FROM pg_authid",),
    "writes marts": (
        "UPDATE open.mart_day SET mart = ''",
        "DELETE FROM ref.department",
        "INSERT INTO ref.calendar VALUES ('2020-01-01')",
    ),
    "becomes the owner": ("SET ROLE fugong_owner", "SET SESSION AUTHORIZATION fugong_owner"),
    "becomes the loader": ("SET ROLE fugong_loader",),
    "becomes a superuser": ("SET ROLE postgres", "ALTER ROLE CURRENT_USER SUPERUSER"),
    "grants itself a role": ("GRANT fugong_loader TO CURRENT_USER", "GRANT fugong_owner TO CURRENT_USER"),
    "grants itself a table": (
        "GRANT ALL ON report.{table} TO CURRENT_USER",
        "GRANT ALL ON ALL TABLES IN SCHEMA intake TO CURRENT_USER",
    ),
    "makes a role": ("CREATE ROLE intruder LOGIN", "CREATE USER intruder SUPERUSER"),
    "changes the password of another": ("ALTER ROLE fugong_loader PASSWORD 'x'", "ALTER ROLE fugong_owner PASSWORD 'x'"),
    "changes the settings of another": ("ALTER ROLE fugong_loader SET search_path = x", "ALTER ROLE ALL SET search_path = x"),
    "lifts its limits": ("ALTER ROLE CURRENT_USER CONNECTION LIMIT -1", "SET temp_file_limit = -1"),
    "stops the intake by a lock": (
        "SELECT pg_advisory_lock(7236003)",
        "SELECT pg_try_advisory_lock(7236003)",
        "SELECT pg_advisory_xact_lock(7236004)",
        "SELECT pg_advisory_lock_shared(7236, 1)",
    ),
    "stops the intake by locking tables": (
        "LOCK TABLE ref.department IN ACCESS EXCLUSIVE MODE",
        "LOCK TABLE ref.department IN SHARE MODE",
        "LOCK TABLE intake.settle_clock",
    ),
    "ends the work of others": (
        "SELECT pg_terminate_backend({backend})",
        "SELECT pg_cancel_backend({backend})",
    ),
    "fills the disk with large objects": ("SELECT lo_create(0)", "SELECT lo_from_bytea(0, 'x')", "SELECT lo_creat(-1)"),
    "fills the disk with temporary tables": ("CREATE TEMP TABLE x AS SELECT generate_series(1, 10)",),
    "makes tables": ("CREATE TABLE public.x (a int)", "CREATE TABLE open.x (a int)", "CREATE SCHEMA x", "SELECT 1 INTO x"),
    "makes functions": (
        "CREATE FUNCTION public.x() RETURNS int LANGUAGE sql SECURITY DEFINER AS 'SELECT 1'",
        "CREATE FUNCTION open.x() RETURNS int LANGUAGE sql AS 'SELECT 1'",
        "CREATE FUNCTION pg_temp.x() RETURNS int LANGUAGE sql AS 'SELECT 1'",
    ),
    "runs a program": ("COPY (SELECT 1) TO PROGRAM 'id'", "COPY pg_class FROM PROGRAM 'id'"),
    "reads files of the server": (
        "COPY ref.department FROM '/etc/passwd'",
        "SELECT pg_read_file('/etc/passwd')",
        "SELECT pg_read_binary_file('PG_VERSION')",
        "SELECT pg_ls_dir('/')",
        "SELECT lo_import('/etc/passwd')",
    ),
    "writes files of the server": ("COPY (SELECT 1) TO '/tmp/x'", "SELECT lo_export(1, '/tmp/x')"),
    "loads an extension": (
        "CREATE EXTENSION dblink",
        "CREATE EXTENSION file_fdw",
        "LOAD '/tmp/x.so'",
        "CREATE LANGUAGE plpython3u",
    ),
    "changes the server": ("ALTER SYSTEM SET fsync = off", "SELECT pg_reload_conf()", "SELECT pg_switch_wal()", "CHECKPOINT"),
    "hides its statements": ("SET log_statement = 'none'", "SET session_replication_role = replica", "SELECT pg_stat_reset()"),
    "changes the database": ("ALTER DATABASE {database} SET search_path = x", "DROP DATABASE {database}", "CREATE DATABASE x"),
    "drops tables": ("DROP TABLE report.{table}", "DROP SCHEMA intake CASCADE", "TRUNCATE ref.department"),
    "changes the owner": ("ALTER TABLE report.{table} OWNER TO CURRENT_USER", "REASSIGN OWNED BY fugong_owner TO CURRENT_USER"),
    "replicates rows away": ("CREATE PUBLICATION x FOR ALL TABLES", "CREATE SUBSCRIPTION x CONNECTION '' PUBLICATION x"),
    "watches by triggers": (
        "CREATE EVENT TRIGGER x ON ddl_command_start EXECUTE FUNCTION access.refuse_commit()",
        "CREATE TRIGGER x AFTER INSERT ON report.{table} EXECUTE FUNCTION access.refuse_commit()",
    ),
    "notifies through a function": ("SELECT pg_notify('x', 'y')",),
    "supposes": ("SELECT intake.suppose_line('report.{table}', {part}, '', 2, 'absent', '{{}}')",),
    "discards rows": ("SELECT intake.discard_rows('report.{table}', {part}, '{{}}', '{{}}')",),
    "makes itself an account": ("INSERT INTO access.account (account, name, post, roles) VALUES ('me', 'x', 'x', '{{signer}}')",),
    "publishes": (
        (
            "INSERT INTO audit.published (publication_id, format, as_of, known_at, code_version, sha256, content, signer, signed_at,"
            " is_provisional, missing, reason) VALUES (1, 'md', '2020-03-18', now(), '', encode(sha256('x'), 'hex'), 'x', 'x', now(), false, '{{}}', '')"
        ),
    ),
}
"""Of a role that only reads aggregates, and of an auditor."""

AUDITOR = READERS

TASKFORCE = {name: tried for name, tried in READERS.items() if name != "reads submitted rows"} | {
    "reads submitted rows past the views": ("SELECT * FROM report.{table}",)
}

LOADER: Mapping[str, tuple[str, ...]] = {
    "changes a loaded row": ("UPDATE report.{table} SET row_number = row_number",),
    "deletes a loaded row": ("DELETE FROM report.{table}", "TRUNCATE report.{table}"),
    "discards rows of a settled part": ("SELECT intake.discard_rows('report.{table}', {part}, '{{}}', '{{}}')",),
    "deletes through another table's name": ("SELECT intake.discard_rows('intake.submission', -1, '{{}}', '{{}}')",),
    "commits a supposition": ("SELECT intake.suppose_line('report.{table}', {part}, '', 2, 'absent', '{{}}'); COMMIT",),
    "changes counts of a settled submission": (
        "UPDATE intake.submission SET rows_accepted = rows_accepted + 1, rows_read = rows_read + 1 WHERE submission_id = {submission}",
    ),
    "gives a submission to another department": ("UPDATE intake.submission SET department_code = 'LAND'",),
    "changes when a submission came": ("UPDATE intake.submission SET received_at = now()",),
    "changes the archive's digest": ("UPDATE intake.submission SET sha256 = 'x'",),
    "brings a rejected submission to life": ("UPDATE intake.submission SET state = 'accepted' WHERE state = 'rejected'",),
    "opens a settled submission again": (
        "UPDATE intake.submission SET state = 'received', settled_at = NULL WHERE submission_id = {submission}",
    ),
    "rewrites a receipt": ("UPDATE intake.submission SET receipt = '1' WHERE receipt IS NOT NULL",),
    "changes a part": ("UPDATE intake.part SET rows_accepted = 0, rows_read = 0", "DELETE FROM intake.part"),
    "changes a finding": ("UPDATE intake.finding SET severity = 'repaired'", "DELETE FROM intake.finding"),
    "changes returned cells": ("UPDATE intake.set_aside_row SET cells = '[]'",),
    "changes an answer": ("UPDATE intake.answer SET verdict = 'confirmed'",),
    "changes reference data": ("UPDATE ref.policy_param SET value = '0'", "DELETE FROM ref.calendar"),
    "makes itself an account": ("INSERT INTO access.account (account, name, post, roles) VALUES ('me', 'x', 'x', '{{signer}}')",),
    "makes somebody a signer": ("UPDATE access.account SET roles = '{{signer}}'",),
    "deletes from the log": (
        "DELETE FROM audit.signing",
        "DELETE FROM audit.published",
        "DELETE FROM audit.chore",
        "TRUNCATE audit.chore",
    ),
    "changes the log": (
        "UPDATE audit.published SET signer = 'x'",
        "UPDATE audit.signing SET person = 'x'",
        "UPDATE audit.adjustment SET reason = 'x'",
        "UPDATE audit.chore SET outcome = 'well'",
    ),
    "signs without a draft": (
        (
            "INSERT INTO audit.published (publication_id, format, as_of, known_at, code_version, sha256, content, signer, account, signed_at,"
            " is_provisional, missing, reason) VALUES (nextval('audit.publication_number'), 'md', '2020-03-01', now(), '',"
            " encode(sha256('x'), 'hex'), 'x', '区长 张三', 'zhang', now(), false, '{{}}', '')"
        ),
    ),
    "publishes another content than its digest": (
        (
            "INSERT INTO audit.published (publication_id, format, as_of, known_at, code_version, sha256, content, signer, signed_at,"
            " is_provisional, missing, reason) VALUES (nextval('audit.publication_number'), 'md', '2020-03-01', now(), '',"
            " encode(sha256('x'), 'hex'), 'y', 'x', now(), true, '{{}}', '')"
        ),
    ),
    "publishes as of yesterday": (
        (
            "INSERT INTO audit.published (publication_id, format, as_of, known_at, code_version, sha256, content, signer, signed_at,"
            " is_provisional, missing, reason) VALUES (nextval('audit.publication_number'), 'md', '2020-03-01', now(), '',"
            " encode(sha256('x'), 'hex'), 'x', 'x', now() - interval '1 day', true, '{{}}', '')"
        ),
    ),
    "answers a draft that nobody made": (
        (
            "INSERT INTO audit.signing (run, as_of, known_at, step, person, account, digest, reason) VALUES"
            " ('x', '2020-03-01', now(), 'rejected', 'zhang', 'zhang', 'x', '')"
        ),
    ),
    "adjusts a figure": (
        "INSERT INTO audit.adjustment (figure, as_of, value_text, reason, proposer, approver) VALUES ('S002', '2020-03-18', '1', 'x', 'a', 'b')",
        "INSERT INTO audit.adjustment_approval (adjustment_id, approver) VALUES (1, 'x')",
    ),
    "withdraws a publication": (
        "INSERT INTO audit.publication_end (publication_id, kind, person, reason) VALUES (1, 'withdrawn', 'x', 'x')",
    ),
    "lifts a guard": (
        "ALTER TABLE intake.submission DISABLE TRIGGER guard",
        "DROP TRIGGER guard ON audit.published",
        "SET session_replication_role = replica",
        "CREATE OR REPLACE FUNCTION access.is_owner() RETURNS boolean LANGUAGE sql AS 'SELECT true'",
    ),
    "becomes the owner": ("SET ROLE fugong_owner", "GRANT fugong_owner TO CURRENT_USER"),
    "makes tables": ("CREATE TABLE mart.x (a int)", "CREATE SCHEMA x"),
}
"""Of the flow itself, should somebody steer it."""

PUBLISHED = (
    "INSERT INTO audit.published (publication_id, format, as_of, known_at, code_version, sha256, content, signer, account, signed_at,"
    " is_provisional, missing, reason) VALUES (nextval('audit.publication_number'), 'md', '2020-03-01', now(), '',"
    " encode(sha256('x'), 'hex'), 'x', {who}, now(), false, '{{{{}}}}', '')"
)
ADJUSTED = "INSERT INTO audit.adjustment (figure, as_of, value_text, reason, proposer, approver) VALUES ('S002', '2020-03-18', '1', 'x', 'a', {who})"
SIGNER: Mapping[str, tuple[str, ...]] = {
    "signs in another name": (PUBLISHED.format(who="'副区长 李四', 'li'"), PUBLISHED.format(who="'副区长 李四', 'zhang'")),
    "signs as nobody": (PUBLISHED.format(who="'x', NULL"),),
    "answers a draft past the page": (
        "INSERT INTO audit.signing (run, as_of, known_at, step, person, reason) VALUES ('x', '2020-03-01', now(), 'rejected', 'zhang', '')",
    ),
    "approves at once": (ADJUSTED.format(who="'b'"),),
    "approves their own": (
        (
            f"WITH mine AS ({ADJUSTED.format(who='NULL')} RETURNING adjustment_id) "
            "INSERT INTO audit.adjustment_approval (adjustment_id, approver) SELECT adjustment_id, 'x' FROM mine"
        ),
    ),
    "changes what is published": ("UPDATE audit.published SET signer = 'x'", "DELETE FROM audit.published"),
    "changes the log": ("UPDATE audit.adjustment SET approver = 'x'", "DELETE FROM audit.adjustment_end"),
    "loads a row": ("INSERT INTO report.{table} (part_id, sheet, row_number) VALUES ({part}, '', 99)",),
    "settles": ("UPDATE intake.submission SET state = 'accepted'", "INSERT INTO intake.reporting_unit VALUES ('x', 'x')"),
    "reads returned cells": ("SELECT * FROM intake.set_aside_row",),
    "becomes the loader": ("SET ROLE fugong_loader", "SET ROLE fugong_signer"),
    "makes somebody a signer": ("UPDATE access.account SET roles = '{{signer}}'",),
    "stops the intake by a lock": ("SELECT pg_advisory_lock(7236003)", "LOCK TABLE intake.settle_clock"),
}
"""Of somebody who may sign."""

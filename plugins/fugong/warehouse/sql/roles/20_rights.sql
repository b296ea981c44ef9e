-- Who may read and write what. Every `fugong init` runs this last, after all tables and views exist; default privileges cover those
-- that are created between two runs. What was granted before and is no longer here is revoked first.
REVOKE ALL ON ALL TABLES IN SCHEMA intake, audit, access FROM fugong_loader;
REVOKE ALL ON ALL TABLES IN SCHEMA access FROM fugong_web;
REVOKE CREATE ON SCHEMA public FROM public;

-- loader: the flow. It adds what arrives and what it computes; of what is settled it changes the columns named here and no others, under
-- the guards of warehouse/sql/guards. It changes no loaded row, no reference data, no account, no record of what was done.
GRANT USAGE ON SCHEMA intake, report, ref, asof, fact, mart, open, audit, access TO fugong_loader;
GRANT SELECT, INSERT ON ALL TABLES IN SCHEMA intake TO fugong_loader;
GRANT UPDATE (
    report, report_date, state, contract_version, settled_at, due_at, rows_read, rows_accepted, rows_set_aside, rows_not_data,
    tables, repairs, receipt, replied_at
) ON intake.submission TO fugong_loader;
GRANT UPDATE (superseded_at, superseded_by) ON intake.part TO fugong_loader;
GRANT UPDATE (repaired_by, cells) ON intake.set_aside_row TO fugong_loader;
GRANT UPDATE (first_day, last_day, closed_at) ON intake.question TO fugong_loader;
GRANT UPDATE (superseded_at, superseded_by) ON intake.answer TO fugong_loader;
GRANT UPDATE (due_at, last_reminded_at, ended_at) ON intake.reminder TO fugong_loader;
GRANT UPDATE ON intake.settle_clock, intake.stale_day TO fugong_loader;
GRANT DELETE ON intake.stale_day TO fugong_loader;
GRANT EXECUTE ON FUNCTION intake.discard_rows, intake.suppose_line TO fugong_loader;
GRANT USAGE ON ALL SEQUENCES IN SCHEMA intake TO fugong_loader;
GRANT SELECT, INSERT ON ALL TABLES IN SCHEMA report TO fugong_loader;
GRANT SELECT ON ALL TABLES IN SCHEMA ref, asof, fact TO fugong_loader;
GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA mart, open TO fugong_loader;
GRANT SELECT ON ALL TABLES IN SCHEMA audit TO fugong_loader;
GRANT INSERT ON audit.chore, audit.mart_day, audit.published, audit.publication_end, audit.signing TO fugong_loader;
GRANT INSERT ON audit.log_entry, audit.sealed_part, audit.published_figure TO fugong_loader;
GRANT UPDATE ON audit.log_head TO fugong_loader;
GRANT UPDATE (built_serial, built_at) ON audit.mart_version TO fugong_loader;
GRANT DELETE ON audit.mart_day TO fugong_loader;
GRANT INSERT, DELETE ON audit.message, audit.message_channel TO fugong_loader;
GRANT UPDATE (not_before, n_tries, state, settled_at, fault) ON audit.message TO fugong_loader;
GRANT UPDATE (events) ON audit.message_channel TO fugong_loader;
GRANT USAGE ON SEQUENCE audit.publication_number TO fugong_loader;
GRANT SELECT ON access.account, access.account_change, access.login_event, access.firm_access, access.upload TO fugong_loader;
-- When and by whom is not the loader's to say.
GRANT INSERT (event, account, session_id, address) ON access.login_event TO fugong_loader;
GRANT EXECUTE ON FUNCTION access.forget_logins TO fugong_loader;
ALTER DEFAULT PRIVILEGES IN SCHEMA report GRANT SELECT, INSERT ON TABLES TO fugong_loader;
ALTER DEFAULT PRIVILEGES IN SCHEMA asof, fact GRANT SELECT ON TABLES TO fugong_loader;
ALTER DEFAULT PRIVILEGES IN SCHEMA mart, open GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO fugong_loader;

-- analyst: aggregates without small cells, and reference data. No firm.
GRANT USAGE ON SCHEMA open, ref TO fugong_analyst;
GRANT SELECT ON ALL TABLES IN SCHEMA open, ref TO fugong_analyst;
ALTER DEFAULT PRIVILEGES IN SCHEMA open, ref GRANT SELECT ON TABLES TO fugong_analyst;

-- task force: reads firms, too. Its statements are logged where the server allows it (warehouse/roles.py).
GRANT USAGE ON SCHEMA open, ref, mart, fact, asof, report, intake TO fugong_taskforce;
GRANT SELECT ON ALL TABLES IN SCHEMA open, ref, mart, fact, asof TO fugong_taskforce;
GRANT SELECT ON intake.submission, intake.part TO fugong_taskforce;
ALTER DEFAULT PRIVILEGES IN SCHEMA open, ref, mart, fact, asof GRANT SELECT ON TABLES TO fugong_taskforce;

-- auditor: what happened and who did what. No rows of reports, no rows set aside.
GRANT USAGE ON SCHEMA audit, intake, open, ref, access TO fugong_auditor;
GRANT SELECT ON ALL TABLES IN SCHEMA audit, open, ref, access TO fugong_auditor;
GRANT SELECT ON intake.submission, intake.part, intake.finding, intake.shadow_finding TO fugong_auditor;
GRANT SELECT ON intake.settle_clock, intake.stale_day, intake.reminder TO fugong_auditor;
ALTER DEFAULT PRIVILEGES IN SCHEMA audit, open, ref GRANT SELECT ON TABLES TO fugong_auditor;

-- signer: reads what a briefing is composed from; publishes, proposes, approves and revokes as the person that is logged in.
GRANT USAGE ON SCHEMA open, ref, mart, fact, asof, report, intake, audit, access TO fugong_signer;
GRANT SELECT ON ALL TABLES IN SCHEMA open, ref, mart, fact, asof, report, audit TO fugong_signer;
GRANT SELECT ON ALL TABLES IN SCHEMA intake TO fugong_signer;
REVOKE SELECT ON intake.set_aside_row FROM fugong_signer;
-- That a row went back, and why: what checks and marts read of it when they are replayed. Never its cells.
GRANT SELECT (submission_id, table_name, sheet, row_number, reasons, repaired_by) ON intake.set_aside_row TO fugong_signer;
GRANT SELECT ON access.account, access.upload TO fugong_signer;
GRANT INSERT ON
audit.published, audit.publication_end, audit.adjustment, audit.adjustment_approval, audit.adjustment_end TO fugong_signer;
GRANT INSERT ON audit.log_entry, audit.published_figure TO fugong_signer;
GRANT UPDATE ON audit.log_head TO fugong_signer;
GRANT USAGE ON SEQUENCE audit.publication_number TO fugong_signer;
ALTER DEFAULT PRIVILEGES IN SCHEMA open, ref, mart, fact, asof, report GRANT SELECT ON TABLES TO fugong_signer;

GRANT INSERT ON audit.signing TO fugong_signer;

-- department: what it sent itself and what became of it, through views that show nothing of others (`sent`).
GRANT USAGE ON SCHEMA sent, ref, open TO fugong_department;
GRANT SELECT ON ALL TABLES IN SCHEMA sent, ref TO fugong_department;
ALTER DEFAULT PRIVILEGES IN SCHEMA sent GRANT SELECT ON TABLES TO fugong_department;

-- web: the login of the pages. By itself it lets people in and notes who looked at what; all else it does in the role of whoever asks.
GRANT USAGE ON SCHEMA access, open TO fugong_web;
GRANT SELECT ON open.warehouse_revision TO fugong_web, fugong_department;
GRANT SELECT ON access.account, access.login_event, access.page_password, access.api_token TO fugong_web;
GRANT INSERT (event, account, session_id, address) ON access.login_event TO fugong_web;
GRANT UPDATE (hash, is_initial, changed_at) ON access.page_password TO fugong_web;
GRANT INSERT (account, name, digest, expires_at) ON access.api_token TO fugong_web;
GRANT UPDATE (ended_at) ON access.api_token TO fugong_web;
GRANT INSERT (account, session_id, page, address) ON access.firm_access TO fugong_web;
GRANT INSERT (account, session_id, department_code, what, about, file_name, sha256) ON access.upload TO fugong_web;
GRANT SELECT (upload_id), UPDATE (file_name) ON access.upload TO fugong_web;
GRANT EXECUTE ON FUNCTION access.visitor TO fugong_web, fugong_signer, fugong_loader;

-- backup: reads everything, in its whole shape, for pg_dump; nothing else runs under it.
GRANT USAGE ON SCHEMA intake, report, ref, asof, fact, mart, open, audit, access TO fugong_backup;
GRANT SELECT ON ALL TABLES IN SCHEMA intake, report, ref, asof, fact, mart, open, audit, access TO fugong_backup;
GRANT SELECT ON ALL SEQUENCES IN SCHEMA intake, report, ref, mart, audit, access TO fugong_backup;
ALTER DEFAULT PRIVILEGES IN SCHEMA intake, report, ref, asof, fact, mart, open, audit, access GRANT SELECT ON TABLES TO fugong_backup;
ALTER DEFAULT PRIVILEGES IN SCHEMA intake, report, ref, mart, audit, access GRANT SELECT ON SEQUENCES TO fugong_backup;

-- Nobody who reads can stop the others: statements and idle transactions end, connections are few. What roles set counts for logins with
-- these names; members get the same (warehouse/roles.py, access/logins.py).
ALTER ROLE fugong_analyst SET default_transaction_read_only = on;
ALTER ROLE fugong_taskforce SET default_transaction_read_only = on;
ALTER ROLE fugong_auditor SET default_transaction_read_only = on;
ALTER ROLE fugong_backup SET default_transaction_read_only = on;
ALTER ROLE fugong_analyst SET statement_timeout = '15min';
ALTER ROLE fugong_taskforce SET statement_timeout = '15min';
ALTER ROLE fugong_auditor SET statement_timeout = '15min';
ALTER ROLE fugong_signer SET statement_timeout = '15min';
ALTER ROLE fugong_analyst SET idle_in_transaction_session_timeout = '10min';
ALTER ROLE fugong_taskforce SET idle_in_transaction_session_timeout = '10min';
ALTER ROLE fugong_auditor SET idle_in_transaction_session_timeout = '10min';
ALTER ROLE fugong_signer SET idle_in_transaction_session_timeout = '10min';
ALTER ROLE fugong_analyst CONNECTION LIMIT 20;
ALTER ROLE fugong_taskforce CONNECTION LIMIT 20;
ALTER ROLE fugong_auditor CONNECTION LIMIT 20;
ALTER ROLE fugong_signer CONNECTION LIMIT 20;
ALTER ROLE fugong_department SET default_transaction_read_only = on;
ALTER ROLE fugong_backup CONNECTION LIMIT 4;

-- A condition of a reader is never evaluated before those of a view.
DO $$
DECLARE
    view regclass;
BEGIN
    FOR view IN SELECT oid FROM pg_class WHERE relnamespace IN ('open'::regnamespace, 'sent'::regnamespace) AND relkind = 'v' LOOP
        EXECUTE format('ALTER VIEW %s SET (security_barrier = true)', view);
    END LOOP;
END
$$;

-- The database is for these roles only; temporary tables are for those who compute.
DO $$
DECLARE
    readers CONSTANT text := 'fugong_analyst, fugong_taskforce, fugong_auditor, fugong_department, fugong_web, fugong_backup';
    function regprocedure;
BEGIN
    PERFORM FROM pg_database WHERE datname = current_database() AND pg_has_role(current_user, datdba, 'USAGE');
    IF found THEN
        EXECUTE format('REVOKE ALL ON DATABASE %I FROM PUBLIC, %s', current_database(), readers);
        EXECUTE format('GRANT CONNECT ON DATABASE %I TO %s', current_database(), readers);
        EXECUTE format('GRANT CONNECT, TEMPORARY ON DATABASE %I TO fugong_loader, fugong_signer', current_database());
    END IF;
    -- Where warehouse/sql/server was run, advisory locks are ours to give.
    FOR function IN
        SELECT oid FROM pg_proc
        WHERE pronamespace = 'pg_catalog'::regnamespace AND proname ~ '^pg_(try_)?advisory_'
            AND has_function_privilege(current_user, oid, 'EXECUTE WITH GRANT OPTION')
            AND NOT (has_function_privilege('fugong_loader', oid, 'EXECUTE') AND has_function_privilege('fugong_web', oid, 'EXECUTE'))
    LOOP
        EXECUTE format('GRANT EXECUTE ON FUNCTION %s TO fugong_loader, fugong_web', function);
    END LOOP;
    IF has_parameter_privilege(current_user, 'temp_file_limit', 'SET') THEN
        ALTER ROLE fugong_analyst SET temp_file_limit = '2GB';
        ALTER ROLE fugong_taskforce SET temp_file_limit = '2GB';
        ALTER ROLE fugong_auditor SET temp_file_limit = '2GB';
    END IF;
    IF has_parameter_privilege(current_user, 'log_statement', 'SET') THEN
        ALTER ROLE fugong_taskforce SET log_statement = 'all';
    END IF;
END
$$;

-- Who may read and write what. Every `fugong init` runs this last, after all tables and views exist; default privileges cover those
-- that are created between two runs.

-- loader: loads files. It changes no loaded row, no reference data, no audit.
GRANT USAGE ON SCHEMA intake, report, ref, asof, fact, mart, open, audit TO fugong_loader;
GRANT SELECT ON open.warehouse_revision TO fugong_loader;
GRANT SELECT, INSERT, UPDATE ON ALL TABLES IN SCHEMA intake TO fugong_loader;
GRANT DELETE ON intake.stale_day TO fugong_loader;
GRANT USAGE ON ALL SEQUENCES IN SCHEMA intake TO fugong_loader;
GRANT SELECT, INSERT ON ALL TABLES IN SCHEMA report TO fugong_loader;
GRANT SELECT ON ALL TABLES IN SCHEMA ref, asof, fact TO fugong_loader;
GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA mart TO fugong_loader;
GRANT SELECT, INSERT ON ALL TABLES IN SCHEMA audit TO fugong_loader;
GRANT UPDATE, DELETE ON audit.mart_day, audit.mart_version TO fugong_loader;
GRANT UPDATE ON audit.log_head TO fugong_loader;
ALTER DEFAULT PRIVILEGES IN SCHEMA report GRANT SELECT, INSERT ON TABLES TO fugong_loader;
ALTER DEFAULT PRIVILEGES IN SCHEMA asof, fact GRANT SELECT ON TABLES TO fugong_loader;
ALTER DEFAULT PRIVILEGES IN SCHEMA mart GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO fugong_loader;

-- analyst: aggregates without small cells, and reference data. No firm.
GRANT USAGE ON SCHEMA open, ref TO fugong_analyst;
GRANT SELECT ON ALL TABLES IN SCHEMA open, ref TO fugong_analyst;
ALTER DEFAULT PRIVILEGES IN SCHEMA open, ref GRANT SELECT ON TABLES TO fugong_analyst;
ALTER ROLE fugong_analyst SET default_transaction_read_only = on;

-- task force: reads firms, too. Its statements are logged where the server allows it (warehouse/roles.py).
GRANT USAGE ON SCHEMA open, ref, mart, fact, asof, report, intake TO fugong_taskforce;
GRANT SELECT ON ALL TABLES IN SCHEMA open, ref, mart, fact, asof TO fugong_taskforce;
GRANT SELECT ON intake.submission, intake.part TO fugong_taskforce;
ALTER DEFAULT PRIVILEGES IN SCHEMA open, ref, mart, fact, asof GRANT SELECT ON TABLES TO fugong_taskforce;
ALTER ROLE fugong_taskforce SET default_transaction_read_only = on;

-- auditor: what happened and who did what. No rows of reports, no rows set aside.
GRANT USAGE ON SCHEMA audit, intake, open, ref TO fugong_auditor;
GRANT SELECT ON ALL TABLES IN SCHEMA audit, open, ref TO fugong_auditor;
GRANT SELECT ON intake.submission, intake.part, intake.finding, intake.shadow_finding TO fugong_auditor;
GRANT SELECT ON intake.settle_clock, intake.stale_day TO fugong_auditor;
ALTER DEFAULT PRIVILEGES IN SCHEMA audit, open, ref GRANT SELECT ON TABLES TO fugong_auditor;
ALTER ROLE fugong_auditor SET default_transaction_read_only = on;

-- Who may see what. Runs after every `fugong init`, so that tables and views made meanwhile are covered; the default
-- privileges cover those made between two of them.

-- loader: takes files in and settles them; changes no report once settled, no reference data, no audit.
GRANT USAGE ON SCHEMA intake, report, ref, asof, fact, mart, audit TO fugong_loader;
GRANT SELECT, INSERT, UPDATE ON ALL TABLES IN SCHEMA intake TO fugong_loader;
GRANT DELETE ON intake.stale_day TO fugong_loader;
GRANT USAGE ON ALL SEQUENCES IN SCHEMA intake TO fugong_loader;
GRANT SELECT, INSERT ON ALL TABLES IN SCHEMA report TO fugong_loader;
GRANT SELECT ON ALL TABLES IN SCHEMA ref, asof, fact TO fugong_loader;
GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA mart TO fugong_loader;
GRANT SELECT, INSERT ON ALL TABLES IN SCHEMA audit TO fugong_loader;
GRANT UPDATE, DELETE ON audit.mart_day, audit.mart_version TO fugong_loader;
ALTER DEFAULT PRIVILEGES IN SCHEMA report GRANT SELECT, INSERT ON TABLES TO fugong_loader;
ALTER DEFAULT PRIVILEGES IN SCHEMA asof, fact GRANT SELECT ON TABLES TO fugong_loader;
ALTER DEFAULT PRIVILEGES IN SCHEMA mart GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO fugong_loader;

-- analyst: aggregates without small cells, and the reference data. No firm.
GRANT USAGE ON SCHEMA open, ref TO fugong_analyst;
GRANT SELECT ON ALL TABLES IN SCHEMA open, ref TO fugong_analyst;
ALTER DEFAULT PRIVILEGES IN SCHEMA open, ref GRANT SELECT ON TABLES TO fugong_analyst;
ALTER ROLE fugong_analyst SET default_transaction_read_only = on;

-- task force: firms too, read only. Its statements are logged where the server lets us say so (see plugins/fugong/warehouse/roles.py).
GRANT USAGE ON SCHEMA open, ref, mart, fact, asof, report, intake TO fugong_taskforce;
GRANT SELECT ON ALL TABLES IN SCHEMA open, ref, mart, fact, asof TO fugong_taskforce;
GRANT SELECT ON intake.submission, intake.part TO fugong_taskforce;
ALTER DEFAULT PRIVILEGES IN SCHEMA open, ref, mart, fact, asof GRANT SELECT ON TABLES TO fugong_taskforce;
ALTER ROLE fugong_taskforce SET default_transaction_read_only = on;

-- auditor: what happened and who did what; no rows of reports, none of what was set aside.
GRANT USAGE ON SCHEMA audit, intake, open, ref TO fugong_auditor;
GRANT SELECT ON ALL TABLES IN SCHEMA audit, open, ref TO fugong_auditor;
GRANT SELECT ON intake.submission, intake.part, intake.finding, intake.shadow_finding TO fugong_auditor;
GRANT SELECT ON intake.settle_clock, intake.stale_day TO fugong_auditor;
ALTER DEFAULT PRIVILEGES IN SCHEMA audit, open, ref GRANT SELECT ON TABLES TO fugong_auditor;
ALTER ROLE fugong_auditor SET default_transaction_read_only = on;

-- The roles of the warehouse. Idempotent; needs CREATEROLE. None of them can log in before it is given a password
-- (`fugong warehouse url --role analyst` does it on the embedded server, the database's administrator elsewhere).
DO $$
DECLARE
    role_name text;
BEGIN
    FOREACH role_name IN ARRAY ARRAY['fugong_owner', 'fugong_loader', 'fugong_analyst', 'fugong_taskforce', 'fugong_auditor'] LOOP
        IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = role_name) THEN
            EXECUTE format('CREATE ROLE %I NOLOGIN', role_name);
        END IF;
    END LOOP;
END
$$;

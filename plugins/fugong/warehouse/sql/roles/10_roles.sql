-- The roles of the warehouse. Idempotent; needs CREATEROLE. No role can log in before it has a password: on the embedded server
-- `fugong warehouse url --role analyst` sets one, elsewhere the database's administrator does.
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

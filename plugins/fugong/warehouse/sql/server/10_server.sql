-- What only a superuser can do for the warehouse, once, in its database, after its owner's role is there; safe to run again. The embedded
-- server and docker/postgres run it; on another server its administrator does: psql --dbname fugong --file 10_server.sql
-- (an owner of another name: SET fugong.owner = '…' first). Advisory locks order the flow, so nobody else may take any; large objects and
-- pg_notify() are for nobody.
DO $$
DECLARE
    owner text := COALESCE(NULLIF(current_setting('fugong.owner', true), ''), 'fugong_owner');
    function regprocedure;
    parameter text;
    database name;
BEGIN
    FOR function IN
        SELECT oid FROM pg_proc
        WHERE pronamespace = 'pg_catalog'::regnamespace
            AND (
                proname ~ '^pg_(try_)?advisory_'
                OR proname ~ '^lo_(creat|create|from_bytea|open|put|truncate|truncate64|unlink)$'
                OR proname IN ('lowrite', 'pg_notify')
            )
            AND has_function_privilege('public', oid, 'EXECUTE')
    LOOP
        EXECUTE format('REVOKE EXECUTE ON FUNCTION %s FROM PUBLIC', function);
        EXECUTE format('GRANT EXECUTE ON FUNCTION %s TO %I WITH GRANT OPTION', function, owner);
    END LOOP;
    FOREACH parameter IN ARRAY ARRAY['log_statement', 'temp_file_limit'] LOOP
        IF NOT has_parameter_privilege(owner, parameter, 'SET') THEN
            EXECUTE format('GRANT SET ON PARAMETER %s TO %I', parameter, owner);
        END IF;
    END LOOP;
    FOR database IN SELECT datname FROM pg_database WHERE datname IN ('postgres', 'template1') LOOP
        IF has_database_privilege('public', database, 'CONNECT') THEN
            EXECUTE format('REVOKE ALL ON DATABASE %I FROM PUBLIC', database);
        END IF;
    END LOOP;
END
$$;

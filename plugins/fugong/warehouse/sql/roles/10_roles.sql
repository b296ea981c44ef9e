-- The roles of the warehouse. Idempotent; needs CREATEROLE. Persons have logins of their own, which are members of these
-- (`fugong account add`). These cannot log in before they have a password: on the embedded server `fugong warehouse url --role analyst`
-- sets one, elsewhere `fugong init` does for the loader and the role of backups.
DO $$
DECLARE
    role_name text;
BEGIN
    FOREACH role_name IN ARRAY ARRAY['fugong_owner', 'fugong_loader', 'fugong_analyst', 'fugong_taskforce', 'fugong_auditor', 'fugong_signer', 'fugong_department',
        'fugong_web', 'fugong_backup'] LOOP
        IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = role_name) THEN
            EXECUTE format('CREATE ROLE %I NOLOGIN', role_name);
        END IF;
    END LOOP;
    -- Whoever is the owner may act as the loader: the flow gives up the owner's rights.
    IF NOT pg_has_role(current_user, 'fugong_loader', 'SET') THEN
        EXECUTE format('GRANT fugong_loader TO %I WITH INHERIT FALSE, SET TRUE', current_user);
    END IF;
    -- The pages have no rights of their own to what is in the warehouse: at each request they take the role of whoever asks.
    FOREACH role_name IN ARRAY ARRAY['fugong_analyst', 'fugong_taskforce', 'fugong_auditor', 'fugong_signer', 'fugong_department'] LOOP
        IF NOT pg_has_role('fugong_web', role_name, 'SET') THEN
            EXECUTE format('GRANT %I TO fugong_web WITH INHERIT FALSE, SET TRUE', role_name);
        END IF;
    END LOOP;
END
$$;

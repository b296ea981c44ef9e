-- Who acts. A person is the account of the login (session_user, which SET ROLE does not change); a login that several people share is no
-- person. The pages' login acts for whoever has an open session there: it names the session. The owner of the tables is not held up by any guard: what the owner changes is found by `fugong verify`.
CREATE OR REPLACE FUNCTION access.is_owner() RETURNS boolean
LANGUAGE sql STABLE
AS $$
    SELECT pg_has_role(current_user, nspowner, 'USAGE') FROM pg_catalog.pg_namespace WHERE nspname = 'audit'
$$;

CREATE OR REPLACE FUNCTION access.visitor() RETURNS text
LANGUAGE sql STABLE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
    SELECT account FROM access.login_event
    WHERE session_user = 'fugong_web' AND event = 'login'
        AND event_id = NULLIF(current_setting('fugong.session', true), '')::bigint
        AND recorded_at > clock_timestamp() - interval '1 day'
        AND NOT EXISTS (
            SELECT FROM access.login_event AS later
            WHERE later.session_id = login_event.event_id AND later.event = 'logout' AND later.account = login_event.account
        )
$$;

REVOKE ALL ON FUNCTION access.visitor() FROM public;

CREATE OR REPLACE FUNCTION access.person() RETURNS text
LANGUAGE plpgsql STABLE
AS $$
BEGIN
    IF session_user <> 'fugong_web' THEN
        RETURN (SELECT account FROM access.account WHERE account = session_user AND is_active);
    END IF;
    RETURN (SELECT account FROM access.account WHERE account = access.visitor() AND is_active);
END
$$;

-- Whether an account may act in a role: one of roles, given as `signer` or `signer,operator`.
CREATE OR REPLACE FUNCTION access.may(account_name text, wanted text) RETURNS boolean
LANGUAGE sql STABLE
AS $$
    SELECT EXISTS (
        SELECT FROM access.account
        WHERE account = account_name AND is_active AND roles && string_to_array(wanted, ',')
    )
$$;

-- How a person is printed: post and name.
CREATE OR REPLACE FUNCTION access.printed(account_name text) RETURNS text
LANGUAGE sql STABLE
AS $$
    SELECT post || ' ' || name FROM access.account WHERE account = account_name
$$;

-- Every change of an account is kept, whoever makes it.
CREATE OR REPLACE FUNCTION access.note_change() RETURNS trigger
LANGUAGE plpgsql
AS $$
BEGIN
    INSERT INTO access.account_change (account, change, state)
    VALUES (
        new.account,
        CASE
            WHEN tg_op = 'INSERT' THEN 'added'
            WHEN old.is_active AND NOT new.is_active THEN 'disabled'
            WHEN new.is_active AND NOT old.is_active THEN 'enabled'
            ELSE 'changed'
        END,
        to_jsonb(new)
    );
    RETURN NULL;
END
$$;

CREATE OR REPLACE TRIGGER account_change AFTER INSERT OR UPDATE ON access.account
FOR EACH ROW EXECUTE FUNCTION access.note_change();

-- The one way in which logins, looks at single firms and who sent a file are forgotten; nobody can have them end earlier.
CREATE OR REPLACE FUNCTION access.forget_logins(keep_days integer) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    n_forgotten bigint;
BEGIN
    IF keep_days IS NULL OR keep_days < 180 THEN
        RAISE EXCEPTION USING ERRCODE = '42501', MESSAGE = format('logins are kept 180 days or more, not %s', keep_days);
    END IF;
    DELETE FROM access.login_event WHERE recorded_at < now() - make_interval(days => keep_days);
    GET DIAGNOSTICS n_forgotten = ROW_COUNT;
    DELETE FROM access.firm_access WHERE recorded_at < now() - make_interval(days => keep_days);
    DELETE FROM access.upload WHERE recorded_at < now() - make_interval(days => keep_days);
    RETURN n_forgotten;
END
$$;

REVOKE ALL ON FUNCTION access.forget_logins(integer) FROM public;

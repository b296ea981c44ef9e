-- What is published, signed and adjusted: rows are only added, each by somebody who may. Fields that say who and when are not taken from
-- whoever inserts the row. The error of a guard is 42501 (insufficient_privilege).
CREATE OR REPLACE FUNCTION access.refuse(said text) RETURNS void
LANGUAGE plpgsql
AS $$
BEGIN
    RAISE EXCEPTION USING ERRCODE = '42501', MESSAGE = said;
END
$$;

-- The account on whose behalf a row is added: the person's own, or, of the flow, the one that it names.
CREATE OR REPLACE FUNCTION access.acting(named text, wanted text) RETURNS text
LANGUAGE plpgsql STABLE
AS $$
DECLARE
    own text := access.person();
    acting text := COALESCE(own, named);
BEGIN
    IF own IS NULL AND NOT pg_has_role(current_user, 'fugong_loader', 'USAGE') THEN
        PERFORM access.refuse(format('%s is no account of a person', session_user));
    END IF;
    IF own <> named THEN
        PERFORM access.refuse(format('%s cannot act as %s', own, named));
    END IF;
    IF NOT access.may(acting, wanted) THEN
        PERFORM access.refuse(format('%s has none of the roles %s', COALESCE(acting, session_user), wanted));
    END IF;
    RETURN acting;
END
$$;

-- A draft is fixed by its digest; the flow adds an answer once per draft, and only a listed signer's.
CREATE OR REPLACE FUNCTION access.guard_signing() RETURNS trigger
LANGUAGE plpgsql
AS $$
BEGIN
    IF access.is_owner() THEN
        RETURN new;
    END IF;
    new.recorded_at := clock_timestamp();
    IF new.step = 'drafted' THEN
        IF new.digest IS NULL OR new.account IS NOT NULL OR NOT pg_has_role(current_user, 'fugong_loader', 'USAGE') THEN
            PERFORM access.refuse('a draft is the flow''s, has a digest and no signer');
        END IF;
        RETURN new;
    END IF;
    PERFORM FROM audit.signing AS draft
    WHERE draft.run = new.run AND draft.as_of = new.as_of AND draft.step = 'drafted'
        AND draft.known_at = new.known_at AND draft.digest IS NOT DISTINCT FROM new.digest;
    IF NOT found THEN
        PERFORM access.refuse(format('no draft of %s in run %s with this digest', new.as_of, new.run));
    END IF;
    IF new.account IS NOT NULL OR new.step IN ('signed', 'rejected') THEN
        new.account := access.acting(new.account, 'signer');
        new.person := new.account;
    ELSIF new.person <> '' THEN
        PERFORM access.refuse('a person is named by account');
    END IF;
    PERFORM FROM audit.published AS one
    WHERE one.publication_id = new.publication_id AND one.as_of = new.as_of AND one.known_at = new.known_at
        AND one.is_provisional = (new.step = 'provisional') AND one.account IS NOT DISTINCT FROM new.account;
    IF new.step IN ('signed', 'provisional') AND NOT found THEN
        PERFORM access.refuse(format('publication %s is not of this draft', new.publication_id));
    END IF;
    RETURN new;
END
$$;

CREATE OR REPLACE FUNCTION access.guard_published() RETURNS trigger
LANGUAGE plpgsql
AS $$
BEGIN
    IF access.is_owner() THEN
        RETURN new;
    END IF;
    IF new.sha256 <> encode(sha256(new.content), 'hex') THEN
        PERFORM access.refuse('sha256 is not that of the content');
    END IF;
    IF new.signed_at NOT BETWEEN clock_timestamp() - interval '1 hour' AND clock_timestamp() + interval '1 minute' THEN
        PERFORM access.refuse('signed_at is not now');
    END IF;
    IF new.is_provisional AND new.account IS NULL AND access.person() IS NULL
        AND pg_has_role(current_user, 'fugong_loader', 'USAGE') THEN
        RETURN new;  -- the deadline publishes, nobody signs
    END IF;
    new.account := access.acting(new.account, CASE WHEN new.is_provisional THEN 'signer,operator' ELSE 'signer' END);
    IF new.signer <> access.printed(new.account) THEN
        PERFORM access.refuse(format('%s signs as %s', new.account, access.printed(new.account)));
    END IF;
    IF NOT new.is_provisional AND access.person() IS NULL THEN
        PERFORM FROM audit.signing
        WHERE as_of = new.as_of AND known_at = new.known_at AND digest IS NOT NULL
        HAVING COUNT(*) FILTER (WHERE step = 'drafted') > COUNT(*) FILTER (WHERE step = 'signed');
        IF NOT found THEN
            PERFORM access.refuse(format('no draft of %s waits for a signature', new.as_of));
        END IF;
    END IF;
    RETURN new;
END
$$;

-- A withdrawal is a signer's act; a successor supersedes by being published.
CREATE OR REPLACE FUNCTION access.guard_publication_end() RETURNS trigger
LANGUAGE plpgsql
AS $$
BEGIN
    IF access.is_owner() THEN
        RETURN new;
    END IF;
    new.recorded_at := clock_timestamp();
    IF new.kind = 'superseded' THEN
        PERFORM FROM audit.published AS earlier
        INNER JOIN audit.published AS later ON earlier.as_of = later.as_of AND earlier.publication_id <> later.publication_id
        WHERE earlier.publication_id = new.publication_id AND later.publication_id = new.successor_id;
        IF NOT found THEN
            PERFORM access.refuse('a publication is superseded by another of its day');
        END IF;
        RETURN new;
    END IF;
    new.account := access.acting(new.account, 'signer');
    new.person := access.printed(new.account);
    RETURN new;
END
$$;

-- Two persons: one proposes, another one, who signs, approves.
CREATE OR REPLACE FUNCTION access.guard_adjustment() RETURNS trigger
LANGUAGE plpgsql
AS $$
BEGIN
    IF access.is_owner() THEN
        RETURN new;
    END IF;
    IF new.approver IS NOT NULL THEN
        PERFORM access.refuse('an adjustment is approved by somebody else, afterwards');
    END IF;
    new.account := access.acting(access.person(), 'signer,operator,taskforce');
    new.proposer := access.printed(new.account);
    new.recorded_at := clock_timestamp();
    RETURN new;
END
$$;

CREATE OR REPLACE FUNCTION access.guard_approval() RETURNS trigger
LANGUAGE plpgsql
AS $$
BEGIN
    IF access.is_owner() THEN
        RETURN new;
    END IF;
    new.account := access.acting(access.person(), 'signer');
    new.approver := access.printed(new.account);
    new.recorded_at := clock_timestamp();
    PERFORM FROM audit.adjustment
    WHERE adjustment_id = new.adjustment_id AND approver IS NULL AND account <> new.account;
    IF NOT found THEN
        PERFORM access.refuse(format('%s proposed adjustment %s, or it is approved', new.account, new.adjustment_id));
    END IF;
    RETURN new;
END
$$;

CREATE OR REPLACE FUNCTION access.guard_adjustment_end() RETURNS trigger
LANGUAGE plpgsql
AS $$
BEGIN
    IF access.is_owner() THEN
        RETURN new;
    END IF;
    new.account := access.acting(access.person(), 'signer');
    new.person := access.printed(new.account);
    new.recorded_at := clock_timestamp();
    RETURN new;
END
$$;

CREATE OR REPLACE TRIGGER guard BEFORE INSERT ON audit.signing FOR EACH ROW EXECUTE FUNCTION access.guard_signing();
CREATE OR REPLACE TRIGGER guard BEFORE INSERT ON audit.published FOR EACH ROW EXECUTE FUNCTION access.guard_published();
CREATE OR REPLACE TRIGGER guard BEFORE INSERT ON audit.publication_end FOR EACH ROW EXECUTE FUNCTION access.guard_publication_end();
CREATE OR REPLACE TRIGGER guard BEFORE INSERT ON audit.adjustment FOR EACH ROW EXECUTE FUNCTION access.guard_adjustment();
CREATE OR REPLACE TRIGGER guard BEFORE INSERT ON audit.adjustment_approval FOR EACH ROW EXECUTE FUNCTION access.guard_approval();
CREATE OR REPLACE TRIGGER guard BEFORE INSERT ON audit.adjustment_end FOR EACH ROW EXECUTE FUNCTION access.guard_adjustment_end();

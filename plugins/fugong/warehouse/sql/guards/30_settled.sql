-- What is settled stays. The loader may update some columns only (roles/20_rights.sql); these functions are what it may do beyond, and
-- what a later state may be.
CREATE OR REPLACE FUNCTION access.guard_submission() RETURNS trigger
LANGUAGE plpgsql
AS $$
BEGIN
    IF access.is_owner() OR old.state = 'received' THEN
        RETURN new;
    END IF;
    IF to_jsonb(old) - ARRAY['state', 'receipt', 'replied_at', 'repairs']
        <> to_jsonb(new) - ARRAY['state', 'receipt', 'replied_at', 'repairs']
        OR (old.receipt IS NOT NULL AND old.receipt <> new.receipt)
        OR (old.replied_at IS NOT NULL AND old.replied_at IS DISTINCT FROM new.replied_at)
        OR (old.state <> new.state AND new.state NOT IN ('accepted', 'superseded', 'withdrawn'))
        OR (old.state IN ('rejected', 'duplicate') AND old.state <> new.state) THEN
        PERFORM access.refuse(format('submission %s is settled', old.submission_id));
    END IF;
    RETURN new;
END
$$;

CREATE OR REPLACE TRIGGER guard BEFORE UPDATE ON intake.submission FOR EACH ROW EXECUTE FUNCTION access.guard_submission();

-- Cells of returned rows are cleared when they are due, never rewritten.
CREATE OR REPLACE FUNCTION access.guard_set_aside_row() RETURNS trigger
LANGUAGE plpgsql
AS $$
BEGIN
    IF NOT access.is_owner() AND new.cells IS NOT NULL AND new.cells IS DISTINCT FROM old.cells THEN
        PERFORM access.refuse('cells of returned rows are cleared, never changed');
    END IF;
    RETURN new;
END
$$;

CREATE OR REPLACE TRIGGER guard BEFORE UPDATE ON intake.set_aside_row
FOR EACH ROW EXECUTE FUNCTION access.guard_set_aside_row();

-- Removes copied rows of a part before it is settled: they are effective already with the same content.
CREATE OR REPLACE FUNCTION intake.discard_rows(report_table regclass, part bigint, sheets text[], row_numbers bigint[])
RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    n_discarded bigint;
BEGIN
    PERFORM FROM pg_catalog.pg_class WHERE oid = report_table AND relnamespace = 'report'::regnamespace;
    IF NOT found THEN
        RAISE EXCEPTION USING ERRCODE = '42501', MESSAGE = format('%s is no table of report', report_table);
    END IF;
    PERFORM FROM intake.part AS settled WHERE settled.part_id = part;
    IF found THEN
        RAISE EXCEPTION USING ERRCODE = '42501', MESSAGE = format('part %s is settled', part);
    END IF;
    EXECUTE format(
        'DELETE FROM %s WHERE part_id = $1 AND (sheet, row_number) IN (SELECT * FROM unnest($2, $3))', report_table
    ) USING part, sheets, row_numbers;
    GET DIAGNOSTICS n_discarded = ROW_COUNT;
    RETURN n_discarded;
END
$$;

REVOKE ALL ON FUNCTION intake.discard_rows(regclass, bigint, text[], bigint[]) FROM public;

-- What if a line were different (fugong.doubts): the change is made where it stands, and no transaction with one can be committed.
CREATE OR REPLACE FUNCTION access.refuse_commit() RETURNS trigger
LANGUAGE plpgsql
AS $$
BEGIN
    RAISE EXCEPTION USING ERRCODE = '42501', MESSAGE = 'a supposition is rolled back, never committed';
END
$$;

DROP TRIGGER IF EXISTS rolled_back ON access.supposition;
CREATE CONSTRAINT TRIGGER rolled_back AFTER INSERT ON access.supposition
DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION access.refuse_commit();

CREATE OR REPLACE FUNCTION intake.suppose_line(
    report_table regclass, part bigint, sheet text, row_number bigint, change text, cells jsonb
) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    names text := (SELECT string_agg(quote_ident(key), ', ') FROM jsonb_object_keys(cells) AS key);
    wanted text := 'WHERE part_id = $2 AND sheet = $3 AND row_number = $4';
    n_changed bigint;
BEGIN
    PERFORM FROM pg_catalog.pg_class WHERE oid = report_table AND relnamespace = 'report'::regnamespace;
    IF NOT found THEN
        RAISE EXCEPTION USING ERRCODE = '42501', MESSAGE = format('%s is no table of report', report_table);
    END IF;
    INSERT INTO access.supposition DEFAULT VALUES;
    CASE change
        WHEN 'cell' THEN
            EXECUTE format(
                'UPDATE %1$s SET (%2$s) = (SELECT %2$s FROM jsonb_populate_record(NULL::%1$s, $1)) %3$s', report_table, names, wanted
            ) USING cells, part, sheet, row_number;
        WHEN 'absent' THEN
            EXECUTE format('DELETE FROM %s %s AND $1 IS NOT NULL', report_table, wanted) USING cells, part, sheet, row_number;
        WHEN 'added' THEN
            EXECUTE format(
                'INSERT INTO %1$s (part_id, sheet, row_number, %2$s) '
                'SELECT $2, $3, $4, %2$s FROM jsonb_populate_record(NULL::%1$s, $1)',
                report_table, names
            ) USING cells, part, sheet, row_number;
    END CASE;
    GET DIAGNOSTICS n_changed = ROW_COUNT;
    RETURN n_changed;
END
$$;

REVOKE ALL ON FUNCTION intake.suppose_line(regclass, bigint, text, bigint, text, jsonb) FROM public;

-- What people were told stays: a message that was sent or given up waits no more, and is deleted when it is due, not before.
CREATE OR REPLACE FUNCTION access.guard_message() RETURNS trigger
LANGUAGE plpgsql
AS $$
BEGIN
    IF access.is_owner() THEN
        RETURN COALESCE(new, old);
    END IF;
    IF tg_op = 'UPDATE' AND old.state <> 'waiting' THEN
        PERFORM access.refuse(format('message %s is %s', old.message_id, old.state));
    END IF;
    IF tg_op = 'DELETE' AND (old.state = 'waiting' OR old.settled_at > now() - interval '30 days') THEN
        PERFORM access.refuse(format('message %s is kept', old.message_id));
    END IF;
    RETURN COALESCE(new, old);
END
$$;

CREATE OR REPLACE TRIGGER guard BEFORE UPDATE OR DELETE ON audit.message FOR EACH ROW EXECUTE FUNCTION access.guard_message();

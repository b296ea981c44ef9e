-- The views of `sent` show the tables of `intake` to one department each: their columns mean the same.
DO $$
DECLARE
    view record;
    told record;
BEGIN
    FOR view IN SELECT oid, relname FROM pg_class WHERE relnamespace = 'sent'::regnamespace AND relkind = 'v' LOOP
        EXECUTE format(
            'COMMENT ON VIEW sent.%I IS %L', view.relname,
            '本部门的 | Of one department: ' || obj_description(format('intake.%I', view.relname)::regclass, 'pg_class')
        );
        FOR told IN
            SELECT attname, col_description(format('intake.%I', view.relname)::regclass, original.attnum) AS comment
            FROM pg_attribute AS shown
            INNER JOIN pg_attribute AS original USING (attname)
            WHERE shown.attrelid = view.oid AND shown.attnum > 0
                AND original.attrelid = format('intake.%I', view.relname)::regclass AND original.attnum > 0
        LOOP
            EXECUTE format('COMMENT ON COLUMN sent.%I.%I IS %L', view.relname, told.attname, told.comment);
        END LOOP;
    END LOOP;
END
$$;

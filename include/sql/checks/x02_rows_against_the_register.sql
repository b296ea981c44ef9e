-- description: |
--   The rows of the resumption reports should make up the register: R01 its industry, R02 its services and trade; construction and real
--   estate have no such report. Returned lines that have not come back repaired explain a gap; the check reports what is left of it, per
--   report.
--
-- check: X02
-- severity: warning
-- keys: [as_of, report]
-- partition_by: as_of
-- reads: [fact.enterprise, fact.resumption_report]
-- touches: [S002, S004, S018]
-- message: "{n_rows} 张复工日报的行数与名录在库数对不上 | Resumption reports whose rows do not make up the register: {n_rows}"
-- said: [n_rows, n_returned]
-- columns:
--   as_of: 截至 | The day
--   report: 报表 | Report table
--   n_register: 名录在库数 | Firms of these classes in the register
--   n_rows: 已报单位数 | Of these, firms with a row in the report in force
--   n_returned: 退回未补行数 | Lines of the report that went back and have not come mended
--   part_id: 部分 | Part in force, one of them
WITH register AS MATERIALIZED (
    SELECT
        as_of,
        CASE scope WHEN 'industry' THEN 'industry_resumption' ELSE 'service_resumption' END AS report,
        COUNT(*) AS n_register
    FROM fact.enterprise
    WHERE
        scope IS NOT NULL
        AND as_of = ANY(:days)
    GROUP BY as_of, report
),

sent AS MATERIALIZED (
    SELECT
        as_of,
        report,
        COUNT(*) AS n_rows
    FROM fact.resumption_report
    WHERE is_counted
    GROUP BY as_of, report
),

part AS MATERIALIZED (
    SELECT
        in_force.as_of,
        in_force.table_name,
        in_force.part_id,
        settled.submission_id
    FROM asof.part_in_force AS in_force
    INNER JOIN intake.part AS settled ON in_force.part_id = settled.part_id
    WHERE in_force.table_name IN ('industry_resumption', 'service_resumption')
),

repair AS MATERIALIZED (
    SELECT DISTINCT asof_part.submission_id
    FROM asof.part AS asof_part
    WHERE asof_part.repairs_part = ANY(ARRAY(SELECT part.part_id FROM part))
),

returned AS (
    SELECT
        part.as_of,
        part.table_name,
        COUNT(*) AS n_returned
    FROM part
    INNER JOIN intake.set_aside_row AS line ON part.submission_id = line.submission_id AND part.table_name = line.table_name
    LEFT JOIN repair ON line.repaired_by = repair.submission_id
    WHERE
        repair.submission_id IS NULL
        AND line.submission_id = ANY(ARRAY(SELECT part.submission_id FROM part))
    GROUP BY part.as_of, part.table_name
),

report AS (
    SELECT
        as_of,
        table_name,
        MIN(part_id) AS part_id
    FROM part
    GROUP BY as_of, table_name
)

SELECT
    register.as_of,
    register.report,
    register.n_register,
    COALESCE(sent.n_rows, 0) AS n_rows,
    COALESCE(returned.n_returned, 0) AS n_returned,
    report.part_id
FROM register
INNER JOIN report ON register.as_of = report.as_of AND register.report = report.table_name
LEFT JOIN sent ON register.as_of = sent.as_of AND register.report = sent.report
LEFT JOIN returned ON register.as_of = returned.as_of AND register.report = returned.table_name
WHERE COALESCE(sent.n_rows, 0) + COALESCE(returned.n_returned, 0) < register.n_register

-- description: |
--   What is counted from the beginning does not fall: an item of a ledger is still there, and the amount paid or invested is at least that
--   of the day before and of a week before. A file that is declared as a correction may lower it.
--
-- check: X21
-- severity: error
-- keys: [as_of, report, item]
-- partition_by: as_of
-- lookback_days: [1, 7]
-- reads: [report.stabilisation_refund, report.award, report.project]
-- touches: [report]
-- message: "有 {n_rows} 项累计数比以前减少,而没有更正文件 | Cumulative amounts that have fallen without a correction: {n_rows}"
-- otherwise: {column_of: measure, value: amount_before}
-- said: [measure, amount_now]
-- tells: [amount_before]
-- columns:
--   as_of: 截至 | The day
--   report: 报表 | Report table
--   item: 编号 | Item of the ledger
--   measure: 指标 | What is counted
--   amount_before: 以前累计(元) | Amount the day before or a week before, the larger, yuan
--   amount_now: 现累计(元) | Amount now, yuan; empty where the item is gone
--   part_id: 部分 | Part in force now
--   sheet: 工作表 | Sheet
--   row_number: 行号 | Line
WITH part AS MATERIALIZED (
    SELECT
        in_force.as_of,
        in_force.table_name,
        in_force.unit,
        in_force.part_id,
        settled.is_replacement OR settled.version > 1 AS is_correction
    FROM asof.part_in_force AS in_force
    INNER JOIN intake.part AS settled ON in_force.part_id = settled.part_id
    WHERE in_force.table_name IN ('stabilisation_refund', 'award', 'project')
),

line AS MATERIALIZED (
    SELECT
        part.as_of,
        part.table_name AS report,
        part.unit,
        part.part_id,
        line.application_id AS item,
        '拨付金额' AS measure,
        line.paid AS amount,
        line.sheet,
        line.row_number
    FROM report.stabilisation_refund AS line
    INNER JOIN part ON line.part_id = part.part_id
    WHERE
        line.part_id = ANY(ARRAY(SELECT part.part_id FROM part WHERE part.table_name = 'stabilisation_refund'))
        AND line.paid > 0
    UNION ALL
    SELECT
        part.as_of,
        part.table_name AS report,
        part.unit,
        part.part_id,
        line.payment_id AS item,
        '拨付金额' AS measure,
        line.paid AS amount,
        line.sheet,
        line.row_number
    FROM report.award AS line
    INNER JOIN part ON line.part_id = part.part_id
    WHERE
        line.part_id = ANY(ARRAY(SELECT part.part_id FROM part WHERE part.table_name = 'award'))
        AND line.paid > 0
    UNION ALL
    SELECT
        part.as_of,
        part.table_name AS report,
        part.unit,
        part.part_id,
        line.project_code AS item,
        '累计完成投资' AS measure,
        line.invested_total AS amount,
        line.sheet,
        line.row_number
    FROM report.project AS line
    INNER JOIN part ON line.part_id = part.part_id
    WHERE
        line.part_id = ANY(ARRAY(SELECT part.part_id FROM part WHERE part.table_name = 'project'))
        AND line.invested_total > 0
),

-- The units whose list is in force on the day, and whether its file is a correction.
unit AS (
    SELECT
        as_of,
        table_name,
        unit,
        MIN(part_id) AS part_id,
        bool_or(is_correction) AS is_correction
    FROM part
    WHERE as_of = ANY(:days)
    GROUP BY as_of, table_name, unit
),

before AS (
    SELECT
        unit.as_of,
        unit.table_name AS report,
        unit.unit,
        unit.part_id,
        line.item,
        line.measure,
        MAX(line.amount) AS amount
    FROM unit
    INNER JOIN line
        ON
            unit.table_name = line.report
            AND unit.unit = line.unit
            AND (unit.as_of - 1 = line.as_of OR unit.as_of - 7 = line.as_of)
            AND unit.part_id <> line.part_id
    WHERE NOT unit.is_correction
    GROUP BY unit.as_of, unit.table_name, unit.unit, unit.part_id, line.item, line.measure
)

SELECT
    before.as_of,
    before.report,
    before.item,
    before.measure,
    before.amount AS amount_before,
    line.amount AS amount_now,
    before.part_id,
    line.sheet,
    line.row_number
FROM before
LEFT JOIN line
    ON
        before.as_of = line.as_of
        AND before.report = line.report
        AND before.unit = line.unit
        AND before.item = line.item
WHERE COALESCE(line.amount, 0) < before.amount

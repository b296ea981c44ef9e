-- description: |
--   A unit may have been mistaken: a value is exactly ten thousand times or a ten-thousandth of what the same item had the day before; or
--   the sum of a daily list jumps by more than five times the median of its daily changes of the week before, and by more than a fifth of
--   what it was.
--
-- check: X22
-- severity: review
-- keys: [as_of, report, measure, item]
-- partition_by: as_of
-- lookback_days: [1, 2, 3, 4, 5, 6, 7]
-- reads: [
--   report.industry_resumption, report.service_resumption, report.site_resumption, report.power_daily, report.supply_line, report.award,
--   report.stabilisation_refund, report.project
-- ]
-- touches: [report]
-- message: "有 {n_rows} 处数值与前一日相差 1 万倍或突变,请核对单位 | Values that are 10,000 times those of the day before, or jump (look at the unit): {n_rows}"
-- otherwise: {column_of: measure, value: value_before}
-- said: [value_now]
-- tells: [value_before, median_change]
-- columns:
--   as_of: 截至 | The day
--   report: 报表 | Report table
--   measure: 指标 | What is compared
--   item: 编号 | Item; 合计 for the sum of the list
--   value_before: 前一日 | The day before, in the unit stored
--   value_now: 当日 | The day, in the unit stored
--   median_change: 日变动中位数 | Median of the daily changes of the week before; of sums
--   part_id: 部分 | Part
--   sheet: 工作表 | Sheet
--   row_number: 行号 | Line
WITH part AS MATERIALIZED (
    SELECT
        as_of,
        table_name,
        mode,
        part_id
    FROM asof.part_in_force
    WHERE
        table_name IN (
            'industry_resumption',
            'service_resumption',
            'site_resumption',
            'power_daily',
            'supply_line',
            'award',
            'stabilisation_refund',
            'project'
        )
        AND NOT is_carried
),

line AS MATERIALIZED (
    SELECT
        part.as_of,
        part.table_name AS report,
        part.mode,
        '当日产值' AS measure,
        line.uscc AS item,
        line.output_value::numeric AS value,
        line.part_id,
        line.sheet,
        line.row_number
    FROM report.industry_resumption AS line
    INNER JOIN part ON line.part_id = part.part_id
    WHERE
        line.part_id = ANY(ARRAY(SELECT part.part_id FROM part WHERE part.table_name = 'industry_resumption'))
        AND line.output_value <> 0
    UNION ALL
    SELECT
        part.as_of,
        part.table_name AS report,
        part.mode,
        '到岗人数' AS measure,
        line.uscc AS item,
        line.on_post::numeric AS value,
        line.part_id,
        line.sheet,
        line.row_number
    FROM report.industry_resumption AS line
    INNER JOIN part ON line.part_id = part.part_id
    WHERE
        line.part_id = ANY(ARRAY(SELECT part.part_id FROM part WHERE part.table_name = 'industry_resumption'))
        AND line.on_post <> 0
    UNION ALL
    SELECT
        part.as_of,
        part.table_name AS report,
        part.mode,
        '当日营业收入' AS measure,
        line.uscc AS item,
        line.revenue::numeric AS value,
        line.part_id,
        line.sheet,
        line.row_number
    FROM report.service_resumption AS line
    INNER JOIN part ON line.part_id = part.part_id
    WHERE
        line.part_id = ANY(ARRAY(SELECT part.part_id FROM part WHERE part.table_name = 'service_resumption'))
        AND line.revenue <> 0
    UNION ALL
    SELECT
        part.as_of,
        part.table_name AS report,
        part.mode,
        '到岗人数' AS measure,
        line.uscc AS item,
        line.on_post::numeric AS value,
        line.part_id,
        line.sheet,
        line.row_number
    FROM report.service_resumption AS line
    INNER JOIN part ON line.part_id = part.part_id
    WHERE
        line.part_id = ANY(ARRAY(SELECT part.part_id FROM part WHERE part.table_name = 'service_resumption'))
        AND line.on_post <> 0
    UNION ALL
    SELECT
        part.as_of,
        part.table_name AS report,
        part.mode,
        '现场人数' AS measure,
        line.site_id AS item,
        line.on_site::numeric AS value,
        line.part_id,
        line.sheet,
        line.row_number
    FROM report.site_resumption AS line
    INNER JOIN part ON line.part_id = part.part_id
    WHERE
        line.part_id = ANY(ARRAY(SELECT part.part_id FROM part WHERE part.table_name = 'site_resumption'))
        AND line.on_site <> 0
    UNION ALL
    SELECT
        part.as_of,
        part.table_name AS report,
        part.mode,
        '日用电量' AS measure,
        line.account_no AS item,
        line.kwh_day::numeric AS value,
        line.part_id,
        line.sheet,
        line.row_number
    FROM report.power_daily AS line
    INNER JOIN part ON line.part_id = part.part_id
    WHERE
        line.part_id = ANY(ARRAY(SELECT part.part_id FROM part WHERE part.table_name = 'power_daily'))
        AND line.kwh_day <> 0
    UNION ALL
    SELECT
        part.as_of,
        part.table_name AS report,
        part.mode,
        '当日产量' AS measure,
        line.line_id AS item,
        line.output::numeric AS value,
        line.part_id,
        line.sheet,
        line.row_number
    FROM report.supply_line AS line
    INNER JOIN part ON line.part_id = part.part_id
    WHERE
        line.part_id = ANY(ARRAY(SELECT part.part_id FROM part WHERE part.table_name = 'supply_line'))
        AND line.output <> 0
    UNION ALL
    SELECT
        part.as_of,
        part.table_name AS report,
        part.mode,
        '拨付金额' AS measure,
        line.payment_id AS item,
        line.paid::numeric AS value,
        line.part_id,
        line.sheet,
        line.row_number
    FROM report.award AS line
    INNER JOIN part ON line.part_id = part.part_id
    WHERE
        line.part_id = ANY(ARRAY(SELECT part.part_id FROM part WHERE part.table_name = 'award'))
        AND line.paid <> 0
    UNION ALL
    SELECT
        part.as_of,
        part.table_name AS report,
        part.mode,
        '拨付金额' AS measure,
        line.application_id AS item,
        line.paid::numeric AS value,
        line.part_id,
        line.sheet,
        line.row_number
    FROM report.stabilisation_refund AS line
    INNER JOIN part ON line.part_id = part.part_id
    WHERE
        line.part_id = ANY(ARRAY(SELECT part.part_id FROM part WHERE part.table_name = 'stabilisation_refund'))
        AND line.paid <> 0
    UNION ALL
    SELECT
        part.as_of,
        part.table_name AS report,
        part.mode,
        '总投资' AS measure,
        line.project_code AS item,
        line.total_investment::numeric AS value,
        line.part_id,
        line.sheet,
        line.row_number
    FROM report.project AS line
    INNER JOIN part ON line.part_id = part.part_id
    WHERE
        line.part_id = ANY(ARRAY(SELECT part.part_id FROM part WHERE part.table_name = 'project'))
        AND line.total_investment <> 0
),

-- Items of which one value is ten thousand times another one. They are few; all others need not be compared day by day.
suspect AS MATERIALIZED (
    SELECT
        report,
        measure,
        item
    FROM line
    WHERE as_of = ANY(:days) OR as_of = ANY(ARRAY(SELECT asked.day - 1 FROM unnest(:days) AS asked (day)))
    GROUP BY report, measure, item
    HAVING MAX(abs(value)) >= 10000 * MIN(abs(value))
),

suspect_line AS MATERIALIZED (
    SELECT line.*
    FROM line
    INNER JOIN suspect ON line.report = suspect.report AND line.measure = suspect.measure AND line.item = suspect.item
    -- Else the planner sorts all lines to join them with the few.
    WHERE line.item = ANY(ARRAY(SELECT suspect.item FROM suspect))
),

total AS (
    SELECT
        as_of,
        report,
        measure,
        SUM(value) AS value,
        MIN(part_id) AS part_id
    FROM line
    WHERE mode = 'snapshot'
    GROUP BY as_of, report, measure
),

change AS MATERIALIZED (
    SELECT
        today.as_of,
        today.report,
        today.measure,
        today.value,
        yesterday.value AS value_before,
        abs(today.value - yesterday.value) AS change,
        today.part_id
    FROM total AS today
    INNER JOIN total AS yesterday
        ON
            today.as_of - 1 = yesterday.as_of
            AND today.report = yesterday.report
            AND today.measure = yesterday.measure
),

usual AS (
    SELECT
        asked.day AS as_of,
        change.report,
        change.measure,
        percentile_cont(0.5) WITHIN GROUP (ORDER BY change.change::float8)::numeric AS median_change,
        COUNT(*) AS n_days
    FROM unnest(:days) AS asked (day)
    INNER JOIN change ON change.as_of BETWEEN asked.day - 6 AND asked.day - 1
    GROUP BY asked.day, change.report, change.measure
)

SELECT
    today.as_of,
    today.report,
    today.measure,
    today.item,
    yesterday.value AS value_before,
    today.value AS value_now,
    NULL::numeric AS median_change,
    today.part_id,
    today.sheet,
    today.row_number
FROM suspect_line AS today
INNER JOIN suspect_line AS yesterday
    ON
        today.as_of - 1 = yesterday.as_of
        AND today.report = yesterday.report
        AND today.measure = yesterday.measure
        AND today.item = yesterday.item
WHERE
    today.as_of = ANY(:days)
    AND yesterday.as_of = ANY(ARRAY(SELECT asked.day - 1 FROM unnest(:days) AS asked (day)))
    AND (today.value = 10000 * yesterday.value OR 10000 * today.value = yesterday.value)
UNION ALL
SELECT
    change.as_of,
    change.report,
    change.measure,
    '合计' AS item,
    change.value_before,
    change.value AS value_now,
    round(usual.median_change, 2) AS median_change,
    change.part_id,
    NULL AS sheet,
    NULL AS row_number
FROM change
INNER JOIN usual
    ON
        change.as_of = usual.as_of
        AND change.report = usual.report
        AND change.measure = usual.measure
WHERE
    usual.n_days >= 3
    AND change.change > 5 * usual.median_change
    AND change.change > 0.2 * abs(change.value_before)

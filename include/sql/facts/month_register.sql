-- description: |
--   The register for bills and payments of a month: the one in force at the end of the following month, or the first one where none was
--   there yet. A business date has no register of its own: each new register would change the past.
--
-- writes: fact.month_register
-- grain: one row per month of the days asked for and line of the registers
-- reads: [ref.industry, report.enterprise]
-- columns:
--   period: 月份 | First day of the month
--   uscc: 统一社会信用代码 | Unified social credit code
--   size_class: 规模 | L M S W
--   industry_code: 行业代码 | GB/T 4754-2017, four digits
--   is_high_energy: 高耗能 | Listed as using much energy, or in such an industry
--   part_id: 部分 | Part
--   sheet: 工作表 | Sheet
--   row_number: 行号 | Line
WITH month AS MATERIALIZED (
    SELECT DISTINCT date_trunc('month', as_of)::date AS period
    FROM asof.day
),

ledger AS MATERIALIZED (
    SELECT
        month.period,
        COALESCE(latest.part_id, earliest.part_id) AS part_id
    FROM month
    CROSS JOIN intake.reporting_unit AS reporting_unit
    CROSS JOIN LATERAL (
        SELECT part.part_id
        FROM asof.part AS part
        WHERE
            part.table_name = reporting_unit.table_name
            AND part.unit = reporting_unit.unit
            AND part.kind = 'data'
        ORDER BY part.report_date
        LIMIT 1
    ) AS earliest
    LEFT JOIN LATERAL (
        SELECT part.part_id
        FROM asof.part AS part
        WHERE
            part.table_name = reporting_unit.table_name
            AND part.unit = reporting_unit.unit
            AND part.kind = 'data'
            AND part.report_date < (month.period + INTERVAL '2 months')::date
        ORDER BY part.report_date DESC
        LIMIT 1
    ) AS latest ON true
    WHERE reporting_unit.table_name = 'enterprise'
),

part AS MATERIALIZED (
    SELECT
        period,
        part_id
    FROM ledger
    UNION ALL
    SELECT
        ledger.period,
        repair.part_id
    FROM ledger
    INNER JOIN asof.part AS repair ON ledger.part_id = repair.repairs_part
)

SELECT
    part.period,
    line.uscc,
    line.size_class,
    line.industry_code,
    (line.high_energy_flag OR COALESCE(division.is_high_energy, false)) AS is_high_energy,
    line.part_id,
    line.sheet,
    line.row_number
FROM report.enterprise AS line
INNER JOIN part ON line.part_id = part.part_id
LEFT JOIN ref.industry AS division ON left(line.industry_code, 2) = division.industry_code
WHERE line.part_id = ANY(ARRAY(SELECT part.part_id FROM part))

-- description: |
--   Which of the firms that should resume had people insured: a second witness beside the department's word. The newest premium month with
--   a row counts, of the month of the day and the two before it. Premiums are filed late and in batches: one month for all firms would lose
--   every firm of the second batch on the day the first one arrives. A firm without a row is unknown: the report lists relief, and no firm
--   has to be in it.
--   Apart from fact.resumption, so that figures of resumption do not wait for a report on social insurance.
--
-- writes: fact.insured
-- grain: one row per as_of, scope and member of the scope that should resume and has a row for one of the months
-- reads: [fact.enterprise, fact.resumption, report.social_insurance_relief]
-- shared: true
-- columns:
--   as_of: 截至 | The day
--   scope: 调度范围 | industry, service or trade
--   uscc: 统一社会信用代码 | Unified social credit code
--   township_code: 所属镇办 | Township by the register
--   industry_section: 行业门类 | Section letter
--   size_class: 规模 | L M S W
--   insured_month: 参保月份 | First day of the premium month that counts for the firm
--   insured: 参保人数 | Persons insured, the largest number over kinds of insurance
--   is_insured_read: 有参保数据 | A member with a row
--   is_resumed_insured: 参保复工 | Persons insured above zero
--   is_silent_insured: 未报者有参保数据 | A member without a row for the day itself and without a reading of energy
--   is_silent_resumed_insured: 未报者参保复工 | Of these, with persons insured
--   part_id: 部分 | Part
--   sheet: 工作表 | Sheet
--   row_number: 行号 | Line
WITH day AS MATERIALIZED (
    SELECT as_of
    FROM asof.day
),

-- Only parts that can hold the wanted months: no row arrives before its month begins.
part AS MATERIALIZED (
    SELECT
        part.part_id,
        part.report_date
    FROM asof.part AS part
    CROSS JOIN (
        SELECT
            (date_trunc('month', MIN(asked.as_of)) - INTERVAL '2 months')::date AS first_day,
            MAX(asked.as_of) AS last_day
        FROM asof.day AS asked
    ) AS span
    WHERE
        part.table_name = 'social_insurance_relief'
        AND part.report_date BETWEEN span.first_day AND span.last_day
),

member AS MATERIALIZED (
    SELECT
        as_of,
        scope,
        uscc,
        township_code,
        industry_section,
        size_class
    FROM fact.enterprise
    WHERE scope IS NOT NULL
),

-- Of the lines of a firm in one report and month, that with the most people counts, whatever the day.
line AS MATERIALIZED (
    SELECT DISTINCT ON (line.uscc, line.premium_month, part.report_date)
        to_date(line.premium_month, 'YYYY-MM') AS insured_month,
        part.report_date,
        line.uscc,
        line.insured,
        line.part_id,
        line.sheet,
        line.row_number
    FROM report.social_insurance_relief AS line
    INNER JOIN part ON line.part_id = part.part_id
    -- No ANY here: the planner would scan an index for the lines of these firms in all years.
    INNER JOIN (SELECT DISTINCT member.uscc FROM member) AS firm ON line.uscc = firm.uscc
    WHERE line.part_id = ANY(ARRAY(SELECT part.part_id FROM part))
    ORDER BY
        line.uscc ASC,
        line.premium_month ASC,
        part.report_date ASC,
        line.insured DESC NULLS LAST,
        line.part_id ASC,
        line.sheet ASC,
        line.row_number ASC
),

-- Whether a firm is exempt, and whether neither a report of the day nor its energy speaks for it.
told AS MATERIALIZED (
    SELECT
        as_of,
        uscc,
        bool_or(is_exempt) AS is_exempt,
        SUM(silent) > 0 AND SUM(silent_by_power) = 0 AS is_silent
    FROM fact.resumption
    WHERE scope <> 'site'
    GROUP BY as_of, uscc
),

-- A firm has a row per month and kind of insurance. The row of its newest month with the most people counts.
firm AS (
    SELECT
        day.as_of,
        line.insured_month,
        line.uscc,
        line.insured,
        line.part_id,
        line.sheet,
        line.row_number,
        row_number() OVER (
            PARTITION BY day.as_of, line.uscc
            ORDER BY
                line.insured_month DESC,
                line.insured DESC NULLS LAST,
                line.part_id ASC,
                line.sheet ASC,
                line.row_number ASC
        ) AS line_of_firm
    FROM day
    INNER JOIN line
        ON
            day.as_of >= line.report_date
            AND line.insured_month BETWEEN (date_trunc('month', day.as_of) - INTERVAL '2 months')::date AND day.as_of
)

SELECT
    firm.as_of,
    member.scope,
    firm.uscc,
    member.township_code,
    member.industry_section,
    member.size_class,
    firm.insured_month,
    firm.insured,
    true AS is_insured_read,
    COALESCE(firm.insured > 0, false) AS is_resumed_insured,
    told.is_silent AS is_silent_insured,
    (told.is_silent AND COALESCE(firm.insured > 0, false)) AS is_silent_resumed_insured,
    firm.part_id,
    firm.sheet,
    firm.row_number
FROM firm
INNER JOIN member ON firm.as_of = member.as_of AND firm.uscc = member.uscc
INNER JOIN told ON firm.as_of = told.as_of AND firm.uscc = told.uscc
WHERE
    firm.line_of_firm = 1
    AND NOT told.is_exempt

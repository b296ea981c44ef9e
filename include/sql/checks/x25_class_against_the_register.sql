-- description: |
--   Who is entitled, and to how much, follows from the register of the month: size, industry, mark of high energy use, kind of taxpayer. What
--   a sender states of the firm should be the same. A firm that claims and is in no register of the month has no class that counts. Where
--   the sender leaves a cell empty, nothing differs. Relief is computed by the register; the amounts are in fee_reduction.
--
-- check: X25
-- severity: error
-- keys: [period, report, uscc, class_stated]
-- partition_by: period
-- reads: [
--   fact.relief_social, fact.relief_power, fact.relief_tax, fact.relief_water, fact.relief_gas, fact.rent_relief, fact.firm_class
-- ]
-- touches: [S041, S042A, S049, S052]
-- message: "有 {n_rows} 户次申报的划型、行业或类别与名录不符,减免按名录测算 | Cases in which the sender states another size, industry or kind than the register (relief is computed by the register): {n_rows}"
-- said: [class_stated, claimed]
-- tells: [reason]
-- codes: {class_stated: [size_class], class_registered: [size_class]}
-- columns:
--   period: 所属月份 | First day of the month
--   report_date: 统计日 | Latest report date of such a line
--   report: 报表 | Report table
--   uscc: 统一社会信用代码 | Unified social credit code
--   class_stated: 申报类别 | What the sender states
--   class_registered: 名录类别 | What the register of the month says; empty where it lists no such firm
--   claimed: 申报减免(元) | Relief claimed by such lines, yuan
--   reason: 原因 | 与名录不符 differs from the register, 名录无此企业 the register does not list the firm
--   part_id: 部分 | Part of the first such line
--   sheet: 工作表 | Sheet
--   row_number: 行号 | Line
WITH month AS MATERIALIZED (
    SELECT
        MIN(asked.day) AS first_day,
        MAX((asked.day + INTERVAL '1 month')::date) - 1 AS last_day
    FROM unnest(:days) AS asked (day)
),

-- Bills end within their month; a tax document is posted up to years after its period, and hardly ever before.
part AS MATERIALIZED (
    SELECT part.part_id
    FROM asof.part AS part
    CROSS JOIN month
    WHERE
        part.table_name IN ('tax_relief', 'water_bill', 'gas_bill', 'power_bill')
        AND part.business_to >= month.first_day - 31
        AND (part.table_name = 'tax_relief' OR part.business_from <= month.last_day)
),

ledger AS MATERIALIZED (
    SELECT
        period,
        part_id,
        report_date
    FROM asof.ledger_of_month
    WHERE table_name = 'rent_relief'
),

firm AS MATERIALIZED (
    SELECT
        uscc,
        first_month,
        last_month
    FROM fact.firm_class
),

line AS MATERIALIZED (
    SELECT
        'social_insurance_relief' AS report, period, sent_date, uscc, class_stated, class_registered, claimed, part_id, sheet, row_number
    FROM fact.relief_social
    WHERE
        line_kind = 'claim'
        AND premium_month = ANY(ARRAY(SELECT to_char(asked.day, 'YYYY-MM') FROM unnest(:days) AS asked (day)))
    UNION ALL
    SELECT 'power_bill' AS report, period, sent_date, uscc, class_stated, class_registered, claimed, part_id, sheet, row_number
    FROM fact.relief_power
    WHERE
        line_kind = 'claim'
        AND part_id = ANY(ARRAY(SELECT part.part_id FROM part))
    UNION ALL
    SELECT 'tax_relief' AS report, period, sent_date, uscc, class_stated, class_registered, claimed, part_id, sheet, row_number
    FROM fact.relief_tax
    WHERE
        line_kind = 'claim'
        AND class_stated IS NOT NULL
        AND part_id = ANY(ARRAY(SELECT part.part_id FROM part))
    UNION ALL
    SELECT
        'rent_relief' AS report, rent.period, ledger.report_date AS sent_date, rent.uscc, rent.class_stated, rent.class_registered,
        rent.claimed, rent.part_id, rent.sheet, rent.row_number
    FROM fact.rent_relief AS rent
    INNER JOIN ledger ON rent.period = ledger.period AND rent.part_id = ledger.part_id
    WHERE rent.policy_id <> 'RENT'
),

-- Of meters the register knows only whether a firm holds them.
metered AS MATERIALIZED (
    SELECT 'water_bill' AS report, period, sent_date, uscc, class_stated, claimed, part_id, sheet, row_number
    FROM fact.relief_water
    WHERE
        line_kind = 'claim'
        AND part_id = ANY(ARRAY(SELECT part.part_id FROM part))
    UNION ALL
    SELECT 'gas_bill' AS report, period, sent_date, uscc, class_stated, claimed, part_id, sheet, row_number
    FROM fact.relief_gas
    WHERE
        line_kind = 'claim'
        AND part_id = ANY(ARRAY(SELECT part.part_id FROM part))
),

differing AS (
    SELECT
        report,
        period,
        sent_date,
        uscc,
        class_stated,
        class_registered,
        claimed,
        part_id,
        sheet,
        row_number
    FROM line
    WHERE
        CASE
            WHEN class_registered IS NULL THEN claimed > 0
            WHEN report = 'rent_relief' THEN class_stated <> '' AND (class_stated = '其他') <> (split_part(class_registered, ' ', 1) = 'L')
            ELSE class_registered <> ALL(string_to_array(class_stated, ';'))
        END
    UNION ALL
    SELECT
        metered.report,
        metered.period,
        metered.sent_date,
        metered.uscc,
        metered.class_stated,
        NULL AS class_registered,
        metered.claimed,
        metered.part_id,
        metered.sheet,
        metered.row_number
    FROM metered
    LEFT JOIN firm ON metered.uscc = firm.uscc AND metered.period BETWEEN firm.first_month AND firm.last_month
    WHERE
        firm.uscc IS NULL
        AND metered.claimed > 0
),

numbered AS (
    SELECT
        differing.*,
        row_number() OVER (
            PARTITION BY differing.period, differing.report, differing.uscc, differing.class_stated
            ORDER BY differing.part_id, differing.sheet, differing.row_number
        ) AS nth
    FROM differing
    WHERE differing.period = ANY(:days)
)

SELECT
    period,
    MAX(sent_date) AS report_date,
    report,
    uscc,
    class_stated,
    MAX(class_registered) AS class_registered,
    SUM(claimed) AS claimed,
    CASE WHEN MAX(class_registered) IS NULL THEN '名录无此企业' ELSE '与名录不符' END AS reason,
    MAX(part_id) FILTER (WHERE nth = 1) AS part_id,
    MAX(sheet) FILTER (WHERE nth = 1) AS sheet,
    MAX(row_number) FILTER (WHERE nth = 1) AS row_number
FROM numbered
GROUP BY period, report, uscc, class_stated

-- description: |
--   Two reports have relief of social insurance: the tax bureau, which collects the premiums, claims it document by document, the social
--   insurance bureau firm by firm and month by month. Where the tax bureau claims any for a firm, month and insurance, both should be
--   equal. Deferrals are no relief. Relief that only the social insurance bureau reports is no contradiction: the tax bureau need not list
--   it.
--
-- check: X07
-- severity: review
-- keys: [period, uscc, insurance]
-- partition_by: period
-- reads: [fact.relief_social, fact.tax_relief, report.social_insurance_relief, report.tax_relief]
-- touches: [S041]
-- message: "税务申报的社保费减免有 {n_rows} 户次与社保报表不符 | Cases (firm, month, insurance) in which the tax bureau and the social insurance bureau claim different relief: {n_rows}"
-- otherwise: {column: amt_relief, value: relief_by_insurance, instead_of: relief_by_tax}
-- said: [relief_by_tax]
-- columns:
--   period: 费款所属月 | First day of the premium month
--   report_date: 统计日 | Later report date of the two
--   uscc: 统一社会信用代码 | Unified social credit code
--   insurance: 险种 | PEN, UNE, INJ or MED
--   relief_by_tax: 税务申报减免(元) | Relief by the tax bureau, yuan
--   relief_by_insurance: 社保申报减免(元) | Relief by the social insurance bureau, yuan; empty where it has no line
--   part_id: 部分 | Part of the first document of the tax bureau
--   sheet: 工作表 | Sheet
--   row_number: 行号 | Line
WITH month AS MATERIALIZED (
    SELECT
        MIN(asked.day) AS first_day,
        MAX((asked.day + INTERVAL '1 month')::date) - 1 AS last_day
    FROM unnest(:days) AS asked (day)
),

-- A document is posted up to years after its period, and hardly ever before.
part AS MATERIALIZED (
    SELECT
        part.part_id,
        part.table_name,
        part.report_date
    FROM asof.part AS part
    CROSS JOIN month
    WHERE
        part.table_name IN ('tax_relief', 'social_insurance_relief')
        AND (part.table_name = 'social_insurance_relief' OR part.business_to >= month.first_day - 31)
),

document AS (
    SELECT
        date_trunc('month', line.period_from)::date AS period,
        line.uscc,
        CASE line.levy_item WHEN '养老' THEN 'PEN' WHEN '失业' THEN 'UNE' WHEN '工伤' THEN 'INJ' ELSE 'MED' END AS insurance,
        COALESCE(line.amt_relief, 0) + COALESCE(line.amt_refund, 0) AS relief,
        part.report_date,
        line.part_id,
        line.sheet,
        line.row_number,
        row_number() OVER (
            PARTITION BY date_trunc('month', line.period_from), line.uscc, line.levy_item ORDER BY line.part_id, line.row_number
        ) AS nth
    FROM report.tax_relief AS line
    INNER JOIN part ON line.part_id = part.part_id
    CROSS JOIN month
    WHERE
        line.part_id = ANY(ARRAY(SELECT part.part_id FROM part WHERE part.table_name = 'tax_relief'))
        AND line.levy_item IN ('养老', '失业', '工伤', '医疗')
        AND line.relief_kind <> 'DEFER'
        AND line.period_from BETWEEN month.first_day AND month.last_day
),

by_tax AS MATERIALIZED (
    SELECT
        period,
        uscc,
        insurance,
        SUM(relief) AS relief,
        MAX(report_date) AS report_date,
        MAX(part_id) FILTER (WHERE nth = 1) AS part_id,
        MAX(sheet) FILTER (WHERE nth = 1) AS sheet,
        MAX(row_number) FILTER (WHERE nth = 1) AS row_number
    FROM document
    WHERE period = ANY(:days)
    GROUP BY period, uscc, insurance
),

by_insurance AS MATERIALIZED (
    SELECT
        to_date(line.premium_month, 'YYYY-MM') AS period,
        line.uscc,
        line.insurance,
        SUM(line.relief) AS relief,
        MAX(part.report_date) AS report_date
    FROM report.social_insurance_relief AS line
    INNER JOIN part ON line.part_id = part.part_id
    WHERE line.premium_month = ANY(ARRAY(SELECT to_char(asked.day, 'YYYY-MM') FROM unnest(:days) AS asked (day)))
    GROUP BY line.premium_month, line.uscc, line.insurance
)

SELECT
    by_tax.period,
    GREATEST(by_tax.report_date, by_insurance.report_date) AS report_date,
    by_tax.uscc,
    by_tax.insurance,
    by_tax.relief AS relief_by_tax,
    by_insurance.relief AS relief_by_insurance,
    by_tax.part_id,
    by_tax.sheet,
    by_tax.row_number
FROM by_tax
LEFT JOIN by_insurance
    ON by_tax.period = by_insurance.period AND by_tax.uscc = by_insurance.uscc AND by_tax.insurance = by_insurance.insurance
WHERE NOT COALESCE(ref.is_close(by_tax.relief, by_insurance.relief), by_tax.relief = 0)

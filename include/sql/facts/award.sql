-- description: |
--   Awards and subsidies from the budget: the ledger in force on each day. Approved is not paid. The district adds a share to subsidies for
--   upgrading or equipment, and its rule does not name the base of the share: both readings stand side by side, and nothing is computed
--   until the base is known.
--
-- writes: fact.award
-- grain: one row per as_of and line of the ledger in force
-- reads: [report.award, ref.policy_param]
-- columns:
--   as_of: 截至 | The day
--   payment_id: 拨付编号 | Payment
--   clause_id: 政策条款 | Clause that grants it
--   item: 项目类别 | Kind of award
--   fund_source: 资金来源 | Budget that pays
--   uscc: 统一社会信用代码 | Firm
--   paid_date: 拨付日期 | Day of payment
--   is_award: 笔数 | One award
--   approved: 核定金额(元) | Approved, yuan; where not given, what was paid
--   paid: 拨付金额(元) | Paid up to the day, yuan; empty where a day of payment is given and no amount
--   paid_on_day: 当日拨付金额(元) | Paid on the day, yuan; empty likewise
--   pending: 已核定未拨付(元) | Approved less what is known to be paid, yuan; empty where neither is given
--   is_without_approved: 未填核定金额 | The line does not give what was approved
--   is_without_paid: 有拨付日期而未填金额 | Paid by the day, and how much is not given
--   by_investment: 按认定投资额测算(元) | Recognised investment × share of the rule, yuan; 0 for other awards, empty where the base was not reported
--   by_upper_subsidy: 按上级补贴额测算(元) | Subsidy of higher levels × share of the rule, yuan; 0 for other awards, empty where the base was not reported
--   is_first_paid_line_of_firm: 拨付企业 | The firm's first line with a payment
--   part_id: 部分 | Part
--   sheet: 工作表 | Sheet
--   row_number: 行号 | Line
WITH part AS MATERIALIZED (
    SELECT
        as_of,
        report_date,
        part_id
    FROM asof.part_in_force
    WHERE table_name = 'award'
),

rule AS (
    SELECT
        day.as_of,
        version.param,
        version.value_number
    FROM (SELECT DISTINCT part.as_of FROM part) AS day
    INNER JOIN ref.param_version AS version
        ON
            version.policy_id = 'P29'
            AND version.param IN ('subsidy_rate_tech_upgrade', 'subsidy_rate_equipment')
            AND day.as_of BETWEEN version.valid_from AND version.valid_to
            AND day.as_of >= version.known_from
            AND day.as_of < version.known_to
),

line AS (
    SELECT
        part.as_of,
        part.report_date = part.as_of AS is_of_day,
        line.*,
        CASE WHEN line.paid_date <= part.as_of THEN COALESCE(line.paid, 0) ELSE 0 END AS paid_by_day,
        COALESCE(line.paid_date <= part.as_of AND line.paid IS NULL, false) AS is_without_paid,
        rule.value_number AS share
    FROM report.award AS line
    INNER JOIN part ON line.part_id = part.part_id
    LEFT JOIN rule
        ON
            part.as_of = rule.as_of
            AND rule.param = CASE line.item
                WHEN '技改再补贴' THEN 'subsidy_rate_tech_upgrade'
                WHEN '设备再补贴' THEN 'subsidy_rate_equipment'
            END
    WHERE line.part_id = ANY(ARRAY(SELECT part.part_id FROM part))
)

SELECT
    line.as_of,
    line.payment_id,
    line.clause_id,
    line.item,
    line.fund_source,
    line.uscc,
    line.paid_date,
    1 AS is_award,
    COALESCE(line.approved, NULLIF(line.paid_by_day, 0)) AS approved,
    CASE WHEN NOT line.is_without_paid THEN line.paid_by_day END AS paid,
    CASE WHEN line.paid_date = line.as_of THEN line.paid WHEN line.is_of_day THEN 0 END AS paid_on_day,
    CASE
        WHEN line.approved IS NOT NULL THEN GREATEST(line.approved - line.paid_by_day, 0)
        WHEN line.paid_by_day <> 0 THEN 0
    END AS pending,
    (line.approved IS NULL) AS is_without_approved,
    line.is_without_paid,
    CASE WHEN line.share IS NULL THEN 0 ELSE line.recognised_investment * line.share END AS by_investment,
    CASE WHEN line.share IS NULL THEN 0 ELSE line.upper_subsidy * line.share END AS by_upper_subsidy,
    (
        line.paid_by_day > 0
        AND row_number() OVER (
            PARTITION BY line.as_of, line.uscc, line.paid_by_day > 0 ORDER BY line.paid_date, line.part_id, line.row_number
        ) = 1
    ) AS is_first_paid_line_of_firm,
    line.part_id,
    line.sheet,
    line.row_number
FROM line

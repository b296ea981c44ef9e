-- description: |
--   Refunds of unemployment premiums to firms that kept their staff: the ledger in force on each day. Approved is not paid.
--
-- writes: fact.stabilisation_refund
-- grain: one row per as_of and line of the ledger in force
-- reads: [report.stabilisation_refund, ref.policy_param]
-- columns:
--   as_of: 截至 | The day
--   kind: 类型 | Kind of application
--   application_id: 申请编号 | Application
--   uscc: 统一社会信用代码 | Firm
--   status: 状态 | Step the application has reached
--   paid_date: 拨付日期 | Day of payment
--   is_application: 申请件数 | One application
--   is_eligible: 符合条件 | Layoffs within the limit for the size, by the rules known at the end of the day
--   approved: 核定金额(元) | Approved, yuan; where not given, what was paid; empty where that is not given either and the status says that it is approved
--   paid: 拨付金额(元) | Paid up to the day, yuan; empty where a day of payment is given and no amount
--   pending: 已核定未拨付(元) | Approved and not yet paid, yuan; empty where what was approved is not given
--   is_without_approved: 未填核定金额 | On public notice or paid, and what was approved is not given
--   is_without_paid: 有拨付日期而未填金额 | Paid by the day, and how much is not given
--   computed: 测算金额(元) | Last year's premiums × share where eligible, yuan
--   is_first_paid_line_of_firm: 拨付企业 | The firm's first line with a payment
--   staff_covered: 惠及职工数 | Insured at the end of last year, on the firm's first line with a payment; empty where not given
--   part_id: 部分 | Part
--   sheet: 工作表 | Sheet
--   row_number: 行号 | Line
WITH part AS MATERIALIZED (
    SELECT
        as_of,
        part_id
    FROM asof.part_in_force
    WHERE table_name = 'stabilisation_refund'
),

rule AS (
    SELECT
        day.as_of,
        MAX(version.value_number) FILTER (WHERE version.param = 'refund_share') AS refund_share,
        MAX(version.value_number) FILTER (WHERE version.param = 'layoff_limit') AS layoff_limit,
        MAX(version.value_number) FILTER (WHERE version.param = 'layoff_limit_small') AS layoff_limit_small,
        MAX(version.value_number) FILTER (WHERE version.param = 'small_insured_max') AS small_insured_max
    FROM (SELECT DISTINCT part.as_of FROM part) AS day
    INNER JOIN ref.param_version AS version
        ON
            version.policy_id = 'P07'
            AND day.as_of BETWEEN version.valid_from AND version.valid_to
            AND day.as_of >= version.known_from
            AND day.as_of < version.known_to
    GROUP BY day.as_of
),

line AS (
    SELECT
        part.as_of,
        line.*,
        CASE WHEN line.paid_date <= part.as_of THEN COALESCE(line.paid, 0) ELSE 0 END AS paid_by_day,
        COALESCE(line.paid_date <= part.as_of AND line.paid IS NULL, false) AS is_without_paid,
        COALESCE(line.status IN ('公示', '拨付') AND line.approved IS NULL, false) AS is_without_approved,
        COALESCE(
            line.layoff_rate <= CASE
                WHEN LEAST(line.insured_start, line.insured_end) <= rule.small_insured_max THEN rule.layoff_limit_small
                ELSE rule.layoff_limit
            END,
            false
        ) AS is_eligible,
        rule.refund_share
    FROM report.stabilisation_refund AS line
    INNER JOIN part ON line.part_id = part.part_id
    LEFT JOIN rule ON part.as_of = rule.as_of
    WHERE line.part_id = ANY(ARRAY(SELECT part.part_id FROM part))
),

counted AS (
    SELECT
        line.*,
        (
            line.paid_by_day > 0
            AND row_number() OVER (
                PARTITION BY line.as_of, line.uscc, line.paid_by_day > 0 ORDER BY line.paid_date, line.part_id, line.row_number
            ) = 1
        ) AS is_first_paid_line_of_firm
    FROM line
)

SELECT
    line.as_of,
    COALESCE(line.kind, '一般') AS kind,
    line.application_id,
    line.uscc,
    line.status,
    line.paid_date,
    1 AS is_application,
    line.is_eligible,
    COALESCE(line.approved, CASE WHEN line.paid_by_day <> 0 OR NOT line.is_without_approved THEN line.paid_by_day END) AS approved,
    CASE WHEN NOT line.is_without_paid THEN line.paid_by_day END AS paid,
    CASE
        WHEN line.paid_by_day <> 0 OR line.status = '退回' THEN 0
        WHEN NOT line.is_without_approved THEN COALESCE(line.approved, 0)
    END AS pending,
    line.is_without_approved,
    line.is_without_paid,
    CASE WHEN line.is_eligible THEN line.prev_year_premium * line.refund_share ELSE 0 END AS computed,
    line.is_first_paid_line_of_firm,
    CASE WHEN line.is_first_paid_line_of_firm THEN line.insured_end ELSE 0 END AS staff_covered,
    line.part_id,
    line.sheet,
    line.row_number
FROM counted AS line

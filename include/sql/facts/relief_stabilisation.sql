-- description: |
--   Stabilisation refunds by the month of payment, from the ledger of the month (asof.ledger_of_month). The rule known on the day of
--   payment applies. Earlier payments to the firm come off: a top-up is not a second benefit. A share above one half is the raised refund.
--
-- writes: fact.relief_stabilisation
-- grain: one row per line paid in a month of the days asked for, the month before or the month after
-- reads: [report.stabilisation_refund, ref.policy_param]
-- columns:
--   period: 所属月份 | Month of payment
--   paid_date: 拨付日期 | Day of payment
--   policy_id: 政策编号 | P07, or P08 for the raised share
--   benefit_class: "受益类别 | B: cash received"
--   uscc: 统一社会信用代码 | Firm
--   base_qty: 基数 | Last year's premiums, yuan
--   share: 返还比例 | Share of the premiums by the rule
--   is_eligible: 符合条件 | Layoffs within the limit for the size
--   computed: 测算金额(元) | What the rule gives, less what was paid before, yuan
--   claimed: 拨付金额(元) | Paid, yuan
--   part_id: 部分 | Part
--   sheet: 工作表 | Sheet
--   row_number: 行号 | Line
WITH part AS MATERIALIZED (
    SELECT
        period,
        part_id
    FROM asof.ledger_of_month
    WHERE table_name = 'stabilisation_refund'
),

line AS (
    SELECT
        part.period,
        line.*,
        CASE WHEN line.ratio > 0.5 THEN 'P08' ELSE 'P07' END AS policy_id,
        SUM(line.paid) OVER (
            PARTITION BY part.period, line.uscc ORDER BY line.paid_date, line.part_id, line.row_number
        ) - line.paid AS paid_before
    FROM report.stabilisation_refund AS line
    INNER JOIN part ON line.part_id = part.part_id
    WHERE
        line.part_id = ANY(ARRAY(SELECT part.part_id FROM part))
        AND line.paid <> 0
        AND line.paid_date < (part.period + INTERVAL '1 month')::date
),

judged AS (
    SELECT
        line.*,
        share.value_number AS refund_share,
        COALESCE(
            line.layoff_rate <= CASE
                WHEN LEAST(line.insured_start, line.insured_end) <= small.value_number THEN limit_small.value_number
                ELSE limit_all.value_number
            END,
            false
        ) AS is_eligible
    FROM line
    LEFT JOIN ref.param_version AS share
        ON
            line.policy_id = share.policy_id
            AND share.param = 'refund_share'
            AND line.paid_date BETWEEN share.valid_from AND share.valid_to
            AND line.paid_date >= share.known_from
            AND line.paid_date < share.known_to
    LEFT JOIN ref.param_version AS limit_all
        ON
            limit_all.policy_id = 'P07'
            AND limit_all.param = 'layoff_limit'
            AND line.paid_date BETWEEN limit_all.valid_from AND limit_all.valid_to
            AND line.paid_date >= limit_all.known_from
            AND line.paid_date < limit_all.known_to
    LEFT JOIN ref.param_version AS limit_small
        ON
            limit_small.policy_id = 'P07'
            AND limit_small.param = 'layoff_limit_small'
            AND line.paid_date BETWEEN limit_small.valid_from AND limit_small.valid_to
            AND line.paid_date >= limit_small.known_from
            AND line.paid_date < limit_small.known_to
    LEFT JOIN ref.param_version AS small
        ON
            small.policy_id = 'P07'
            AND small.param = 'small_insured_max'
            AND line.paid_date BETWEEN small.valid_from AND small.valid_to
            AND line.paid_date >= small.known_from
            AND line.paid_date < small.known_to
    WHERE line.paid_date >= line.period
)

SELECT
    judged.period,
    judged.paid_date,
    judged.policy_id,
    'B' AS benefit_class,
    judged.uscc,
    judged.prev_year_premium AS base_qty,
    COALESCE(judged.refund_share, 0) AS share,
    judged.is_eligible,
    CASE
        WHEN judged.is_eligible
            THEN GREATEST(judged.prev_year_premium * COALESCE(judged.refund_share, 0) - judged.paid_before, 0)
        ELSE 0
    END AS computed,
    judged.paid AS claimed,
    judged.part_id,
    judged.sheet,
    judged.row_number
FROM judged

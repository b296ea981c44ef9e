-- description: |
--   Stabilisation refunds by the month of payment, from the ledger of the month (asof.ledger_of_month). The rule known on the day of
--   payment applies. Earlier payments to the firm come off: a top-up is not a second benefit. A share above the ordinary one is the raised
--   refund; it is for sizes that the register of the month knows. Where it must know and lists no such firm, nothing can be computed.
--
-- writes: fact.relief_stabilisation
-- grain: one row per line paid in a month of the days asked for, the month before or the month after
-- reads: [report.stabilisation_refund, fact.firm_class, ref.policy_param]
-- columns:
--   period: 所属月份 | Month of payment
--   paid_date: 拨付日期 | Day of payment
--   policy_id: 政策编号 | P07, or P08 for the raised share
--   benefit_class: "受益类别 | B: cash received"
--   uscc: 统一社会信用代码 | Firm
--   base_qty: 基数 | Last year's premiums, yuan
--   share: 返还比例 | Share of the premiums by the rule
--   is_eligible: 符合条件 | Layoffs within the limit, and a size that the rule is for
--   computed: 测算金额(元) | What the rule gives, less what was paid before, yuan; empty where the register does not list the firm and must
--   computed_as_stated: 按申报类别测算(元) | The same whatever the size, yuan
--   claimed: 拨付金额(元) | Paid, yuan
--   is_base_known: 依据已报 | The register lists the firm, or the rule asks for no size
--   class_registered: 名录类别 | Size in the register of the month; empty where it lists no such firm
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

firm AS MATERIALIZED (
    SELECT
        uscc,
        first_month,
        last_month,
        size_class
    FROM fact.firm_class
),

named AS (
    SELECT
        line.*,
        firm.size_class AS size_registered,
        CASE WHEN line.ratio > ordinary.value_number THEN 'P08' ELSE 'P07' END AS policy_id
    FROM line
    LEFT JOIN firm ON line.uscc = firm.uscc AND line.period BETWEEN firm.first_month AND firm.last_month
    LEFT JOIN ref.param_version AS ordinary
        ON
            ordinary.policy_id = 'P07'
            AND ordinary.param = 'refund_share'
            AND line.paid_date BETWEEN ordinary.valid_from AND ordinary.valid_to
            AND line.paid_date >= ordinary.known_from
            AND line.paid_date < ordinary.known_to
),

judged AS (
    SELECT
        line.*,
        share.value_number AS refund_share,
        share.size_classes IS NULL OR COALESCE(line.size_registered = ANY(share.size_classes), false) AS is_of_size,
        share.size_classes IS NULL OR line.size_registered IS NOT NULL AS is_base_known,
        COALESCE(
            line.layoff_rate <= CASE
                WHEN LEAST(line.insured_start, line.insured_end) <= small.value_number THEN limit_small.value_number
                ELSE limit_all.value_number
            END,
            false
        ) AS is_within_limit
    FROM named AS line
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
),

given AS (
    SELECT
        judged.*,
        CASE
            WHEN judged.is_within_limit
                THEN GREATEST(judged.prev_year_premium * COALESCE(judged.refund_share, 0) - judged.paid_before, 0)
            ELSE 0
        END AS refund
    FROM judged
)

SELECT
    given.period,
    given.paid_date,
    given.policy_id,
    'B' AS benefit_class,
    given.uscc,
    given.prev_year_premium AS base_qty,
    COALESCE(given.refund_share, 0) AS share,
    given.is_within_limit AND given.is_of_size AS is_eligible,
    CASE WHEN given.is_base_known THEN CASE WHEN given.is_of_size THEN given.refund ELSE 0 END END AS computed,
    given.refund AS computed_as_stated,
    given.paid AS claimed,
    given.is_base_known,
    given.size_registered AS class_registered,
    given.part_id,
    given.sheet,
    given.row_number
FROM given

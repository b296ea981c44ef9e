-- description: |
--   Awards paid, by the month of payment, from the ledger of the month (asof.ledger_of_month). What the district adds to a subsidy for
--   upgrading or equipment follows the rule known on the day of payment. It is for key suppliers by the register of the month: other firms
--   get nothing, and of a firm that no register lists nothing is known. While the base of the rule is open, nothing can be computed. Other
--   awards have a claim and no rule.
--
-- writes: fact.relief_award
-- grain: one row per line paid in a month of the days asked for, the month before or the month after
-- reads: [report.award, fact.firm_class, fact.policy_rule, ref.policy_param]
-- columns:
--   period: 所属月份 | Month of payment
--   paid_date: 拨付日期 | Day of payment
--   policy_id: 政策编号 | P29 for upgrading and equipment, AWARD for others
--   benefit_class: "受益类别 | B: cash received"
--   uscc: 统一社会信用代码 | Firm
--   base_qty: 基数 | The rule's base, yuan; empty while it is open
--   share: 再补贴比例 | Share by the rule
--   computed: 测算金额(元) | Base × share, yuan; empty while the base is open or was not reported, or no register lists the firm
--   claimed: 拨付金额(元) | Paid, yuan
--   is_base_known: 依据已报 | The base that the rule names was reported and a register lists the firm, or the rule names no base yet
--   class_registered: 名录类别 | Level among key suppliers in the register of the month; empty where it lists no such firm
--   part_id: 部分 | Part
--   sheet: 工作表 | Sheet
--   row_number: 行号 | Line
WITH part AS MATERIALIZED (
    SELECT
        period,
        part_id
    FROM asof.ledger_of_month
    WHERE table_name = 'award'
),

line AS (
    SELECT
        part.period,
        line.*,
        CASE line.item
            WHEN '技改再补贴' THEN 'subsidy_rate_tech_upgrade'
            WHEN '设备再补贴' THEN 'subsidy_rate_equipment'
        END AS param
    FROM report.award AS line
    INNER JOIN part ON line.part_id = part.part_id
    WHERE
        line.part_id = ANY(ARRAY(SELECT part.part_id FROM part))
        AND line.paid <> 0
        AND line.paid_date >= part.period
        AND line.paid_date < (part.period + INTERVAL '1 month')::date
),

firm AS MATERIALIZED (
    SELECT
        uscc,
        first_month,
        last_month,
        COALESCE(key_supply_level, '无') AS supply_level
    FROM fact.firm_class
),

judged AS (
    SELECT
        line.*,
        share.value_number AS share,
        CASE WHEN share.classes IS NOT NULL THEN firm.supply_level END AS class_registered,
        share.classes IS NULL OR firm.supply_level IS NOT NULL AS is_class_known,
        COALESCE(firm.supply_level <> ALL(share.classes), false) AS is_left_out,
        base.value AS base_kind,
        CASE base.value
            WHEN 'investment' THEN line.recognised_investment
            WHEN 'upper_subsidy' THEN line.upper_subsidy
        END AS base_qty
    FROM line
    LEFT JOIN firm ON line.uscc = firm.uscc AND line.period BETWEEN firm.first_month AND firm.last_month
    LEFT JOIN fact.policy_rule AS share
        ON
            share.policy_id = 'P29'
            AND line.param = share.param
            AND line.paid_date BETWEEN share.valid_from AND share.valid_to
            AND line.paid_date >= share.known_from
            AND line.paid_date < share.known_to
    LEFT JOIN ref.param_version AS base
        ON
            line.param IS NOT NULL
            AND base.policy_id = 'P29'
            AND base.param = 'base_kind'
            AND line.paid_date BETWEEN base.valid_from AND base.valid_to
            AND line.paid_date >= base.known_from
            AND line.paid_date < base.known_to
)

SELECT
    judged.period,
    judged.paid_date,
    CASE WHEN judged.param IS NULL THEN 'AWARD' ELSE 'P29' END AS policy_id,
    'B' AS benefit_class,
    judged.uscc,
    judged.base_qty,
    judged.share,
    CASE WHEN judged.is_left_out THEN 0 WHEN judged.is_class_known THEN judged.base_qty * judged.share END AS computed,
    judged.paid AS claimed,
    (
        judged.base_kind IS NULL
        OR judged.is_left_out
        OR (judged.base_qty IS NOT NULL AND judged.is_class_known)
    ) AS is_base_known,
    judged.class_registered,
    judged.part_id,
    judged.sheet,
    judged.row_number
FROM judged

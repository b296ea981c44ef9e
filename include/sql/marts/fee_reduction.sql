-- Relief by policy, firm and month: what the rules give, what the department claims, and how the two agree.
-- The month is that of the premium, of the start of the tax period, of the end of the reading, or of the payment.
-- Rules are those known by the end of the month, or by the day the line was reported where that is later: a rule decreed in June
-- changes nothing in March, and a firm that claims in July what became law in June is judged by the law of July.
-- All of it is realised (billed, filed, paid); nothing is projected. The present is shown; past statuses are had by known_at.
-- Lines are found by their month, not by the days asked for, and the months beside are read, so that TIMING can be told.
--
-- writes  mart.fee_reduction
-- grain   one row per policy_id, uscc, period
-- keys    policy_id, uscc, period
-- stale   period
-- reads   fact.relief_water, fact.relief_power, fact.relief_social, fact.relief_tax, fact.relief_stabilisation, ref.policy
-- sums    claimed = fact.relief_water.claimed + fact.relief_power.claimed + fact.relief_social.claimed + fact.relief_tax.claimed + fact.relief_stabilisation.claimed
-- column  policy_id  政策编号 | Policy
-- column  uscc  统一社会信用代码 | Firm; empty where unknown
-- column  period  所属月份 | First day of the month
-- column  benefit_class  受益类别 | A cost avoided, B cash received, C due later
-- column  base_unit  基数单位 | What base_qty counts
-- column  base_qty  基数 | Eligible base
-- column  param_before  政策前参数 | Price, rate or share before
-- column  param_after  政策后参数 | Price, rate or share after
-- column  share  减免比例 | Share let off, by the rule
-- column  computed  测算金额(元) | What the rules give, yuan; empty where nothing can be computed
-- column  claimed  申报金额(元) | By the department's account, yuan
-- column  diff  差额(元) | Claimed minus computed, yuan
-- column  status  核对结果 | MATCH, TIMING, ELIGIBILITY, UNCLAIMED, UNIT, UNRECONCILED or NOT_COMPUTABLE
WITH month AS (
    SELECT
        MIN((asked.day - INTERVAL '1 month')::date) AS first_day,
        MAX((asked.day + INTERVAL '2 months')::date) - 1 AS last_day
    FROM unnest(:days) AS asked (day)
),

bill AS (
    SELECT policy_id, uscc, period, report_date, sent_date, base_qty, param_before, param_after, share, computed, claimed
    FROM fact.relief_water
    WHERE business_date BETWEEN (SELECT month.first_day FROM month) AND (SELECT month.last_day FROM month)
    UNION ALL
    SELECT policy_id, uscc, period, report_date, sent_date, base_qty, param_before, param_after, share, computed, claimed
    FROM fact.relief_power
    WHERE business_date BETWEEN (SELECT month.first_day FROM month) AND (SELECT month.last_day FROM month)
    UNION ALL
    SELECT policy_id, uscc, period, report_date, sent_date, base_qty, param_before, param_after, share, computed, claimed
    FROM fact.relief_social
    WHERE
        premium_month BETWEEN to_char((SELECT month.first_day FROM month), 'YYYY-MM')
        AND to_char((SELECT month.last_day FROM month), 'YYYY-MM')
    UNION ALL
    SELECT policy_id, uscc, period, report_date, sent_date, base_qty, param_before, param_after, share, computed, claimed
    FROM fact.relief_tax
    WHERE period_from BETWEEN (SELECT month.first_day FROM month) AND (SELECT month.last_day FROM month)
    UNION ALL
    SELECT
        policy_id, uscc, period, paid_date AS report_date, paid_date AS sent_date, base_qty, NULL AS param_before, NULL AS param_after,
        share, computed, claimed
    FROM fact.relief_stabilisation
    WHERE period BETWEEN (SELECT month.first_day FROM month) AND (SELECT month.last_day FROM month)
),

summed AS (
    SELECT
        policy_id,
        uscc,
        period,
        SUM(base_qty) AS base_qty,
        MAX(param_before) AS param_before,
        MAX(param_after) AS param_after,
        MAX(share) AS share,
        CASE WHEN COUNT(*) > COUNT(computed) THEN NULL ELSE SUM(computed) END AS computed,
        SUM(claimed) AS claimed
    FROM bill
    WHERE report_date <= GREATEST((period + INTERVAL '1 month')::date - 1, sent_date)
    GROUP BY policy_id, uscc, period
),

judged AS (
    SELECT
        summed.policy_id,
        summed.uscc,
        summed.period,
        policy.benefit_class,
        policy.base_unit,
        summed.base_qty,
        summed.param_before,
        summed.param_after,
        summed.share,
        CASE WHEN policy.is_computable THEN summed.computed END AS computed,
        summed.claimed
    FROM summed
    INNER JOIN ref.policy AS policy ON summed.policy_id = policy.policy_id
    WHERE summed.claimed <> 0 OR summed.computed <> 0 OR summed.computed IS NULL
),

compared AS (
    SELECT
        judged.*,
        judged.claimed - judged.computed AS diff,
        COALESCE(ref.is_close(judged.claimed, judged.computed), false) AS is_match
    FROM judged
),

-- Shifted by one month: the gap of a month is closed by that of the month beside it.
beside AS (
    SELECT
        this.policy_id,
        this.uscc,
        this.period,
        bool_or(
            NOT other.is_match
            AND abs(this.diff + other.diff) <= GREATEST(1, 0.005 * GREATEST(abs(this.diff), abs(other.diff)))
        ) AS is_shifted
    FROM compared AS this
    INNER JOIN compared AS other
        ON
            this.policy_id = other.policy_id
            AND this.uscc = other.uscc
            AND (
                other.period = (this.period + INTERVAL '1 month')::date
                OR other.period = (this.period - INTERVAL '1 month')::date
            )
    GROUP BY this.policy_id, this.uscc, this.period
),

fee_reduction AS (
    SELECT
        compared.policy_id,
        compared.uscc,
        compared.period,
        compared.benefit_class,
        compared.base_unit,
        compared.base_qty,
        compared.param_before,
        compared.param_after,
        compared.share,
        compared.computed,
        compared.claimed,
        compared.diff,
        CASE
            WHEN compared.computed IS NULL THEN 'NOT_COMPUTABLE'
            WHEN compared.is_match THEN 'MATCH'
            WHEN COALESCE(beside.is_shifted, false) THEN 'TIMING'
            WHEN compared.computed = 0 AND compared.claimed > 0 THEN 'ELIGIBILITY'
            WHEN compared.computed > 0 AND compared.claimed = 0 THEN 'UNCLAIMED'
            WHEN
                compared.claimed / NULLIF(compared.computed, 0) BETWEEN 9900 AND 10100
                OR compared.claimed / NULLIF(compared.computed, 0) BETWEEN 0.000099 AND 0.000101
                THEN 'UNIT'
            ELSE 'UNRECONCILED'
        END AS status
    FROM compared
    LEFT JOIN beside
        ON
            compared.policy_id = beside.policy_id
            AND compared.uscc = beside.uscc
            AND compared.period = beside.period
    WHERE compared.period = ANY(:days)
)

SELECT
    policy_id,
    uscc,
    period,
    benefit_class,
    base_unit,
    base_qty,
    param_before,
    param_after,
    share,
    computed,
    claimed,
    diff,
    status
FROM fee_reduction

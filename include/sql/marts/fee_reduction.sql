-- description: |
--   Relief by policy, firm and month: what the rules give, what the department claims, and how the two agree. The month is that of the
--   premium, of the start of the tax period, of the end of the reading, of the payment, or the month let off.
--   The rules known by the end of the month apply, or those known on the day the line was reported where that is later: a rule decreed in
--   June changes nothing in March, and a firm that claims in July what became law in June is judged by the law of July.
--   All of it is realised (billed, filed, paid); relief_projection holds what is to come. The rows show present statuses; known_at shows
--   past ones. The SELECT finds lines by their month, not by the days asked for, and reads the neighbouring months to recognise TIMING.
--
-- writes: mart.fee_reduction
-- grain: one row per policy_id, uscc, period
-- keys: [policy_id, uscc, period]
-- partition_by: period
-- reads: [
--   fact.relief_water, fact.relief_power, fact.relief_social, fact.relief_tax, fact.relief_gas, fact.relief_utility,
--   fact.relief_stabilisation, fact.relief_award, fact.rent_relief, ref.policy
-- ]
-- sums:
--   claimed: [
--     fact.relief_water.claimed, fact.relief_power.claimed, fact.relief_social.claimed, fact.relief_tax.claimed, fact.relief_gas.claimed,
--     fact.relief_utility.claimed, fact.relief_stabilisation.claimed, fact.relief_award.claimed, fact.rent_relief.claimed
--   ]
-- public_rollup: {keys: [period, policy_id, status], sums: [base_qty, computed, claimed]}
-- columns:
--   policy_id: 政策编号 | Policy
--   uscc: 统一社会信用代码 | Firm; empty where unknown
--   period: 所属月份 | First day of the month
--   benefit_class: 受益类别 | A cost avoided, B cash received, C due later
--   base_unit: 基数单位 | What base_qty counts
--   base_qty: 基数 | Eligible base
--   param_before: 政策前参数 | Price, rate or share before
--   param_after: 政策后参数 | Price, rate or share after
--   share: 减免比例 | Share let off, by the rule
--   computed: 测算金额(元) | What the rules give, yuan; empty where nothing can be computed
--   claimed: 申报金额(元) | By the department's account, yuan
--   diff: 差额(元) | Claimed minus computed, yuan
--   status: 核对结果 | MATCH, TIMING, ELIGIBILITY, UNCLAIMED, UNIT, UNRECONCILED or NOT_COMPUTABLE
WITH month AS MATERIALIZED (
    SELECT
        MIN((asked.day - INTERVAL '1 month')::date) AS first_day,
        MAX((asked.day + INTERVAL '2 months')::date) - 1 AS last_day
    FROM unnest(:days) AS asked (day)
),

-- Bills end within their month; a tax document is posted up to years after its period, and hardly ever before.
part AS MATERIALIZED (
    SELECT part.part_id
    FROM asof.part AS part
    CROSS JOIN month
    WHERE
        part.table_name IN ('tax_relief', 'water_bill', 'gas_bill', 'power_bill')
        AND part.business_to >= (SELECT month.first_day - 31 FROM month)
        AND part.business_to >= month.first_day - CASE part.table_name WHEN 'tax_relief' THEN 31 ELSE 0 END
        AND (
            part.table_name = 'tax_relief'
            OR (part.table_name <> 'tax_relief' AND part.business_from <= month.last_day)
        )
),

-- The filter by month stands below: beside the filter by part it would make the planner expect too few rows.
bill AS MATERIALIZED (
    SELECT policy_id, uscc, period, report_date, sent_date, base_qty, param_before, param_after, share, computed, claimed
    FROM fact.relief_water
    WHERE part_id = ANY(ARRAY(SELECT part.part_id FROM part))
    UNION ALL
    SELECT policy_id, uscc, period, report_date, sent_date, base_qty, param_before, param_after, share, computed, claimed
    FROM fact.relief_power
    WHERE part_id = ANY(ARRAY(SELECT part.part_id FROM part))
    UNION ALL
    SELECT policy_id, uscc, period, report_date, sent_date, base_qty, param_before, param_after, share, computed, claimed
    FROM fact.relief_social
    WHERE
        premium_month = ANY(
            ARRAY(SELECT to_char(generate_series(month.first_day, month.last_day, INTERVAL '1 month'), 'YYYY-MM') FROM month)
        )
    UNION ALL
    SELECT policy_id, uscc, period, report_date, sent_date, base_qty, param_before, param_after, share, computed, claimed
    FROM fact.relief_tax
    WHERE part_id = ANY(ARRAY(SELECT part.part_id FROM part))
    UNION ALL
    SELECT policy_id, uscc, period, report_date, sent_date, base_qty, param_before, param_after, share, computed, claimed
    FROM fact.relief_gas
    WHERE part_id = ANY(ARRAY(SELECT part.part_id FROM part))
    UNION ALL
    SELECT
        policy_id, uscc, period, report_date, sent_date, NULL AS base_qty, NULL AS param_before, NULL AS param_after,
        NULL AS share, NULL AS computed, claimed
    FROM fact.relief_utility
    WHERE part_id = ANY(ARRAY(SELECT part.part_id FROM part))
    UNION ALL
    SELECT
        policy_id, uscc, period, paid_date AS report_date, paid_date AS sent_date, base_qty, NULL AS param_before, NULL AS param_after,
        share, computed, claimed
    FROM fact.relief_stabilisation
    UNION ALL
    SELECT
        policy_id, uscc, period, paid_date AS report_date, paid_date AS sent_date, base_qty, NULL AS param_before, NULL AS param_after,
        share, computed, claimed
    FROM fact.relief_award
    UNION ALL
    SELECT
        policy_id, uscc, period, period AS report_date, period AS sent_date, monthly_rent AS base_qty, NULL AS param_before,
        NULL AS param_after, months AS share, computed, claimed
    FROM fact.rent_relief
    WHERE period IS NOT NULL
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
    WHERE
        report_date <= GREATEST((period + INTERVAL '1 month')::date - 1, sent_date)
        AND period BETWEEN (SELECT month.first_day FROM month) AND (SELECT month.last_day FROM month)
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

-- TIMING: the gap of a month is closed by that of the neighbouring month.
beside AS (
    SELECT
        compared.*,
        CASE
            WHEN LAG(compared.period) OVER firm = (compared.period - INTERVAL '1 month')::date THEN LAG(compared.diff) OVER firm
        END AS diff_before,
        CASE
            WHEN LEAD(compared.period) OVER firm = (compared.period + INTERVAL '1 month')::date THEN LEAD(compared.diff) OVER firm
        END AS diff_after
    FROM compared
    WINDOW firm AS (PARTITION BY compared.policy_id, compared.uscc ORDER BY compared.period)
),

fee_reduction AS (
    SELECT
        beside.policy_id,
        beside.uscc,
        beside.period,
        beside.benefit_class,
        beside.base_unit,
        beside.base_qty,
        beside.param_before,
        beside.param_after,
        beside.share,
        beside.computed,
        beside.claimed,
        beside.diff,
        CASE
            WHEN beside.computed IS NULL THEN 'NOT_COMPUTABLE'
            WHEN beside.is_match THEN 'MATCH'
            WHEN ref.is_close(beside.diff, -beside.diff_before) OR ref.is_close(beside.diff, -beside.diff_after) THEN 'TIMING'
            WHEN beside.computed = 0 AND beside.claimed > 0 THEN 'ELIGIBILITY'
            WHEN beside.computed > 0 AND beside.claimed = 0 THEN 'UNCLAIMED'
            WHEN
                beside.claimed / NULLIF(beside.computed, 0) BETWEEN 9900 AND 10100
                OR beside.claimed / NULLIF(beside.computed, 0) BETWEEN 0.000099 AND 0.000101
                THEN 'UNIT'
            ELSE 'UNRECONCILED'
        END AS status
    FROM beside
    WHERE beside.period = ANY(:days)
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

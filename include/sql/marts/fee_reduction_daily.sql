-- description: |
--   Fee and tax relief by the day of the bill, document or report, computed beside claimed. Never add up benefit classes. report_date is
--   the day from which a row counts: the report date, or the later day on which the rule became known. So the rows with business_date and
--   report_date up to D hold the rules known at the end of D.
--   Stabilisation refunds, awards and rent are not here: their reports are ledgers, stocks that yield no flow. They are in
--   stabilisation_daily, award_daily and rent_relief_daily, and by month in fee_reduction. Social insurance that the tax bureau collects is
--   here once, by the social insurance report.
--
-- title: 税费减免逐日 | Relief day by day
-- writes: mart.fee_reduction_daily
-- grain: one row per business_date, report_date, policy_id, benefit_class
-- keys: [business_date, report_date, policy_id, benefit_class]
-- partition_by: business_date
-- reads: [fact.relief_water, fact.relief_power, fact.relief_social, fact.relief_tax, fact.relief_gas, fact.relief_utility, ref.policy]
-- serves: computed beside claimed, by policy
-- sums:
--   base_qty: [
--     fact.relief_water.base_qty, fact.relief_power.base_qty, fact.relief_social.base_qty, fact.relief_tax.base_qty, fact.relief_gas.base_qty
--   ]
--   computed: [
--     fact.relief_water.computed, fact.relief_power.computed, fact.relief_social.computed, fact.relief_tax.computed, fact.relief_gas.computed
--   ]
--   computed_matched: [
--     fact.relief_water.computed_matched, fact.relief_power.computed_matched, fact.relief_social.computed_matched,
--     fact.relief_tax.computed_matched, fact.relief_gas.computed_matched
--   ]
--   claimed: [
--     fact.relief_water.claimed, fact.relief_power.claimed, fact.relief_social.claimed, fact.relief_tax.claimed, fact.relief_gas.claimed,
--     fact.relief_utility.claimed
--   ]
-- columns:
--   business_date: 业务日 | Day of the bill, document or report
--   report_date: 计入日 | Day from which the row counts
--   policy_id: 政策编号 | Policy
--   benefit_class: 受益类别 | A cost avoided, B cash received, C due later
--   base_qty: 基数 | Base quantity, in the unit of the policy
--   computed: 测算金额(元) | Base × rule, yuan; empty where nothing can be computed
--   computed_matched: 测算相符金额(元) | The same, of lines whose claim agrees
--   claimed: 申报金额(元) | By the department's account, yuan
--   claimed_base_unknown: 其中依据未报(元) | Of this, of firms that no register lists although the rule asks for their class, yuan; nothing is computed for it
--   diff: 差额(元) | Claimed minus computed, yuan
--   matched_share: 相符率 | Share of the computed amount whose claim agrees, line by line
--   n_enterprises: 企业数 | Firms with a claim in this cell; not to be added up
WITH part AS MATERIALIZED (
    SELECT part_id
    FROM asof.part_holding
    WHERE table_name IN ('water_bill', 'gas_bill', 'power_bill', 'social_insurance_relief', 'tax_relief')
),

-- The filter by day stands below: beside the filter by part it would make the planner expect too few rows.
relief AS MATERIALIZED (
    SELECT
        business_date, report_date, policy_id, benefit_class, uscc, base_qty, computed, computed_matched, claimed, true AS is_base_known
    FROM fact.relief_water
    WHERE part_id = ANY(ARRAY(SELECT part.part_id FROM part))
    UNION ALL
    SELECT
        business_date, report_date, policy_id, benefit_class, uscc, base_qty, computed, computed_matched, claimed, is_base_known
    FROM fact.relief_power
    WHERE part_id = ANY(ARRAY(SELECT part.part_id FROM part))
    UNION ALL
    SELECT
        business_date, report_date, policy_id, benefit_class, uscc, base_qty, computed, computed_matched, claimed, is_base_known
    FROM fact.relief_social
    WHERE part_id = ANY(ARRAY(SELECT part.part_id FROM part))
    UNION ALL
    SELECT
        business_date, report_date, policy_id, benefit_class, uscc, base_qty, computed, computed_matched, claimed, is_base_known
    FROM fact.relief_tax
    WHERE part_id = ANY(ARRAY(SELECT part.part_id FROM part))
    UNION ALL
    SELECT
        business_date, report_date, policy_id, benefit_class, uscc, base_qty, computed, computed_matched, claimed, true AS is_base_known
    FROM fact.relief_gas
    WHERE part_id = ANY(ARRAY(SELECT part.part_id FROM part))
    UNION ALL
    SELECT
        business_date, report_date, policy_id, benefit_class, uscc, 0 AS base_qty, NULL AS computed, 0 AS computed_matched, claimed,
        true AS is_base_known
    FROM fact.relief_utility
    WHERE part_id = ANY(ARRAY(SELECT part.part_id FROM part))
),

added AS (
    SELECT
        business_date,
        report_date,
        policy_id,
        benefit_class,
        SUM(base_qty) AS base_qty,
        SUM(computed) AS computed,
        bool_and(computed IS NOT NULL) AS is_computed,
        SUM(computed_matched) AS computed_matched,
        SUM(claimed) AS claimed,
        SUM(claimed) FILTER (WHERE NOT is_base_known) AS claimed_base_unknown
    FROM relief
    WHERE business_date = ANY(:days)
    GROUP BY business_date, report_date, policy_id, benefit_class
),

-- Different firms are found apart, without their amounts: sums for each firm would cost more than all the rest.
claiming AS (
    SELECT DISTINCT
        business_date,
        report_date,
        policy_id,
        benefit_class,
        uscc
    FROM relief
    WHERE
        business_date = ANY(:days)
        AND claimed <> 0
),

counted AS (
    SELECT
        business_date,
        report_date,
        policy_id,
        benefit_class,
        COUNT(uscc) AS n_enterprises
    FROM claiming
    GROUP BY business_date, report_date, policy_id, benefit_class
),

summed AS (
    SELECT
        added.business_date,
        added.report_date,
        added.policy_id,
        added.benefit_class,
        added.base_qty,
        CASE WHEN policy.is_computable AND added.is_computed THEN added.computed END AS computed,
        added.computed_matched,
        added.claimed,
        added.claimed_base_unknown,
        COALESCE(counted.n_enterprises, 0) AS n_enterprises
    FROM added
    LEFT JOIN ref.policy AS policy ON added.policy_id = policy.policy_id
    LEFT JOIN counted
        ON
            added.business_date = counted.business_date
            AND added.report_date = counted.report_date
            AND added.policy_id = counted.policy_id
            AND added.benefit_class = counted.benefit_class
),

fee_reduction_daily AS (
    SELECT
        business_date,
        report_date,
        policy_id,
        benefit_class,
        base_qty,
        computed,
        computed_matched,
        claimed,
        COALESCE(claimed_base_unknown, 0) AS claimed_base_unknown,
        claimed - computed AS diff,
        computed_matched / NULLIF(computed, 0) AS matched_share,
        n_enterprises
    FROM summed
)

SELECT
    business_date,
    report_date,
    policy_id,
    benefit_class,
    base_qty,
    computed,
    computed_matched,
    claimed,
    claimed_base_unknown,
    diff,
    matched_share,
    n_enterprises
FROM fee_reduction_daily

-- description: |
--   Relief still to come: the lines of the last 14 days, per day, times the days for which the rule still holds. Nothing of it is realised:
--   the sum of fee_reduction_daily up to a day is what was billed, filed or claimed by it, and no column mixes the two.
--   The last 14 days include the day itself; they are days of the bill, document or report, of lines known by the day. The sum is divided
--   by 14 also where the rule is younger. Rules are those known at the end of the day. A claim whose rule has no end, or no known rule, has
--   a pace and no projection. The projection of a policy is the sum over its firms.
--   Social insurance is reported by premium months, in batches: two batches of a month may fall into one span of 14 days, and none into the
--   next. It has a pace and no projection. Rent needs no pace: its ledger names the months to come, and they are the projection.
--   Stabilisation refunds and awards are paid once and are not here. Analysts see rent to come in rent_relief_daily.
--
-- title: 今后减免测算 | Relief to come
-- writes: mart.relief_projection
-- grain: one row per as_of, policy_id, benefit_class with lines in the last 14 days, or rent to come
-- keys: [as_of, policy_id, benefit_class]
-- partition_by: as_of
-- max_lag_days: 13
-- reads: [
--   fact.relief_water, fact.relief_power, fact.relief_social, fact.relief_tax, fact.relief_gas, fact.relief_utility, fact.rent_relief,
--   ref.policy, ref.policy_param
-- ]
-- serves: what each relief will cost by the end of its rule
-- window:
--   days: 14
--   sums:
--     computed_14_days: [
--       fact.relief_water.computed, fact.relief_power.computed, fact.relief_social.computed, fact.relief_tax.computed,
--       fact.relief_gas.computed
--     ]
--     claimed_14_days: [
--       fact.relief_water.claimed, fact.relief_power.claimed, fact.relief_social.claimed, fact.relief_tax.claimed,
--       fact.relief_gas.claimed, fact.relief_utility.claimed
--     ]
-- suppression:
--   firms: n_enterprises
--   values:
--     - {firms: n_enterprises, largest: largest_claimed, columns: [claimed_14_days, claimed_per_day, claimed_projected]}
--     - {firms: n_enterprises_computed, largest: largest_computed, columns: [computed_14_days, computed_per_day, computed_projected]}
-- hidden_rows: {policy_id: [P23, P24, RENT]}
-- rounded: [computed_14_days, claimed_14_days]
-- rates:
--   computed_per_day: computed_14_days / 14
--   claimed_per_day: claimed_14_days / 14
--   computed_projected: computed_14_days * days_left / 14
--   claimed_projected: claimed_14_days * days_left / 14
-- names: {policy_id: [ref.policy.policy_id.name_zh]}
-- columns:
--   as_of: 截至 | The day
--   policy_id: 政策编号 | Policy
--   benefit_class: 受益类别 | A cost avoided, B cash received, C due later
--   computed_14_days: 近14日测算金额(元) | What the rules give for lines of the last 14 days, yuan; empty where nothing can be computed
--   claimed_14_days: 近14日申报金额(元) | By the department's account, yuan
--   computed_per_day: 日均测算金额(元) | The same per day, yuan
--   claimed_per_day: 日均申报金额(元) | The same per day, yuan
--   valid_to: 政策截止日 | Last day of the rule as known on the day; empty for no end, and where there is no rule
--   days_left: 剩余天数 | Days after the day for which the rule holds
--   computed_projected: "预计测算金额(元) | Projected, not realised: computed per day × days left, yuan; empty where a day has no pace or the rule no end; of rent, the months to come"
--   claimed_projected: "预计申报金额(元) | Projected, not realised: claimed per day × days left, yuan; empty as computed_projected"
--   n_enterprises: 企业数 | Firms with a claim in the last 14 days, or with rent let off in later months
--   n_enterprises_computed: 可测算企业数 | Firms that the rules give something for them
--   largest_claimed: 最大一家申报金额(元) | Largest claim of one firm, yuan
--   largest_computed: 最大一家测算金额(元) | Largest sum that the rules give one firm, yuan
WITH part AS MATERIALIZED (
    SELECT part.part_id
    FROM asof.part AS part
    CROSS JOIN (
        SELECT
            MIN(asked.day) - 13 AS first_day,
            MAX(asked.day) AS last_day
        FROM unnest(:days) AS asked (day)
    ) AS span
    WHERE
        part.table_name IN ('water_bill', 'gas_bill', 'power_bill', 'social_insurance_relief', 'tax_relief')
        AND part.business_from <= span.last_day
        AND part.business_to >= span.first_day
),

-- The filter by day stands below: beside the filter by part it would make the planner expect too few rows.
relief AS MATERIALIZED (
    SELECT business_date, report_date, policy_id, benefit_class, uscc, computed, claimed, true AS is_steady
    FROM fact.relief_water
    WHERE part_id = ANY(ARRAY(SELECT part.part_id FROM part))
    UNION ALL
    SELECT business_date, report_date, policy_id, benefit_class, uscc, computed, claimed, true AS is_steady
    FROM fact.relief_power
    WHERE part_id = ANY(ARRAY(SELECT part.part_id FROM part))
    UNION ALL
    SELECT business_date, report_date, policy_id, benefit_class, uscc, computed, claimed, false AS is_steady
    FROM fact.relief_social
    WHERE part_id = ANY(ARRAY(SELECT part.part_id FROM part))
    UNION ALL
    SELECT business_date, report_date, policy_id, benefit_class, uscc, computed, claimed, true AS is_steady
    FROM fact.relief_tax
    WHERE part_id = ANY(ARRAY(SELECT part.part_id FROM part))
    UNION ALL
    SELECT business_date, report_date, policy_id, benefit_class, uscc, computed, claimed, true AS is_steady
    FROM fact.relief_gas
    WHERE part_id = ANY(ARRAY(SELECT part.part_id FROM part))
    UNION ALL
    SELECT business_date, report_date, policy_id, benefit_class, uscc, NULL AS computed, claimed, true AS is_steady
    FROM fact.relief_utility
    WHERE part_id = ANY(ARRAY(SELECT part.part_id FROM part))
),

rent_of_firm AS (
    SELECT
        as_of,
        policy_id,
        benefit_class,
        uscc,
        SUM(computed_to_come) AS computed,
        SUM(claimed_to_come) AS claimed
    FROM fact.rent_relief
    WHERE as_of = ANY(:days)
    GROUP BY as_of, policy_id, benefit_class, uscc
),

rent AS (
    SELECT
        as_of,
        policy_id,
        benefit_class,
        SUM(computed) AS computed,
        SUM(claimed) AS claimed,
        COUNT(*) FILTER (WHERE claimed <> 0) AS n_enterprises,
        COUNT(*) FILTER (WHERE computed <> 0) AS n_enterprises_computed,
        MAX(claimed) AS largest_claimed,
        MAX(computed) AS largest_computed
    FROM rent_of_firm
    GROUP BY as_of, policy_id, benefit_class
    HAVING SUM(computed) <> 0 OR SUM(claimed) <> 0
),

-- A line is in the last 14 days of its own day and of the 13 after it.
reach AS MATERIALIZED (
    SELECT
        asked.day AS as_of,
        asked.day - age.n_days AS business_date
    FROM unnest(:days) AS asked (day)
    CROSS JOIN generate_series(0, 13) AS age (n_days)
),

firm AS (
    SELECT
        reach.as_of,
        relief.policy_id,
        relief.benefit_class,
        relief.uscc,
        CASE WHEN COUNT(*) = COUNT(relief.computed) THEN SUM(relief.computed) END AS computed,
        SUM(relief.claimed) AS claimed,
        bool_and(relief.is_steady) AS is_steady
    FROM relief
    INNER JOIN reach ON relief.business_date = reach.business_date AND reach.as_of >= relief.report_date
    GROUP BY reach.as_of, relief.policy_id, relief.benefit_class, relief.uscc
),

recent AS (
    SELECT
        as_of,
        policy_id,
        benefit_class,
        SUM(computed) AS computed,
        SUM(claimed) AS claimed,
        bool_and(is_steady) AS is_steady,
        COUNT(*) FILTER (WHERE claimed <> 0) AS n_enterprises,
        COUNT(*) FILTER (WHERE computed <> 0) AS n_enterprises_computed,
        MAX(abs(claimed)) AS largest_claimed,
        MAX(abs(computed)) AS largest_computed
    FROM firm
    GROUP BY as_of, policy_id, benefit_class
),

-- Sizes or kinds of insurance may end on different days: the last one counts.
rule AS (
    SELECT
        recent.as_of,
        recent.policy_id,
        recent.benefit_class,
        MAX(version.valid_to) AS valid_to
    FROM recent
    INNER JOIN ref.param_version AS version
        ON
            recent.policy_id = version.policy_id
            AND recent.as_of >= version.known_from
            AND recent.as_of < version.known_to
            AND recent.as_of >= version.valid_from
    GROUP BY recent.as_of, recent.policy_id, recent.benefit_class
),

paced AS (
    SELECT
        recent.as_of,
        recent.policy_id,
        recent.benefit_class,
        CASE WHEN policy.is_computable THEN recent.computed END AS computed,
        recent.claimed,
        recent.is_steady,
        CASE WHEN isfinite(rule.valid_to) THEN rule.valid_to END AS valid_to,
        CASE WHEN isfinite(rule.valid_to) THEN GREATEST(rule.valid_to - recent.as_of, 0) END AS days_left,
        recent.n_enterprises,
        recent.n_enterprises_computed,
        recent.largest_claimed,
        recent.largest_computed
    FROM recent
    LEFT JOIN ref.policy AS policy ON recent.policy_id = policy.policy_id
    LEFT JOIN rule
        ON
            recent.as_of = rule.as_of
            AND recent.policy_id = rule.policy_id
            AND recent.benefit_class = rule.benefit_class
),

relief_projection AS (
    SELECT
        as_of,
        policy_id,
        benefit_class,
        computed AS computed_14_days,
        claimed AS claimed_14_days,
        computed / 14 AS computed_per_day,
        claimed / 14 AS claimed_per_day,
        valid_to,
        days_left,
        CASE WHEN is_steady THEN computed * days_left / 14 END AS computed_projected,
        CASE WHEN is_steady THEN claimed * days_left / 14 END AS claimed_projected,
        n_enterprises,
        n_enterprises_computed,
        largest_claimed,
        largest_computed
    FROM paced
    UNION ALL
    SELECT
        as_of,
        policy_id,
        benefit_class,
        NULL AS computed_14_days,
        NULL AS claimed_14_days,
        NULL AS computed_per_day,
        NULL AS claimed_per_day,
        NULL AS valid_to,
        NULL AS days_left,
        computed AS computed_projected,
        claimed AS claimed_projected,
        n_enterprises,
        n_enterprises_computed,
        largest_claimed,
        largest_computed
    FROM rent
)

SELECT
    as_of,
    policy_id,
    benefit_class,
    computed_14_days,
    claimed_14_days,
    computed_per_day,
    claimed_per_day,
    valid_to,
    days_left,
    computed_projected,
    claimed_projected,
    n_enterprises,
    n_enterprises_computed,
    largest_claimed,
    largest_computed
FROM relief_projection

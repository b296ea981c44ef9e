-- description: |
--   Relief by policy, firm and month: what the rules give, what the department claims, and how the two agree. The month is that of the
--   premium, of the start of the tax period, of the end of the reading, of the payment, or the month let off.
--   The rules known by the end of the month apply, or those known on the day the line was reported where that is later: a rule decreed in
--   June changes nothing in March, and a firm that claims in July what became law in June is judged by the law of July.
--   All of it is realised (billed, filed, paid); relief_projection holds what is to come. The rows show present statuses; known_at shows
--   past ones. The SELECT finds lines by their month, not by the days asked for, and reads the neighbouring months to recognise TIMING.
--   The register of the month decides what a firm is entitled to; what the sender's own class would give stands beside it. No register has
--   the class of a meter or the kind of a lease: there the sender's word decides, and eligibility_basis says so.
--   Statuses, in the order in which they are tried: NOT_COMPUTABLE, no report has what the rule needs, or the rule is open: computed is
--   empty. UNCLAIMED of a firm without any line: the register entitles it, the month has been reported, nobody reports on the firm: claimed
--   is 0, computed is empty. BASE_UNKNOWN: the base, or the class that the rule asks for, was not reported: computed is empty. MATCH: claimed
--   equals computed. TIMING: it does with a neighbouring month. UNCLAIMED: claimed is 0, computed above 0. ELIGIBILITY: computed is 0 and
--   claimed above 0, or claimed equals what the sender's class gives and not what the register's gives. UNIT: claimed is computed × 10,000
--   or ÷ 10,000. UNRECONCILED: the rest.
--
-- title: "税费减免:申报与测算 | Relief: claimed and computed"
-- writes: mart.fee_reduction
-- grain: one row per policy_id, uscc, period
-- keys: [policy_id, uscc, period]
-- partition_by: period
-- reads: [
--   fact.relief_water, fact.relief_power, fact.relief_social, fact.relief_tax, fact.relief_gas, fact.relief_utility,
--   fact.relief_stabilisation, fact.relief_award, fact.rent_relief, fact.relief_entitled, ref.policy, ref.policy_param
-- ]
-- sums:
--   claimed: [
--     fact.relief_water.claimed, fact.relief_power.claimed, fact.relief_social.claimed, fact.relief_tax.claimed, fact.relief_gas.claimed,
--     fact.relief_utility.claimed, fact.relief_stabilisation.claimed, fact.relief_award.claimed, fact.rent_relief.claimed
--   ]
-- public_rollup: {keys: [period, policy_id, status], sums: [base_qty, computed, claimed]}
-- totals: [[status]]
-- rounded: [base_qty, computed, claimed]
-- relations:
--   - {holds: claimed = computed, where: {status: MATCH}, within: 0.005}
--   - {holds: claimed = 0, where: {status: UNCLAIMED}}
--   - {holds: computed = 0, where: {status: NOT_COMPUTABLE}}
--   - {holds: computed = 0, where: {status: BASE_UNKNOWN}}
-- told_by:
--   - mart: fee_reduction_daily
--     columns: {claimed: claimed, computed: computed}
--   - {mart: fee_reduction_daily, columns: {computed_matched: computed}, keys: {status: MATCH}}
--   - {mart: water_relief_flow, columns: {computed: computed, claimed: claimed, volume_m3: base_qty}, keys: {policy_id: P21}}
-- names: {policy_id: [ref.policy.policy_id.name_zh]}
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
--   computed: 测算金额(元) | What the rules give by the register, yuan; empty where nothing can be computed
--   computed_as_stated: 按申报类别测算(元) | What they would give by the class that the sender states, yuan
--   claimed: 申报金额(元) | By the department's account, yuan
--   diff: 差额(元) | Claimed minus computed, yuan
--   class_stated: 申报类别 | Size, mark or kind that the sender states, where the rule asks for one
--   class_registered: 名录类别 | The same by the register of the month; empty where it lists no such firm or has no such class
--   eligibility_basis: "资格依据 | Who says that the firm is one that the rule is for: REGISTER, SENDER or BOTH; empty where the rule is for everybody"
--   status: 核对结果 | MATCH, TIMING, ELIGIBILITY, UNCLAIMED, UNIT, UNRECONCILED, BASE_UNKNOWN or NOT_COMPUTABLE
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
bill AS (
    SELECT
        policy_id, uscc, period, report_date, sent_date, base_qty, param_before, param_after, share, computed,
        computed AS computed_as_stated, claimed, true AS is_base_known, class_stated, NULL AS class_registered
    FROM fact.relief_water
    WHERE part_id = ANY(ARRAY(SELECT part.part_id FROM part))
    UNION ALL
    SELECT
        policy_id, uscc, period, report_date, sent_date, base_qty, param_before, param_after, share, computed,
        computed_as_stated, claimed, is_base_known, class_stated, class_registered
    FROM fact.relief_power
    WHERE part_id = ANY(ARRAY(SELECT part.part_id FROM part))
    UNION ALL
    SELECT
        policy_id, uscc, period, report_date, sent_date, base_qty, param_before, param_after, share, computed,
        computed_as_stated, claimed, is_base_known, class_stated, class_registered
    FROM fact.relief_social
    WHERE
        premium_month = ANY(
            ARRAY(SELECT to_char(generate_series(month.first_day, month.last_day, INTERVAL '1 month'), 'YYYY-MM') FROM month)
        )
    UNION ALL
    SELECT
        policy_id, uscc, period, report_date, sent_date, base_qty, param_before, param_after, share, computed,
        computed_as_stated, claimed, is_base_known, class_stated, class_registered
    FROM fact.relief_tax
    WHERE part_id = ANY(ARRAY(SELECT part.part_id FROM part))
    UNION ALL
    SELECT
        policy_id, uscc, period, report_date, sent_date, base_qty, param_before, param_after, share, computed,
        computed AS computed_as_stated, claimed, true AS is_base_known, class_stated, NULL AS class_registered
    FROM fact.relief_gas
    WHERE part_id = ANY(ARRAY(SELECT part.part_id FROM part))
    UNION ALL
    SELECT
        policy_id, uscc, period, report_date, sent_date, NULL AS base_qty, NULL AS param_before, NULL AS param_after,
        NULL AS share, NULL AS computed, NULL AS computed_as_stated, claimed, true AS is_base_known, NULL AS class_stated,
        NULL AS class_registered
    FROM fact.relief_utility
    WHERE part_id = ANY(ARRAY(SELECT part.part_id FROM part))
    UNION ALL
    SELECT
        policy_id, uscc, period, paid_date AS report_date, paid_date AS sent_date, base_qty, NULL AS param_before, NULL AS param_after,
        share, computed, computed_as_stated, claimed, is_base_known, NULL AS class_stated, class_registered
    FROM fact.relief_stabilisation
    UNION ALL
    SELECT
        policy_id, uscc, period, paid_date AS report_date, paid_date AS sent_date, base_qty, NULL AS param_before, NULL AS param_after,
        share, computed, computed AS computed_as_stated, claimed, is_base_known, NULL AS class_stated, class_registered
    FROM fact.relief_award
    UNION ALL
    SELECT
        policy_id, uscc, period, period AS report_date, period AS sent_date, monthly_rent AS base_qty, NULL AS param_before,
        NULL AS param_after, months AS share, computed, computed_as_stated, claimed, is_base_known, class_stated, class_registered
    FROM fact.rent_relief
    WHERE period IS NOT NULL
),

summed AS MATERIALIZED (
    SELECT
        policy_id,
        uscc,
        period,
        SUM(base_qty) AS base_qty,
        MAX(param_before) AS param_before,
        MAX(param_after) AS param_after,
        MAX(share) AS share,
        CASE WHEN COUNT(*) = COUNT(computed) AND bool_and(is_base_known) THEN SUM(computed) END AS computed,
        SUM(computed_as_stated) AS computed_as_stated,
        SUM(claimed) AS claimed,
        bool_and(is_base_known) AS is_base_known,
        MAX(class_stated) AS class_stated,
        MAX(class_registered) AS class_registered,
        MAX(sent_date) AS last_sent,
        false AS is_silent
    FROM bill
    WHERE
        report_date <= GREATEST((period + INTERVAL '1 month')::date - 1, sent_date)
        -- Month by month: of a span the planner expects few lines, and sorts them all.
        AND period = ANY(ARRAY(SELECT generate_series(month.first_day, month.last_day, INTERVAL '1 month')::date FROM month))
    GROUP BY policy_id, uscc, period
),

-- Policies that some firm was entitled to. Asked for by themselves: firms are many, and are needed only of months that were reported.
granting AS MATERIALIZED (
    SELECT DISTINCT policy_id
    FROM fact.relief_entitled
    WHERE period BETWEEN (SELECT month.first_day FROM month) AND (SELECT month.last_day FROM month)
),

-- A month has been reported once lines of it came after its end.
reported AS MATERIALIZED (
    SELECT
        summed.period,
        MAX(summed.last_sent) AS last_sent
    FROM summed
    WHERE summed.policy_id = ANY(ARRAY(SELECT granting.policy_id FROM granting))
    GROUP BY summed.period
    HAVING MAX(summed.last_sent) >= (summed.period + INTERVAL '1 month')::date
),

entitled AS MATERIALIZED (
    SELECT
        policy_id,
        uscc,
        period,
        class_registered,
        known_from,
        known_to
    FROM fact.relief_entitled
    WHERE period = ANY(ARRAY(SELECT reported.period FROM reported))
),

-- Sorted by month and firm: where the planner expects few lines, a join of firms to lines compared all firms of a month with all its lines.
heard AS (
    SELECT
        entitled.policy_id,
        entitled.uscc,
        entitled.period,
        entitled.class_registered,
        false AS is_line
    FROM entitled
    INNER JOIN reported
        ON
            entitled.period = reported.period
            AND reported.last_sent >= entitled.known_from
            AND reported.last_sent < entitled.known_to
    UNION ALL
    SELECT
        summed.policy_id,
        summed.uscc,
        summed.period,
        NULL AS class_registered,
        true AS is_line
    FROM summed
    WHERE summed.policy_id = ANY(ARRAY(SELECT granting.policy_id FROM granting))
),

spoken_of AS (
    SELECT
        heard.*,
        bool_or(heard.is_line) OVER (PARTITION BY heard.period, heard.uscc) AS is_spoken_of
    FROM heard
),

silent AS (
    SELECT
        policy_id,
        uscc,
        period,
        MAX(class_registered) AS class_registered
    FROM spoken_of
    WHERE NOT is_spoken_of
    GROUP BY policy_id, uscc, period
),

-- What the rule asks of a firm, and who can say it.
asked AS (
    SELECT
        policy_id,
        bool_or(
            size_classes IS NOT NULL
            OR industries_excluded IS NOT NULL
            OR industries_included IS NOT NULL
            OR param IN ('vat_types', 'supply_levels')
        ) AS is_of_register,
        bool_or(param IN ('user_classes', 'tenant_kinds')) AS is_of_sender
    FROM ref.param_version
    GROUP BY policy_id
),

firm AS (
    SELECT
        policy_id, uscc, period, base_qty, param_before, param_after, share, computed, computed_as_stated, claimed, is_base_known,
        class_stated, class_registered, is_silent
    FROM summed
    UNION ALL
    SELECT
        policy_id, uscc, period, NULL AS base_qty, NULL AS param_before, NULL AS param_after, NULL AS share, NULL AS computed,
        NULL AS computed_as_stated, 0 AS claimed, false AS is_base_known, NULL AS class_stated, class_registered, true AS is_silent
    FROM silent
),

judged AS (
    SELECT
        firm.policy_id,
        firm.uscc,
        firm.period,
        policy.benefit_class,
        policy.base_unit,
        firm.base_qty,
        firm.param_before,
        firm.param_after,
        firm.share,
        CASE WHEN policy.is_computable THEN firm.computed END AS computed,
        CASE WHEN policy.is_computable THEN firm.computed_as_stated END AS computed_as_stated,
        firm.claimed,
        policy.is_computable AND NOT firm.is_base_known AS is_base_unknown,
        firm.class_stated,
        firm.class_registered,
        CASE
            WHEN asked.is_of_register AND asked.is_of_sender THEN 'BOTH'
            WHEN asked.is_of_register THEN 'REGISTER'
            WHEN asked.is_of_sender THEN 'SENDER'
        END AS eligibility_basis,
        firm.is_silent
    FROM firm
    INNER JOIN ref.policy AS policy ON firm.policy_id = policy.policy_id
    LEFT JOIN asked ON firm.policy_id = asked.policy_id
    WHERE firm.claimed <> 0 OR firm.computed <> 0 OR firm.computed IS NULL
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
        beside.computed_as_stated,
        beside.claimed,
        beside.diff,
        beside.class_stated,
        beside.class_registered,
        beside.eligibility_basis,
        CASE
            WHEN beside.computed IS NULL AND NOT beside.is_base_unknown THEN 'NOT_COMPUTABLE'
            WHEN beside.is_silent THEN 'UNCLAIMED'
            WHEN beside.is_base_unknown THEN 'BASE_UNKNOWN'
            WHEN beside.is_match THEN 'MATCH'
            WHEN ref.is_close(beside.diff, -beside.diff_before) OR ref.is_close(beside.diff, -beside.diff_after) THEN 'TIMING'
            WHEN beside.computed > 0 AND beside.claimed = 0 THEN 'UNCLAIMED'
            WHEN beside.computed = 0 AND beside.claimed > 0 THEN 'ELIGIBILITY'
            WHEN ref.is_close(beside.claimed, beside.computed_as_stated) THEN 'ELIGIBILITY'
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
    computed_as_stated,
    claimed,
    diff,
    class_stated,
    class_registered,
    eligibility_basis,
    status
FROM fee_reduction

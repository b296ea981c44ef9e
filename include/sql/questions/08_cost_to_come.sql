-- description: |
--   The pace of the last 14 days carried on to a day: an estimate of two digits, never part of what is realised. Beyond the end of a rule
--   it is the cost of an extension. A rule without an end, or a day without a pace (social insurance comes in batches), has no estimate.
--
-- number: 8
-- question: 每项减免到某日、延长到某日各要多少?由谁承担? | What will each relief cost by a day, and by a later day after extension? Who bears it?
-- role: analyst
-- parameters:
--   as_of: {label: 截至 | The day whose pace is taken}
--   until:
--     label: 到哪一天 | By which day, under the rules as they are; the end of the half-year if left out
--     default: "(date_trunc('year', :as_of) + make_interval(months => 6 * ceil(extract(month FROM :as_of) / 6)::integer))::date - 1"
--   extended_to:
--     label: 延长到哪一天 | By which day, if the rules are extended; the end of the year if left out
--     default: "(date_trunc('year', :as_of) + make_interval(years => 1))::date - 1"
-- reads: [open.relief_projection, ref.policy]
-- codes: {policy: [policy], borne_by: [payer]}
-- secondary: [policy_id]
-- columns:
--   policy_id: 政策编号 | Policy
--   policy: 政策 | Its name
--   borne_by: 由谁承担 | Fund, utility or budget
--   per_day: 日均(元) | A day's relief by the rule, else as claimed, yuan
--   valid_to: 政策截止日 | Last day of the rule
--   by_end_of_rule: 到政策截止(元) | To come by the end of the rule, yuan
--   by_until: 到所问之日(元) | To come by the day asked about (parameter until), if the rule holds so long, yuan
--   by_extended: 延长后(元) | To come by the later day (parameter extended_to), if the rule is extended, yuan
WITH pace AS (
    SELECT
        projection.policy_id,
        policy.name_zh AS policy,
        CASE projection.benefit_class
            WHEN 'A' THEN CASE
                    WHEN policy.name_zh ~ '水|气|电' THEN '公用企业'
                    WHEN policy.name_zh ~ '社保|医保|失业' THEN '社保基金'
                ELSE '财政(税费)'
            END
            WHEN 'B' THEN '财政或基金支付'
            ELSE '缓交,以后补缴'
        END AS borne_by,
        ROUND(COALESCE(projection.computed_per_day, projection.claimed_per_day)) AS per_day,
        projection.valid_to,
        ROUND(COALESCE(projection.computed_projected, projection.claimed_projected)) AS by_end_of_rule
    FROM open.relief_projection AS projection
    INNER JOIN ref.policy AS policy ON projection.policy_id = policy.policy_id
    WHERE projection.as_of = :as_of
)

SELECT
    policy_id,
    policy,
    borne_by,
    per_day,
    valid_to,
    by_end_of_rule,
    CASE
        WHEN by_end_of_rule IS NOT NULL THEN per_day * GREATEST(LEAST(valid_to, :until) - :as_of, 0)
    END AS by_until,
    CASE WHEN by_end_of_rule IS NOT NULL THEN per_day * GREATEST(:extended_to - :as_of, 0) END AS by_extended
FROM pace
ORDER BY by_end_of_rule DESC NULLS LAST, policy_id ASC

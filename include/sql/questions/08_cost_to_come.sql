-- description: |
--   The pace of the last 14 days carried on to a day: an estimate of two digits, never part of what is realised. Beyond the end of a rule
--   it is the cost of an extension. A rule without an end, or a day without a pace (social insurance comes in batches), has no estimate.
--
-- number: 8
-- question: 每项减免到6月30日、延长到12月31日各要多少?由谁承担? | What will each relief cost by 30 June, and by 31 December after extension? Who bears it?
-- role: analyst
-- parameters:
--   as_of: {label: 截至 | The day whose pace is taken}
-- reads: [open.relief_projection, ref.policy]
-- columns:
--   policy_id: 政策编号 | Policy
--   policy: 政策 | Its name
--   borne_by: 由谁承担 | Fund, utility or budget
--   per_day: 日均(元) | A day's relief by the rule, else as claimed, yuan
--   valid_to: 政策截止日 | Last day of the rule
--   by_end_of_rule: 到政策截止(元) | To come by the end of the rule, yuan
--   by_30_june: 到6月30日(元) | To come by 30 June, if the rule holds so long, yuan
--   by_31_december: 延长到12月31日(元) | To come by 31 December, if it is extended, yuan
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
        COALESCE(projection.computed_per_day, projection.claimed_per_day) AS per_day,
        projection.valid_to,
        COALESCE(projection.computed_projected, projection.claimed_projected) AS by_end_of_rule
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
        WHEN by_end_of_rule IS NOT NULL THEN per_day * GREATEST(LEAST(valid_to, date '2020-06-30') - :as_of, 0)
    END AS by_30_june,
    CASE WHEN by_end_of_rule IS NOT NULL THEN per_day * GREATEST(date '2020-12-31' - :as_of, 0) END AS by_31_december
FROM pace
ORDER BY by_end_of_rule DESC NULLS LAST, policy_id ASC

-- description: |
--   Relief up to the day, by policy: what the rules give beside what is claimed. Benefit classes are never added.
--
-- title: 减免核对(万元) | Relief computed and claimed (10,000 yuan)
-- reads: [mart.fee_reduction_daily, ref.policy]
-- publishes:
--   - {mart: fee_reduction_daily, column: computed, by: [policy_id], step: 100}
--   - {mart: fee_reduction_daily, column: computed_matched, by: [policy_id], step: 100}
--   - {mart: fee_reduction_daily, column: claimed, by: [policy_id], step: 100}
-- columns:
--   policy: 政策 | Policy
--   benefit_class: 受益类别 | Benefit
--   computed: 测算 | Computed
--   matched: 其中相符 | Agreed
--   claimed: 申报 | Claimed
--   diff: 申报减测算 | Gap
SELECT
    policy.name_zh AS policy,
    CASE daily.benefit_class WHEN 'A' THEN '少缴' WHEN 'B' THEN '收到' WHEN 'C' THEN '缓缴' END AS benefit_class,
    round(SUM(daily.computed) / 10000, 2) AS computed,
    round(SUM(daily.computed_matched) / 10000, 2) AS matched,
    round(SUM(daily.claimed) / 10000, 2) AS claimed,
    round(SUM(daily.claimed) / 10000 - SUM(daily.computed) / 10000, 2) AS diff
FROM mart.fee_reduction_daily AS daily
INNER JOIN ref.policy AS policy ON daily.policy_id = policy.policy_id
WHERE daily.business_date <= :as_of AND daily.report_date <= :as_of AND policy.is_computable
GROUP BY daily.policy_id, policy.name_zh, daily.benefit_class
HAVING SUM(daily.claimed) IS DISTINCT FROM SUM(daily.computed) OR SUM(daily.computed) IS DISTINCT FROM SUM(daily.computed_matched)
ORDER BY daily.policy_id, daily.benefit_class

-- description: |
--   What firms gained up to the day, by policy and by the departments' account. Benefit classes are never added: paid less, received, deferred.
--
-- title: 各项政策金额 | Amounts by policy
-- reads: [mart.fee_reduction_daily, mart.stabilisation_daily, mart.award_daily, ref.policy]
-- publishes:
--   - {mart: fee_reduction_daily, column: claimed, by: [policy_id], step: 100}
--   - {mart: stabilisation_daily, column: paid, step: 100}
--   - {mart: award_daily, column: paid, step: 100}
-- columns:
--   policy: 政策 | Policy
--   benefit_class: 受益 | Benefit
--   amount: 金额(万元) | 10,000 yuan
WITH claimed AS (
    SELECT
        daily.policy_id,
        daily.benefit_class,
        SUM(daily.claimed) AS amount
    FROM mart.fee_reduction_daily AS daily
    WHERE daily.business_date <= :as_of AND daily.report_date <= :as_of
    GROUP BY daily.policy_id, daily.benefit_class
),

told AS (
    SELECT
        policy.name_zh AS policy,
        claimed.benefit_class,
        claimed.amount
    FROM claimed
    INNER JOIN ref.policy AS policy ON claimed.policy_id = policy.policy_id
    UNION ALL
    SELECT
        '稳岗返还' AS policy,
        'B' AS benefit_class,
        SUM(paid) AS amount
    FROM mart.stabilisation_daily
    WHERE as_of = :as_of
    UNION ALL
    SELECT
        '财政奖补' AS policy,
        'B' AS benefit_class,
        SUM(paid) AS amount
    FROM mart.award_daily
    WHERE as_of = :as_of
)

SELECT
    policy,
    CASE benefit_class WHEN 'A' THEN '少缴' WHEN 'B' THEN '收到' WHEN 'C' THEN '缓缴' END AS benefit_class,
    round(amount / 10000, 2) AS amount
FROM told
WHERE amount > 0
ORDER BY told.benefit_class ASC, told.amount DESC, told.policy ASC

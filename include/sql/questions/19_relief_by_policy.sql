-- description: |
--   Each policy over the months up to the one of the day: what departments claim beside what the rules give. Benefit classes are never
--   added up: A a cost avoided, B cash received, C due later. Where the rules give nothing for some rows, `computed` is of the others alone.
--
-- number: 19
-- question: 各项政策减免了多少?多少核得上? | How much does each policy bring, and how much of it agrees with the rule?
-- role: taskforce
-- parameters:
--   as_of: {label: 截至 | Months up to the one of this day}
-- reads: [mart.fee_reduction, ref.policy]
-- codes: {benefit_class: [benefit_class], eligibility_basis: [eligibility_basis], policy: [policy]}
-- secondary: [policy_id]
-- columns:
--   policy_id: 政策编号 | Policy
--   policy: 政策 | Its name
--   benefit_class: 受益类别 | A cost avoided, B cash received, C due later
--   eligibility_basis: 资格依据 | Who says that the rule is for the firm, the register or the sender, or both
--   n_enterprises: 企业数 | Firms with a claim above 0
--   claimed: 申报金额(元) | By the departments' account, yuan
--   computed: 测算金额(元) | What the rules give, yuan; empty where nothing can be computed
--   matched_share: 核上占比 | Claims that agree over all claims
--   n_unclaimed: 应享未享企业数 | Firms entitled in a month without relief
SELECT
    reduction.policy_id,
    COALESCE(policy.name_zh, reduction.policy_id) AS policy,
    reduction.benefit_class,
    MAX(reduction.eligibility_basis) AS eligibility_basis,
    COUNT(DISTINCT reduction.uscc) FILTER (WHERE reduction.claimed > 0) AS n_enterprises,
    SUM(reduction.claimed) AS claimed,
    SUM(reduction.computed) AS computed,
    CASE
        WHEN bool_or(reduction.status <> 'NOT_COMPUTABLE')
            THEN SUM(reduction.claimed) FILTER (WHERE reduction.status = 'MATCH') / NULLIF(SUM(reduction.claimed), 0)
    END AS matched_share,
    COUNT(DISTINCT reduction.uscc) FILTER (WHERE reduction.status = 'UNCLAIMED') AS n_unclaimed
FROM mart.fee_reduction AS reduction
LEFT JOIN ref.policy AS policy ON reduction.policy_id = policy.policy_id
WHERE reduction.period <= :as_of
GROUP BY reduction.policy_id, policy.name_zh, reduction.benefit_class
ORDER BY reduction.benefit_class ASC, claimed DESC NULLS LAST, reduction.policy_id ASC

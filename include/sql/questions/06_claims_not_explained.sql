-- description: |
--   Claims that differ from base × rule, firm by firm, the largest difference first. NOT_COMPUTABLE claims are left out: the reports hold
--   no base for them, which does not make them wrong. Last come firms of which nothing can be computed because a base was not reported.
--
-- number: 6
-- question: "哪些申报的减免,按基数乘标准解释不了?按政策和企业列出。 | Which reductions are claimed but not explained by base × tariff: by policy and firm?"
-- role: taskforce
-- parameters:
--   as_of: {label: 截至 | Months up to the one of this day}
--   most: {label: 最多几行 | How many rows, default: 50}
-- reads: [mart.fee_reduction, ref.policy, fact.enterprise]
-- codes: {status: [relief_status], eligibility_basis: [eligibility_basis], policy: [policy]}
-- secondary: [policy_id, uscc, base_qty, eligibility_basis]
-- columns:
--   policy_id: 政策编号 | Policy
--   policy: 政策 | Its name
--   status: 核对结果 | UNCLAIMED, ELIGIBILITY, UNIT, TIMING, UNRECONCILED or BASE_UNKNOWN
--   eligibility_basis: 资格依据 | Who says that the rule is for the firm, the register or the sender, or both
--   uscc: 统一社会信用代码 | Firm; empty where the bill has none
--   name: 企业名称 | Name
--   period: 所属月份 | First day of the month
--   base_qty: 基数 | Eligible base
--   computed: 测算金额(元) | What the rule gives, yuan
--   claimed: 申报金额(元) | Claimed, yuan
--   diff: 差额(元) | Claimed minus computed, yuan
SELECT
    reduction.policy_id,
    policy.name_zh AS policy,
    reduction.status,
    reduction.eligibility_basis,
    reduction.uscc,
    enterprise.name,
    reduction.period,
    reduction.base_qty,
    reduction.computed,
    reduction.claimed,
    reduction.diff
FROM mart.fee_reduction AS reduction
INNER JOIN ref.policy AS policy ON reduction.policy_id = policy.policy_id
LEFT JOIN fact.enterprise AS enterprise ON reduction.uscc = enterprise.uscc AND enterprise.as_of = :as_of AND enterprise.is_counted
WHERE
    reduction.period <= :as_of
    AND reduction.status NOT IN ('MATCH', 'NOT_COMPUTABLE')
ORDER BY abs(reduction.diff) DESC NULLS LAST, reduction.policy_id ASC, reduction.uscc ASC, reduction.period ASC
LIMIT :most

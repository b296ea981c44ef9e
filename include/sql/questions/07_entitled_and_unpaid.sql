-- description: |
--   Firms entitled by base and rule, or by the register alone, that have claimed nothing in any month so far. The estimate is what the rule
--   gives for the known months. It is empty where no department reports a base: those firms come last.
--
-- number: 7
-- question: 应享未享:哪些符合条件的企业至今一项也没有享受,按政策列出,估计多少钱? | Which eligible firms have received nothing so far, per policy, with the estimated amount?
-- role: taskforce
-- parameters:
--   as_of: {label: 截至 | Months up to the one of this day}
-- reads: [mart.fee_reduction, ref.policy, fact.enterprise]
-- codes: {township_code: [township], policy: [policy]}
-- secondary: [policy_id, uscc]
-- columns:
--   policy_id: 政策编号 | Policy
--   policy: 政策 | Its name
--   uscc: 统一社会信用代码 | Firm; empty where the bill has none
--   name: 企业名称 | Name
--   township_code: 所属镇办 | Township
--   n_months: 月数 | Months in which it is entitled and has no relief
--   estimated: 估计金额(元) | What the rule gives for them, yuan; empty where no base was reported
WITH firm AS (
    SELECT
        policy_id,
        uscc,
        COUNT(*) FILTER (WHERE computed > 0 OR status = 'UNCLAIMED') AS n_months,
        SUM(computed) AS estimated,
        SUM(claimed) AS claimed
    FROM mart.fee_reduction
    WHERE
        period <= :as_of
        AND status NOT IN ('NOT_COMPUTABLE', 'BASE_UNKNOWN')
    GROUP BY policy_id, uscc
)

SELECT
    firm.policy_id,
    policy.name_zh AS policy,
    firm.uscc,
    enterprise.name,
    enterprise.township_code,
    firm.n_months,
    firm.estimated
FROM firm
INNER JOIN ref.policy AS policy ON firm.policy_id = policy.policy_id
LEFT JOIN fact.enterprise AS enterprise ON firm.uscc = enterprise.uscc AND enterprise.as_of = :as_of AND enterprise.is_counted
WHERE
    firm.claimed = 0
    AND firm.n_months > 0
ORDER BY firm.policy_id ASC, firm.estimated DESC NULLS LAST, firm.uscc ASC

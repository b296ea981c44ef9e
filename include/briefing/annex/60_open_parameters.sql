-- description: |
--   What was not decided or not found by the end of the day: a figure that needs it is not determinable.
--
-- title: 尚未明确的政策参数 | Open parameters
-- draft_label: 参数尚未明确 | Parameters not decided
-- reads: [ref.policy_param, ref.policy]
-- columns:
--   policy: 政策 | Policy
--   clause: 未明确的内容 | What is open
--   known_from: 登记日 | Open since
SELECT
    COALESCE(policy.name_zh, '区内设定') AS policy,
    string_agg(param.clause || COALESCE('(' || NULLIF(param.doc_no, '') || ')', ''), ';' ORDER BY param.clause) AS clause,
    MIN(param.known_from) AS known_from,
    COALESCE(policy.name_zh, string_agg(param.clause, ';' ORDER BY param.clause)) AS draft
FROM ref.policy_param AS param
LEFT JOIN ref.policy AS policy ON param.policy_id = policy.policy_id
WHERE
    NULLIF(param.value, '') IS NULL
    AND param.counts_from <= intake.known_at()
    AND (param.counts_to = 'infinity' OR param.counts_to > intake.known_at())
    AND param.known_from <= :as_of
    AND (param.known_to IS NULL OR param.known_to > :as_of)
    AND (param.valid_from IS NULL OR param.valid_from <= :as_of)
    AND (param.valid_to IS NULL OR param.valid_to >= :as_of)
    AND param.counts_from <= :known_at
    AND (param.counts_to = 'infinity' OR param.counts_to > :known_at)
GROUP BY param.policy_id, policy.name_zh
ORDER BY param.policy_id

-- What was not decided or not found by the end of the day: a figure that needs it is not determinable.
--
-- annex   尚未明确的政策参数 | Open parameters
-- reads   ref.policy_param
-- draft   尚未明确 | Not decided
-- column  policy_id  政策编号 | Policy
-- column  clause  内容 | Clause
-- column  doc_no  文号 | Document
-- column  known_from  登记起 | Open since
SELECT DISTINCT
    param.policy_id,
    param.clause,
    param.doc_no,
    param.known_from,
    param.clause AS draft
FROM ref.policy_param AS param
WHERE
    NULLIF(param.value, '') IS NULL
    AND param.counts_from <= intake.known_at()
    AND (param.counts_to = 'infinity' OR param.counts_to > intake.known_at())
    AND param.known_from <= :as_of
    AND (param.known_to IS NULL OR param.known_to > :as_of)
    AND (param.valid_from IS NULL OR param.valid_from <= :as_of)
    AND (param.valid_to IS NULL OR param.valid_to >= :as_of)
ORDER BY param.policy_id, param.clause

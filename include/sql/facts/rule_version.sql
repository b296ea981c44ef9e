-- description: |
--   Rules that two parameters of a policy make together, such as the price before and the price after. A rule has a version for each pair
--   of their versions that meet both in the days for which they hold and in the days on which they were known.
--   Name both parameters where you read it: it holds every pair of one policy.
--
-- writes: fact.rule_version
-- grain: one row per policy_id, param_before, param_after and version
-- reads: [fact.policy_rule, ref.policy_param]
-- columns:
--   policy_id: 政策编号 | Policy
--   param_before: 政策前参数名 | Parameter that holds before the rule
--   param_after: 政策后参数名 | Parameter that holds by the rule
--   value_before: 政策前参数 | Price, rate or share before; empty while it is open
--   value_after: 政策后参数 | Price, rate or share after; empty while it is open
--   classes: 适用类别 | Classes that the policy is for; empty for everybody
--   valid_from: 有效期起 | First day on which both hold
--   valid_to: 有效期止 | Last day on which both hold
--   known_from: 知悉日 | First day on which both versions were known
--   known_to: 失知日 | First day on which another version of one of them was known
SELECT
    before.policy_id,
    before.param AS param_before,
    after.param AS param_after,
    before.value_number AS value_before,
    after.value_number AS value_after,
    after.classes,
    GREATEST(before.valid_from, after.valid_from) AS valid_from,
    LEAST(before.valid_to, after.valid_to) AS valid_to,
    GREATEST(before.known_from, after.known_from) AS known_from,
    LEAST(before.known_to, after.known_to) AS known_to
FROM ref.param_version AS before
INNER JOIN fact.policy_rule AS after
    ON
        before.policy_id = after.policy_id
        AND before.param <> after.param
        AND before.valid_from <= after.valid_to
        AND before.valid_to >= after.valid_from
        AND before.known_from < after.known_to
        AND before.known_to > after.known_from

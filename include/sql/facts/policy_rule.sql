-- description: |
--   Versions of each parameter of a policy, with the classes that the policy is for: users of water, gas or electricity, kinds of taxpayers,
--   key suppliers. The classes are a parameter themselves (user_classes, vat_types, supply_levels). Both hold and were known in the days of
--   a row. A policy without such a parameter is for everybody; while its value is open, for nobody.
--
-- writes: fact.policy_rule
-- grain: one row per policy_id, param and version
-- reads: [ref.policy_param]
-- columns:
--   policy_id: 政策编号 | Policy
--   param: 参数 | Parameter
--   value: 值 | Value; empty while it is open
--   value_number: 数值 | The value, where it is a number
--   classes: 适用类别 | Classes that the policy is for; empty for everybody
--   industries_excluded: 排除行业 | Divisions left out
--   valid_from: 有效期起 | First day on which both hold
--   valid_to: 有效期止 | Last day on which both hold
--   known_from: 知悉日 | First day on which both versions were known
--   known_to: 失知日 | First day on which another version of one of them was known
WITH class AS (
    SELECT
        policy_id,
        COALESCE(string_to_array(value, ';'), '{}') AS classes,
        valid_from,
        valid_to,
        known_from,
        known_to
    FROM ref.param_version
    WHERE param IN ('user_classes', 'vat_types', 'supply_levels')
)

SELECT
    rule.policy_id,
    rule.param,
    rule.value,
    rule.value_number,
    class.classes,
    rule.industries_excluded,
    GREATEST(rule.valid_from, class.valid_from) AS valid_from,
    LEAST(rule.valid_to, class.valid_to) AS valid_to,
    GREATEST(rule.known_from, class.known_from) AS known_from,
    LEAST(rule.known_to, class.known_to) AS known_to
FROM ref.param_version AS rule
LEFT JOIN class ON rule.policy_id = class.policy_id
WHERE
    class.policy_id IS NULL
    OR (
        rule.valid_from <= class.valid_to
        AND rule.valid_to >= class.valid_from
        AND rule.known_from < class.known_to
        AND rule.known_to > class.known_from
    )

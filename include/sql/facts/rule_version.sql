-- description: |
--   Versions of the rules that let something off: what is due before the rule and what after it, with the days for which the rule holds
--   and the days on which it was known.
--   A rule of two parameters, `<rule>_before` and `<rule>_after`, has a version for each pair of their versions that meet on both axes.
--   A share that is still to be paid, or is let off, is measured against 1. Gas suppliers pass a cut on whose prices stand in the bills:
--   the rule has days and no values.
--
-- writes: fact.rule_version
-- grain: one row per policy_id, rule, size_classes and version
-- reads: [ref.policy_param]
-- columns:
--   policy_id: 政策编号 | Policy
--   rule: 规则 | Parameter; of a pair its name without _before and _after
--   param_before: 政策前参数 | Price, rate or share before
--   param_after: 政策后参数 | Price, rate or share after; empty while it is open
--   size_classes: 适用规模 | Size classes it is for; empty for all
--   industries_excluded: 排除行业 | Divisions left out
--   valid_from: 有效期起 | First day on which the rule holds
--   valid_to: 有效期止 | Last day on which the rule holds
--   known_from: 知悉日 | First day on which the version was known
--   known_to: 失知日 | First day on which another version was known
WITH param AS MATERIALIZED (
    SELECT *
    FROM ref.param_version
    WHERE
        param LIKE '%\_before'
        OR param LIKE '%\_after'
        OR param LIKE 'relief\_share.%'
        OR param IN ('settlement_ratio', 'pass_through_share')
)

SELECT
    after.policy_id,
    left(after.param, -length('_after')) AS rule,
    before.value_number AS param_before,
    after.value_number AS param_after,
    after.size_classes,
    after.industries_excluded,
    GREATEST(before.valid_from, after.valid_from) AS valid_from,
    LEAST(before.valid_to, after.valid_to) AS valid_to,
    GREATEST(before.known_from, after.known_from) AS known_from,
    LEAST(before.known_to, after.known_to) AS known_to
FROM param AS before
INNER JOIN param AS after
    ON
        before.policy_id = after.policy_id
        AND before.param LIKE '%\_before'
        AND after.param = left(before.param, -length('_before')) || '_after'
        AND before.valid_from <= after.valid_to
        AND before.valid_to >= after.valid_from
        AND before.known_from < after.known_to
        AND before.known_to > after.known_from
UNION ALL
SELECT
    policy_id,
    param AS rule,
    1::numeric AS param_before,
    CASE WHEN param = 'settlement_ratio' THEN value_number ELSE 1 - value_number END AS param_after,
    size_classes,
    industries_excluded,
    valid_from,
    valid_to,
    known_from,
    known_to
FROM param
WHERE param = 'settlement_ratio' OR param LIKE 'relief\_share.%'
UNION ALL
SELECT
    policy_id,
    param AS rule,
    NULL::numeric AS param_before,
    NULL::numeric AS param_after,
    size_classes,
    industries_excluded,
    valid_from,
    valid_to,
    known_from,
    known_to
FROM param
WHERE param = 'pass_through_share' AND value IS NOT NULL

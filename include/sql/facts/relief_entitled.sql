-- description: |
--   Firms that a rule entitles by the register alone, month by month, whether or not anybody reports on them: employers, for the waivers of
--   social insurance by size. What a firm is entitled to by a meter, a lease or its sales follows from what is reported, and is not here.
--   What the rule gives cannot be said: the register has no base.
--
-- writes: fact.relief_entitled
-- grain: one row per firm, month, and version of the rule
-- reads: [fact.firm_class, ref.policy_param]
-- columns:
--   period: 所属月份 | First day of the month
--   policy_id: 政策编号 | Policy
--   benefit_class: "受益类别 | A: cost avoided"
--   uscc: 统一社会信用代码 | Firm
--   class_registered: 名录类别 | Size in the register of the month
--   known_from: 知悉日 | First day on which the rule was known
--   known_to: 失知日 | First day on which another version was known
--   part_id: 部分 | Part of the register
--   sheet: 工作表 | Sheet
--   row_number: 行号 | Line
WITH rule AS MATERIALIZED (
    SELECT
        policy_id,
        size_classes,
        known_from,
        known_to,
        generate_series(date_trunc('month', MIN(valid_from)), MAX(valid_to), INTERVAL '1 month')::date AS period
    FROM ref.param_version
    WHERE
        param LIKE 'relief_share.%'
        AND size_classes IS NOT NULL
        AND value_number > 0
        AND isfinite(valid_from)
        AND isfinite(valid_to)
    GROUP BY policy_id, size_classes, known_from, known_to
),

firm AS MATERIALIZED (
    SELECT
        uscc,
        first_month,
        last_month,
        size_class,
        part_id,
        sheet,
        row_number
    FROM fact.firm_class
    WHERE is_active
),

-- Class by class: a firm finds its rules by equality, and not every rule is held against every firm.
rule_of_class AS (
    SELECT DISTINCT
        rule.policy_id,
        rule.size_classes,
        rule.known_from,
        rule.known_to,
        rule.period,
        class.name AS size_class
    FROM rule
    CROSS JOIN LATERAL unnest(rule.size_classes) AS class (name)
)

SELECT
    rule_of_class.period,
    rule_of_class.policy_id,
    'A' AS benefit_class,
    firm.uscc,
    firm.size_class AS class_registered,
    rule_of_class.known_from,
    rule_of_class.known_to,
    firm.part_id,
    firm.sheet,
    firm.row_number
FROM rule_of_class
INNER JOIN firm
    ON
        rule_of_class.size_class = firm.size_class
        AND rule_of_class.period BETWEEN firm.first_month AND firm.last_month

-- description: |
--   Social insurance of employers against the waivers: wage base × employer's rate × share by size, insurance and premium month. The share
--   comes from the rule, the size from the register of the month, never from the sender; what the sender's size would give stands beside
--   it. Where no register lists the firm, nothing is computed. Where the value of the rule is open (health insurance: the city decides),
--   nothing can be computed. Refunds of premiums paid before the waiver are the same relief in cash and are not added. Versions of the rule
--   as in fact.relief_water.
--
-- writes: fact.relief_social
-- grain: one row per line and claim, and per line and version of the rule by the register or by the statement
-- reads: [fact.social_claim, fact.firm_class, ref.policy_param]
-- shared: true
-- columns:
--   business_date: 业务日 | Report date of the part
--   report_date: 计入日 | Report date of the part, or the later day from which the version of the rule counts
--   sent_date: 统计日 | Report date of the part
--   period: 所属月份 | Month of the premium
--   premium_month: "费款所属月 | The same as written: YYYY-MM"
--   policy_id: 政策编号 | Policy
--   benefit_class: "受益类别 | A: cost avoided"
--   uscc: 统一社会信用代码 | Firm
--   line_kind: "行性质 | claim, rule, or statement: what another size would give"
--   base_qty: 基数 | Premium due before relief, yuan
--   param_before: "政策前参数 | Share of the premium due before: 1"
--   param_after: 政策后参数 | Share of the premium due after
--   share: 减免比例 | Share waived
--   computed: 测算金额(元) | Premium due × share, yuan
--   computed_as_stated: 按申报类别测算(元) | The same by the size that the sender states, yuan
--   computed_matched: 测算相符金额(元) | The same, of lines whose claim agrees
--   claimed: 申报金额(元) | Waived by the bureau's account, yuan
--   is_base_known: 依据已报 | The register lists the firm, or the rule asks for no size
--   class_stated: 申报类别 | Size that the sender states
--   class_registered: 名录类别 | Size in the register of the month; empty where it lists no such firm
--   part_id: 部分 | Part
--   sheet: 工作表 | Sheet
--   row_number: 行号 | Line
WITH rule AS MATERIALIZED (
    SELECT
        param_version.*,
        substr(param, length('relief_share.') + 1) AS insurance
    FROM ref.param_version
    WHERE param LIKE 'relief_share.%'
),

firm AS MATERIALIZED (
    SELECT
        uscc,
        first_month,
        last_month,
        size_class
    FROM fact.firm_class
),

line AS NOT MATERIALIZED (
    SELECT
        sent.*,
        firm.size_class AS size_registered
    FROM fact.social_claim AS sent
    LEFT JOIN firm ON sent.uscc = firm.uscc AND sent.period BETWEEN firm.first_month AND firm.last_month
),

-- Where a claim is filed, by insurance, size, premium month and day of the report: in spans within which no rule begins or ends. So each claim
-- finds one row by equality, however many rules there are.
span AS (
    SELECT
        turn.insurance,
        turn.day AS first_day,
        COALESCE(LEAD(turn.day) OVER (PARTITION BY turn.insurance ORDER BY turn.day) - 1, 'infinity'::date) AS last_day
    FROM (
        SELECT insurance, '-infinity'::date AS day FROM rule
        UNION
        SELECT insurance, valid_from AS day FROM rule
        UNION
        SELECT insurance, valid_to + 1 AS day FROM rule
    ) AS turn
),

era AS (
    SELECT
        turn.insurance,
        turn.day AS first_day,
        COALESCE(LEAD(turn.day) OVER (PARTITION BY turn.insurance ORDER BY turn.day) - 1, 'infinity'::date) AS last_day
    FROM (
        SELECT insurance, '-infinity'::date AS day FROM rule
        UNION
        SELECT insurance, known_from AS day FROM rule
        UNION
        SELECT insurance, known_to AS day FROM rule
    ) AS turn
),

-- Sizes that some rule names, and one more for all others.
size AS MATERIALIZED (
    SELECT '' AS name
    UNION
    SELECT class.name
    FROM rule
    CROSS JOIN LATERAL unnest(rule.size_classes) AS class (name)
),

-- The policy known when the claim was reported, else any.
filing AS MATERIALIZED (
    SELECT
        span.insurance,
        size.name AS size_class,
        span.first_day AS first_month,
        span.last_day AS last_month,
        era.first_day AS first_report,
        era.last_day AS last_report,
        COALESCE(
            MIN(rule.policy_id) FILTER (WHERE rule.known_from <= era.first_day AND rule.known_to > era.first_day),
            MIN(rule.policy_id)
        ) AS policy_id,
        bool_and(rule.size_classes IS NULL) AS is_for_everybody
    FROM span
    INNER JOIN era ON span.insurance = era.insurance
    INNER JOIN rule ON span.insurance = rule.insurance AND span.first_day BETWEEN rule.valid_from AND rule.valid_to
    INNER JOIN size ON rule.size_classes IS NULL OR size.name = ANY(rule.size_classes)
    GROUP BY span.insurance, size.name, span.first_day, span.last_day, era.first_day, era.last_day
),

-- A claim belongs to the policy whose months and sizes fit. Where no register lists the firm, the sender's size files the claim, and gives it
-- nothing.
claim AS NOT MATERIALIZED (
    SELECT
        line.*,
        COALESCE(
            filing.policy_id,
            CASE
                WHEN line.insurance = 'MED' THEN 'P05'
                WHEN COALESCE(line.size_registered, line.size_stated) = 'L' THEN 'P02'
                ELSE 'P01'
            END
        ) AS policy_id,
        COALESCE(filing.is_for_everybody, true) OR line.size_registered IS NOT NULL AS is_base_known
    FROM line
    LEFT JOIN filing
        ON
            line.insurance = filing.insurance
            AND CASE
                WHEN COALESCE(line.size_registered, line.size_stated) = ANY(ARRAY(SELECT size.name FROM size))
                    THEN COALESCE(line.size_registered, line.size_stated)
                ELSE ''
            END = filing.size_class
            AND line.period BETWEEN filing.first_month AND filing.last_month
            AND line.report_date BETWEEN filing.first_report AND filing.last_report
),

eligible AS NOT MATERIALIZED (
    SELECT
        line.*,
        rule.policy_id,
        rule.value_number AS relief_share,
        rule.known_from,
        rule.known_to,
        line.due * rule.value_number AS waived,
        rule.size_classes IS NULL OR line.size_stated = ANY(rule.size_classes) AS is_as_stated
    FROM line
    INNER JOIN rule
        ON
            line.insurance = rule.insurance
            AND line.period BETWEEN rule.valid_from AND rule.valid_to
            AND (rule.size_classes IS NULL OR line.size_registered = ANY(rule.size_classes))
),

-- What another size would give stands in the row of the policy that the register's size gives.
misstated AS NOT MATERIALIZED (
    SELECT
        claim.*,
        rule.known_from,
        rule.known_to,
        claim.due * rule.value_number AS waived
    FROM claim
    INNER JOIN rule
        ON
            claim.insurance = rule.insurance
            AND claim.period BETWEEN rule.valid_from AND rule.valid_to
            AND claim.size_stated = ANY(rule.size_classes)
    WHERE
        claim.size_registered <> claim.size_stated
        AND claim.size_registered <> ALL(rule.size_classes)
)

SELECT
    claim.report_date AS business_date,
    claim.report_date,
    claim.report_date AS sent_date,
    claim.period,
    claim.premium_month,
    claim.policy_id,
    'A' AS benefit_class,
    claim.uscc,
    'claim' AS line_kind,
    0::numeric AS base_qty,
    NULL::numeric AS param_before,
    NULL::numeric AS param_after,
    NULL::numeric AS share,
    0::numeric AS computed,
    0::numeric AS computed_as_stated,
    0::numeric AS computed_matched,
    claim.claimed::numeric AS claimed,
    claim.is_base_known,
    claim.size_stated AS class_stated,
    claim.size_registered AS class_registered,
    claim.part_id,
    claim.sheet,
    claim.row_number
FROM claim
UNION ALL
SELECT
    eligible.report_date AS business_date,
    step.day AS report_date,
    eligible.report_date AS sent_date,
    eligible.period,
    eligible.premium_month,
    eligible.policy_id,
    'A' AS benefit_class,
    eligible.uscc,
    'rule' AS line_kind,
    step.direction * eligible.due AS base_qty,
    1::numeric AS param_before,
    1 - eligible.relief_share AS param_after,
    eligible.relief_share AS share,
    step.direction * eligible.waived AS computed,
    CASE WHEN eligible.is_as_stated THEN step.direction * eligible.waived ELSE 0 END AS computed_as_stated,
    CASE WHEN ref.is_close(eligible.waived, eligible.claimed) THEN step.direction * eligible.waived ELSE 0 END AS computed_matched,
    0::numeric AS claimed,
    true AS is_base_known,
    NULL::text AS class_stated,
    NULL::text AS class_registered,
    eligible.part_id,
    eligible.sheet,
    eligible.row_number
FROM eligible
CROSS JOIN LATERAL ref.rule_steps(eligible.report_date, eligible.known_from, eligible.known_to) AS step
UNION ALL
SELECT
    misstated.report_date AS business_date,
    step.day AS report_date,
    misstated.report_date AS sent_date,
    misstated.period,
    misstated.premium_month,
    misstated.policy_id,
    'A' AS benefit_class,
    misstated.uscc,
    'statement' AS line_kind,
    0::numeric AS base_qty,
    NULL::numeric AS param_before,
    NULL::numeric AS param_after,
    NULL::numeric AS share,
    0::numeric AS computed,
    step.direction * misstated.waived AS computed_as_stated,
    0::numeric AS computed_matched,
    0::numeric AS claimed,
    true AS is_base_known,
    NULL::text AS class_stated,
    NULL::text AS class_registered,
    misstated.part_id,
    misstated.sheet,
    misstated.row_number
FROM misstated
CROSS JOIN LATERAL ref.rule_steps(misstated.report_date, misstated.known_from, misstated.known_to) AS step

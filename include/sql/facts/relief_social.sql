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

-- Days of reports in spans within which no rule becomes known or is known no longer: few, however long the history is. What is said of the first
-- day of a span holds for all, but that a day that is told for it is the line's own where that is later.
report AS MATERIALIZED (
    SELECT
        turn.day AS first_day,
        row_number() OVER (ORDER BY turn.day)::integer AS nth
    FROM (
        SELECT '-infinity'::date AS day
        UNION
        SELECT known_from AS day FROM rule
        UNION
        SELECT known_to AS day FROM rule WHERE known_to < 'infinity'
    ) AS turn
),

-- Premium months in spans within which no rule begins or ends.
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

-- Sizes that some rule names, and one more for all others.
size AS MATERIALIZED (
    SELECT '' AS name
    UNION
    SELECT class.name
    FROM rule
    CROSS JOIN LATERAL unnest(rule.size_classes) AS class (name)
),

-- The size in the register, ? where it does not list the firm, beside the size that the sender states.
sizes AS (
    SELECT
        registered.name AS registered,
        stated.name AS stated,
        CASE registered.name WHEN '?' THEN stated.name ELSE registered.name END AS filed
    FROM (
        SELECT name FROM size
        UNION ALL
        SELECT '?' AS name
    ) AS registered
    CROSS JOIN size AS stated
),

-- A claim belongs to the policy whose months and sizes fit: the one known when it was reported, else any. Where no register lists the firm,
-- the sender's size files the claim, and gives it nothing.
filing AS MATERIALIZED (
    SELECT
        span.insurance,
        sizes.registered,
        sizes.stated,
        span.first_day AS first_month,
        span.last_day AS last_month,
        report.nth AS report,
        report.first_day AS first_report,
        COALESCE(
            MIN(rule.policy_id) FILTER (WHERE rule.known_from <= report.first_day AND rule.known_to > report.first_day),
            MIN(rule.policy_id)
        ) AS policy_id,
        COALESCE(bool_and(rule.size_classes IS NULL), true) AS is_for_everybody
    FROM span
    CROSS JOIN report
    CROSS JOIN sizes
    LEFT JOIN rule
        ON
            span.insurance = rule.insurance
            AND span.first_day BETWEEN rule.valid_from AND rule.valid_to
            AND (rule.size_classes IS NULL OR sizes.filed = ANY(rule.size_classes))
    GROUP BY span.insurance, sizes.registered, sizes.stated, span.first_day, span.last_day, report.nth, report.first_day
),

-- All that is said of a line: where it is filed, what the rules give, and what the sender's size would give, which stands in the row of the
-- policy that the register's size gives. A rule gives it from the day on which it counts, and takes it back on the day on which another version
-- became known.
said AS (
    SELECT
        'claim' AS line_kind,
        insurance,
        registered,
        stated,
        first_month,
        last_month,
        report,
        first_report AS counts_from,
        policy_id,
        is_for_everybody,
        NULL::numeric AS direction,
        NULL::numeric AS relief_share,
        NULL::boolean AS is_as_stated
    FROM filing
    UNION ALL
    SELECT
        'rule' AS line_kind,
        rule.insurance,
        sizes.registered,
        sizes.stated,
        rule.valid_from AS first_month,
        rule.valid_to AS last_month,
        report.nth AS report,
        step.day AS counts_from,
        rule.policy_id,
        true AS is_for_everybody,
        step.direction,
        rule.value_number AS relief_share,
        (rule.size_classes IS NULL OR sizes.stated = ANY(rule.size_classes)) AS is_as_stated
    FROM rule
    CROSS JOIN report
    CROSS JOIN sizes
    CROSS JOIN LATERAL ref.rule_steps(report.first_day, rule.known_from, rule.known_to) AS step
    WHERE rule.size_classes IS NULL OR sizes.registered = ANY(rule.size_classes)
    UNION ALL
    SELECT
        'statement' AS line_kind,
        filing.insurance,
        filing.registered,
        filing.stated,
        filing.first_month,
        filing.last_month,
        filing.report,
        step.day AS counts_from,
        filing.policy_id,
        true AS is_for_everybody,
        step.direction,
        rule.value_number AS relief_share,
        true AS is_as_stated
    FROM filing
    INNER JOIN rule
        ON
            filing.insurance = rule.insurance
            AND filing.first_month BETWEEN rule.valid_from AND rule.valid_to
            AND filing.stated = ANY(rule.size_classes)
    CROSS JOIN LATERAL ref.rule_steps(filing.first_report, rule.known_from, rule.known_to) AS step
    WHERE
        filing.registered <> '?'
        AND filing.registered <> ALL(rule.size_classes)
),

-- Months as lines write them: parsed for each line and rule they would cost more than all the rest.
answer AS MATERIALIZED (
    SELECT
        said.*,
        COALESCE(to_char(said.first_month + INTERVAL '1 month' - INTERVAL '1 day', 'YYYY-MM'), '') AS first_written,
        COALESCE(to_char(said.last_month, 'YYYY-MM'), '9999-12') AS last_written
    FROM said
),

line AS NOT MATERIALIZED (
    SELECT
        sent.*,
        firm.size_class AS size_registered
    FROM fact.social_claim AS sent
    LEFT JOIN fact.firm_class AS firm ON sent.uscc = firm.uscc AND sent.period BETWEEN firm.first_month AND firm.last_month
)

SELECT
    line.report_date AS business_date,
    GREATEST(answer.counts_from, line.report_date) AS report_date,
    line.report_date AS sent_date,
    line.period,
    line.premium_month,
    COALESCE(
        answer.policy_id,
        CASE
            WHEN line.insurance = 'MED' THEN 'P05'
            WHEN COALESCE(line.size_registered, line.size_stated) = 'L' THEN 'P02'
            ELSE 'P01'
        END
    ) AS policy_id,
    'A' AS benefit_class,
    line.uscc,
    COALESCE(answer.line_kind, 'claim') AS line_kind,
    CASE answer.line_kind WHEN 'rule' THEN answer.direction * line.due ELSE 0 END AS base_qty,
    CASE answer.line_kind WHEN 'rule' THEN 1::numeric END AS param_before,
    CASE answer.line_kind WHEN 'rule' THEN 1 - answer.relief_share END AS param_after,
    CASE answer.line_kind WHEN 'rule' THEN answer.relief_share END AS share,
    CASE answer.line_kind WHEN 'rule' THEN answer.direction * line.due * answer.relief_share ELSE 0 END AS computed,
    CASE WHEN answer.is_as_stated THEN answer.direction * line.due * answer.relief_share ELSE 0 END AS computed_as_stated,
    CASE
        WHEN answer.line_kind = 'rule' AND ref.is_close(line.due * answer.relief_share, line.claimed)
            THEN answer.direction * line.due * answer.relief_share
        ELSE 0
    END AS computed_matched,
    CASE WHEN COALESCE(answer.line_kind, 'claim') = 'claim' THEN line.claimed::numeric ELSE 0 END AS claimed,
    COALESCE(answer.is_for_everybody, true) OR line.size_registered IS NOT NULL AS is_base_known,
    CASE WHEN COALESCE(answer.line_kind, 'claim') = 'claim' THEN line.size_stated END AS class_stated,
    CASE WHEN COALESCE(answer.line_kind, 'claim') = 'claim' THEN line.size_registered END AS class_registered,
    line.part_id,
    line.sheet,
    line.row_number
FROM line
LEFT JOIN answer
    ON
        line.insurance = answer.insurance
        AND CASE
            WHEN line.size_registered IS NULL THEN '?'
            WHEN line.size_registered = ANY(ARRAY(SELECT size.name FROM size)) THEN line.size_registered
            ELSE ''
        END = answer.registered
        AND CASE WHEN line.size_stated = ANY(ARRAY(SELECT size.name FROM size)) THEN line.size_stated ELSE '' END = answer.stated
        AND line.premium_month BETWEEN answer.first_written AND answer.last_written
        AND width_bucket(line.report_date, ARRAY(SELECT report.first_day FROM report ORDER BY report.first_day)) = answer.report

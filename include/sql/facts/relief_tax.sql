-- description: |
--   Tax documents by policy: by relief code, else by document number without brackets and spaces. Only the lower rate for small taxpayers
--   can be computed from the report: sales without tax × (rate before − rate after). The social insurances are left out: their relief is
--   computed from the social insurance report. Versions of the rule as in fact.relief_water.
--
-- writes: fact.relief_tax
-- grain: one row per document and claim, and per document and version of the rule
-- reads: [report.tax_relief, fact.rule_version, ref.levy_policy, ref.policy]
-- columns:
--   business_date: 业务日 | Day the document was posted
--   report_date: 计入日 | Report date of the part, or the later day from which the version of the rule counts
--   sent_date: 统计日 | Report date of the part
--   period: 所属月份 | Month in which the tax period begins
--   period_from: 所属期起 | First day of the tax period
--   policy_id: 政策编号 | Policy; OTHER_A, OTHER_B, OTHER_C where no policy is mapped
--   benefit_class: 受益类别 | A reduced or exempt, B refunded, C deferred
--   uscc: 统一社会信用代码 | Taxpayer
--   line_kind: 行性质 | claim or rule
--   base_qty: 基数 | Sales without tax, yuan
--   param_before: 政策前参数 | Rate before
--   param_after: 政策后参数 | Rate after
--   share: 减免比例 | Points of the rate let off
--   computed: 测算金额(元) | Sales × points, yuan
--   computed_matched: 测算相符金额(元) | The same, of documents whose claim agrees
--   claimed: 申报金额(元) | Reduced, refunded or deferred by the bureau's account, yuan
--   part_id: 部分 | Part
--   sheet: 工作表 | Sheet
--   row_number: 行号 | Line
WITH part AS MATERIALIZED (
    SELECT
        part_id,
        report_date
    FROM asof.part
    WHERE table_name = 'tax_relief'
),

rule AS MATERIALIZED (
    SELECT *
    FROM fact.rule_version
    WHERE param_before = 'rate_before' AND param_after = 'rate_after'
),

classed AS NOT MATERIALIZED (
    SELECT
        line.uscc,
        line.post_date,
        line.period_from,
        line.levy_item,
        line.base_amount,
        line.relief_code,
        ref.plain_doc_no(line.doc_no) AS plain_doc_no,
        CASE line.relief_kind WHEN 'REFUND' THEN 'B' WHEN 'DEFER' THEN 'C' ELSE 'A' END AS benefit_class,
        CASE
            WHEN line.relief_kind = 'DEFER' THEN COALESCE(line.amt_defer, 0)
            ELSE COALESCE(line.amt_relief, 0) + COALESCE(line.amt_refund, 0)
        END AS claimed,
        part.report_date,
        line.part_id,
        line.sheet,
        line.row_number
    FROM report.tax_relief AS line
    INNER JOIN part ON line.part_id = part.part_id
    WHERE line.levy_item NOT IN ('养老', '失业', '工伤', '医疗')
),

-- A deferral is no relief, whatever document it names.
document AS NOT MATERIALIZED (
    SELECT
        classed.*,
        CASE
            WHEN classed.benefit_class = 'C' AND COALESCE(policy.benefit_class, '') <> 'C' THEN 'OTHER_C'
            ELSE COALESCE(policy.policy_id, 'OTHER_' || classed.benefit_class)
        END AS policy_id
    FROM classed
    LEFT JOIN ref.levy_policy AS by_code ON classed.relief_code = by_code.relief_code
    LEFT JOIN ref.levy_policy AS by_doc ON classed.plain_doc_no = by_doc.doc_no
    LEFT JOIN ref.policy AS policy ON COALESCE(by_code.policy_id, by_doc.policy_id) = policy.policy_id
),

eligible AS (
    SELECT
        document.*,
        rule.value_before AS rate_before,
        rule.value_after AS rate_after,
        rule.known_from,
        rule.known_to,
        document.base_amount * (rule.value_before - rule.value_after) AS relief
    FROM document
    INNER JOIN rule ON document.policy_id = rule.policy_id AND document.period_from BETWEEN rule.valid_from AND rule.valid_to
    WHERE document.levy_item = '增值税'
)

SELECT
    document.post_date AS business_date,
    document.report_date,
    document.report_date AS sent_date,
    date_trunc('month', document.period_from)::date AS period,
    document.period_from,
    document.policy_id,
    document.benefit_class,
    document.uscc,
    'claim' AS line_kind,
    0::numeric AS base_qty,
    NULL::numeric AS param_before,
    NULL::numeric AS param_after,
    NULL::numeric AS share,
    0::numeric AS computed,
    0::numeric AS computed_matched,
    document.claimed::numeric AS claimed,
    document.part_id,
    document.sheet,
    document.row_number
FROM document
UNION ALL
SELECT
    eligible.post_date AS business_date,
    step.day AS report_date,
    eligible.report_date AS sent_date,
    date_trunc('month', eligible.period_from)::date AS period,
    eligible.period_from,
    eligible.policy_id,
    eligible.benefit_class,
    eligible.uscc,
    'rule' AS line_kind,
    step.direction * eligible.base_amount AS base_qty,
    eligible.rate_before AS param_before,
    eligible.rate_after AS param_after,
    eligible.rate_before - eligible.rate_after AS share,
    step.direction * eligible.relief AS computed,
    CASE WHEN ref.is_close(eligible.relief, eligible.claimed) THEN step.direction * eligible.relief ELSE 0 END AS computed_matched,
    0::numeric AS claimed,
    eligible.part_id,
    eligible.sheet,
    eligible.row_number
FROM eligible
CROSS JOIN LATERAL ref.rule_steps(eligible.report_date, eligible.known_from, eligible.known_to) AS step

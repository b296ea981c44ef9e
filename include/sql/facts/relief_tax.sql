-- description: |
--   Tax documents by policy: by relief code, else by document number without brackets and spaces. Only the lower rate for small taxpayers
--   can be computed from the report: sales without tax × (rate before − rate after). The register of the month says who is a small
--   taxpayer; the document itself, which claims the rate, stands beside it. Where the register does not say, nothing is computed. Of a policy
--   for key suppliers (parameter supply_levels) no report has the base; the level of the register stands beside the claim. The social
--   insurances are left out: their relief is computed from the social insurance report. Versions of the rule as in fact.relief_water.
--
-- writes: fact.relief_tax
-- grain: one row per document and claim, and per document and version of the rule by the register or by the statement
-- reads: [fact.tax_claim, fact.rule_version, fact.firm_class, ref.levy_policy, ref.policy, ref.policy_param]
-- shared: true
-- columns:
--   business_date: 业务日 | Day the document was posted
--   report_date: 计入日 | Report date of the part, or the later day from which the version of the rule counts
--   sent_date: 统计日 | Report date of the part
--   period: 所属月份 | Month in which the tax period begins
--   period_from: 所属期起 | First day of the tax period
--   policy_id: 政策编号 | Policy; OTHER_A, OTHER_B, OTHER_C where no policy is mapped
--   benefit_class: 受益类别 | A reduced or exempt, B refunded, C deferred
--   uscc: 统一社会信用代码 | Taxpayer
--   line_kind: "行性质 | claim, rule, or statement: what the claim itself would give"
--   base_qty: 基数 | Sales without tax, yuan
--   param_before: 政策前参数 | Rate before
--   param_after: 政策后参数 | Rate after
--   share: 减免比例 | Points of the rate let off
--   computed: 测算金额(元) | Sales × points, yuan
--   computed_as_stated: 按申报类别测算(元) | The same whoever claims it, yuan
--   computed_matched: 测算相符金额(元) | The same, of documents whose claim agrees
--   claimed: 申报金额(元) | Reduced, refunded or deferred by the bureau's account, yuan
--   is_base_known: 依据已报 | The register says which kind of taxpayer the firm is, or the rule asks for no kind
--   class_stated: 申报类别 | Kinds of taxpayers or levels of key suppliers that the policy is for, where a document claims by it
--   class_registered: 名录类别 | Kind of VAT payer or level of key suppliers (无 for none) in the register of the month; empty where it does not say
--   part_id: 部分 | Part
--   sheet: 工作表 | Sheet
--   row_number: 行号 | Line
WITH rule AS MATERIALIZED (
    SELECT *
    FROM fact.rule_version
    WHERE param_before = 'rate_before' AND param_after = 'rate_after'
),

firm AS MATERIALIZED (
    SELECT
        uscc,
        first_month,
        last_month,
        vat_type,
        COALESCE(key_supply_level, '无') AS supply_level
    FROM fact.firm_class
),

-- A deferral is no relief, whatever document it names.
document AS NOT MATERIALIZED (
    SELECT
        sent.*,
        CASE
            WHEN sent.benefit_class = 'C' AND COALESCE(policy.benefit_class, '') <> 'C' THEN 'OTHER_C'
            ELSE COALESCE(policy.policy_id, 'OTHER_' || sent.benefit_class)
        END AS policy_id
    FROM fact.tax_claim AS sent
    LEFT JOIN ref.levy_policy AS by_code ON sent.relief_code = by_code.relief_code
    LEFT JOIN ref.levy_policy AS by_doc ON sent.plain_doc_no = by_doc.doc_no
    LEFT JOIN ref.policy AS policy ON COALESCE(by_code.policy_id, by_doc.policy_id) = policy.policy_id
),

taxpayer AS NOT MATERIALIZED (
    SELECT
        document.*,
        firm.vat_type,
        firm.supply_level
    FROM document
    LEFT JOIN firm ON document.uscc = firm.uscc AND document.period BETWEEN firm.first_month AND firm.last_month
),

ruled AS NOT MATERIALIZED (
    SELECT
        taxpayer.*,
        rule.value_before AS rate_before,
        rule.value_after AS rate_after,
        rule.known_from,
        rule.known_to,
        rule.classes IS NULL OR taxpayer.vat_type = ANY(rule.classes) AS is_registered,
        taxpayer.base_amount * (rule.value_before - rule.value_after) AS relief
    FROM taxpayer
    INNER JOIN rule ON taxpayer.policy_id = rule.policy_id AND taxpayer.period_from BETWEEN rule.valid_from AND rule.valid_to
    WHERE
        taxpayer.levy_item = '增值税'
        AND taxpayer.vat_type IS NOT NULL
),

-- Documents of policies that such a rule makes, and the kinds of taxpayers that it is for.
small AS MATERIALIZED (
    SELECT
        rule.policy_id,
        string_agg(DISTINCT kind.name, ';' ORDER BY kind.name) AS kinds
    FROM rule
    LEFT JOIN LATERAL unnest(rule.classes) AS kind (name) ON true
    GROUP BY rule.policy_id
),

-- Policies for key suppliers, and the levels that they are for.
supplier AS MATERIALIZED (
    SELECT
        version.policy_id,
        string_agg(DISTINCT level.name, ';' ORDER BY level.name) AS levels
    FROM ref.param_version AS version
    CROSS JOIN LATERAL unnest(string_to_array(version.value, ';')) AS level (name)
    WHERE version.param = 'supply_levels'
    GROUP BY version.policy_id
)

SELECT
    taxpayer.business_date,
    taxpayer.report_date,
    taxpayer.report_date AS sent_date,
    taxpayer.period,
    taxpayer.period_from,
    taxpayer.policy_id,
    taxpayer.benefit_class,
    taxpayer.uscc,
    'claim' AS line_kind,
    0::numeric AS base_qty,
    NULL::numeric AS param_before,
    NULL::numeric AS param_after,
    NULL::numeric AS share,
    0::numeric AS computed,
    0::numeric AS computed_as_stated,
    0::numeric AS computed_matched,
    taxpayer.claimed::numeric AS claimed,
    small.policy_id IS NULL OR taxpayer.vat_type IS NOT NULL AS is_base_known,
    COALESCE(small.kinds, supplier.levels) AS class_stated,
    CASE
        WHEN small.policy_id IS NOT NULL THEN taxpayer.vat_type
        WHEN supplier.policy_id IS NOT NULL THEN taxpayer.supply_level
    END AS class_registered,
    taxpayer.part_id,
    taxpayer.sheet,
    taxpayer.row_number
FROM taxpayer
LEFT JOIN small ON taxpayer.policy_id = small.policy_id
LEFT JOIN supplier ON taxpayer.policy_id = supplier.policy_id
UNION ALL
SELECT
    ruled.business_date,
    step.day AS report_date,
    ruled.report_date AS sent_date,
    ruled.period,
    ruled.period_from,
    ruled.policy_id,
    ruled.benefit_class,
    ruled.uscc,
    CASE WHEN ruled.is_registered THEN 'rule' ELSE 'statement' END AS line_kind,
    CASE WHEN ruled.is_registered THEN step.direction * ruled.base_amount ELSE 0 END AS base_qty,
    ruled.rate_before AS param_before,
    ruled.rate_after AS param_after,
    ruled.rate_before - ruled.rate_after AS share,
    CASE WHEN ruled.is_registered THEN step.direction * ruled.relief ELSE 0 END AS computed,
    step.direction * ruled.relief AS computed_as_stated,
    CASE
        WHEN ruled.is_registered AND ref.is_close(ruled.relief, ruled.claimed) THEN step.direction * ruled.relief
        ELSE 0
    END AS computed_matched,
    0::numeric AS claimed,
    true AS is_base_known,
    NULL::text AS class_stated,
    NULL::text AS class_registered,
    ruled.part_id,
    ruled.sheet,
    ruled.row_number
FROM ruled
CROSS JOIN LATERAL ref.rule_steps(ruled.report_date, ruled.known_from, ruled.known_to) AS step

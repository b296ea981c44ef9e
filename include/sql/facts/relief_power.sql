-- description: |
--   Power bills against settlement at a share of the original bill. Relief of the capacity charge comes off first. Industries that use much
--   energy are left out, by the mark or the industry on the bill. Days and versions of the rule as in fact.relief_water.
--
-- writes: fact.relief_power
-- grain: one row per bill and claim, and per bill and version of the rule
-- reads: [report.power_bill, ref.policy_param]
-- columns:
--   business_date: 业务日 | End of the reading
--   report_date: 计入日 | Report date of the part, or the later day from which the version of the rule counts
--   sent_date: 统计日 | Report date of the part
--   period: 所属月份 | Month of the end of the reading
--   policy_id: 政策编号 | Policy
--   benefit_class: "受益类别 | A: cost avoided"
--   uscc: 统一社会信用代码 | Firm; empty where unknown
--   line_kind: 行性质 | claim or rule
--   base_qty: 基数 | Original bill of the eligible days, yuan
--   param_before: "政策前参数 | Share of the bill settled before: 1"
--   param_after: 政策后参数 | Share of the bill settled after
--   share: 减免比例 | Share of the bill let off
--   computed: 测算金额(元) | Original bill × share, yuan
--   computed_matched: 测算相符金额(元) | The same, of bills whose claim agrees
--   claimed: 申报金额(元) | Let off by the company's account, yuan
--   part_id: 部分 | Part
--   sheet: 工作表 | Sheet
--   row_number: 行号 | Line
WITH part AS MATERIALIZED (
    SELECT
        part_id,
        report_date
    FROM asof.part
    WHERE table_name = 'power_bill'
),

rule AS MATERIALIZED (
    SELECT *
    FROM ref.param_version
    WHERE param = 'settlement_ratio'
),

bill AS NOT MATERIALIZED (
    SELECT
        line.uscc,
        line.user_class,
        line.industry_code,
        COALESCE(line.high_energy_flag, false) AS is_high_energy,
        line.read_from,
        line.read_to,
        line.bill_before - COALESCE(line.capacity_relief, 0) AS bill_base,
        line.relief_claimed,
        part.report_date,
        line.part_id,
        line.sheet,
        line.row_number
    FROM report.power_bill AS line
    INNER JOIN part ON line.part_id = part.part_id
),

eligible AS (
    SELECT
        bill.*,
        rule.policy_id,
        rule.value_number AS settlement_ratio,
        rule.known_from,
        rule.known_to,
        ref.within_days(bill.bill_base, bill.read_from, bill.read_to, rule.valid_from, rule.valid_to) AS eligible_bill
    FROM bill
    INNER JOIN rule ON bill.read_to >= rule.valid_from AND LEAST(bill.read_from, bill.read_to - 1) < rule.valid_to
    WHERE
        bill.user_class IN ('一般工商业', '大工业')
        AND NOT bill.is_high_energy
        AND COALESCE(left(bill.industry_code, 2) <> ALL(rule.industries_excluded), true)
),

priced AS (
    SELECT
        eligible.*,
        eligible.eligible_bill * (1 - eligible.settlement_ratio) AS relief
    FROM eligible
)

SELECT
    bill.read_to AS business_date,
    bill.report_date,
    bill.report_date AS sent_date,
    date_trunc('month', bill.read_to)::date AS period,
    CASE WHEN bill.read_to > '2020-06-30'::date THEN 'P18' ELSE 'P17' END AS policy_id,
    'A' AS benefit_class,
    bill.uscc,
    'claim' AS line_kind,
    0::numeric AS base_qty,
    NULL::numeric AS param_before,
    NULL::numeric AS param_after,
    NULL::numeric AS share,
    0::numeric AS computed,
    0::numeric AS computed_matched,
    bill.relief_claimed::numeric AS claimed,
    bill.part_id,
    bill.sheet,
    bill.row_number
FROM bill
UNION ALL
SELECT
    priced.read_to AS business_date,
    step.day AS report_date,
    priced.report_date AS sent_date,
    date_trunc('month', priced.read_to)::date AS period,
    priced.policy_id,
    'A' AS benefit_class,
    priced.uscc,
    'rule' AS line_kind,
    step.direction * priced.eligible_bill AS base_qty,
    1::numeric AS param_before,
    priced.settlement_ratio AS param_after,
    1 - priced.settlement_ratio AS share,
    step.direction * priced.relief AS computed,
    CASE WHEN ref.is_close(priced.relief, priced.relief_claimed) THEN step.direction * priced.relief ELSE 0 END AS computed_matched,
    0::numeric AS claimed,
    priced.part_id,
    priced.sheet,
    priced.row_number
FROM priced
CROSS JOIN LATERAL ref.rule_steps(priced.report_date, priced.known_from, priced.known_to) AS step

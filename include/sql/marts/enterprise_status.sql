-- description: |
--   The state of every firm of the register that the rates count: what it reports, what its electricity and its insured people say, how
--   long it has stood still, what hinders it, and what help it had. The table keeps the latest day alone (docs/decisions/0027); the same
--   SELECT replays an older day. Days standing still come from the resumption reports of the 92 days before: they count from the day after
--   the last report of work, else from the first report. Help is summed from the day from which figures accumulate, over lines known by the
--   day. Money saved, received and lent is never added up; what only falls due later is left out.
--
-- title: 企业逐户情况 | Firm by firm
-- writes: mart.enterprise_status
-- grain: one row per as_of and firm of the register in scope
-- keys: [as_of, uscc]
-- partition_by: as_of
-- keep: latest
-- reads: [
--   fact.enterprise, fact.resumption_report, fact.insured, fact.problem, fact.relief_water, fact.power_claim, fact.social_claim,
--   fact.tax_claim, fact.stabilisation_refund, report.industry_resumption, report.service_resumption, report.power_daily, report.loan,
--   ref.policy_param
-- ]
-- serves: the most stalled firms; eligible firms that have received nothing
-- columns:
--   as_of: 截至 | The day
--   uscc: 统一社会信用代码 | Unified social credit code
--   name: 企业名称 | Name
--   scope: 调度范围 | industry, service or trade
--   township_code: 所属镇办 | Township
--   industry_section: 行业门类 | Section letter
--   size_class: 规模 | L M S W
--   leader_post_code: 分包领导职务代码 | Post of the leader in charge
--   reported_state: 报送状态 | resumed, stopped, exempt or missing (no row in force)
--   is_carried: 沿用 | Told by a report of an earlier day
--   power_state: 用电状态 | running above the threshold share of the baseline, idle at or below it; empty without a baseline or a reading
--   power_share: 用电占基准 | Energy of the day over the baseline
--   insured_state: 参保状态 | insured or none, by the newest premium month; empty where the report has no row of the firm
--   days_since_resume: 复工天数 | Days since the day of resumption that the firm reports
--   stalled_days: 停工天数 | Days standing still, the day itself included, at most 92; empty where resumed or exempt
--   stop_reason: 未复工原因 | Why it stands still, by the report
--   on_post: 到岗人数 | People on post
--   normal_headcount: 正常用工人数 | Staff at the end of 2019
--   on_post_gap: 到岗缺口 | Staff at the end of 2019 minus people on post; empty without a report of the firm
--   n_open_problems: 未办结问题数 | Problems of the firm that were assigned and are open; empty where no ledger is in force
--   relief_saved: "累计减免(元) | Class A: cost avoided, by the departments' account, yuan; empty where no report of relief came"
--   relief_received: "累计退返(元) | Class B: cash received, refunds for keeping staff included, yuan; empty where no report of either came"
--   loan_disbursed: 累计新增贷款(元) | New money paid out, yuan; empty where no report of loans came
WITH firm AS MATERIALIZED (
    SELECT
        as_of,
        uscc,
        name,
        scope,
        township_code,
        industry_section,
        size_class,
        leader_post_code,
        baseline_headcount,
        baseline_daily_kwh
    FROM fact.enterprise
    WHERE
        scope IS NOT NULL
        AND as_of = ANY(:days)
),

answer AS MATERIALIZED (
    SELECT
        as_of,
        uscc,
        is_carried,
        is_exempt,
        is_resumed,
        resume_date,
        stop_reason,
        on_post
    FROM fact.resumption_report
    WHERE is_counted
),

-- How long a firm has stood still is asked for those that do: few of many.
still AS MATERIALIZED (
    SELECT
        firm.as_of,
        firm.uscc
    FROM firm
    LEFT JOIN answer ON firm.as_of = answer.as_of AND firm.uscc = answer.uscc
    WHERE answer.uscc IS NULL OR NOT (answer.is_exempt OR answer.is_resumed)
),

sent_part AS MATERIALIZED (
    SELECT
        asked.day AS as_of,
        part.part_id,
        part.report_date
    FROM unnest(:days) AS asked (day)
    INNER JOIN asof.part AS part ON part.report_date BETWEEN asked.day - 91 AND asked.day
    WHERE part.table_name IN ('industry_resumption', 'service_resumption')
),

sent AS (
    SELECT
        sent_part.as_of,
        sent_part.report_date,
        line.uscc,
        line.resumed
    FROM report.industry_resumption AS line
    INNER JOIN sent_part ON line.part_id = sent_part.part_id
    INNER JOIN still ON sent_part.as_of = still.as_of AND line.uscc = still.uscc
    WHERE line.part_id = ANY(ARRAY(SELECT sent_part.part_id FROM sent_part))
    UNION ALL
    SELECT
        sent_part.as_of,
        sent_part.report_date,
        line.uscc,
        line.resumed
    FROM report.service_resumption AS line
    INNER JOIN sent_part ON line.part_id = sent_part.part_id
    INNER JOIN still ON sent_part.as_of = still.as_of AND line.uscc = still.uscc
    WHERE line.part_id = ANY(ARRAY(SELECT sent_part.part_id FROM sent_part))
),

spell AS (
    SELECT
        as_of,
        uscc,
        as_of - COALESCE(MAX(report_date) FILTER (WHERE resumed), MIN(report_date) - 1) AS n_days
    FROM sent
    GROUP BY as_of, uscc
),

power_part AS MATERIALIZED (
    SELECT
        as_of,
        part_id
    FROM asof.part_in_force
    WHERE table_name = 'power_daily'
),

energy AS (
    SELECT
        power_part.as_of,
        line.uscc,
        SUM(line.kwh_day) AS kwh_day
    FROM report.power_daily AS line
    INNER JOIN power_part ON line.part_id = power_part.part_id
    WHERE line.part_id = ANY(ARRAY(SELECT power_part.part_id FROM power_part))
    GROUP BY power_part.as_of, line.uscc
),

threshold AS MATERIALIZED (
    SELECT
        asked.day AS as_of,
        version.value_number
    FROM unnest(:days) AS asked (day)
    INNER JOIN ref.param_version AS version ON asked.day >= version.known_from AND asked.day < version.known_to
    WHERE
        version.policy_id = 'SETTING'
        AND version.param = 'resumed_power_share'
),

insured AS (
    SELECT
        as_of,
        uscc,
        is_resumed_insured
    FROM fact.insured
),

problem AS (
    SELECT
        as_of,
        uscc,
        COUNT(*) AS n_open
    FROM fact.problem
    WHERE is_open
    GROUP BY as_of, uscc
),

since AS MATERIALIZED (
    SELECT MIN(value::date) AS first_day
    FROM ref.param_version
    WHERE
        policy_id = 'SETTING'
        AND param = 'accumulate_from'
),

part AS MATERIALIZED (
    SELECT
        part.part_id,
        part.table_name,
        part.report_date
    FROM asof.part AS part
    CROSS JOIN since
    WHERE
        part.table_name IN ('water_bill', 'power_bill', 'social_insurance_relief', 'tax_relief', 'loan')
        AND part.business_to >= since.first_day
),

claim AS (
    SELECT business_date, sent_date, benefit_class, uscc, claimed
    FROM fact.relief_water
    WHERE line_kind = 'claim' AND part_id = ANY(ARRAY(SELECT part.part_id FROM part))
    UNION ALL
    SELECT business_date, report_date AS sent_date, benefit_class, uscc, claimed
    FROM fact.power_claim
    WHERE part_id = ANY(ARRAY(SELECT part.part_id FROM part))
    UNION ALL
    SELECT business_date, report_date AS sent_date, benefit_class, uscc, claimed
    FROM fact.social_claim
    WHERE part_id = ANY(ARRAY(SELECT part.part_id FROM part))
    UNION ALL
    SELECT business_date, report_date AS sent_date, benefit_class, uscc, claimed
    FROM fact.tax_claim
    WHERE benefit_class IN ('A', 'B') AND part_id = ANY(ARRAY(SELECT part.part_id FROM part))
),

relief AS (
    SELECT
        asked.day AS as_of,
        claim.uscc,
        SUM(claim.claimed) FILTER (WHERE claim.benefit_class = 'A') AS saved,
        SUM(claim.claimed) FILTER (WHERE claim.benefit_class = 'B') AS received
    FROM unnest(:days) AS asked (day)
    CROSS JOIN since
    INNER JOIN claim ON claim.business_date BETWEEN since.first_day AND asked.day AND asked.day >= claim.sent_date
    GROUP BY asked.day, claim.uscc
),

refund AS (
    SELECT
        as_of,
        uscc,
        SUM(paid) AS paid
    FROM fact.stabilisation_refund
    GROUP BY as_of, uscc
),

loan_line AS (
    SELECT
        line.disbursed_date,
        part.report_date,
        line.uscc,
        line.disbursed
    FROM report.loan AS line
    INNER JOIN part ON line.part_id = part.part_id
    WHERE
        line.part_id = ANY(ARRAY(SELECT part.part_id FROM part WHERE part.table_name = 'loan'))
        AND line.nature = '新增'
),

loan AS (
    SELECT
        asked.day AS as_of,
        loan_line.uscc,
        SUM(loan_line.disbursed) AS disbursed
    FROM unnest(:days) AS asked (day)
    CROSS JOIN since
    INNER JOIN loan_line
        ON loan_line.disbursed_date BETWEEN since.first_day AND asked.day AND asked.day >= loan_line.report_date
    GROUP BY asked.day, loan_line.uscc
),

-- What is said of no firm because nobody reported is not zero.
heard AS MATERIALIZED (
    SELECT
        told.day AS as_of,
        bool_or(told.about = 'relief') AS has_relief,
        bool_or(told.about = 'loans') AS has_loans,
        bool_or(told.about = 'refunds') AS has_refunds,
        bool_or(told.about = 'problems') AS has_problems
    FROM (
        SELECT asked.day, 'nothing' AS about FROM unnest(:days) AS asked (day)
        UNION ALL
        SELECT
            asked.day,
            CASE WHEN part.table_name = 'loan' THEN 'loans' ELSE 'relief' END AS about
        FROM unnest(:days) AS asked (day)
        INNER JOIN part ON asked.day >= part.report_date
        UNION ALL
        SELECT
            ledger.as_of AS day,
            CASE WHEN ledger.table_name = 'problem' THEN 'problems' ELSE 'refunds' END AS about
        FROM asof.part_in_force AS ledger
        WHERE ledger.table_name IN ('problem', 'stabilisation_refund')
    ) AS told
    GROUP BY told.day
),

enterprise_status AS (
    SELECT
        firm.as_of,
        firm.uscc,
        firm.name,
        firm.scope,
        firm.township_code,
        firm.industry_section,
        firm.size_class,
        firm.leader_post_code,
        CASE
            WHEN answer.uscc IS NULL THEN 'missing'
            WHEN answer.is_exempt THEN 'exempt'
            WHEN answer.is_resumed THEN 'resumed'
            ELSE 'stopped'
        END AS reported_state,
        answer.is_carried,
        energy.kwh_day / NULLIF(firm.baseline_daily_kwh, 0) AS power_share,
        threshold.value_number AS power_threshold,
        insured.is_resumed_insured,
        firm.as_of - answer.resume_date AS days_since_resume,
        spell.n_days,
        answer.stop_reason,
        answer.on_post,
        firm.baseline_headcount,
        CASE WHEN heard.has_problems THEN COALESCE(problem.n_open, 0) END AS n_open_problems,
        CASE WHEN heard.has_relief THEN COALESCE(relief.saved, 0) END AS relief_saved,
        CASE
            WHEN heard.has_relief OR heard.has_refunds THEN COALESCE(relief.received, 0) + COALESCE(refund.paid, 0)
        END AS relief_received,
        CASE WHEN heard.has_loans THEN COALESCE(loan.disbursed, 0) END AS loan_disbursed
    FROM firm
    INNER JOIN heard ON firm.as_of = heard.as_of
    LEFT JOIN answer ON firm.as_of = answer.as_of AND firm.uscc = answer.uscc
    LEFT JOIN spell ON firm.as_of = spell.as_of AND firm.uscc = spell.uscc
    LEFT JOIN energy ON firm.as_of = energy.as_of AND firm.uscc = energy.uscc
    LEFT JOIN threshold ON firm.as_of = threshold.as_of
    LEFT JOIN insured ON firm.as_of = insured.as_of AND firm.uscc = insured.uscc
    LEFT JOIN problem ON firm.as_of = problem.as_of AND firm.uscc = problem.uscc
    LEFT JOIN relief ON firm.as_of = relief.as_of AND firm.uscc = relief.uscc
    LEFT JOIN refund ON firm.as_of = refund.as_of AND firm.uscc = refund.uscc
    LEFT JOIN loan ON firm.as_of = loan.as_of AND firm.uscc = loan.uscc
)

SELECT
    as_of,
    uscc,
    name,
    scope,
    township_code,
    industry_section,
    size_class,
    leader_post_code,
    reported_state,
    is_carried,
    CASE WHEN power_share > power_threshold THEN 'running' WHEN power_share IS NOT NULL THEN 'idle' END AS power_state,
    round(power_share, 4) AS power_share,
    CASE WHEN is_resumed_insured THEN 'insured' WHEN NOT is_resumed_insured THEN 'none' END AS insured_state,
    CASE WHEN reported_state = 'resumed' THEN days_since_resume END AS days_since_resume,
    CASE WHEN reported_state IN ('stopped', 'missing') THEN n_days END AS stalled_days,
    stop_reason,
    on_post,
    baseline_headcount AS normal_headcount,
    baseline_headcount - on_post AS on_post_gap,
    n_open_problems,
    relief_saved,
    relief_received,
    loan_disbursed
FROM enterprise_status

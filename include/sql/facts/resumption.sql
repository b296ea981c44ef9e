-- description: |
--   Who should be back at work, who is, and with how many people. The denominator comes from the register, never from the rows received: a
--   line of the register brings its firm in, a line of a report with an exemption takes it out again (a contribution of minus one). So the
--   lines behind a denominator add up to it. A firm without a row stays in, with nobody on post; the columns from silent on are what the
--   ends of intervals are made of. A row for a firm outside the class
--   contributes nothing. Sites have no register: the list of sites in force takes its place. A line of the list that was set aside stays a
--   site that should resume, so that a returned line does not lift the rate.
--   A row of the day leaves its firm open while a sender of better rank, whose last list has the firm, is still to send: its row would take
--   the place of this one. That list may be older than those that are carried: the sender owes the day all the same.
--
-- writes: fact.resumption
-- grain: "one row per as_of, scope and line: register line, report line, returned line of the list of sites, line of daily energy"
-- reads: [
--   fact.enterprise, ref.report_due, ref.policy_param, report.industry_resumption, report.service_resumption, report.site_resumption,
--   report.power_daily
-- ]
-- reports:
--   scope: {industry: [industry_resumption], service: [service_resumption], trade: [service_resumption], site: [site_resumption]}
-- excludes: {flag: is_exempt, entity: entity}
-- shared: true
-- columns:
--   as_of: 截至 | The day
--   scope: 调度范围 | industry, service, trade or site
--   line_kind: 行来源 | register, report, returned or power
--   uscc: 统一社会信用代码 | Unified social credit code; the owner's for a site
--   entity: 调度对象 | Credit code, or number of the site
--   township_code: 所属镇办 | Township by the register; empty for sites
--   industry_section: 行业门类 | Section letter; empty for sites
--   size_class: 规模 | L M S W; empty for sites
--   exempt_code: 不纳入原因 | Reason for 否
--   is_registered: 在册 | Brings one member into the scope
--   is_exempt: "不纳入应复工 | Takes one member out: 否 with a reason other than X10"
--   should_resume: 应复工 | +1 for a member, -1 for an exemption
--   is_reported: 当日已报 | A row for the day itself, of a member that should resume
--   is_carried: 沿用 | A row carried from an earlier day, of a member that should resume
--   is_resumed: 已复工 | Resumed and should resume
--   is_resumed_any: 已复工(含不纳入) | Resumed, exempt or not
--   is_relapse: 当日停工 | Not resumed, although the row in force on the day before said resumed
--   is_closed_by_order: 按防疫要求未开放 | Stays in the denominator with reason X10
--   normal_headcount: 正常用工人数 | Baseline of the register, else as reported; minus that of an exemption
--   on_post: 到岗人数 | People on post of those that should resume
--   normal_headcount_resumed: 已复工企业正常用工 | Baseline of resumed members
--   on_post_resumed: 已复工企业到岗 | People on post of resumed members
--   headcount_firms: 有基准人数的企业 | +1 for a member with a headcount, -1 when exempt
--   firm_recovery: 企业用工恢复率 | On post over normal of one firm
--   output: 当日产值或营业收入(元) | Output or revenue of the day, yuan, where both it and the normal one are known
--   normal_output: 正常日均产值或营业收入(元) | Normal output or revenue of the same firms, yuan
--   is_output_known: 产值可比 | A member with both its output of the day and its normal output
--   is_full_capacity: 达产 | Of these, with output at or above the threshold share of the normal one
--   is_power_read: 有用电数据 | A member with a baseline and a reading
--   is_power_resumed: 用电复工 | Energy of the day above the threshold share of the baseline
--   power_kwh: 当日用电量(千瓦时) | Energy of the day of members with a baseline and a reading, kWh
--   power_baseline_kwh: 基准日均用电量(千瓦时) | Daily energy before of the same members, kWh
--   silent: 当日未报 | +1 for a member without a row for the day itself that is sure to stay; a carried row is none
--   should_at_most: 应复工(至多) | As should_resume, by exemptions of the day itself alone
--   resumed_at_least: 已复工(至少) | Resumed by a row of the day itself
--   headcount_at_most: 正常用工(至多) | As normal_headcount, by exemptions of the day itself alone
--   on_post_at_least: 到岗(至少) | People on post by rows of the day itself
--   silent_headcount: 未报者至多到岗 | Headcount of silent members, or the people on post by the row of the day before where these are more
--   silent_without_headcount: 未报者无基准人数 | +1 for a silent member whose headcount nobody knows
--   silent_by_power: 未报者有用电数据 | 1 for a silent member with a reading of energy
--   silent_resumed_by_power: 未报者用电复工 | Of these, resumed by their energy
--   part_id: 部分 | Part
--   sheet: 工作表 | Sheet
--   row_number: 行号 | Line
WITH part AS MATERIALIZED (
    SELECT
        in_force.as_of,
        in_force.table_name,
        in_force.is_carried,
        in_force.part_id,
        COALESCE(sender.sender_rank, 99) AS sender_rank
    FROM asof.part_in_force AS in_force
    LEFT JOIN ref.report_due AS sender
        ON in_force.table_name = sender.report AND in_force.department_code = sender.department_code
    WHERE in_force.table_name IN ('industry_resumption', 'service_resumption', 'site_resumption', 'power_daily')
),

setting AS MATERIALIZED (
    SELECT
        day.as_of,
        MAX(version.value_number) FILTER (WHERE version.param = 'full_capacity_share') AS full_capacity_share,
        MAX(version.value_number) FILTER (WHERE version.param = 'resumed_power_share') AS resumed_power_share
    FROM asof.day AS day
    INNER JOIN ref.param_version AS version ON day.as_of >= version.known_from AND day.as_of < version.known_to
    WHERE
        version.policy_id = 'SETTING'
        AND version.param IN ('full_capacity_share', 'resumed_power_share')
    GROUP BY day.as_of
),

-- The last list of each sender before the day: it says whose list a firm stands on, and how many people a silent firm has had. Those in force
-- on the day before, by the same rule of carrying, one day earlier, say who has stopped again.
latest_before AS MATERIALIZED (
    SELECT
        day.as_of,
        reporting_unit.table_name,
        latest.part_id,
        latest.department_code,
        (latest.report_date >= day.as_of - 1 - intake.carry_days()) AS is_in_force
    FROM asof.day AS day
    CROSS JOIN intake.reporting_unit AS reporting_unit
    CROSS JOIN LATERAL (
        SELECT
            part.part_id,
            part.department_code,
            part.report_date
        FROM asof.part AS part
        WHERE
            part.table_name = reporting_unit.table_name
            AND part.unit = reporting_unit.unit
            AND part.kind = 'data'
            AND part.report_date BETWEEN day.as_of - 1 - intake.list_days() AND day.as_of - 1
        ORDER BY part.report_date DESC
        LIMIT 1
    ) AS latest
    WHERE reporting_unit.table_name IN ('industry_resumption', 'service_resumption', 'site_resumption')
),

part_before AS MATERIALIZED (
    SELECT
        as_of,
        table_name,
        part_id,
        department_code,
        is_in_force
    FROM latest_before
    UNION ALL
    SELECT
        latest_before.as_of,
        latest_before.table_name,
        repair.part_id,
        latest_before.department_code,
        latest_before.is_in_force
    FROM latest_before
    INNER JOIN asof.part AS repair ON latest_before.part_id = repair.repairs_part
),

-- Whose list it is that is still to come: the sender's rank, empty where its list of the day is there.
list_before AS MATERIALIZED (
    SELECT
        part_before.as_of,
        part_before.table_name,
        part_before.part_id,
        part_before.is_in_force,
        CASE WHEN part.part_id IS NULL THEN sender.sender_rank END AS awaited_rank
    FROM part_before
    LEFT JOIN ref.report_due AS sender
        ON part_before.table_name = sender.report AND part_before.department_code = sender.department_code
    LEFT JOIN part
        ON
            part_before.as_of = part.as_of
            AND part_before.table_name = part.table_name
            AND sender.sender_rank = part.sender_rank
            AND NOT part.is_carried
),

sent_before AS (
    SELECT
        list_before.as_of,
        line.uscc,
        (line.resumed AND list_before.is_in_force) AS was_resumed,
        line.on_post AS industry_on_post,
        NULL::integer AS service_on_post,
        list_before.awaited_rank AS industry_awaited_rank,
        NULL::integer AS service_awaited_rank
    FROM report.industry_resumption AS line
    INNER JOIN list_before ON line.part_id = list_before.part_id
    WHERE
        line.part_id = ANY(
            ARRAY(SELECT list_before.part_id FROM list_before WHERE list_before.table_name = 'industry_resumption')
        )
    UNION ALL
    SELECT
        list_before.as_of,
        line.uscc,
        (line.resumed AND list_before.is_in_force) AS was_resumed,
        NULL::integer AS industry_on_post,
        line.on_post AS service_on_post,
        NULL::integer AS industry_awaited_rank,
        list_before.awaited_rank AS service_awaited_rank
    FROM report.service_resumption AS line
    INNER JOIN list_before ON line.part_id = list_before.part_id
    WHERE
        line.part_id = ANY(
            ARRAY(SELECT list_before.part_id FROM list_before WHERE list_before.table_name = 'service_resumption')
        )
),

-- A firm on the last lists before: whether it had resumed, how many people it had at most, and the best rank among the senders that listed it
-- and are still to send.
before AS (
    SELECT
        as_of,
        uscc,
        bool_or(was_resumed) AS was_resumed,
        MAX(industry_on_post) AS industry_on_post,
        MAX(service_on_post) AS service_on_post,
        MIN(industry_awaited_rank) AS industry_awaited_rank,
        MIN(service_awaited_rank) AS service_awaited_rank
    FROM sent_before
    GROUP BY as_of, uscc
),

site_resumed_before AS (
    SELECT DISTINCT
        list_before.as_of,
        line.site_id
    FROM report.site_resumption AS line
    INNER JOIN list_before ON line.part_id = list_before.part_id
    WHERE
        line.part_id = ANY(
            ARRAY(SELECT list_before.part_id FROM list_before WHERE list_before.table_name = 'site_resumption')
        )
        AND list_before.is_in_force
        AND line.resumed
),

sent AS (
    SELECT
        part.as_of,
        'industry' AS report_scope,
        part.is_carried,
        part.sender_rank,
        line.uscc,
        line.should_resume,
        line.exempt_code,
        line.resumed,
        line.normal_headcount,
        line.on_post,
        line.output_value AS output,
        NULL::numeric AS normal_output,
        line.part_id,
        line.sheet,
        line.row_number
    FROM report.industry_resumption AS line
    INNER JOIN part ON line.part_id = part.part_id
    WHERE line.part_id = ANY(ARRAY(SELECT part.part_id FROM part WHERE part.table_name = 'industry_resumption'))
    UNION ALL
    SELECT
        part.as_of,
        'service' AS report_scope,
        part.is_carried,
        part.sender_rank,
        line.uscc,
        line.should_resume,
        line.exempt_code,
        line.resumed,
        line.normal_headcount,
        line.on_post,
        line.revenue AS output,
        line.normal_revenue AS normal_output,
        line.part_id,
        line.sheet,
        line.row_number
    FROM report.service_resumption AS line
    INNER JOIN part ON line.part_id = part.part_id
    WHERE line.part_id = ANY(ARRAY(SELECT part.part_id FROM part WHERE part.table_name = 'service_resumption'))
),

-- Two senders may list one firm: the row of the one ranked first counts.
ranked AS (
    SELECT
        sent.*,
        row_number() OVER (
            PARTITION BY sent.as_of, sent.uscc, sent.report_scope ORDER BY sent.sender_rank, sent.part_id, sent.row_number
        ) AS sender_order
    FROM sent
),

-- A firm may have several accounts: their sum counts, in the row of the first one.
energy AS (
    SELECT
        part.as_of,
        line.uscc,
        line.part_id,
        line.sheet,
        line.row_number,
        line.kwh_day,
        SUM(line.kwh_day) OVER (PARTITION BY part.as_of, line.uscc) AS kwh_firm,
        row_number() OVER (PARTITION BY part.as_of, line.uscc ORDER BY line.part_id, line.row_number) AS account_order
    FROM report.power_daily AS line
    INNER JOIN part ON line.part_id = part.part_id
    WHERE
        line.part_id = ANY(ARRAY(SELECT part.part_id FROM part WHERE part.table_name = 'power_daily'))
        AND line.uscc <> ''
),

-- A member with its row and one of its accounts. All joins are by firm, and each list is read once: no rows of firms wait in between.
firm AS (
    SELECT
        member.as_of,
        member.scope,
        member.uscc,
        member.township_code,
        member.industry_section,
        member.size_class,
        member.baseline_headcount,
        member.baseline_daily_kwh,
        member.part_id,
        member.sheet,
        member.row_number,
        GREATEST(
            member.baseline_headcount,
            CASE member.scope WHEN 'industry' THEN before.industry_on_post ELSE before.service_on_post END,
            0
        ) AS most_on_post,
        (ranked.uscc IS NOT NULL) AS is_sent,
        ranked.is_carried,
        (
            ranked.is_carried
            OR COALESCE(
                CASE member.scope WHEN 'industry' THEN before.industry_awaited_rank ELSE before.service_awaited_rank END
                < ranked.sender_rank,
                false
            )
        ) AS is_open,
        (NOT ranked.should_resume AND COALESCE(ranked.exempt_code, 'X10') <> 'X10') AS is_exempt,
        (NOT ranked.should_resume AND ranked.exempt_code = 'X10') AS is_closed_by_order,
        ranked.exempt_code,
        ranked.resumed,
        (NOT ranked.resumed AND COALESCE(before.was_resumed, false)) AS is_relapse,
        COALESCE(member.baseline_headcount, ranked.normal_headcount) AS normal_headcount,
        ranked.on_post,
        ranked.output,
        COALESCE(ranked.normal_output, member.baseline_daily_output) AS normal_output,
        ranked.part_id AS sent_part_id,
        ranked.sheet AS sent_sheet,
        ranked.row_number AS sent_row_number,
        energy.kwh_day,
        energy.kwh_firm,
        COALESCE(energy.account_order, 1) AS account_order,
        energy.part_id AS energy_part_id,
        energy.sheet AS energy_sheet,
        energy.row_number AS energy_row_number
    FROM fact.enterprise AS member
    LEFT JOIN before ON member.as_of = before.as_of AND member.uscc = before.uscc
    LEFT JOIN ranked
        ON
            member.as_of = ranked.as_of
            AND member.uscc = ranked.uscc
            AND ranked.report_scope = CASE member.scope WHEN 'industry' THEN 'industry' ELSE 'service' END
            AND ranked.sender_order = 1
    LEFT JOIN energy ON member.as_of = energy.as_of AND member.uscc = energy.uscc
    WHERE member.scope IS NOT NULL
),

site AS (
    SELECT
        part.as_of,
        part.is_carried,
        line.site_id,
        line.owner_uscc,
        (NOT line.should_resume AND COALESCE(line.exempt_code, 'X10') <> 'X10') AS is_exempt,
        (NOT line.should_resume AND line.exempt_code = 'X10') AS is_closed_by_order,
        line.exempt_code,
        line.resumed,
        (NOT line.resumed AND site_resumed_before.site_id IS NOT NULL) AS is_relapse,
        line.planned_workers,
        line.on_site,
        line.part_id,
        line.sheet,
        line.row_number
    FROM report.site_resumption AS line
    INNER JOIN part ON line.part_id = part.part_id
    LEFT JOIN site_resumed_before ON part.as_of = site_resumed_before.as_of AND line.site_id = site_resumed_before.site_id
    WHERE line.part_id = ANY(ARRAY(SELECT part.part_id FROM part WHERE part.table_name = 'site_resumption'))
),

site_submission AS MATERIALIZED (
    SELECT
        part.as_of,
        part.part_id,
        part.table_name,
        settled.submission_id
    FROM part
    INNER JOIN intake.part AS settled ON part.part_id = settled.part_id
    WHERE
        part.table_name = 'site_resumption'
        AND settled.part_id = ANY(ARRAY(SELECT part.part_id FROM part))
),

returned AS MATERIALIZED (
    SELECT
        site_submission.as_of,
        site_submission.part_id,
        line.table_name,
        line.sheet,
        line.row_number,
        line.reasons,
        line.repaired_by
    FROM site_submission
    INNER JOIN intake.set_aside_row AS line
        ON site_submission.submission_id = line.submission_id AND site_submission.table_name = line.table_name
    WHERE line.submission_id = ANY(ARRAY(SELECT site_submission.submission_id FROM site_submission))
),

-- Returned lines of the list that have not come back repaired. A site listed twice is one site.
site_returned AS MATERIALIZED (
    SELECT
        returned.as_of,
        returned.part_id,
        returned.sheet,
        returned.row_number,
        row_number() OVER (
            PARTITION BY
                returned.as_of,
                returned.part_id,
                CASE
                    WHEN returned.reasons @> '[{"code": "duplicate-key"}]' THEN returned.reasons::text
                    ELSE returned.sheet || ':' || returned.row_number
                END
            ORDER BY returned.row_number
        ) AS line_of_site
    FROM returned
    LEFT JOIN asof.part AS repair
        ON
            returned.repaired_by = repair.submission_id
            AND returned.table_name = repair.table_name
            AND repair.submission_id = ANY(ARRAY(SELECT line.repaired_by FROM returned AS line))
    WHERE repair.part_id IS NULL
)

SELECT
    firm.as_of,
    firm.scope,
    line.line_kind,
    firm.uscc,
    firm.uscc AS entity,
    firm.township_code,
    firm.industry_section,
    firm.size_class,
    CASE WHEN line.is_report THEN firm.exempt_code END AS exempt_code,
    line.is_register AS is_registered,
    (line.is_report AND firm.is_exempt) AS is_exempt,
    CASE WHEN line.is_register THEN 1 WHEN line.is_report THEN -firm.is_exempt::integer ELSE 0 END AS should_resume,
    (line.is_report AND NOT firm.is_exempt AND NOT firm.is_carried) AS is_reported,
    (line.is_report AND NOT firm.is_exempt AND firm.is_carried) AS is_carried,
    (line.is_report AND NOT firm.is_exempt AND firm.resumed) AS is_resumed,
    (line.is_report AND firm.resumed) AS is_resumed_any,
    (line.is_report AND NOT firm.is_exempt AND firm.is_relapse) AS is_relapse,
    (line.is_report AND firm.is_closed_by_order) AS is_closed_by_order,
    CASE
        WHEN line.is_register THEN COALESCE(firm.baseline_headcount, 0)
        WHEN line.is_power THEN 0
        WHEN firm.is_exempt THEN -COALESCE(firm.baseline_headcount, 0)
        WHEN firm.baseline_headcount IS NULL THEN COALESCE(firm.normal_headcount, 0)
        ELSE 0
    END::bigint AS normal_headcount,
    CASE WHEN line.is_report AND NOT firm.is_exempt THEN COALESCE(firm.on_post, 0) ELSE 0 END::bigint AS on_post,
    CASE WHEN line.is_report AND NOT firm.is_exempt AND firm.resumed THEN COALESCE(firm.normal_headcount, 0) ELSE 0 END::bigint
        AS normal_headcount_resumed,
    CASE WHEN line.is_report AND NOT firm.is_exempt AND firm.resumed THEN COALESCE(firm.on_post, 0) ELSE 0 END::bigint
        AS on_post_resumed,
    CASE
        WHEN line.is_register THEN (COALESCE(firm.baseline_headcount, 0) > 0)::integer
        WHEN line.is_power THEN 0
        WHEN firm.is_exempt THEN -(COALESCE(firm.baseline_headcount, 0) > 0)::integer
        WHEN firm.baseline_headcount IS NULL THEN (COALESCE(firm.normal_headcount, 0) > 0)::integer
        ELSE 0
    END AS headcount_firms,
    CASE
        WHEN line.is_report AND NOT firm.is_exempt THEN COALESCE(firm.on_post / NULLIF(firm.normal_headcount, 0)::numeric, 0)
        ELSE 0
    END AS firm_recovery,
    CASE
        WHEN line.is_report AND NOT firm.is_exempt AND COALESCE(firm.normal_output, 0) <> 0 THEN COALESCE(firm.output, 0)
        ELSE 0
    END AS output,
    CASE
        WHEN line.is_report AND NOT firm.is_exempt AND firm.output IS NOT NULL THEN COALESCE(firm.normal_output, 0)
        ELSE 0
    END AS normal_output,
    (line.is_report AND NOT firm.is_exempt AND firm.output IS NOT NULL AND COALESCE(firm.normal_output, 0) > 0)
        AS is_output_known,
    (
        line.is_report
        AND NOT firm.is_exempt
        AND COALESCE(firm.normal_output > 0 AND firm.output >= setting.full_capacity_share * firm.normal_output, false)
    ) AS is_full_capacity,
    (line.is_power AND firm.account_order = 1) AS is_power_read,
    COALESCE(
        line.is_power
        AND firm.account_order = 1
        AND firm.kwh_firm > setting.resumed_power_share * firm.baseline_daily_kwh, false
    ) AS is_power_resumed,
    CASE WHEN line.is_power THEN COALESCE(firm.kwh_day, 0) ELSE 0 END AS power_kwh,
    CASE WHEN line.is_power AND firm.account_order = 1 THEN firm.baseline_daily_kwh ELSE 0 END AS power_baseline_kwh,
    CASE WHEN line.is_register THEN 1 WHEN line.is_report THEN -(NOT firm.is_open)::integer ELSE 0 END AS silent,
    CASE WHEN line.is_register THEN 1 WHEN line.is_report THEN -(firm.is_exempt AND NOT firm.is_open)::integer ELSE 0 END
        AS should_at_most,
    CASE WHEN line.is_report THEN (firm.resumed AND NOT firm.is_exempt AND NOT firm.is_open)::integer ELSE 0 END
        AS resumed_at_least,
    CASE
        WHEN line.is_register THEN COALESCE(firm.baseline_headcount, 0)
        WHEN line.is_power OR firm.is_open THEN 0
        WHEN firm.is_exempt THEN -COALESCE(firm.baseline_headcount, 0)
        WHEN firm.baseline_headcount IS NULL THEN COALESCE(firm.normal_headcount, 0)
        ELSE 0
    END::bigint AS headcount_at_most,
    CASE WHEN line.is_report AND NOT firm.is_exempt AND NOT firm.is_open THEN COALESCE(firm.on_post, 0) ELSE 0 END::bigint
        AS on_post_at_least,
    CASE WHEN line.is_register THEN firm.most_on_post WHEN line.is_report AND NOT firm.is_open THEN -firm.most_on_post ELSE 0 END::bigint
        AS silent_headcount,
    CASE
        WHEN line.is_register THEN (COALESCE(firm.baseline_headcount, 0) <= 0)::integer
        WHEN line.is_report THEN -(NOT firm.is_open AND COALESCE(firm.baseline_headcount, 0) <= 0)::integer
        ELSE 0
    END AS silent_without_headcount,
    CASE WHEN line.is_power THEN (firm.account_order = 1 AND COALESCE(firm.is_open, true))::integer ELSE 0 END
        AS silent_by_power,
    COALESCE(
        line.is_power
        AND firm.account_order = 1
        AND COALESCE(firm.is_open, true)
        AND firm.kwh_firm > setting.resumed_power_share * firm.baseline_daily_kwh, false
    )::integer AS silent_resumed_by_power,
    CASE WHEN line.is_register THEN firm.part_id WHEN line.is_report THEN firm.sent_part_id ELSE firm.energy_part_id END AS part_id,
    CASE WHEN line.is_register THEN firm.sheet WHEN line.is_report THEN firm.sent_sheet ELSE firm.energy_sheet END AS sheet,
    CASE WHEN line.is_register THEN firm.row_number WHEN line.is_report THEN firm.sent_row_number ELSE firm.energy_row_number END
        AS row_number
FROM firm
INNER JOIN (
    VALUES
    ('register', true, false, false),
    ('report', false, true, false),
    ('power', false, false, true)
) AS line (line_kind, is_register, is_report, is_power)
    ON
        (line.is_register AND firm.account_order = 1)
        OR (line.is_report AND firm.account_order = 1 AND firm.is_sent)
        OR (
            line.is_power
            AND firm.energy_part_id IS NOT NULL
            AND firm.baseline_daily_kwh > 0
            AND NOT COALESCE(firm.is_exempt, false)
        )
LEFT JOIN setting ON firm.as_of = setting.as_of
UNION ALL
SELECT
    site.as_of,
    'site' AS scope,
    'report' AS line_kind,
    site.owner_uscc AS uscc,
    site.site_id AS entity,
    NULL AS township_code,
    NULL AS industry_section,
    NULL AS size_class,
    site.exempt_code,
    true AS is_registered,
    site.is_exempt,
    1 - site.is_exempt::integer AS should_resume,
    (NOT site.is_exempt AND NOT site.is_carried) AS is_reported,
    (NOT site.is_exempt AND site.is_carried) AS is_carried,
    (NOT site.is_exempt AND site.resumed) AS is_resumed,
    site.resumed AS is_resumed_any,
    (NOT site.is_exempt AND site.is_relapse) AS is_relapse,
    site.is_closed_by_order,
    CASE WHEN site.is_exempt THEN 0 ELSE COALESCE(site.planned_workers, 0) END::bigint AS normal_headcount,
    CASE WHEN site.is_exempt THEN 0 ELSE COALESCE(site.on_site, 0) END::bigint AS on_post,
    CASE WHEN site.is_exempt OR NOT site.resumed THEN 0 ELSE COALESCE(site.planned_workers, 0) END::bigint
        AS normal_headcount_resumed,
    CASE WHEN site.is_exempt OR NOT site.resumed THEN 0 ELSE COALESCE(site.on_site, 0) END::bigint AS on_post_resumed,
    CASE WHEN site.is_exempt THEN 0 ELSE (COALESCE(site.planned_workers, 0) > 0)::integer END AS headcount_firms,
    CASE
        WHEN site.is_exempt THEN 0
        ELSE COALESCE(site.on_site / NULLIF(site.planned_workers, 0)::numeric, 0)
    END AS firm_recovery,
    0::numeric AS output,
    0::numeric AS normal_output,
    false AS is_output_known,
    false AS is_full_capacity,
    false AS is_power_read,
    false AS is_power_resumed,
    0::numeric AS power_kwh,
    0::numeric AS power_baseline_kwh,
    site.is_carried::integer AS silent,
    1 - (site.is_exempt AND NOT site.is_carried)::integer AS should_at_most,
    (site.resumed AND NOT site.is_exempt AND NOT site.is_carried)::integer AS resumed_at_least,
    CASE WHEN site.is_exempt AND NOT site.is_carried THEN 0 ELSE COALESCE(site.planned_workers, 0) END::bigint AS headcount_at_most,
    CASE WHEN site.is_exempt OR site.is_carried THEN 0 ELSE COALESCE(site.on_site, 0) END::bigint AS on_post_at_least,
    CASE WHEN site.is_carried THEN GREATEST(site.planned_workers, site.on_site, 0) ELSE 0 END::bigint AS silent_headcount,
    (site.is_carried AND COALESCE(site.planned_workers, 0) <= 0)::integer AS silent_without_headcount,
    0 AS silent_by_power,
    0 AS silent_resumed_by_power,
    site.part_id,
    site.sheet,
    site.row_number
FROM site
UNION ALL
SELECT
    site_returned.as_of,
    'site' AS scope,
    'returned' AS line_kind,
    '' AS uscc,
    site_returned.sheet || ':' || site_returned.row_number AS entity,
    NULL AS township_code,
    NULL AS industry_section,
    NULL AS size_class,
    NULL AS exempt_code,
    true AS is_registered,
    false AS is_exempt,
    1 AS should_resume,
    false AS is_reported,
    false AS is_carried,
    false AS is_resumed,
    false AS is_resumed_any,
    false AS is_relapse,
    false AS is_closed_by_order,
    0::bigint AS normal_headcount,
    0::bigint AS on_post,
    0::bigint AS normal_headcount_resumed,
    0::bigint AS on_post_resumed,
    0 AS headcount_firms,
    0::numeric AS firm_recovery,
    0::numeric AS output,
    0::numeric AS normal_output,
    false AS is_output_known,
    false AS is_full_capacity,
    false AS is_power_read,
    false AS is_power_resumed,
    0::numeric AS power_kwh,
    0::numeric AS power_baseline_kwh,
    1 AS silent,
    1 AS should_at_most,
    0 AS resumed_at_least,
    0::bigint AS headcount_at_most,
    0::bigint AS on_post_at_least,
    0::bigint AS silent_headcount,
    1 AS silent_without_headcount,
    0 AS silent_by_power,
    0 AS silent_resumed_by_power,
    site_returned.part_id,
    site_returned.sheet,
    site_returned.row_number
FROM site_returned
WHERE site_returned.line_of_site = 1

-- description: |
--   Service events, line by line, each with its contributions. Inspections of a firm beyond the daily limit are in excess, except those
--   with cause (complaints, accidents). A post's day in the field counts once, however many lines name it; the line that brings the wanted
--   day makes the post reach its target of the week. Lines count in the order in which they became known.
--
-- writes: fact.service_event
-- grain: one row per line of the parts that hold the days asked for
-- reads: [ref.policy_param, report.service_event]
-- columns:
--   business_date: 日期 | Day of the event
--   report_date: 统计日 | Report date of the part
--   week: 周 | Monday of the ISO week
--   unit: 填报单位 | Who reported it
--   event_id: 事项编号 | Event
--   kind: 事项类型 | Kind of event
--   channel: 渠道 | Channel of a publication; empty for other kinds
--   policy_field: 政策领域 | Field of the policies listed or presented
--   post_code: 职务代码 | Post of the leader
--   uscc: 统一社会信用代码 | Firm inspected or visited
--   is_event: 事项 | 1
--   is_policy: 出台政策 | A policy document issued
--   n_measures: 政策条数 | Clauses of a policy issued
--   brochures: 印制册数 | Copies printed
--   is_publication: 宣传发布 | A publication
--   is_meeting: 联审联批会 | A joint approval meeting
--   is_city_leader_visit: 市领导走访 | A visit by city leaders
--   is_inspection: 涉企检查 | An inspection of a firm
--   is_excess_inspection: 超限检查 | An inspection beyond the limit of a firm and day, without cause
--   is_leader_day: 领导下沉天 | First line of a post and a day in the field
--   is_post_in_field: 下沉的领导 | First day of a post in the week
--   is_post_on_target: 达到下沉天数的领导 | The day that brings a post to the days wanted in a week
--   part_id: 部分 | Part
--   sheet: 工作表 | Sheet
--   row_number: 行号 | Line
WITH part AS MATERIALIZED (
    SELECT
        part_id,
        report_date,
        unit
    FROM asof.part_holding
    WHERE table_name = 'service_event'
),

effective AS MATERIALIZED (
    SELECT
        part_id,
        report_date,
        unit
    FROM asof.part
    WHERE table_name = 'service_event'
),

setting AS (
    SELECT
        MIN(value_number) FILTER (WHERE param = 'inspection_cap') AS inspection_cap,
        MIN(value_number) FILTER (WHERE param = 'leader_field_days') AS leader_field_days
    FROM ref.param_version
    WHERE policy_id = 'SETTING'
),

held AS MATERIALIZED (
    SELECT
        MIN(line.event_date) AS first_day,
        MAX(line.event_date) AS last_day
    FROM report.service_event AS line
    WHERE line.part_id = ANY(ARRAY(SELECT part.part_id FROM part))
),

-- All lines of the weeks in which these parts have lines.
line AS (
    SELECT
        line.*,
        effective.report_date,
        effective.unit,
        date_trunc('week', line.event_date)::date AS week,
        GREATEST(line.event_date, effective.report_date) AS counts_from,
        (line.kind = '涉企检查') AS is_inspection,
        (line.kind = '涉企检查' AND NOT COALESCE(line.is_exempt_inspection, false) AND line.uscc <> '') AS is_limited
    FROM report.service_event AS line
    INNER JOIN effective ON line.part_id = effective.part_id
    WHERE
        line.event_date >= (SELECT date_trunc('week', held.first_day)::date FROM held)
        AND line.event_date < (SELECT date_trunc('week', held.last_day)::date + 7 FROM held)
),

counted AS (
    SELECT
        line.*,
        row_number() OVER (
            PARTITION BY line.uscc, line.event_date, line.is_limited
            ORDER BY line.counts_from, line.part_id, line.row_number
        ) AS nth_inspection,
        (
            line.kind = '领导下沉'
            AND row_number() OVER (
                PARTITION BY line.post_code, line.event_date, line.kind
                ORDER BY line.counts_from, line.part_id, line.row_number
            ) = 1
        ) AS is_leader_day
    FROM line
),

running AS (
    SELECT
        counted.*,
        SUM(counted.is_leader_day::integer) OVER (
            PARTITION BY counted.post_code, counted.week
            ORDER BY counted.counts_from, counted.event_date, counted.part_id, counted.row_number
        ) AS days_so_far
    FROM counted
)

SELECT
    running.event_date AS business_date,
    running.report_date,
    running.week,
    running.unit,
    running.event_id,
    running.kind,
    CASE running.kind WHEN '宣传发布' THEN running.channel END AS channel,
    running.policy_field,
    running.post_code,
    running.uscc,
    1 AS is_event,
    (running.kind = '政策出台') AS is_policy,
    CASE WHEN running.kind = '政策出台' THEN COALESCE(running.qty, 0) ELSE 0 END AS n_measures,
    CASE WHEN running.kind = '汇编印制' THEN COALESCE(running.qty, 0) ELSE 0 END AS brochures,
    (running.kind = '宣传发布') AS is_publication,
    (running.kind = '联审联批会') AS is_meeting,
    (running.kind = '市领导走访') AS is_city_leader_visit,
    running.is_inspection,
    (running.is_limited AND running.nth_inspection > setting.inspection_cap) AS is_excess_inspection,
    running.is_leader_day,
    (running.is_leader_day AND running.days_so_far = 1) AS is_post_in_field,
    (running.is_leader_day AND running.days_so_far = setting.leader_field_days) AS is_post_on_target,
    running.part_id,
    running.sheet,
    running.row_number
FROM running
CROSS JOIN setting
WHERE running.part_id = ANY(ARRAY(SELECT part.part_id FROM part))

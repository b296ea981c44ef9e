-- description: |
--   Service events by day and ISO week, against what was promised: meetings, leaders' days in the field, inspections within the limit. Sums
--   over a week (figures: `over: week`) describe the week, sums up to a day all that was done.
--
-- title: 服务企业事项 | Services to firms
-- writes: mart.service_compliance
-- grain: one row per business_date, report_date, week, unit, kind, channel, policy_field
-- keys: [business_date, report_date, week, unit, kind, channel, policy_field]
-- partition_by: business_date
-- reads: [fact.service_event]
-- serves: S009, S010, S013-S015, S019, S022, S023, S058
-- sums:
--   n_events: fact.service_event.is_event
--   n_policies: fact.service_event.is_policy
--   n_measures: fact.service_event.n_measures
--   brochures: fact.service_event.brochures
--   n_publications: fact.service_event.is_publication
--   n_meetings: fact.service_event.is_meeting
--   n_city_leader_visits: fact.service_event.is_city_leader_visit
--   n_inspections: fact.service_event.is_inspection
--   n_excess_inspections: fact.service_event.is_excess_inspection
--   n_leader_days: fact.service_event.is_leader_day
--   n_posts_in_field: fact.service_event.is_post_in_field
--   n_posts_on_target: fact.service_event.is_post_on_target
-- columns:
--   business_date: 日期 | Day of the event
--   report_date: 统计日 | Report date of the part
--   week: 周 | Monday of the ISO week
--   unit: 填报单位 | Who reported it
--   kind: 事项类型 | Kind of event
--   channel: 渠道 | Channel of a publication; empty for other kinds
--   policy_field: 政策领域 | Field of the policies listed or presented
--   n_events: 事项数 | Events
--   n_policies: 出台政策 | Policy documents issued
--   n_measures: 政策条数 | Clauses of these
--   brochures: 印制册数 | Copies printed; printed is not handed out
--   n_publications: 宣传发布次数 | Publications
--   n_meetings: 联审联批会次数 | Joint approval meetings
--   n_city_leader_visits: 市领导走访次数 | Visits by city leaders
--   n_inspections: 涉企检查次数 | Inspections of firms
--   n_excess_inspections: 超限检查次数 | Of these, beyond the limit of a firm and day, without cause
--   n_leader_days: 领导下沉天数 | Leaders' days in the field, each post and day once
--   n_posts_in_field: 下沉的领导数 | Posts in the field in the week
--   n_posts_on_target: 达到下沉天数的领导数 | Of these, with the days wanted in the week
WITH event AS (
    SELECT
        business_date,
        report_date,
        week,
        unit,
        kind,
        channel,
        policy_field,
        is_event,
        is_policy,
        n_measures,
        brochures,
        is_publication,
        is_meeting,
        is_city_leader_visit,
        is_inspection,
        is_excess_inspection,
        is_leader_day,
        is_post_in_field,
        is_post_on_target
    FROM fact.service_event
    WHERE business_date = ANY(:days)
),

service_compliance AS (
    SELECT
        business_date,
        report_date,
        week,
        unit,
        kind,
        channel,
        policy_field,
        SUM(is_event) AS n_events,
        SUM(is_policy::integer) AS n_policies,
        SUM(n_measures) AS n_measures,
        SUM(brochures) AS brochures,
        SUM(is_publication::integer) AS n_publications,
        SUM(is_meeting::integer) AS n_meetings,
        SUM(is_city_leader_visit::integer) AS n_city_leader_visits,
        SUM(is_inspection::integer) AS n_inspections,
        SUM(is_excess_inspection::integer) AS n_excess_inspections,
        SUM(is_leader_day::integer) AS n_leader_days,
        SUM(is_post_in_field::integer) AS n_posts_in_field,
        SUM(is_post_on_target::integer) AS n_posts_on_target
    FROM event
    GROUP BY business_date, report_date, week, unit, kind, channel, policy_field
)

SELECT
    business_date,
    report_date,
    week,
    unit,
    kind,
    channel,
    policy_field,
    n_events,
    n_policies,
    n_measures,
    brochures,
    n_publications,
    n_meetings,
    n_city_leader_visits,
    n_inspections,
    n_excess_inspections,
    n_leader_days,
    n_posts_in_field,
    n_posts_on_target
FROM service_compliance

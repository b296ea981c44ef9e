-- description: |
--   Visits by day: it counts visits (家次), not firms. Cumulative figures are sums of these flows.
--
-- title: 走访企业 | Visits to firms
-- writes: mart.visit_daily
-- grain: one row per business_date, report_date, week, unit, visitor_kind, target_kind
-- keys: [business_date, report_date, week, unit, visitor_kind, target_kind]
-- partition_by: business_date
-- reads: [fact.visit]
-- serves: S017, S059
-- sums:
--   n_visits: fact.visit.is_visit
--   n_on_site_work: fact.visit.is_on_site_work
-- columns:
--   business_date: 走访日期 | Day of the visit
--   report_date: 统计日 | Report date of the part
--   week: 周 | Monday of the ISO week
--   unit: 填报单位 | Who reported it
--   visitor_kind: 走访主体 | Who went
--   target_kind: 对象类型 | 企业 firm or 项目 project
--   n_visits: 走访家次 | Visits
--   n_on_site_work: 现场办公次数 | Of these, with matters settled on the spot
WITH visit AS (
    SELECT
        business_date,
        report_date,
        week,
        unit,
        visitor_kind,
        target_kind,
        is_visit,
        is_on_site_work
    FROM fact.visit
    WHERE business_date = ANY(:days)
),

visit_daily AS (
    SELECT
        business_date,
        report_date,
        week,
        unit,
        visitor_kind,
        target_kind,
        SUM(is_visit) AS n_visits,
        SUM(is_on_site_work::integer) AS n_on_site_work
    FROM visit
    GROUP BY business_date, report_date, week, unit, visitor_kind, target_kind
)

SELECT
    business_date,
    report_date,
    week,
    unit,
    visitor_kind,
    target_kind,
    n_visits,
    n_on_site_work
FROM visit_daily

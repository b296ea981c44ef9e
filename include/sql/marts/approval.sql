-- description: |
--   Procedures of the new starts on the provincial or municipal list: done, open, and whether the deadline can be kept at the present pace,
--   which is that of the last 28 days. Medians and forecasts describe their cell and may not be added up.
--
-- title: 新开工项目手续办理 | Approvals of new projects
-- writes: mart.approval
-- grain: one row per as_of, dimension, procedure, dept
-- keys: [as_of, dimension, procedure, dept]
-- partition_by: as_of
-- reads: [fact.approval_item, ref.policy_param]
-- serves: S024, S026-S028, D01, D02
-- key_expressions:
--   dimension: ":dimension"
--   procedure: CASE :dimension WHEN 'total' THEN 'ALL' ELSE procedure END
--   dept: CASE :dimension WHEN 'total' THEN 'ALL' ELSE dept END
-- sums:
--   n_total: fact.approval_item.is_counted
--   n_done: fact.approval_item.is_done
--   n_open: fact.approval_item.is_open
--   n_lacking_papers: fact.approval_item.is_lacking_papers
--   n_beyond_limit: fact.approval_item.is_beyond_limit
--   n_done_28_days: fact.approval_item.is_done_lately
--   n_elsewhere: fact.approval_item.is_elsewhere
-- columns:
--   as_of: 截至 | The day
--   dimension: "维度 | total, or procedure: by procedure and department"
--   procedure: 手续 | ALL, or FILING LAND PLAN_LAND PLAN_PROJ EIA PERMIT
--   dept: 办理部门 | ALL, or the department
--   n_total: 应办手续 | Procedures needed by new starts of the list
--   n_done: 已办结手续 | Done
--   n_open: 未办结手续 | Not done
--   n_lacking_papers: 容缺受理手续 | Of these, accepted with papers missing
--   n_beyond_limit: 超时限手续 | Of the open ones, taken up more days ago than the limit
--   n_done_28_days: 近28天办结手续 | Done within the last 28 days
--   n_elsewhere: 其他项目手续 | Procedures of other projects, not counted above
--   rate: 办结率 | Done over needed
--   median_days: 办理天数中位数 | Median of days from taking up to done
--   days_to_deadline: 距期限天数 | Days to the deadline; below 0 after it
--   required_per_week: 需每周办结 | Open ones over the weeks left; empty from the deadline on
--   forecast_date: 按目前速度办结日 | Day on which the last would be done at the present pace; empty where nothing was done lately
WITH item AS (
    SELECT
        fact.as_of,
        kind.dimension,
        kind.procedure,
        kind.dept,
        fact.is_counted,
        fact.is_done,
        fact.is_open,
        fact.is_lacking_papers,
        fact.is_beyond_limit,
        fact.is_done_lately,
        fact.is_elsewhere,
        fact.days_taken
    FROM fact.approval_item AS fact
    CROSS JOIN LATERAL (
        VALUES
        ('total', 'ALL', 'ALL'),
        ('procedure', fact.procedure, fact.dept)
    ) AS kind (dimension, procedure, dept)
    WHERE fact.as_of = ANY(:days)
),

deadline AS (
    SELECT MIN(value::date) AS day
    FROM ref.param_version
    WHERE policy_id = 'SETTING' AND param = 'approval_deadline'
),

counted AS (
    SELECT
        as_of,
        dimension,
        procedure,
        dept,
        SUM(is_counted::integer) AS n_total,
        SUM(is_done::integer) AS n_done,
        SUM(is_open::integer) AS n_open,
        SUM(is_lacking_papers::integer) AS n_lacking_papers,
        SUM(is_beyond_limit::integer) AS n_beyond_limit,
        SUM(is_done_lately::integer) AS n_done_28_days,
        SUM(is_elsewhere::integer) AS n_elsewhere,
        percentile_cont(0.5) WITHIN GROUP (ORDER BY days_taken)::numeric AS median_days
    FROM item
    GROUP BY as_of, dimension, procedure, dept
),

approval AS (
    SELECT
        counted.*,
        counted.n_done::numeric / NULLIF(counted.n_total, 0) AS rate,
        deadline.day - counted.as_of AS days_to_deadline,
        CASE WHEN deadline.day > counted.as_of THEN counted.n_open * 7::numeric / (deadline.day - counted.as_of) END
            AS required_per_week,
        CASE
            WHEN counted.n_open = 0 THEN counted.as_of
            WHEN counted.n_done_28_days > 0 THEN counted.as_of + ceil(counted.n_open * 28::numeric / counted.n_done_28_days)::integer
        END AS forecast_date
    FROM counted
    CROSS JOIN deadline
)

SELECT
    as_of,
    dimension,
    procedure,
    dept,
    n_total,
    n_done,
    n_open,
    n_lacking_papers,
    n_beyond_limit,
    n_done_28_days,
    n_elsewhere,
    rate,
    median_days,
    days_to_deadline,
    required_per_week,
    forecast_date
FROM approval

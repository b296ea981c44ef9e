-- description: Firms of the register by class, and how many of them have a leader in charge.
--
-- title: 企业名录 | Register of enterprises
-- writes: mart.register_daily
-- grain: one row per as_of, scale_code
-- keys: [as_of, scale_code]
-- partition_by: as_of
-- reads: [fact.enterprise]
-- serves: S018
-- sums:
--   n_enterprises: fact.enterprise.is_counted
--   n_above_scale: fact.enterprise.is_above_scale
--   n_served: fact.enterprise.is_served
-- suppression:
--   firms: n_enterprises
-- totals: [[scale_code]]
-- relations:
--   - {holds: n_above_scale <= n_enterprises}
--   - {holds: n_served <= n_enterprises}
-- columns:
--   as_of: 截至 | The day
--   scale_code: 专业类别 | B industry, C construction, E wholesale and retail, S catering, X real estate, F services, U below scale
--   n_enterprises: 单位数 | Firms listed
--   n_above_scale: 在库规上单位数 | Firms within their membership of an above-scale class
--   n_served: 已落实分包领导单位数 | Of these, with a leader in charge
WITH enterprise AS (
    SELECT
        as_of,
        scale_code,
        is_counted,
        is_above_scale,
        is_served
    FROM fact.enterprise
    WHERE as_of = ANY(:days)
),

register_daily AS (
    SELECT
        as_of,
        scale_code,
        SUM(is_counted::integer) AS n_enterprises,
        SUM(is_above_scale::integer) AS n_above_scale,
        SUM(is_served::integer) AS n_served
    FROM enterprise
    GROUP BY as_of, scale_code
)

SELECT
    as_of,
    scale_code,
    n_enterprises,
    n_above_scale,
    n_served
FROM register_daily

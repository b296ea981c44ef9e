-- description: |
--   How the denominator of each rate moved since the day before. In every row closing = opening + entries - exits - new exemptions +
--   expired exemptions. Closing is the denominator of the rate (n_should of resumption_daily, the projects due of project_daily).
--   fact.denominator_change, and trace, name each mover with the reason and the line.
--
-- title: 应复工数的由来 | From the register to the denominator
-- writes: mart.denominator_bridge
-- grain: one row per as_of, scope
-- keys: [as_of, scope]
-- partition_by: as_of
-- lookback_days: [1]
-- reads: [fact.denominator_change]
-- serves: S070; which part of a rate's movement came from a smaller denominator
-- sums:
--   opening: fact.denominator_change.opening
--   entries: fact.denominator_change.entries
--   exits: fact.denominator_change.exits
--   new_exempt: fact.denominator_change.new_exempt
--   expired_exempt: fact.denominator_change.expired_exempt
--   closing: fact.denominator_change.closing
-- columns:
--   as_of: 截至 | The day
--   scope: 调度范围 | industry, service, trade, site or key_project
--   opening: 期初 | Denominator on the day before
--   entries: 新进 | Members that came
--   exits: 退出 | Members that left
--   new_exempt: 新增不纳入 | Exemptions that began
--   expired_exempt: 不纳入到期 | Exemptions that ended
--   closing: 期末 | Denominator on the day
WITH change AS (
    SELECT
        as_of,
        scope,
        opening,
        entries,
        exits,
        new_exempt,
        expired_exempt,
        closing
    FROM fact.denominator_change
    WHERE as_of = ANY(:days)
),

denominator_bridge AS (
    SELECT
        as_of,
        scope,
        SUM(opening) AS opening,
        SUM(entries) AS entries,
        SUM(exits) AS exits,
        SUM(new_exempt) AS new_exempt,
        SUM(expired_exempt) AS expired_exempt,
        SUM(closing) AS closing
    FROM change
    GROUP BY as_of, scope
)

SELECT
    as_of,
    scope,
    opening,
    entries,
    exits,
    new_exempt,
    expired_exempt,
    closing
FROM denominator_bridge

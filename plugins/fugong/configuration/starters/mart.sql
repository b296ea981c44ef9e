-- description: The sum over the lines of $fact, by day.
--
-- title: $header | $column, day by day
-- writes: mart.$name
-- grain: one row per $day
-- keys: [$day]
-- partition_by: $day
-- reads: [$fact]
-- sums:
--   $column: $fact.$column
-- columns:
--   $day: 截至 | The day
--   $column: $header | $meaning
SELECT
    $day,
    SUM($column) AS $column
FROM $fact
WHERE $day = ANY(:days)
GROUP BY $day

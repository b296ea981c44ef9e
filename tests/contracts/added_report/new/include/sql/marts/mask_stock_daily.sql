-- description: Masks in store by day.
--
-- writes: mart.mask_stock_daily
-- grain: one row per as_of
-- keys: [as_of]
-- partition_by: as_of
-- reads: [fact.mask_stock]
-- serves: S901
-- sums:
--   n_masks: fact.mask_stock.n_masks
-- columns:
--   as_of: 截至 | The day
--   n_masks: 库存数量(只) | Masks in store
WITH mask_stock AS (
    SELECT
        as_of,
        n_masks
    FROM fact.mask_stock
    WHERE as_of = ANY(:days)
),

mask_stock_daily AS (
    SELECT
        as_of,
        SUM(n_masks) AS n_masks
    FROM mask_stock
    GROUP BY as_of
)

SELECT
    as_of,
    n_masks
FROM mask_stock_daily

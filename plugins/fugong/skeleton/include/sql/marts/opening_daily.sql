-- description: Shops open, and people at work in them, by day and street.
--
-- title: 商户开业 | Shops that open
-- writes: mart.opening_daily
-- grain: one row per as_of, street
-- keys: [as_of, street]
-- partition_by: as_of
-- reads: [fact.opening]
-- serves: E001
-- sums:
--   n_open: fact.opening.is_open
--   n_staff: fact.opening.n_staff
-- columns:
--   as_of: 截至 | The day
--   street: 所在街区 | Street
--   n_open: 营业商户数 | Shops open
--   n_staff: 到岗人数 | People at work in the shops that give it; empty where none does
WITH opening AS (
    SELECT
        as_of,
        street,
        is_open,
        n_staff
    FROM fact.opening
    WHERE as_of = ANY(:days)
),

opening_daily AS (
    SELECT
        as_of,
        street,
        SUM(is_open::integer) AS n_open,
        SUM(n_staff) AS n_staff
    FROM opening
    GROUP BY as_of, street
)

SELECT
    as_of,
    street,
    n_open,
    n_staff
FROM opening_daily

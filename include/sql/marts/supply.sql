-- description: |
--   Epidemic supplies: lots procured to date with the district's help, capacity, output and stock of its production lines, and the demand
--   for masks on the day: one for everybody on post in industry, services and trade (assumed). cover_rate is output over demand. What was
--   procured has been used since and is not in it. A column is empty where no report in force speaks of it.
--
-- title: 防疫物资 | Epidemic supplies
-- writes: mart.supply
-- grain: one row per as_of, item
-- keys: [as_of, item]
-- partition_by: as_of
-- reads: [fact.supply_lot, fact.supply_line, fact.supply_demand]
-- serves: S053, S054, S055, S056, S057
-- sums:
--   procured: fact.supply_lot.qty
--   cost: fact.supply_lot.cost
--   n_lines: fact.supply_line.is_line
--   daily_capacity: fact.supply_line.daily_capacity
--   output: fact.supply_line.output
--   stock: fact.supply_line.stock
--   n_without_stock: fact.supply_line.is_without_stock
--   demand: fact.supply_demand.demand
-- suppression:
--   firms: n_demanding
--   values:
--     - {firms: n_makers, columns: [n_lines, daily_capacity, output, stock, cover_rate, cover_days]}
-- rounded: [demand]
-- rates:
--   cover_rate: output / demand
--   cover_days: stock / demand
-- columns:
--   as_of: 截至 | The day
--   item: 品名 | Kind of supplies
--   procured: 累计协调购置数量 | Arrived up to the day, in the item's unit
--   cost: 累计购置金额(元) | Of lots with a price, yuan
--   n_lines: 投产产线数 | Lines in production
--   n_makers: 生产企业数 | Firms with a line, one per firm and item
--   daily_capacity: 设计日产能 | Designed capacity of a day of these lines
--   output: 当日产量 | Output of the day
--   stock: 库存 | Stock of the lines at the end of the day
--   n_without_stock: 未填库存的产线数 | Lines that do not give their stock, and not in it
--   demand: "日需求 | Masks only: people on post in industry, services and trade, one mask each"
--   n_demanding: "有需求企业数 | Masks only: firms with people on post"
--   cover_rate: 供需比 | Output over demand
--   cover_days: 库存可用天数 | Stock over demand, days; empty where a line does not give its stock
WITH told AS MATERIALIZED (
    SELECT
        asked.day AS as_of,
        (
            SELECT COUNT(*) > 0 FROM asof.part AS lots
            WHERE lots.table_name = 'supply_lot' AND lots.report_date <= asked.day
        ) AS has_lots,
        COUNT(*) FILTER (WHERE part.table_name = 'supply_line') > 0 AS has_lines,
        COUNT(DISTINCT part.table_name) FILTER (WHERE part.table_name <> 'supply_line') = 2 AS has_people
    FROM unnest(:days) AS asked (day)
    LEFT JOIN asof.part_in_force AS part
        ON asked.day = part.as_of AND part.table_name IN ('supply_line', 'industry_resumption', 'service_resumption')
    GROUP BY asked.day
),

line AS (
    SELECT
        asked.day AS as_of,
        lot.item,
        lot.qty AS procured,
        lot.cost,
        0 AS lines,
        0 AS daily_capacity,
        0 AS output,
        NULL::bigint AS stock,
        0 AS without_stock,
        NULL::text AS maker,
        NULL::bigint AS demand
    FROM fact.supply_lot AS lot
    INNER JOIN unnest(:days) AS asked (day) ON asked.day >= GREATEST(lot.business_date, lot.report_date)
    UNION ALL
    SELECT
        as_of,
        item,
        0 AS procured,
        0 AS cost,
        is_line::integer AS lines,
        daily_capacity,
        output,
        stock,
        is_without_stock::integer AS without_stock,
        uscc AS maker,
        NULL AS demand
    FROM fact.supply_line
    WHERE as_of = ANY(:days)
    UNION ALL
    SELECT
        as_of,
        item,
        0 AS procured,
        0 AS cost,
        0 AS lines,
        0 AS daily_capacity,
        0 AS output,
        NULL::bigint AS stock,
        0 AS without_stock,
        NULL AS maker,
        demand
    FROM fact.supply_demand
    WHERE as_of = ANY(:days)
),

summed AS (
    SELECT
        line.as_of,
        line.item,
        SUM(line.procured) AS procured,
        SUM(line.cost) AS cost,
        SUM(line.lines) AS n_lines,
        SUM(line.daily_capacity) AS daily_capacity,
        SUM(line.output) AS output,
        SUM(line.stock) AS stock,
        SUM(line.without_stock) AS n_without_stock,
        COUNT(DISTINCT line.maker) AS n_makers,
        SUM(line.demand) AS demand,
        COUNT(*) FILTER (WHERE line.demand <> 0) AS n_demanding
    FROM line
    GROUP BY line.as_of, line.item
),

known AS (
    SELECT
        summed.as_of,
        summed.item,
        CASE WHEN told.has_lots THEN summed.procured END AS procured,
        CASE WHEN told.has_lots THEN summed.cost END AS cost,
        CASE WHEN told.has_lines THEN summed.n_lines END AS n_lines,
        summed.n_makers,
        CASE WHEN told.has_lines THEN summed.daily_capacity END AS daily_capacity,
        CASE WHEN told.has_lines THEN summed.output END AS output,
        CASE
            WHEN told.has_lines AND (summed.stock IS NOT NULL OR summed.n_without_stock = 0) THEN COALESCE(summed.stock, 0)
        END AS stock,
        CASE WHEN told.has_lines THEN summed.n_without_stock END AS n_without_stock,
        CASE WHEN told.has_people THEN summed.demand END AS demand,
        summed.n_demanding
    FROM summed
    INNER JOIN told ON summed.as_of = told.as_of
),

supply AS (
    SELECT
        as_of,
        item,
        procured,
        cost,
        n_lines,
        n_makers,
        daily_capacity,
        output,
        stock,
        n_without_stock,
        demand,
        n_demanding,
        output / NULLIF(demand, 0)::numeric AS cover_rate,
        CASE WHEN n_without_stock = 0 THEN stock / NULLIF(demand, 0)::numeric END AS cover_days
    FROM known
)

SELECT
    as_of,
    item,
    procured,
    cost,
    n_lines,
    n_makers,
    daily_capacity,
    output,
    stock,
    n_without_stock,
    demand,
    n_demanding,
    cover_rate,
    cover_days
FROM supply

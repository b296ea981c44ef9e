-- description: |
--   Demand is people on post × masks per person and day (a setting). Next week's demand is today's, moved on by as much as it moved in the
--   last seven days. Supply is the output of the lines and their stock; what was procured has been handed out and is not in it. Few firms
--   make masks, so analysts do not see their output.
--
-- number: 15
-- question: 按下周的人数,口罩够不够用? | Is the mask supply enough for next week's head count?
-- role: taskforce
-- parameters:
--   as_of: {label: 截至 | The day}
-- window_days: 7
-- reads: [mart.supply]
-- codes: {item: [supply_item]}
-- columns:
--   item: 品名 | Kind of supplies
--   demand: 日需求 | Masks a day today
--   demand_next_week: 预计下周日需求 | Masks a day next week
--   daily_capacity: 设计日产能 | Designed capacity of a day
--   output: 当日产量 | Output of the day
--   stock: 库存 | Stock of the lines at the end of the day
--   cover_rate_next_week: 预计供需比 | Output over demand then
--   days_until_empty: 库存可用天数 | Days for which the stock closes the gap; empty where output is enough, or a line does not give its stock
--   is_enough: 是否够用 | Whether output and stock last the week; empty where the stock that is given does not and a line does not give it
WITH ahead AS (
    SELECT
        supply.item,
        supply.demand,
        supply.demand + GREATEST(supply.demand - COALESCE(week_before.demand, supply.demand), 0) AS demand_next_week,
        supply.daily_capacity,
        supply.output,
        supply.stock,
        supply.n_without_stock = 0 AS is_stock_known
    FROM mart.supply AS supply
    LEFT JOIN mart.supply AS week_before ON supply.item = week_before.item AND week_before.as_of = :as_of - 7
    WHERE
        supply.as_of = :as_of
        AND supply.demand > 0
)

SELECT
    item,
    demand,
    demand_next_week,
    daily_capacity,
    output,
    stock,
    output / demand_next_week::numeric AS cover_rate_next_week,
    CASE WHEN output < demand_next_week AND is_stock_known THEN stock / (demand_next_week - output)::numeric END AS days_until_empty,
    CASE WHEN is_stock_known OR output + stock / 7.0 >= demand_next_week THEN output + stock / 7.0 >= demand_next_week END AS is_enough
FROM ahead
ORDER BY item

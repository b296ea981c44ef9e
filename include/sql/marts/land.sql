-- description: |
--   Land: planned, supplied, offered. Supplied to date and planned for the month are different things and stay apart.
--
-- writes: mart.land
-- grain: one row per as_of, use
-- keys: [as_of, use]
-- partition_by: as_of
-- reads: [fact.land_plan, fact.land_parcel, fact.land_milestone]
-- serves: S034, S035, S037
-- sums:
--   plan_mu: fact.land_plan.plan_mu
--   plan_month_mu: fact.land_plan.plan_month_mu
--   supplied_mtd_mu: fact.land_parcel.supplied_mtd_mu
--   supplied_ytd_mu: fact.land_parcel.supplied_ytd_mu
--   n_auctions: fact.land_parcel.is_auction
--   min_deposit_ratio: {least: fact.land_parcel.offered_deposit_ratio}
--   n_exempt_contracts: fact.land_milestone.is_first_exempt_line_of_contract
--   exempt_days: fact.land_milestone.exempt_days
-- columns:
--   as_of: 截至 | The day
--   use: 用途 | Use of the land
--   plan_mu: 年度计划面积(亩) | Planned for the year, mu
--   plan_month_mu: 当月计划面积(亩) | Planned for the month, mu
--   supplied_mtd_mu: 当月供应面积(亩) | Supplied in the month up to the day, mu
--   supplied_ytd_mu: 当年供应面积(亩) | Supplied in the year up to the day, mu
--   completion: 年度完成率 | Supplied in the year over planned
--   n_auctions: 公开出让宗数 | Parcels offered by auction, listing or tender up to the day
--   min_deposit_ratio: 最低竞买保证金比例 | Lowest deposit ratio among these
--   n_exempt_contracts: 不计违约合同数 | Contracts with days that do not count as delay
--   exempt_days: 不计违约天数 | Such days up to the day, over all milestones
WITH line AS (
    SELECT
        as_of,
        use,
        plan_mu,
        plan_month_mu,
        0 AS supplied_mtd_mu,
        0 AS supplied_ytd_mu,
        0 AS auctions,
        NULL::numeric AS offered_deposit_ratio,
        0 AS exempt_contracts,
        0 AS exempt_days
    FROM fact.land_plan
    WHERE as_of = ANY(:days)
    UNION ALL
    SELECT
        as_of,
        use,
        0 AS plan_mu,
        0 AS plan_month_mu,
        supplied_mtd_mu,
        supplied_ytd_mu,
        is_auction::integer AS auctions,
        offered_deposit_ratio,
        0 AS exempt_contracts,
        0 AS exempt_days
    FROM fact.land_parcel
    WHERE as_of = ANY(:days)
    UNION ALL
    SELECT
        as_of,
        use,
        0 AS plan_mu,
        0 AS plan_month_mu,
        0 AS supplied_mtd_mu,
        0 AS supplied_ytd_mu,
        0 AS auctions,
        NULL::numeric AS offered_deposit_ratio,
        is_first_exempt_line_of_contract::integer AS exempt_contracts,
        exempt_days
    FROM fact.land_milestone
    WHERE as_of = ANY(:days)
),

land AS (
    SELECT
        as_of,
        use,
        SUM(plan_mu) AS plan_mu,
        SUM(plan_month_mu) AS plan_month_mu,
        SUM(supplied_mtd_mu) AS supplied_mtd_mu,
        SUM(supplied_ytd_mu) AS supplied_ytd_mu,
        SUM(supplied_ytd_mu) / NULLIF(SUM(plan_mu), 0) AS completion,
        SUM(auctions) AS n_auctions,
        MIN(offered_deposit_ratio) AS min_deposit_ratio,
        SUM(exempt_contracts) AS n_exempt_contracts,
        SUM(exempt_days) AS exempt_days
    FROM line
    GROUP BY as_of, use
)

SELECT
    as_of,
    use,
    plan_mu,
    plan_month_mu,
    supplied_mtd_mu,
    supplied_ytd_mu,
    completion,
    n_auctions,
    min_deposit_ratio,
    n_exempt_contracts,
    exempt_days
FROM land

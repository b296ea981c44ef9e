-- description: |
--   Land: planned, supplied, offered. Supplied to date and planned for the month are different things and stay apart. A column is empty
--   where no report in force speaks of it: the plan of another year, the ledger of an earlier month.
--
-- title: 土地供应 | Land supply
-- writes: mart.land
-- grain: one row per as_of, use
-- keys: [as_of, use]
-- partition_by: as_of
-- reads: [fact.land_plan, fact.land_parcel, fact.land_milestone]
-- serves: S034, S035, S037
-- sums:
--   plan_mu: fact.land_plan.plan_mu
--   n_without_area: fact.land_plan.is_without_area
--   plan_month_mu: fact.land_plan.plan_month_mu
--   supplied_mtd_mu: fact.land_parcel.supplied_mtd_mu
--   supplied_ytd_mu: fact.land_parcel.supplied_ytd_mu
--   n_auctions: fact.land_parcel.is_auction
--   min_deposit_ratio: {least: fact.land_parcel.offered_deposit_ratio}
--   n_without_deposit: fact.land_parcel.is_without_deposit
--   n_exempt_contracts: fact.land_milestone.is_first_exempt_line_of_contract
--   exempt_days: fact.land_milestone.exempt_days
-- columns:
--   as_of: 截至 | The day
--   use: 用途 | Use of the land
--   plan_mu: 年度计划面积(亩) | Planned for the year, mu
--   n_without_area: 未填年度计划面积的行数 | Lines of the plan whose area for the year is not given, and not in plan_mu
--   plan_month_mu: 当月计划面积(亩) | Planned for the month, mu
--   supplied_mtd_mu: 当月供应面积(亩) | Supplied in the month up to the day, mu
--   supplied_ytd_mu: 当年供应面积(亩) | Supplied in the year up to the day, mu
--   completion: 年度完成率 | Supplied in the year over planned; empty where an area is not given
--   n_auctions: 公开出让宗数 | Parcels offered by auction, listing or tender up to the day
--   min_deposit_ratio: 最低竞买保证金比例 | Lowest deposit ratio among these that is given
--   n_without_deposit: 未填保证金的公开出让宗数 | Of these, whose deposit ratio is neither given nor follows
--   n_exempt_contracts: 不计违约合同数 | Contracts with days that do not count as delay
--   exempt_days: 不计违约天数 | Such days up to the day, over all milestones
WITH told AS MATERIALIZED (
    SELECT
        asked.day AS as_of,
        (SELECT COUNT(plan.plan_mu) > 0 FROM fact.land_plan AS plan WHERE plan.as_of = asked.day) AS has_plan,
        COUNT(*) FILTER (WHERE part.table_name = 'land_parcel') > 0 AS has_parcels,
        COALESCE(
            MAX(part.report_date) FILTER (WHERE part.table_name = 'land_parcel') >= date_trunc('month', asked.day)::date, false
        ) AS is_of_month,
        COALESCE(
            MAX(part.report_date) FILTER (WHERE part.table_name = 'land_parcel') >= date_trunc('year', asked.day)::date, false
        ) AS is_of_year,
        COUNT(*) FILTER (WHERE part.table_name = 'land_milestone') > 0 AS has_milestones
    FROM unnest(:days) AS asked (day)
    LEFT JOIN asof.part_in_force AS part
        ON asked.day = part.as_of AND part.table_name IN ('land_parcel', 'land_milestone')
    GROUP BY asked.day
),

line AS (
    SELECT
        as_of,
        use,
        plan_mu,
        is_without_area::integer AS without_area,
        plan_month_mu,
        (plan_mu IS NOT NULL AND plan_month_mu IS NULL)::integer AS without_month,
        0 AS supplied_mtd_mu,
        0 AS supplied_ytd_mu,
        0 AS auctions,
        NULL::numeric AS offered_deposit_ratio,
        0 AS without_deposit,
        0 AS exempt_contracts,
        0 AS exempt_days
    FROM fact.land_plan
    WHERE as_of = ANY(:days)
    UNION ALL
    SELECT
        as_of,
        use,
        NULL AS plan_mu,
        0 AS without_area,
        NULL AS plan_month_mu,
        0 AS without_month,
        supplied_mtd_mu,
        supplied_ytd_mu,
        is_auction::integer AS auctions,
        offered_deposit_ratio,
        is_without_deposit::integer AS without_deposit,
        0 AS exempt_contracts,
        0 AS exempt_days
    FROM fact.land_parcel
    WHERE as_of = ANY(:days)
    UNION ALL
    SELECT
        as_of,
        use,
        NULL AS plan_mu,
        0 AS without_area,
        NULL AS plan_month_mu,
        0 AS without_month,
        0 AS supplied_mtd_mu,
        0 AS supplied_ytd_mu,
        0 AS auctions,
        NULL::numeric AS offered_deposit_ratio,
        0 AS without_deposit,
        is_first_exempt_line_of_contract::integer AS exempt_contracts,
        exempt_days
    FROM fact.land_milestone
    WHERE as_of = ANY(:days)
),

summed AS (
    SELECT
        as_of,
        use,
        SUM(plan_mu) AS plan_mu,
        COALESCE(SUM(without_area), 0) AS n_without_area,
        SUM(plan_month_mu) AS plan_month_mu,
        SUM(without_month) AS n_without_month,
        COALESCE(SUM(supplied_mtd_mu), 0) AS supplied_mtd_mu,
        COALESCE(SUM(supplied_ytd_mu), 0) AS supplied_ytd_mu,
        SUM(auctions) AS n_auctions,
        MIN(offered_deposit_ratio) AS min_deposit_ratio,
        SUM(without_deposit) AS n_without_deposit,
        SUM(exempt_contracts) AS n_exempt_contracts,
        SUM(exempt_days) AS exempt_days
    FROM line
    GROUP BY as_of, use
),

known AS (
    SELECT
        summed.as_of,
        summed.use,
        CASE
            WHEN told.has_plan AND (summed.plan_mu IS NOT NULL OR summed.n_without_area = 0) THEN COALESCE(summed.plan_mu, 0)
        END AS plan_mu,
        CASE WHEN told.has_plan THEN summed.n_without_area END AS n_without_area,
        CASE
            WHEN told.has_plan AND (summed.plan_month_mu IS NOT NULL OR summed.n_without_area + summed.n_without_month = 0)
                THEN COALESCE(summed.plan_month_mu, 0)
        END AS plan_month_mu,
        CASE WHEN told.is_of_month THEN summed.supplied_mtd_mu END AS supplied_mtd_mu,
        CASE WHEN told.is_of_year THEN summed.supplied_ytd_mu END AS supplied_ytd_mu,
        CASE WHEN told.has_parcels THEN summed.n_auctions END AS n_auctions,
        summed.min_deposit_ratio,
        CASE WHEN told.has_parcels THEN summed.n_without_deposit END AS n_without_deposit,
        CASE WHEN told.has_milestones THEN summed.n_exempt_contracts END AS n_exempt_contracts,
        CASE WHEN told.has_milestones THEN summed.exempt_days END AS exempt_days
    FROM summed
    INNER JOIN told ON summed.as_of = told.as_of
),

land AS (
    SELECT
        as_of,
        use,
        plan_mu,
        n_without_area,
        plan_month_mu,
        supplied_mtd_mu,
        supplied_ytd_mu,
        CASE WHEN n_without_area = 0 THEN supplied_ytd_mu / NULLIF(plan_mu, 0) END AS completion,
        n_auctions,
        min_deposit_ratio,
        n_without_deposit,
        n_exempt_contracts,
        exempt_days
    FROM known
)

SELECT
    as_of,
    use,
    plan_mu,
    n_without_area,
    plan_month_mu,
    supplied_mtd_mu,
    supplied_ytd_mu,
    completion,
    n_auctions,
    min_deposit_ratio,
    n_without_deposit,
    n_exempt_contracts,
    exempt_days
FROM land

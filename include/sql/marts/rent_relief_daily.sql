-- description: |
--   Rent let off, by kind of lessor, by the ledgers in force. Months that have begun are to date, later months are to come; no column mixes
--   the two.
--
-- title: 房租减免 | Rent relief
-- writes: mart.rent_relief_daily
-- grain: one row per as_of, lessor_type, policy_id
-- keys: [as_of, lessor_type, policy_id]
-- partition_by: as_of
-- reads: [fact.rent_relief]
-- serves: S043
-- sums:
--   n_leases: fact.rent_relief.is_lease
--   n_relieved: fact.rent_relief.is_relieved
--   n_undetermined: fact.rent_relief.is_undetermined
--   monthly_rent: fact.rent_relief.monthly_rent
--   months: fact.rent_relief.months
--   computed: fact.rent_relief.computed
--   computed_to_come: fact.rent_relief.computed_to_come
--   claimed: fact.rent_relief.claimed
--   claimed_to_come: fact.rent_relief.claimed_to_come
--   n_tenants_relieved: fact.rent_relief.is_first_relieved_line_of_tenant
-- suppression:
--   firms: n_tenants
--   values:
--     - {firms: n_with_monthly_rent, largest: largest_monthly_rent, columns: [monthly_rent]}
--     - {firms: n_with_months, largest: largest_months, columns: [months]}
--     - {firms: n_with_computed, largest: largest_computed, columns: [computed]}
--     - {firms: n_with_computed_to_come, largest: largest_computed_to_come, columns: [computed_to_come]}
--     - {firms: n_with_claimed, largest: largest_claimed, columns: [claimed]}
--     - {firms: n_with_claimed_to_come, largest: largest_claimed_to_come, columns: [claimed_to_come]}
-- rounded: [monthly_rent, months, computed, computed_to_come, claimed, claimed_to_come]
-- totals: [[lessor_type, policy_id], [lessor_type], [policy_id]]
-- same_as: [{mart: fee_reduction, column: claimed, by: [policy_id]}, {mart: fee_reduction, column: computed, by: [policy_id]}]
-- columns:
--   as_of: 截至 | The day
--   lessor_type: 出租方类型 | Kind of lessor
--   policy_id: 政策编号 | P23 district, P24 national, RENT for what lessors agree to
--   n_leases: 租约数 | Leases listed
--   n_relieved: 已减免租约数 | Leases with relief claimed
--   n_undetermined: "无法测算租约数 | Eligible leases that name no month, and leases of tenants that no register lists: their relief cannot be determined"
--   monthly_rent: 月租金合计(元) | Rent of a month of all leases listed, yuan
--   months: 减免月租数 | Months of rent let off up to the day, over all leases
--   computed: 测算减免(已实现)(元) | By the rule, months that have begun, yuan; empty where it cannot be computed
--   computed_to_come: 测算待减免(元) | By the rule, later months, not realised, yuan
--   claimed: 申报减免(已实现)(元) | Claimed for months that have begun, yuan
--   claimed_to_come: 申报待减免(元) | Claimed for later months, not realised, yuan
--   n_tenants_relieved: 受益承租方数 | Tenants with relief; each counts once
--   n_tenants: 承租方数 | Tenants; those without a credit code count as one
--   n_with_monthly_rent: 有租金的承租方数 | Tenants with monthly rent
--   largest_monthly_rent: 最大一家 | The largest of one tenant
--   n_with_months: 已有减免月份的承租方数 | Tenants with months
--   largest_months: 最大一家 | The largest of one tenant
--   n_with_computed: 可测算已实现减免的承租方数 | Tenants with computed
--   largest_computed: 最大一家 | The largest of one tenant
--   n_with_computed_to_come: 可测算待减免的承租方数 | Tenants with computed to come
--   largest_computed_to_come: 最大一家 | The largest of one tenant
--   n_with_claimed: 已申报已实现减免的承租方数 | Tenants with claimed
--   largest_claimed: 最大一家 | The largest of one tenant
--   n_with_claimed_to_come: 已申报待减免的承租方数 | Tenants with claimed to come
--   largest_claimed_to_come: 最大一家 | The largest of one tenant
WITH rent_relief AS (
    SELECT
        as_of,
        lessor_type,
        policy_id,
        uscc,
        is_lease,
        is_relieved,
        is_undetermined,
        monthly_rent,
        months,
        computed,
        computed_to_come,
        claimed,
        claimed_to_come,
        is_first_relieved_line_of_tenant
    FROM fact.rent_relief
    WHERE as_of = ANY(:days)
),

tenant AS (
    SELECT
        as_of,
        lessor_type,
        policy_id,
        uscc,
        SUM(is_lease) AS n_leases,
        SUM(is_relieved::integer) AS n_relieved,
        SUM(is_undetermined::integer) AS n_undetermined,
        SUM(monthly_rent) AS monthly_rent,
        SUM(months) AS months,
        SUM(computed) AS computed,
        SUM(computed_to_come) AS computed_to_come,
        SUM(claimed) AS claimed,
        SUM(claimed_to_come) AS claimed_to_come,
        SUM(is_first_relieved_line_of_tenant::integer) AS n_tenants_relieved
    FROM rent_relief
    GROUP BY as_of, lessor_type, policy_id, uscc
),

rent_relief_daily AS (
    SELECT
        as_of,
        lessor_type,
        policy_id,
        SUM(n_leases) AS n_leases,
        SUM(n_relieved) AS n_relieved,
        SUM(n_undetermined) AS n_undetermined,
        SUM(monthly_rent) AS monthly_rent,
        COUNT(*) FILTER (WHERE monthly_rent <> 0) AS n_with_monthly_rent,
        MAX(monthly_rent) AS largest_monthly_rent,
        SUM(months) AS months,
        COUNT(*) FILTER (WHERE months <> 0) AS n_with_months,
        MAX(months) AS largest_months,
        SUM(computed) AS computed,
        COUNT(*) FILTER (WHERE computed <> 0) AS n_with_computed,
        MAX(computed) AS largest_computed,
        SUM(computed_to_come) AS computed_to_come,
        COUNT(*) FILTER (WHERE computed_to_come <> 0) AS n_with_computed_to_come,
        MAX(computed_to_come) AS largest_computed_to_come,
        SUM(claimed) AS claimed,
        COUNT(*) FILTER (WHERE claimed <> 0) AS n_with_claimed,
        MAX(claimed) AS largest_claimed,
        SUM(claimed_to_come) AS claimed_to_come,
        COUNT(*) FILTER (WHERE claimed_to_come <> 0) AS n_with_claimed_to_come,
        MAX(claimed_to_come) AS largest_claimed_to_come,
        SUM(n_tenants_relieved) AS n_tenants_relieved,
        COUNT(*) AS n_tenants
    FROM tenant
    GROUP BY as_of, lessor_type, policy_id
)

SELECT
    as_of,
    lessor_type,
    policy_id,
    n_leases,
    n_tenants,
    n_relieved,
    n_undetermined,
    n_tenants_relieved,
    monthly_rent,
    n_with_monthly_rent,
    largest_monthly_rent,
    months,
    n_with_months,
    largest_months,
    computed,
    n_with_computed,
    largest_computed,
    computed_to_come,
    n_with_computed_to_come,
    largest_computed_to_come,
    claimed,
    n_with_claimed,
    largest_claimed,
    claimed_to_come,
    n_with_claimed_to_come,
    largest_claimed_to_come
FROM rent_relief_daily

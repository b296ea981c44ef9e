-- description: |
--   State-owned landlords grant two months free and three at half, to tenants that are not large. More months than the rule gives would be
--   another rule on top of it, and the two do not stack. No month is both free and half. A landlord is state-owned in all its leases or in
--   none.
--
-- check: X14
-- severity: error
-- keys: [as_of, lease_id]
-- partition_by: as_of
-- reads: [fact.enterprise, report.rent_relief]
-- touches: [S042, S043]
-- message: 房租减免有 {n_rows} 份租约不符合条件 | {n_rows} leases with rent relief are not eligible
-- columns:
--   as_of: 截至 | The day
--   lease_id: 租约编号 | Lease
--   lessor_type: 出租方类型 | Kind of landlord
--   tenant_uscc: 承租方代码 | Credit code of the tenant
--   size_class: 承租方规模 | Size of the tenant by the register
--   relief_claimed: 减免金额(元) | Relief claimed, yuan
--   reason: 原因 | 承租方为大型企业 large tenant, 免租与减半月份重叠 free and half in one month, 超过两免三减 more months than the rule gives, 出租方类型不一致 one landlord of two kinds
--   part_id: 部分 | Part
--   sheet: 工作表 | Sheet
--   row_number: 行号 | Line
WITH part AS MATERIALIZED (
    SELECT
        as_of,
        part_id
    FROM asof.part_in_force
    WHERE table_name = 'rent_relief'
),

register AS MATERIALIZED (
    SELECT
        as_of,
        uscc,
        size_class
    FROM fact.enterprise
    WHERE is_counted
),

rule AS MATERIALIZED (
    SELECT
        MAX(value_number) FILTER (WHERE param = 'free_months') AS free_months,
        MAX(value_number) FILTER (WHERE param = 'half_months') AS half_months,
        MAX(size_classes) FILTER (WHERE param = 'tenant_kinds') AS tenant_sizes
    FROM ref.param_version
    WHERE
        policy_id = 'P23'
        AND known_to = 'infinity'
),

lease AS (
    SELECT
        part.as_of,
        line.lease_id,
        line.lessor_type,
        line.lessor_type IN ('区属国企', '行政事业') AS is_state_owned,
        line.lessor_uscc,
        line.tenant_uscc,
        line.relief_claimed,
        string_to_array(regexp_replace(COALESCE(line.free_months, ''), '[;、,,]', ';', 'g'), ';') AS free_months,
        string_to_array(regexp_replace(COALESCE(line.half_months, ''), '[;、,,]', ';', 'g'), ';') AS half_months,
        line.part_id,
        line.sheet,
        line.row_number
    FROM report.rent_relief AS line
    INNER JOIN part ON line.part_id = part.part_id
    WHERE
        line.part_id = ANY(ARRAY(SELECT part.part_id FROM part))
        AND part.as_of = ANY(:days)
),

landlord AS (
    SELECT
        as_of,
        lessor_uscc
    FROM lease
    WHERE lessor_uscc <> ''
    GROUP BY as_of, lessor_uscc
    HAVING bool_or(is_state_owned) AND NOT bool_and(is_state_owned)
),

judged AS (
    SELECT
        lease.*,
        register.size_class,
        CASE
            WHEN register.size_class <> ALL(rule.tenant_sizes) THEN '承租方为大型企业'
            WHEN lease.free_months && lease.half_months THEN '免租与减半月份重叠'
            WHEN
                lease.is_state_owned
                AND (cardinality(lease.free_months) > rule.free_months OR cardinality(lease.half_months) > rule.half_months)
                THEN '超过两免三减'
            WHEN landlord.lessor_uscc IS NOT NULL THEN '出租方类型不一致'
        END AS reason
    FROM lease
    CROSS JOIN rule
    LEFT JOIN register ON lease.as_of = register.as_of AND lease.tenant_uscc = register.uscc
    LEFT JOIN landlord ON lease.as_of = landlord.as_of AND lease.lessor_uscc = landlord.lessor_uscc
    WHERE lease.relief_claimed > 0
)

SELECT
    as_of,
    lease_id,
    lessor_type,
    tenant_uscc,
    size_class,
    relief_claimed,
    reason,
    part_id,
    sheet,
    row_number
FROM judged
WHERE reason IS NOT NULL

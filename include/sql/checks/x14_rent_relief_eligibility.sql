-- description: |
--   State-owned landlords grant some months free and some at half, to tenants of the sizes that the rule of the district or the nation names.
--   More months than the widest of the rules that fit the lease and are known on the day would be two rules on top of each other: they do
--   not stack. No month is both free and half. A landlord is state-owned in all its leases or in
--   none.
--
-- check: X14
-- severity: error
-- keys: [as_of, lease_id]
-- partition_by: as_of
-- reads: [fact.enterprise, report.rent_relief, ref.policy_param]
-- touches: [S042, S043]
-- message: "房租减免有 {n_rows} 份租约不符合条件 | Leases with rent relief that are not eligible: {n_rows}"
-- otherwise: {column: relief_claimed, constant: 0}
-- said: [lessor_type, tenant_uscc, relief_claimed]
-- tells: [reason]
-- columns:
--   as_of: 截至 | The day
--   lease_id: 租约编号 | Lease
--   lessor_type: 出租方类型 | Kind of landlord
--   tenant_uscc: 承租方代码 | Credit code of the tenant
--   size_class: 承租方规模 | Size of the tenant by the register
--   relief_claimed: 减免金额(元) | Relief claimed, yuan
--   reason: 原因 | 承租方规模不符 tenant of a size that no rule is for, 免租与减半月份重叠 free and half in one month, 超过规定月数 more months than the rule gives, 出租方类型不一致 one landlord of two kinds
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
        day.as_of,
        version.policy_id,
        MIN(version.known_from) AS known_from,
        MAX(version.value_number) FILTER (WHERE version.param = 'free_months') AS free_months,
        MAX(version.value_number) FILTER (WHERE version.param = 'half_months') AS half_months,
        string_to_array(MAX(version.value) FILTER (WHERE version.param = 'lessor_types'), ';') AS lessor_types,
        MAX(version.size_classes) FILTER (WHERE version.param = 'tenant_kinds') AS tenant_sizes
    FROM (SELECT DISTINCT part.as_of FROM part) AS day
    INNER JOIN ref.param_version AS version ON day.as_of >= version.known_from AND day.as_of < version.known_to
    WHERE
        version.policy_id IN ('P23', 'P24')
        AND version.param IN ('free_months', 'half_months', 'lessor_types', 'tenant_kinds')
    GROUP BY day.as_of, version.policy_id
),

-- Landlords that some rule is for; before any rule was known, nobody's.
state_owned AS (
    SELECT DISTINCT
        rule.as_of,
        kind.lessor_type
    FROM rule
    CROSS JOIN unnest(rule.lessor_types) AS kind (lessor_type)
),

lease AS (
    SELECT
        part.as_of,
        line.lease_id,
        line.lessor_type,
        state_owned.lessor_type IS NOT NULL AS is_state_owned,
        line.lessor_uscc,
        line.tenant_uscc,
        line.relief_claimed,
        line.agreed_date,
        string_to_array(regexp_replace(COALESCE(line.free_months, ''), '[;、,,]', ';', 'g'), ';') AS free_months,
        string_to_array(regexp_replace(COALESCE(line.half_months, ''), '[;、,,]', ';', 'g'), ';') AS half_months,
        line.part_id,
        line.sheet,
        line.row_number
    FROM report.rent_relief AS line
    INNER JOIN part ON line.part_id = part.part_id
    LEFT JOIN state_owned ON part.as_of = state_owned.as_of AND line.lessor_type = state_owned.lessor_type
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

-- The national rule fits agreements made since it became known that let nothing off by half.
fitted AS (
    SELECT
        lease.as_of,
        lease.part_id,
        lease.sheet,
        lease.row_number,
        bool_and(COALESCE(register.size_class <> ALL(rule.tenant_sizes), false)) AS is_of_wrong_size,
        bool_and(
            COALESCE(cardinality(lease.free_months) > rule.free_months, false)
            OR COALESCE(cardinality(lease.half_months) > rule.half_months, false)
        ) AS is_beyond_rule,
        MAX(register.size_class) AS size_class
    FROM lease
    INNER JOIN rule
        ON
            lease.as_of = rule.as_of
            AND lease.lessor_type = ANY(rule.lessor_types)
            AND (rule.policy_id = 'P23' OR (cardinality(lease.half_months) = 0 AND lease.agreed_date >= rule.known_from))
    LEFT JOIN register ON lease.as_of = register.as_of AND lease.tenant_uscc = register.uscc
    GROUP BY lease.as_of, lease.part_id, lease.sheet, lease.row_number
),

judged AS (
    SELECT
        lease.*,
        fitted.size_class,
        CASE
            WHEN fitted.is_of_wrong_size THEN '承租方规模不符'
            WHEN lease.free_months && lease.half_months THEN '免租与减半月份重叠'
            WHEN fitted.is_beyond_rule THEN '超过规定月数'
            WHEN landlord.lessor_uscc IS NOT NULL THEN '出租方类型不一致'
        END AS reason
    FROM lease
    LEFT JOIN fitted
        ON
            lease.as_of = fitted.as_of
            AND lease.part_id = fitted.part_id
            AND lease.sheet = fitted.sheet
            AND lease.row_number = fitted.row_number
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

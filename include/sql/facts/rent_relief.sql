-- description: |
--   Leases and the rent let off: by the ledgers in force on each day, and by month by the ledger of the month. State-owned property follows
--   the rule of the district (some months free, some by half), from May 2020 also the national rule; a lease has one of them, and a second
--   agreement between the same parties does not stack. Villages, malls and other landlords let off what they agree on: it is claimed and
--   not computed. Months that have begun are to date, later ones are to come; a claim is spread over the months that it names. Which months
--   the district's rule means is open: the months of the lease count, as many as the rule grants, and an eligible lease that names no month
--   cannot be determined. The register of the day or month says how large a tenant is and in which industry; the kind that the lessor states
--   stands beside it and can only narrow. A tenant whom the national rule is not for has the district's. Where the register does not list the tenant, nothing can be determined. Where two senders list a lease, the row of the
--   sender ranked first counts.
--
-- writes: fact.rent_relief
-- grain: one row per as_of and lease in force, and per month let off and lease
-- reads: [ref.report_due, ref.policy_param, report.rent_relief, fact.enterprise, fact.firm_class]
-- columns:
--   as_of: 截至 | The day; empty in rows by month
--   period: 所属月份 | First day of the month let off; empty in rows by day
--   lease_id: 租约编号 | Lease
--   lessor_type: 出租方类型 | Kind of lessor
--   lessor_uscc: 出租方信用代码 | Lessor
--   uscc: 承租方信用代码 | Tenant; empty where unknown
--   policy_id: 政策编号 | P23 district, P24 national, RENT for what lessors agree to
--   benefit_class: "受益类别 | A: cost avoided"
--   is_lease: 租约数 | One lease
--   is_relieved: 已减免租约 | A lease with relief claimed
--   is_undetermined: 无法测算租约 | An eligible lease that names no month, or a lease whose tenant the register does not list
--   monthly_rent: 月租金(元) | Rent of a month, yuan
--   months: 减免月租数 | Months of rent let off, of the month or up to the day
--   computed: 测算减免(元) | By the rule, of the month or up to the day, yuan; empty where it cannot be computed
--   computed_as_stated: 按申报类别测算(元) | The same of the month or up to the day by the kind that the lessor states, yuan
--   computed_to_come: 测算待减免(元) | By the rule, of months after the day, yuan; empty where it cannot be computed, or the ledger is of an earlier year
--   claimed: 申报减免(元) | The claim's share for the month or up to the day, yuan
--   claimed_to_come: 申报待减免(元) | The rest of the claim, yuan; empty where the ledger is of an earlier year
--   is_first_relieved_line_of_tenant: 受益承租方 | The tenant's first line with relief claimed
--   is_base_known: 依据已报 | The months are named and the register lists the tenant, or no rule applies
--   class_stated: 申报类别 | Kind of tenant that the lessor states
--   class_registered: 名录类别 | Size in the register, and the division where the rule is for some industries; empty where it lists no such tenant
--   part_id: 部分 | Part
--   sheet: 工作表 | Sheet
--   row_number: 行号 | Line
WITH part AS MATERIALIZED (
    SELECT
        in_force.as_of,
        NULL::date AS period,
        '-infinity'::date AS after,
        in_force.as_of AS up_to,
        in_force.as_of AS known_on,
        date_trunc('year', in_force.report_date) = date_trunc('year', in_force.as_of) AS is_of_year,
        in_force.part_id,
        in_force.department_code
    FROM asof.part_in_force AS in_force
    WHERE in_force.table_name = 'rent_relief'
    UNION ALL
    SELECT
        NULL AS as_of,
        ledger.period,
        (ledger.period - INTERVAL '1 month')::date AS after,
        ledger.period AS up_to,
        (ledger.period + INTERVAL '1 month')::date - 1 AS known_on,
        true AS is_of_year,
        ledger.part_id,
        ledger.department_code
    FROM asof.ledger_of_month AS ledger
    WHERE
        ledger.table_name = 'rent_relief'
        AND ledger.period <= ledger.report_date
),

tenant AS MATERIALIZED (
    SELECT DISTINCT line.tenant_uscc AS uscc
    FROM report.rent_relief AS line
    WHERE line.part_id = ANY(ARRAY(SELECT part.part_id FROM part))
),

register AS MATERIALIZED (
    SELECT
        as_of,
        uscc,
        size_class,
        NULLIF(left(industry_code, 2), '') AS division
    FROM fact.enterprise
    WHERE
        is_counted
        AND uscc = ANY(ARRAY(SELECT tenant.uscc FROM tenant))
),

firm AS MATERIALIZED (
    SELECT
        uscc,
        first_month,
        last_month,
        size_class,
        NULLIF(left(industry_code, 2), '') AS division
    FROM fact.firm_class
),

line AS (
    SELECT
        part.as_of,
        part.period,
        part.after,
        part.up_to,
        part.is_of_year,
        CASE WHEN part.as_of IS NULL THEN GREATEST(part.known_on, line.agreed_date) ELSE part.known_on END AS known_on,
        line.*,
        COALESCE(line.relief_claimed, 0) AS claim,
        COALESCE(line.free_months, '') = '' AND COALESCE(line.half_months, '') = '' AS is_without_months,
        row_number() OVER (
            PARTITION BY part.as_of, part.period, line.lease_id
            ORDER BY COALESCE(sender.sender_rank, 99), line.part_id, line.row_number
        ) AS n_of_lease,
        COUNT(*) FILTER (WHERE line.relief_claimed > 0) OVER (
            PARTITION BY part.as_of, part.period, line.lessor_uscc, line.tenant_uscc
            ORDER BY line.agreed_date, line.lease_id
            ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
        ) AS n_reliefs_before
    FROM report.rent_relief AS line
    INNER JOIN part ON line.part_id = part.part_id
    LEFT JOIN ref.report_due AS sender ON sender.report = 'rent_relief' AND part.department_code = sender.department_code
    WHERE
        line.part_id = ANY(ARRAY(SELECT part.part_id FROM part))
        AND (part.as_of IS NULL OR COALESCE(line.agreed_date <= part.as_of, true))
),

-- The rules as known at the end of each day that is asked for.
rule AS MATERIALIZED (
    SELECT
        asked.known_on,
        version.policy_id,
        MIN(version.known_from) AS known_from,
        MAX(version.valid_from) AS valid_from,
        MIN(version.valid_to) AS valid_to,
        MAX(version.value_number) FILTER (WHERE version.param = 'free_months') AS max_free,
        MAX(version.value_number) FILTER (WHERE version.param = 'half_months') AS max_half,
        string_to_array(MAX(version.value) FILTER (WHERE version.param = 'lessor_types'), ';') AS lessor_types,
        string_to_array(MAX(version.value) FILTER (WHERE version.param = 'tenant_kinds'), ';') AS tenant_kinds,
        MAX(version.size_classes) FILTER (WHERE version.param = 'tenant_kinds') AS tenant_sizes,
        MAX(version.industries_included) FILTER (WHERE version.param = 'tenant_kinds') AS tenant_divisions
    FROM (SELECT DISTINCT line.known_on FROM line) AS asked
    INNER JOIN ref.param_version AS version ON asked.known_on >= version.known_from AND asked.known_on < version.known_to
    WHERE
        version.policy_id IN ('P23', 'P24')
        AND version.param IN ('free_months', 'half_months', 'lessor_types', 'tenant_kinds')
    GROUP BY asked.known_on, version.policy_id
),

-- The national rule applies to agreements made since it became known that let nothing off by half, with tenants whom it is for; else the
-- district's rule applies.
ruled AS (
    SELECT
        line.*,
        COALESCE(rule.policy_id, 'RENT') AS policy_id,
        rule.max_free IS NOT NULL AND rule.max_half IS NOT NULL AS is_by_rule,
        (
            COALESCE(line.tenant_kind = ANY(rule.tenant_kinds), false)
            AND NOT (rule.policy_id = 'P24' AND line.lessor_uscc <> '' AND line.tenant_uscc <> '' AND line.n_reliefs_before > 0)
        ) AS is_as_stated,
        COALESCE(register.size_class, firm.size_class) AS size_registered,
        COALESCE(register.division, firm.division) AS division_registered,
        rule.tenant_sizes,
        rule.tenant_divisions,
        rule.max_free,
        rule.max_half,
        GREATEST(line.lease_from, rule.valid_from) AS rule_from,
        LEAST(line.lease_to, rule.valid_to) AS rule_to,
        row_number() OVER (
            PARTITION BY line.as_of, line.period, line.part_id, line.sheet, line.row_number
            ORDER BY
                (
                    COALESCE(COALESCE(register.size_class, firm.size_class) <> ALL(rule.tenant_sizes), false)
                    OR COALESCE(COALESCE(register.division, firm.division) <> ALL(rule.tenant_divisions), false)
                ),
                rule.policy_id DESC
        ) AS n_of_rule
    FROM line
    LEFT JOIN rule
        ON
            line.known_on = rule.known_on
            AND line.lessor_type = ANY(rule.lessor_types)
            AND (rule.policy_id = 'P23' OR (COALESCE(line.half_months, '') = '' AND line.agreed_date >= rule.known_from))
    LEFT JOIN register ON line.as_of = register.as_of AND line.tenant_uscc = register.uscc
    LEFT JOIN firm ON line.tenant_uscc = firm.uscc AND line.period BETWEEN firm.first_month AND firm.last_month
    WHERE line.n_of_lease = 1
),

-- A tenant whose kind the lessor itself leaves out gets nothing, whatever the register says; else the size in the register decides.
judged AS (
    SELECT
        ruled.*,
        (
            ruled.is_as_stated
            AND COALESCE(ruled.size_registered = ANY(ruled.tenant_sizes), ruled.tenant_sizes IS NULL)
            AND COALESCE(ruled.division_registered = ANY(ruled.tenant_divisions), ruled.tenant_divisions IS NULL)
        ) AS is_eligible,
        (
            ruled.is_as_stated
            AND (
                (ruled.tenant_sizes IS NOT NULL AND ruled.size_registered IS NULL)
                OR (ruled.tenant_divisions IS NOT NULL AND ruled.division_registered IS NULL)
            )
        ) AS is_unlisted
    FROM ruled
    WHERE ruled.n_of_rule = 1
),

counted AS (
    SELECT
        judged.*,
        named.months_before,
        named.months_up_to,
        named.months_in_all,
        granted.months_up_to - granted.months_before AS granted_to_date,
        granted.months_in_all - granted.months_up_to AS granted_to_come
    FROM judged
    CROSS JOIN LATERAL ref.months_let_off(
        judged.free_months, judged.half_months, judged.lease_from, judged.lease_to, judged.after, judged.up_to, NULL, NULL
    ) AS named
    CROSS JOIN LATERAL ref.months_let_off(
        judged.free_months,
        judged.half_months,
        judged.rule_from,
        judged.rule_to,
        judged.after,
        judged.up_to,
        judged.max_free,
        judged.max_half
    ) AS granted
),

spread AS (
    SELECT
        counted.*,
        CASE
            WHEN counted.months_in_all > 0
                THEN round(counted.claim * counted.months_up_to / counted.months_in_all, 2)
                    - round(counted.claim * counted.months_before / counted.months_in_all, 2)
            WHEN counted.as_of IS NOT NULL OR date_trunc('month', counted.agreed_date)::date = counted.period THEN counted.claim
            ELSE 0
        END AS claimed
    FROM counted
)

SELECT
    spread.as_of,
    spread.period,
    spread.lease_id,
    spread.lessor_type,
    spread.lessor_uscc,
    spread.tenant_uscc AS uscc,
    spread.policy_id,
    'A' AS benefit_class,
    1 AS is_lease,
    spread.claim > 0 AS is_relieved,
    spread.is_by_rule AND (spread.is_unlisted OR (spread.is_eligible AND spread.is_without_months)) AS is_undetermined,
    spread.monthly_rent,
    spread.months_up_to - spread.months_before AS months,
    CASE
        WHEN spread.is_by_rule AND NOT spread.is_without_months AND NOT spread.is_unlisted
            THEN CASE WHEN spread.is_eligible THEN spread.monthly_rent * spread.granted_to_date ELSE 0 END
    END AS computed,
    CASE
        WHEN spread.is_by_rule AND NOT spread.is_without_months
            THEN CASE WHEN spread.is_as_stated THEN spread.monthly_rent * spread.granted_to_date ELSE 0 END
    END AS computed_as_stated,
    CASE
        WHEN spread.is_of_year AND spread.is_by_rule AND NOT spread.is_without_months AND NOT spread.is_unlisted
            THEN CASE WHEN spread.is_eligible THEN spread.monthly_rent * spread.granted_to_come ELSE 0 END
    END AS computed_to_come,
    spread.claimed,
    CASE
        WHEN spread.as_of IS NULL THEN 0
        WHEN spread.is_of_year THEN spread.claim - spread.claimed
    END AS claimed_to_come,
    (
        spread.claim > 0
        AND row_number() OVER (
            PARTITION BY
                spread.as_of,
                spread.period,
                COALESCE(NULLIF(spread.tenant_uscc, ''), spread.tenant_reg_no, spread.lease_id),
                spread.claim > 0
            ORDER BY spread.part_id, spread.row_number
        ) = 1
    ) AS is_first_relieved_line_of_tenant,
    NOT spread.is_by_rule OR (NOT spread.is_without_months AND NOT spread.is_unlisted) AS is_base_known,
    spread.tenant_kind AS class_stated,
    CASE
        WHEN spread.size_registered IS NOT NULL
            THEN concat_ws(' ', spread.size_registered, CASE WHEN spread.tenant_divisions IS NOT NULL THEN spread.division_registered END)
    END AS class_registered,
    spread.part_id,
    spread.sheet,
    spread.row_number
FROM spread
WHERE
    spread.as_of IS NOT NULL
    OR spread.months_up_to > spread.months_before
    OR spread.claimed <> 0

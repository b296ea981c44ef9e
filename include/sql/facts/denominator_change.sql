-- description: |
--   How each member of a scope entered the denominator, left it, or was exempted from it since the day before. Ask for a day together with
--   the day before (`lookback_days: [1]` in a mart): a day alone has nobody before it. A member that enters exempt is an entry and a new
--   exemption; an exempt member that leaves is an exit and an expired exemption. Each row names the line that says so: the exemption, else
--   the line of the list or register.
--
-- writes: fact.denominator_change
-- grain: one row per as_of, scope and entity that is a member on the day or was one on the day before
-- reads: [fact.project, fact.resumption]
-- columns:
--   as_of: 截至 | The day
--   scope: 调度范围 | industry, service, trade, site or key_project
--   entity: 调度对象 | Credit code, number of the site, or project code
--   opening: 期初 | In the denominator on the day before
--   entries: 新进 | Members now and not on the day before
--   exits: 退出 | Members on the day before and not now
--   new_exempt: 新增不纳入 | Exempt now and not on the day before
--   expired_exempt: 不纳入到期 | Exempt on the day before and not now
--   closing: 期末 | In the denominator on the day
--   exempt_code: 不纳入原因 | Reason of the exemption that began, holds or ended
--   part_id: 部分 | Part
--   sheet: 工作表 | Sheet
--   row_number: 行号 | Line
WITH day AS MATERIALIZED (
    SELECT as_of
    FROM asof.day
),

line AS MATERIALIZED (
    SELECT
        as_of,
        scope,
        entity,
        is_registered AS is_member,
        is_exempt,
        exempt_code,
        part_id,
        sheet,
        row_number
    FROM fact.resumption
    WHERE
        line_kind <> 'power'
        AND (is_registered OR is_exempt)
    UNION ALL
    SELECT
        as_of,
        'key_project' AS scope,
        project_code AS entity,
        true AS is_member,
        is_exempt,
        exempt_code,
        part_id,
        sheet,
        row_number
    FROM fact.project
    WHERE is_prov_city
),

-- The first line that makes an entity a member, and the first that exempts it.
state AS MATERIALIZED (
    SELECT
        as_of,
        scope,
        entity,
        SUM(is_member::integer) AS members,
        SUM(is_exempt::integer) AS exempt,
        MAX(exempt_code) FILTER (WHERE is_exempt) AS exempt_code,
        (array_agg(part_id ORDER BY part_id, sheet, row_number) FILTER (WHERE is_member))[1] AS part_id,
        (array_agg(sheet ORDER BY part_id, sheet, row_number) FILTER (WHERE is_member))[1] AS sheet,
        (array_agg(row_number ORDER BY part_id, sheet, row_number) FILTER (WHERE is_member))[1] AS row_number,
        (array_agg(part_id ORDER BY part_id, sheet, row_number) FILTER (WHERE is_exempt))[1] AS exempt_part_id,
        (array_agg(sheet ORDER BY part_id, sheet, row_number) FILTER (WHERE is_exempt))[1] AS exempt_sheet,
        (array_agg(row_number ORDER BY part_id, sheet, row_number) FILTER (WHERE is_exempt))[1] AS exempt_row_number
    FROM line
    GROUP BY as_of, scope, entity
),

shifted AS (
    SELECT
        as_of + 1 AS as_of,
        scope,
        entity,
        members,
        exempt,
        exempt_code,
        part_id,
        sheet,
        row_number,
        exempt_part_id,
        exempt_sheet,
        exempt_row_number
    FROM state
),

beside AS (
    SELECT
        COALESCE(today.as_of, yesterday.as_of) AS as_of,
        COALESCE(today.scope, yesterday.scope) AS scope,
        COALESCE(today.entity, yesterday.entity) AS entity,
        COALESCE(yesterday.members, 0) AS members_before,
        COALESCE(today.members, 0) AS members_now,
        COALESCE(yesterday.exempt, 0) AS exempt_before,
        COALESCE(today.exempt, 0) AS exempt_now,
        COALESCE(today.exempt_code, yesterday.exempt_code) AS exempt_code,
        COALESCE(
            CASE WHEN today.exempt > COALESCE(yesterday.exempt, 0) THEN today.exempt_part_id END,
            CASE WHEN yesterday.exempt > COALESCE(today.exempt, 0) THEN yesterday.exempt_part_id END,
            today.part_id,
            yesterday.part_id
        ) AS part_id,
        COALESCE(
            CASE WHEN today.exempt > COALESCE(yesterday.exempt, 0) THEN today.exempt_sheet END,
            CASE WHEN yesterday.exempt > COALESCE(today.exempt, 0) THEN yesterday.exempt_sheet END,
            today.sheet,
            yesterday.sheet
        ) AS sheet,
        COALESCE(
            CASE WHEN today.exempt > COALESCE(yesterday.exempt, 0) THEN today.exempt_row_number END,
            CASE WHEN yesterday.exempt > COALESCE(today.exempt, 0) THEN yesterday.exempt_row_number END,
            today.row_number,
            yesterday.row_number
        ) AS row_number
    FROM state AS today
    FULL JOIN shifted AS yesterday
        ON
            today.as_of = yesterday.as_of
            AND today.scope = yesterday.scope
            AND today.entity = yesterday.entity
)

SELECT
    beside.as_of,
    beside.scope,
    beside.entity,
    beside.members_before - beside.exempt_before AS opening,
    GREATEST(beside.members_now - beside.members_before, 0) AS entries,
    GREATEST(beside.members_before - beside.members_now, 0) AS exits,
    GREATEST(beside.exempt_now - beside.exempt_before, 0) AS new_exempt,
    GREATEST(beside.exempt_before - beside.exempt_now, 0) AS expired_exempt,
    beside.members_now - beside.exempt_now AS closing,
    beside.exempt_code,
    beside.part_id,
    beside.sheet,
    beside.row_number
FROM beside
INNER JOIN day ON beside.as_of = day.as_of

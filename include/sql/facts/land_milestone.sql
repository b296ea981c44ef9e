-- description: |
--   Milestones of land contracts, with the days of the epidemic that do not count as delay: the ledger in force on each day.
--
-- writes: fact.land_milestone
-- grain: one row per as_of and line of the ledger in force
-- reads: [report.land_milestone, fact.land_parcel]
-- columns:
--   as_of: 截至 | The day
--   use: 用途 | Use of the parcel of the contract
--   contract_no: 合同号 | Contract
--   milestone: 节点 | Handed over, begun or completed
--   exempt_days: 不计违约天数 | Days not counted, up to the day
--   is_first_exempt_line_of_contract: 不计违约合同 | The contract's first milestone with such days
--   part_id: 部分 | Part
--   sheet: 工作表 | Sheet
--   row_number: 行号 | Line
WITH part AS MATERIALIZED (
    SELECT
        as_of,
        part_id
    FROM asof.part_in_force
    WHERE table_name = 'land_milestone'
),

parcel AS MATERIALIZED (
    SELECT
        as_of,
        contract_no,
        MIN(use) AS use
    FROM fact.land_parcel
    WHERE contract_no IS NOT NULL
    GROUP BY as_of, contract_no
),

line AS (
    SELECT
        part.as_of,
        COALESCE(parcel.use, '其他') AS use,
        line.contract_no,
        line.milestone,
        CASE
            WHEN line.exempt_from <= part.as_of
                THEN GREATEST(LEAST(COALESCE(line.exempt_to, part.as_of), part.as_of) - line.exempt_from + 1, 0)
            ELSE 0
        END AS exempt_days,
        line.part_id,
        line.sheet,
        line.row_number
    FROM report.land_milestone AS line
    INNER JOIN part ON line.part_id = part.part_id
    LEFT JOIN parcel ON part.as_of = parcel.as_of AND line.contract_no = parcel.contract_no
    WHERE line.part_id = ANY(ARRAY(SELECT part.part_id FROM part))
)

SELECT
    line.as_of,
    line.use,
    line.contract_no,
    line.milestone,
    line.exempt_days,
    (
        line.exempt_days > 0
        AND row_number() OVER (
            PARTITION BY line.as_of, line.contract_no, line.exempt_days > 0 ORDER BY line.part_id, line.row_number
        ) = 1
    ) AS is_first_exempt_line_of_contract,
    line.part_id,
    line.sheet,
    line.row_number
FROM line

-- description: A contract that became a key project carries the same amount in both lists. Amounts that stand for several deals together cannot be compared.
--
-- check: X20
-- severity: warning
-- keys: [as_of, deal_id]
-- partition_by: as_of
-- reads: [report.investment_deal, report.project]
-- touches: [S064, S072, S073]
-- message: "有 {n_rows} 个正式合同项目与重点项目的总投资不一致 | Contracts whose total investment differs from that of the key project that they became: {n_rows}"
-- otherwise: {column: total_investment, value: project_investment}
-- said: [project_code, deal_investment]
-- columns:
--   as_of: 截至 | The day
--   deal_id: 协议编号 | Deal
--   project_code: 项目代码 | Key project
--   deal_investment: 签约总投资(元) | Total investment by the deal, yuan
--   project_investment: 项目总投资(元) | Total investment by the list of projects, yuan
--   part_id: 部分 | Part
--   sheet: 工作表 | Sheet
--   row_number: 行号 | Line
WITH part AS MATERIALIZED (
    SELECT
        as_of,
        table_name,
        part_id
    FROM asof.part_in_force
    WHERE table_name IN ('investment_deal', 'project')
),

project AS MATERIALIZED (
    SELECT
        part.as_of,
        line.project_code,
        MAX(line.total_investment) AS total_investment
    FROM report.project AS line
    INNER JOIN part ON line.part_id = part.part_id
    WHERE line.part_id = ANY(ARRAY(SELECT part.part_id FROM part WHERE part.table_name = 'project'))
    GROUP BY part.as_of, line.project_code
)

SELECT
    part.as_of,
    line.deal_id,
    line.project_code,
    line.total_investment AS deal_investment,
    project.total_investment AS project_investment,
    line.part_id,
    line.sheet,
    line.row_number
FROM report.investment_deal AS line
INNER JOIN part ON line.part_id = part.part_id
INNER JOIN project ON part.as_of = project.as_of AND line.project_code = project.project_code
WHERE
    line.part_id = ANY(ARRAY(SELECT part.part_id FROM part WHERE part.table_name = 'investment_deal'))
    AND line.kind = '正式合同'
    AND COALESCE(line.amount_scope, 'OWN') = 'OWN'
    AND NOT ref.is_close(line.total_investment, project.total_investment)
    AND part.as_of = ANY(:days)

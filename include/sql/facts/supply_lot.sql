-- description: Supplies procured with the district's help, lot by lot.
--
-- writes: fact.supply_lot
-- grain: one row per lot of the parts that hold the days asked for or earlier ones
-- reads: [report.supply_lot]
-- columns:
--   business_date: 业务日 | Day of arrival
--   report_date: 统计日 | Report date of the part
--   lot_id: 批次号 | Lot
--   item: 品名 | Kind of supplies
--   qty_unit: 计量单位 | Unit of the quantity
--   purpose: 用途 | Whom it is for
--   qty: 数量 | Quantity
--   cost: 金额(元) | Quantity × price, yuan; 0 where no price is given
--   part_id: 部分 | Part
--   sheet: 工作表 | Sheet
--   row_number: 行号 | Line
WITH part AS MATERIALIZED (
    SELECT
        part_id,
        report_date
    FROM asof.part
    WHERE table_name = 'supply_lot'
)

SELECT
    line.arrived_date AS business_date,
    part.report_date,
    line.lot_id,
    line.item,
    line.qty_unit,
    COALESCE(line.purpose, '企业') AS purpose,
    line.qty,
    COALESCE(line.qty * line.unit_price, 0) AS cost,
    line.part_id,
    line.sheet,
    line.row_number
FROM report.supply_lot AS line
INNER JOIN part ON line.part_id = part.part_id
WHERE line.part_id = ANY(ARRAY(SELECT part.part_id FROM part))

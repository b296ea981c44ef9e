-- description: Masks in store, store by store.
--
-- writes: fact.mask_stock
-- grain: one row per as_of and store
-- reads: [report.mask_stock]
-- columns:
--   as_of: 截至 | The day
--   store: 仓库 | Store
--   kind: 仓库类别 | Whose store it is
--   n_masks: 库存数量(只) | Masks in store
--   part_id: 部分 | Part
--   sheet: 工作表 | Sheet
--   row_number: 行号 | Line
WITH part AS MATERIALIZED (
    SELECT
        as_of,
        part_id
    FROM asof.part_in_force
    WHERE table_name = 'mask_stock'
)

SELECT
    part.as_of,
    line.store,
    line.kind,
    line.n_masks,
    line.part_id,
    line.sheet,
    line.row_number
FROM report.mask_stock AS line
INNER JOIN part ON line.part_id = part.part_id
WHERE line.part_id = ANY(ARRAY(SELECT part.part_id FROM part))

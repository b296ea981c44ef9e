-- description: A store holds at least a thousand masks.
--
-- check: X90
-- severity: review
-- keys: [as_of, store]
-- partition_by: as_of
-- reads: [fact.mask_stock]
-- touches: [S901]
-- message: 有 {n_rows} 处仓库的口罩不足一千只 | {n_rows} stores hold fewer than a thousand masks
-- columns:
--   as_of: 截至 | The day
--   store: 仓库 | Store
--   n_masks: 库存数量(只) | Masks in store
--   part_id: 部分 | Part
--   sheet: 工作表 | Sheet
--   row_number: 行号 | Line
SELECT
    as_of,
    store,
    n_masks,
    part_id,
    sheet,
    row_number
FROM fact.mask_stock
WHERE as_of = ANY(:days) AND n_masks < 1000

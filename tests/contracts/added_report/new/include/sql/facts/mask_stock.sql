-- Masks in store, store by store.
--
-- view    fact.mask_stock
-- grain   one row per as_of and store
-- reads   report.mask_stock
-- column  as_of  截至 | The day
-- column  store  仓库 | Store
-- column  kind  仓库类别 | Whose store it is
-- column  n_masks  库存数量(只) | Masks in store
-- column  part_id  部分 | Part
-- column  sheet  工作表 | Sheet
-- column  row_number  行号 | Line
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

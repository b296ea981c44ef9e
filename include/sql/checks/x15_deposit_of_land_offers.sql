-- description: The deposit of an auction is at least the lowest share of the rule, and it is that share of the lowest price.
--
-- check: X15
-- severity: error
-- keys: [as_of, parcel_no]
-- partition_by: as_of
-- reads: [report.land_parcel, ref.policy_param]
-- touches: [S037]
-- message: "有 {n_rows} 宗地的竞买保证金低于下限或与比例不符 | Parcels whose deposit is below the lowest share, or is not the share that is told: {n_rows}"
-- said: [deposit, deposit_ratio, lowest_price]
-- tells: [ratio_min, reason]
-- columns:
--   as_of: 截至 | The day
--   parcel_no: 宗地编号 | Parcel
--   deposit: 竞买保证金(元) | Deposit, yuan
--   deposit_ratio: 保证金比例 | Share that the list gives
--   lowest_price: 最低价(元) | Lowest price, else starting price, yuan
--   ratio_min: 比例下限 | Lowest share of the rule
--   reason: 原因 | 低于下限 below the lowest share, 与比例不符 not that share
--   part_id: 部分 | Part
--   sheet: 工作表 | Sheet
--   row_number: 行号 | Line
WITH part AS MATERIALIZED (
    SELECT
        as_of,
        part_id
    FROM asof.part_in_force
    WHERE table_name = 'land_parcel'
),

parcel AS (
    SELECT
        part.as_of,
        line.parcel_no,
        line.deposit,
        line.deposit_ratio,
        COALESCE(line.floor_price, line.start_price) AS lowest_price,
        line.part_id,
        line.sheet,
        line.row_number
    FROM report.land_parcel AS line
    INNER JOIN part ON line.part_id = part.part_id
    WHERE
        line.part_id = ANY(ARRAY(SELECT part.part_id FROM part))
        AND line.supply_mode IN ('拍卖', '挂牌', '招标')
        AND part.as_of = ANY(:days)
),

judged AS (
    SELECT
        parcel.*,
        rule.value_number AS ratio_min,
        CASE
            WHEN COALESCE(parcel.deposit_ratio, parcel.deposit / NULLIF(parcel.lowest_price, 0)) < rule.value_number THEN '低于下限'
            WHEN NOT ref.is_close(parcel.deposit, parcel.deposit_ratio * parcel.lowest_price) THEN '与比例不符'
        END AS reason
    FROM parcel
    LEFT JOIN ref.param_version AS rule
        ON
            rule.policy_id = 'P25'
            AND rule.param = 'deposit_ratio_min'
            AND parcel.as_of BETWEEN rule.valid_from AND rule.valid_to
            AND rule.known_from <= parcel.as_of
            AND rule.known_to > parcel.as_of
)

SELECT
    as_of,
    parcel_no,
    deposit,
    deposit_ratio,
    lowest_price,
    ratio_min,
    reason,
    part_id,
    sheet,
    row_number
FROM judged
WHERE reason IS NOT NULL

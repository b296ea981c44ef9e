-- description: |
--   Parcels of land that were supplied or offered, with the deposit: the ledger in force on each day. A ledger of an earlier month, or year,
--   says nothing about what was supplied in the month, or year, of the day.
--
-- writes: fact.land_parcel
-- grain: one row per as_of and line of the ledger in force
-- reads: [report.land_parcel]
-- columns:
--   as_of: 截至 | The day
--   use: 用途 | Use of the land
--   parcel_no: 宗地编号 | Parcel
--   contract_no: 合同号 | Contract
--   supplied_mtd_mu: 当月供应面积(亩) | Supplied in the month of the day, up to it, mu; empty in a ledger of an earlier month
--   supplied_ytd_mu: 当年供应面积(亩) | Supplied in the year of the day, up to it, mu; empty in a ledger of an earlier year
--   is_auction: 公开出让 | Offered by auction, listing or tender up to the day
--   offered_deposit_ratio: 竞买保证金比例 | Deposit of a parcel so offered, over its lowest price; as given, else computed
--   is_without_deposit: 未填保证金 | So offered, and neither the ratio nor the deposit and the lowest price are given
--   part_id: 部分 | Part
--   sheet: 工作表 | Sheet
--   row_number: 行号 | Line
WITH part AS MATERIALIZED (
    SELECT
        as_of,
        report_date,
        part_id
    FROM asof.part_in_force
    WHERE table_name = 'land_parcel'
),

parcel AS (
    SELECT
        part.as_of,
        part.report_date >= date_trunc('month', part.as_of)::date AS is_of_month,
        part.report_date >= date_trunc('year', part.as_of)::date AS is_of_year,
        line.*,
        COALESCE(line.supply_date BETWEEN date_trunc('month', part.as_of)::date AND part.as_of, false) AS is_supplied_mtd,
        COALESCE(line.supply_date BETWEEN date_trunc('year', part.as_of)::date AND part.as_of, false) AS is_supplied_ytd,
        COALESCE(line.supply_mode IN ('拍卖', '挂牌', '招标') AND line.notice_date <= part.as_of, false) AS is_auction,
        COALESCE(line.deposit_ratio, line.deposit / NULLIF(COALESCE(line.floor_price, line.start_price), 0)) AS stated_deposit_ratio
    FROM report.land_parcel AS line
    INNER JOIN part ON line.part_id = part.part_id
    WHERE line.part_id = ANY(ARRAY(SELECT part.part_id FROM part))
)

SELECT
    parcel.as_of,
    COALESCE(parcel.use, '其他') AS use,
    parcel.parcel_no,
    parcel.contract_no,
    CASE WHEN parcel.is_of_month THEN CASE WHEN parcel.is_supplied_mtd THEN parcel.area_mu ELSE 0 END END AS supplied_mtd_mu,
    CASE WHEN parcel.is_of_year THEN CASE WHEN parcel.is_supplied_ytd THEN parcel.area_mu ELSE 0 END END AS supplied_ytd_mu,
    parcel.is_auction,
    CASE WHEN parcel.is_auction THEN parcel.stated_deposit_ratio END AS offered_deposit_ratio,
    (parcel.is_auction AND parcel.stated_deposit_ratio IS NULL) AS is_without_deposit,
    parcel.part_id,
    parcel.sheet,
    parcel.row_number
FROM parcel

-- description: |
--   Water let off by the day of the reading. It holds the same lines as fee_reduction_daily without those of other reports, so that the
--   coverage beside the figure is that of the water bills alone. Rows count from report_date, as there.
--
-- title: 水费减免逐日 | Water relief day by day
-- writes: mart.water_relief_flow
-- grain: one row per business_date, report_date
-- keys: [business_date, report_date]
-- partition_by: business_date
-- reads: [fact.relief_water]
-- serves: S049
-- sums:
--   volume_m3: fact.relief_water.base_qty
--   computed: fact.relief_water.computed
--   computed_matched: fact.relief_water.computed_matched
--   computed_unmatched: fact.relief_water.computed_unmatched
--   claimed: fact.relief_water.claimed
-- columns:
--   business_date: 业务日 | End of the reading
--   report_date: "计入日 | Day from which the row counts: the report date, or the later day on which the rule became known"
--   volume_m3: 符合条件用量(立方米) | Eligible volume, m³
--   computed: 测算减免水费(元) | Eligible volume × price cut, yuan
--   computed_matched: 测算相符金额(元) | The same, of bills whose claim agrees
--   computed_unmatched: 测算不符金额(元) | The same, of bills whose claim does not agree
--   claimed: 申报减免水费(元) | Let off by the company's account, yuan
--   diff: 差额(元) | Claimed minus computed, yuan
--   n_enterprises: 企业数 | Firms with a claim in this cell; not to be added up
WITH part AS MATERIALIZED (
    SELECT part_id
    FROM asof.part_holding
    WHERE table_name = 'water_bill'
),

-- The filter by day stands below: beside the filter by part it would make the planner expect too few rows.
relief_water AS MATERIALIZED (
    SELECT
        business_date,
        report_date,
        uscc,
        base_qty,
        computed,
        computed_matched,
        computed_unmatched,
        claimed
    FROM fact.relief_water
    WHERE part_id = ANY(ARRAY(SELECT part.part_id FROM part))
),

water_relief_flow AS (
    SELECT
        business_date,
        report_date,
        SUM(base_qty) AS volume_m3,
        SUM(computed) AS computed,
        SUM(computed_matched) AS computed_matched,
        SUM(computed_unmatched) AS computed_unmatched,
        SUM(claimed) AS claimed,
        SUM(claimed) - SUM(computed) AS diff,
        COUNT(DISTINCT CASE WHEN claimed <> 0 THEN uscc END) AS n_enterprises
    FROM relief_water
    WHERE business_date = ANY(:days)
    GROUP BY business_date, report_date
)

SELECT
    business_date,
    report_date,
    volume_m3,
    computed,
    computed_matched,
    computed_unmatched,
    claimed,
    diff,
    n_enterprises
FROM water_relief_flow

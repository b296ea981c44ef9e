CREATE OR REPLACE VIEW mart.check_result AS
WITH seen AS (
    SELECT
        check_row.check_id,
        check_row.row_key,
        MIN(check_row.seen_on) OVER (PARTITION BY check_row.check_id, check_row.row_key) AS first_day,
        MAX(check_row.seen_on) OVER (PARTITION BY check_row.check_id, check_row.row_key) AS last_day,
        COUNT(*) OVER (PARTITION BY check_row.check_id, check_row.row_key) AS n_days,
        check_row.department_code,
        check_row.part_id,
        check_row.sheet,
        check_row.row_number,
        check_row.details,
        row_number() OVER (
            PARTITION BY check_row.check_id, check_row.row_key ORDER BY check_row.seen_on DESC, check_row.day DESC
        ) AS newest
    FROM mart.check_row
)

SELECT
    seen.check_id,
    seen.row_key,
    seen.first_day,
    seen.last_day,
    seen.n_days,
    seen.department_code,
    seen.part_id,
    seen.sheet,
    seen.row_number,
    seen.details
FROM seen
WHERE seen.newest = 1;

COMMENT ON VIEW mart.check_result IS '核对结果:每个对象首次、最近一次发现 | Each contradiction with the first and the last day it was seen';
COMMENT ON COLUMN mart.check_result.check_id IS '核对编号 | Check, such as X03';
COMMENT ON COLUMN mart.check_result.row_key IS '对象 | What the row is about';
COMMENT ON COLUMN mart.check_result.first_day IS '首次发现 | First day seen';
COMMENT ON COLUMN mart.check_result.last_day IS '最近发现 | Last day seen';
COMMENT ON COLUMN mart.check_result.n_days IS '发现天数 | Days on which it was seen';
COMMENT ON COLUMN mart.check_result.department_code IS '报送部门 | Department whose line it is';
COMMENT ON COLUMN mart.check_result.part_id IS '部分编号 | Part of the line, on the last day';
COMMENT ON COLUMN mart.check_result.sheet IS '工作表 | Sheet';
COMMENT ON COLUMN mart.check_result.row_number IS '行号 | Line';
COMMENT ON COLUMN mart.check_result.details IS '详情 | What is on either side, on the last day';

-- description: |
--   The pace is that of the last 28 days. A department that finished nothing in them has no forecast: at that pace it never ends.
--
-- number: 11
-- question: 按目前速度,应办手续能否在期限前全部办结?未办结的在哪个部门? | Will all approvals be finished by the deadline at the present pace? Which department holds the open ones?
-- role: analyst
-- parameters:
--   as_of: {label: 截至 | The day}
-- reads: [open.approval]
-- codes: {dimension: [dimension], procedure: [all, procedure], dept: [all, department]}
-- secondary: [dimension, n_total]
-- columns:
--   dimension: 维度 | total, or procedure by department
--   procedure: 手续 | ALL, or the procedure
--   dept: 办理部门 | ALL, or the department
--   n_total: 应办手续 | Needed
--   n_done: 已办结手续 | Done
--   n_open: 未办结手续 | Open
--   days_to_deadline: 距期限天数 | Days left
--   required_per_week: 需每周办结 | Open ones per week left
--   done_per_week: 近28天每周办结 | Done per week, of the last 28 days
--   forecast_date: 按目前速度办结日 | Day of the last one at this pace
--   is_in_time: 能否按期 | Whether that is by the deadline
SELECT
    dimension,
    procedure,
    dept,
    n_total,
    n_done,
    n_open,
    days_to_deadline,
    required_per_week,
    n_done_28_days / 4.0 AS done_per_week,
    forecast_date,
    COALESCE(n_open = 0 OR forecast_date <= :as_of + days_to_deadline, false) AS is_in_time
FROM open.approval
WHERE
    as_of = :as_of
    AND (dimension = 'total' OR n_open > 0)
ORDER BY dimension DESC, n_open DESC, procedure ASC, dept ASC

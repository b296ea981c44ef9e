-- What was chased: one row per report that was due and had not come, kept after it has.
CREATE TABLE IF NOT EXISTS intake.reminder (
    department_code text NOT NULL,
    report text NOT NULL,
    report_date date NOT NULL,
    due_at timestamptz NOT NULL,
    first_reminded_at timestamptz NOT NULL,
    last_reminded_at timestamptz NOT NULL,
    ended_at timestamptz,
    PRIMARY KEY (department_code, report, report_date)
);

COMMENT ON TABLE intake.reminder IS '催报:到期未收到的报表 | Reports that were due and had not come';
COMMENT ON COLUMN intake.reminder.department_code IS '报送部门 | Department that owes it';
COMMENT ON COLUMN intake.reminder.report IS '报表 | Report, e.g. R04';
COMMENT ON COLUMN intake.reminder.report_date IS '统计日 | Report date; last day of the period for weekly and monthly reports';
COMMENT ON COLUMN intake.reminder.due_at IS '应报时间 | When it was due';
COMMENT ON COLUMN intake.reminder.first_reminded_at IS '首次催报时间 | When it was first chased';
COMMENT ON COLUMN intake.reminder.last_reminded_at IS '最近催报时间 | When it was last chased';
COMMENT ON COLUMN intake.reminder.ended_at IS '催报结束时间:已收到,或已过催报期 | When it had come, or was no longer chased';

-- Two settings move the views of asof and fact:
--   fugong.known_at   the moment of knowledge; unset or empty means now (everything loaded)
--   fugong.days       the requested days, as a date array literal such as {2020-03-18}; unset or empty means every day reported on
CREATE OR REPLACE FUNCTION intake.known_at() RETURNS timestamptz
LANGUAGE sql STABLE
RETURN COALESCE(NULLIF(current_setting('fugong.known_at', true), '')::timestamptz, 'infinity'::timestamptz);

COMMENT ON FUNCTION intake.known_at() IS '知悉时点(会话设置 fugong.known_at) | The moment of knowledge of this session';

-- How many calendar days a snapshot is carried to days without a report. Intake marks the same days stale.
CREATE OR REPLACE FUNCTION intake.carry_days() RETURNS integer
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN 3;

COMMENT ON FUNCTION intake.carry_days() IS '快照最多沿用的天数 | Calendar days that a snapshot is carried at most';

-- How many calendar days back a sender's last list says whose rows it is still to send. Intake marks these days stale until its next one.
CREATE OR REPLACE FUNCTION intake.list_days() RETURNS integer
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN 31;

COMMENT ON FUNCTION intake.list_days() IS '未报时按多少天内的最近一份名单算应报 | Calendar days for which a last list says whose rows are still to come';

CREATE OR REPLACE VIEW asof.part AS
SELECT
    part.part_id,
    part.submission_id,
    part.department_code,
    part.table_name,
    part.sheet,
    part.unit,
    part.report_date,
    part.mode,
    part.kind,
    part.version,
    part.business_from,
    part.business_to,
    part.settled_serial,
    part.settled_at,
    part.rows_accepted,
    part.repairs_part
FROM intake.part
WHERE
    part.kind <> 'withdrawal'
    AND part.settled_at <= intake.known_at()
    AND (part.superseded_at IS NULL OR part.superseded_at > intake.known_at());

COMMENT ON VIEW asof.part IS '有效的部分 | The parts that count at the moment of knowledge';

CREATE OR REPLACE VIEW asof.day AS
SELECT day::date AS as_of
FROM unnest(NULLIF(current_setting('fugong.days', true), '')::date[]) AS day
UNION ALL
SELECT day::date AS as_of
FROM generate_series(
    (SELECT MIN(report_date) FROM asof.part),
    (SELECT MAX(report_date) FROM asof.part),
    INTERVAL '1 day'
) AS day
WHERE NULLIF(current_setting('fugong.days', true), '') IS NULL;

COMMENT ON VIEW asof.day IS '统计截止日(会话设置 fugong.days) | The days requested in this session';

-- The part in force for each table, unit and day. Snapshots are carried at most intake.carry_days() days, ledgers until the next one.
-- A repair adds its rows to the part that it repairs.
CREATE OR REPLACE VIEW asof.part_in_force AS
WITH base AS (
    SELECT
        day.as_of,
        reporting_unit.table_name,
        reporting_unit.unit,
        latest.part_id,
        latest.report_date,
        latest.mode,
        (latest.mode = 'snapshot' AND latest.report_date < day.as_of) AS is_carried,
        day.as_of - latest.report_date AS age_days,
        latest.department_code
    FROM asof.day AS day
    CROSS JOIN intake.reporting_unit AS reporting_unit
    CROSS JOIN LATERAL (
        SELECT part.part_id, part.report_date, part.mode, part.department_code
        FROM asof.part AS part
        WHERE
            part.table_name = reporting_unit.table_name
            AND part.unit = reporting_unit.unit
            AND part.report_date <= day.as_of
            AND part.kind = 'data'
        ORDER BY part.report_date DESC
        LIMIT 1
    ) AS latest
    WHERE latest.mode = 'ledger' OR (latest.mode = 'snapshot' AND latest.report_date >= day.as_of - intake.carry_days())
)

SELECT
    base.as_of,
    base.table_name,
    base.unit,
    base.part_id,
    base.report_date,
    base.mode,
    base.is_carried,
    base.age_days,
    base.department_code
FROM base
UNION ALL
SELECT
    base.as_of,
    base.table_name,
    base.unit,
    repair.part_id,
    base.report_date,
    base.mode,
    base.is_carried,
    base.age_days,
    repair.department_code
FROM base
INNER JOIN asof.part AS repair ON base.part_id = repair.repairs_part;

COMMENT ON VIEW asof.part_in_force IS '某日生效的部分 | The parts in force on each requested day, snapshots and ledgers';

-- Increments: the parts that may hold rows of the requested days (all parts if no days are requested).
CREATE OR REPLACE VIEW asof.part_holding AS
SELECT
    part.table_name,
    part.unit,
    part.part_id,
    part.report_date
FROM asof.part AS part
WHERE
    part.mode = 'increment'
    -- The index narrows first: few of the parts of years reach up to the days.
    AND part.business_to >= COALESCE(
        (SELECT MIN(day) FROM unnest(NULLIF(current_setting('fugong.days', true), '')::date[]) AS day), '-infinity'::date
    )
    AND (
        NULLIF(current_setting('fugong.days', true), '') IS NULL
        OR EXISTS (
            SELECT FROM unnest(NULLIF(current_setting('fugong.days', true), '')::date[]) AS day
            WHERE day BETWEEN part.business_from AND part.business_to
        )
    );

COMMENT ON VIEW asof.part_holding IS '含所问日期业务的增量部分 | Increment parts that may hold rows of the requested days';

-- The ledger that describes a month: the one in force at the end of the following month, or the first one after that if there was none
-- yet. A month is final once the following month has ended. Requested are the months of the days, and the months before and after them.
CREATE OR REPLACE VIEW asof.ledger_of_month AS
WITH month AS (
    SELECT DISTINCT (date_trunc('month', day.as_of) + shift.months)::date AS period
    FROM asof.day AS day
    CROSS JOIN (VALUES (INTERVAL '-1 month'), (INTERVAL '0 month'), (INTERVAL '1 month')) AS shift (months)
),

ledger AS NOT MATERIALIZED (
    SELECT
        month.period,
        reporting_unit.table_name,
        reporting_unit.unit,
        COALESCE(latest.part_id, earliest.part_id) AS part_id,
        COALESCE(latest.report_date, earliest.report_date) AS report_date,
        COALESCE(latest.department_code, earliest.department_code) AS department_code
    FROM month
    CROSS JOIN intake.reporting_unit AS reporting_unit
    CROSS JOIN LATERAL (
        SELECT part.part_id, part.report_date, part.department_code
        FROM asof.part AS part
        WHERE
            part.table_name = reporting_unit.table_name
            AND part.unit = reporting_unit.unit
            AND part.kind = 'data'
            AND part.mode = 'ledger'
        ORDER BY part.report_date
        LIMIT 1
    ) AS earliest
    LEFT JOIN LATERAL (
        SELECT part.part_id, part.report_date, part.department_code
        FROM asof.part AS part
        WHERE
            part.table_name = reporting_unit.table_name
            AND part.unit = reporting_unit.unit
            AND part.kind = 'data'
            AND part.mode = 'ledger'
            AND part.report_date < (month.period + INTERVAL '2 months')::date
        ORDER BY part.report_date DESC
        LIMIT 1
    ) AS latest ON true
)

SELECT
    ledger.period,
    ledger.table_name,
    ledger.unit,
    ledger.part_id,
    ledger.report_date,
    ledger.department_code
FROM ledger
UNION ALL
SELECT
    ledger.period,
    ledger.table_name,
    ledger.unit,
    repair.part_id,
    ledger.report_date,
    repair.department_code
FROM ledger
INNER JOIN asof.part AS repair ON ledger.part_id = repair.repairs_part;

COMMENT ON VIEW asof.ledger_of_month IS '说明某月情况的台账 | The ledgers that describe each month of the requested days';

COMMENT ON COLUMN asof.part.part_id IS '部分编号 | Number of the part';
COMMENT ON COLUMN asof.part.submission_id IS '报送编号 | Submission';
COMMENT ON COLUMN asof.part.department_code IS '报送部门 | Department that sent it';
COMMENT ON COLUMN asof.part.table_name IS '表 | Report table';
COMMENT ON COLUMN asof.part.sheet IS '工作表 | Sheet';
COMMENT ON COLUMN asof.part.unit IS '填报单位 | Unit: the sender, or e.g. a bank';
COMMENT ON COLUMN asof.part.report_date IS '统计日 | Day it is about';
COMMENT ON COLUMN asof.part.mode IS '报送方式 | snapshot, ledger or increment';
COMMENT ON COLUMN asof.part.kind IS '类别 | data or repair';
COMMENT ON COLUMN asof.part.version IS '版本 | Declared version';
COMMENT ON COLUMN asof.part.business_from IS '最早业务日 | First business date';
COMMENT ON COLUMN asof.part.business_to IS '最晚业务日 | Last business date';
COMMENT ON COLUMN asof.part.settled_serial IS '入库序号 | Order of loads';
COMMENT ON COLUMN asof.part.settled_at IS '入库时间 | From when it is effective';
COMMENT ON COLUMN asof.part.rows_accepted IS '入库行 | Rows loaded';
COMMENT ON COLUMN asof.part.repairs_part IS '所补部分 | Part to which a repair adds its rows';

COMMENT ON COLUMN asof.day.as_of IS '截至日 | Day';

COMMENT ON COLUMN asof.part_in_force.as_of IS '截至日 | Day';
COMMENT ON COLUMN asof.part_in_force.table_name IS '表 | Report table';
COMMENT ON COLUMN asof.part_in_force.unit IS '填报单位 | Unit: the sender, or e.g. a bank';
COMMENT ON COLUMN asof.part_in_force.part_id IS '部分编号 | Part';
COMMENT ON COLUMN asof.part_in_force.report_date IS '统计日 | Day it is about';
COMMENT ON COLUMN asof.part_in_force.mode IS '报送方式 | snapshot or ledger';
COMMENT ON COLUMN asof.part_in_force.is_carried IS '是否沿用 | Whether it stands in for a later silent day';
COMMENT ON COLUMN asof.part_in_force.age_days IS '天数 | Days since its report date';
COMMENT ON COLUMN asof.part_in_force.department_code IS '报送部门 | Department that sent it';

COMMENT ON COLUMN asof.part_holding.table_name IS '表 | Report table';
COMMENT ON COLUMN asof.part_holding.unit IS '填报单位 | Unit: the sender, or e.g. a bank';
COMMENT ON COLUMN asof.part_holding.part_id IS '部分编号 | Part';
COMMENT ON COLUMN asof.part_holding.report_date IS '统计日 | Day it is about';

COMMENT ON COLUMN asof.ledger_of_month.period IS '月份 | First day of the month';
COMMENT ON COLUMN asof.ledger_of_month.table_name IS '表 | Report table';
COMMENT ON COLUMN asof.ledger_of_month.unit IS '填报单位 | Unit: the sender, or e.g. a bank';
COMMENT ON COLUMN asof.ledger_of_month.part_id IS '部分编号 | Part';
COMMENT ON COLUMN asof.ledger_of_month.report_date IS '统计日 | Day it is about';
COMMENT ON COLUMN asof.ledger_of_month.department_code IS '报送部门 | Department that sent it';

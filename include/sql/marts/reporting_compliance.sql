-- description: |
--   Who owed a report for the day, when it came and how good it was. A weekly report is due for its weekday, a monthly one for the last day
--   of the month. Nothing is owed before the day from which its contract asks for it. The sender of first rank always owes a report; the others owe it where they have sent it
--   on two days or more of the 31 before, or a weekly or monthly one for the period before: one stray file makes no habit. A file that was due before the first one of all arrived is history:
--   nobody can say whether it was late.
--   The last 7 days include the day itself and begin with the first report of all. A report that has not come is late until it comes.
--   Score: every report due in these days earns 50 points for being on time, 30 times its completeness (a nil report is complete), and 20
--   if the first file was accepted without a rejected one before it; a report without an accepted file earns nothing. The score is their
--   mean, 0 to 100.
--
-- title: 报送情况 | Who reported what and when
-- writes: mart.reporting_compliance
-- grain: one row per as_of, department_code, report
-- keys: [as_of, department_code, report]
-- partition_by: as_of
-- reads: [ref.report_due, ref.calendar, asof.part, intake.submission, intake.finding, intake.set_aside_row]
-- columns:
--   as_of: 截至 | Day the report is about
--   department_code: 报送部门 | Department
--   report: 报表 | Contract
--   is_expected: "应报 | Always true: a row stands for a report that is owed"
--   due_at: 应报时刻 | When it was due
--   received_at: 收到时刻 | When the first accepted file arrived; empty while there is none
--   is_received: 已报 | Whether one was accepted
--   is_on_time: 按时 | Taken and not late; empty of what was due before the first file of all arrived
--   lateness_minutes: 迟报(分钟) | Minutes after it was due, 0 when on time; empty as is_on_time
--   n_versions: 版本数 | Files accepted for the day
--   n_rejected: 退回次数 | Files rejected for the day
--   n_rows: 入库行数 | Rows loaded from the last accepted file
--   n_rows_set_aside: 退回行数 | Rows of it that went back
--   n_rows_repaired: 已改回行数 | Of these, mended and loaded since
--   n_warnings: 提醒数 | Warnings on it
--   completeness: 完整率 | Rows loaded, mended ones included, over rows sent
--   is_first_try: 一次通过 | Taken, and no file for the day was rejected before it
--   n_owed_7_days: 近7日应报数 | Reports owed by this department for this contract in the last 7 days
--   n_on_time_7_days: 近7日按时数 | Of these, on time
--   on_time_rate_7_days: 近7日按时率 | The share of these
--   score_7_days: "近7日报送得分 | 0 to 100: on time 50, complete 30, accepted at the first try 20"
WITH started AS MATERIALIZED (
    SELECT MIN(report_date) AS first_day
    FROM asof.part
),

begun AS MATERIALIZED (
    SELECT MIN(received_at) AS first_arrival
    FROM intake.submission
    WHERE settled_at <= intake.known_at()
),

-- The days asked for and the six before each.
asked AS (
    SELECT DISTINCT asked.day - back.n_days AS as_of
    FROM unnest(:days) AS asked (day)
    CROSS JOIN generate_series(0, 6) AS back (n_days)
    CROSS JOIN started
    WHERE back.n_days = 0 OR asked.day - back.n_days >= started.first_day
),

owed AS (
    SELECT
        asked.as_of,
        due.department_code,
        due.report,
        due.sender_rank,
        due.due_time,
        due.cadence,
        CASE due.cadence
            WHEN 'weekly' THEN asked.as_of - 6
            WHEN 'monthly' THEN date_trunc('month', asked.as_of)::date
            ELSE asked.as_of
        END AS first_day,
        CASE WHEN due.cadence = 'weekly' THEN asked.as_of ELSE asked.as_of + due.due_days END AS due_day
    FROM asked
    INNER JOIN ref.report_due AS due
        ON
            due.cadence = 'daily'
            OR due.cadence = 'workday'
            OR (due.cadence = 'weekly' AND COALESCE(due.due_weekday, 1) = date_part('isodow', asked.as_of))
            OR (due.cadence = 'monthly' AND date_part('month', asked.as_of) <> date_part('month', asked.as_of + 1))
    LEFT JOIN ref.calendar AS calendar ON asked.as_of = calendar.date
    WHERE
        (due.cadence <> 'workday' OR COALESCE(calendar.is_workday, date_part('isodow', asked.as_of) < 6))
        AND (due.owed_from IS NULL OR asked.as_of >= due.owed_from)
),

timed AS (
    SELECT
        owed.as_of,
        owed.department_code,
        owed.report,
        owed.sender_rank,
        CASE owed.cadence WHEN 'weekly' THEN 7 WHEN 'monthly' THEN 31 END AS n_days_of_period,
        owed.first_day,
        (
            CASE
                WHEN owed.cadence = 'workday'
                    THEN COALESCE((SELECT MIN(date) FROM ref.calendar WHERE is_workday AND date >= owed.due_day), owed.due_day)
                ELSE owed.due_day
            END + owed.due_time::time
        ) AT TIME ZONE 'Asia/Shanghai' AS due_at
    FROM owed
),

-- The files for the period, and those of the month before, which show who usually sends. Where a file was evaluated again after a rule
-- was corrected, the newest evaluation counts: the mistake was ours.
sent AS (
    SELECT
        timed.as_of,
        timed.department_code,
        timed.report,
        submission.submission_id,
        submission.report_date,
        submission.received_at,
        submission.state,
        submission.rows_accepted,
        submission.rows_set_aside,
        (submission.report_date >= timed.first_day) AS is_for_day,
        row_number() OVER (
            PARTITION BY
                timed.as_of,
                timed.department_code,
                timed.report,
                submission.report_date >= timed.first_day AND submission.state <> 'rejected'
            ORDER BY submission.report_date DESC, submission.settled_at DESC, submission.submission_id DESC
        ) AS newest
    FROM timed
    INNER JOIN intake.submission AS submission
        ON
            timed.report = submission.report
            AND timed.department_code = submission.department_code
            AND submission.report_date BETWEEN timed.first_day - 31 AND timed.as_of
    WHERE
        submission.report_date BETWEEN (SELECT MIN(first_day) - 31 FROM timed) AND (SELECT MAX(as_of) FROM timed)
        AND submission.state IN ('accepted', 'partly_accepted', 'superseded', 'rejected')
        AND submission.repairs IS NULL
        AND submission.settled_at <= intake.known_at()
        AND NOT EXISTS (
            SELECT FROM intake.submission AS again
            WHERE submission.submission_id = again.replays AND again.settled_at <= intake.known_at()
        )
),

counted AS (
    SELECT
        as_of,
        department_code,
        report,
        MIN(received_at) FILTER (WHERE is_for_day AND state <> 'rejected') AS received_at,
        MIN(received_at) FILTER (WHERE is_for_day AND state = 'rejected') AS rejected_at,
        COUNT(*) FILTER (WHERE is_for_day AND state <> 'rejected') AS n_versions,
        COUNT(*) FILTER (WHERE is_for_day AND state = 'rejected') AS n_rejected,
        COUNT(*) FILTER (WHERE state <> 'rejected' AND is_for_day) AS n_for_day,
        COUNT(DISTINCT report_date) FILTER (WHERE state <> 'rejected' AND NOT is_for_day) AS n_days_before,
        MAX(report_date) FILTER (WHERE state <> 'rejected' AND NOT is_for_day) AS last_day_before,
        MAX(submission_id) FILTER (WHERE is_for_day AND state <> 'rejected' AND newest = 1) AS submission_id,
        MAX(rows_accepted) FILTER (WHERE is_for_day AND state <> 'rejected' AND newest = 1) AS n_rows,
        MAX(rows_set_aside) FILTER (WHERE is_for_day AND state <> 'rejected' AND newest = 1) AS n_rows_set_aside
    FROM sent
    GROUP BY as_of, department_code, report
),

warned AS (
    SELECT
        submission_id,
        SUM(n_same) AS n_warnings
    FROM intake.finding
    WHERE
        severity = 'warning'
        AND submission_id = ANY(ARRAY(SELECT counted.submission_id FROM counted))
    GROUP BY submission_id
),

repaired AS (
    SELECT
        submission_id,
        COUNT(*) AS n_rows_repaired
    FROM intake.set_aside_row
    WHERE
        repaired_by IS NOT NULL
        AND submission_id = ANY(ARRAY(SELECT counted.submission_id FROM counted))
    GROUP BY submission_id
),

answered AS (
    SELECT
        timed.as_of,
        timed.department_code,
        timed.report,
        true AS is_expected,
        timed.due_at,
        counted.received_at,
        counted.received_at IS NOT NULL AS is_received,
        CASE
            WHEN counted.received_at IS NULL OR timed.due_at >= begun.first_arrival
                THEN COALESCE(counted.received_at <= timed.due_at, false)
        END AS is_on_time,
        GREATEST(ceil(date_part('epoch', counted.received_at - timed.due_at) / 60), 0)::integer AS lateness_minutes,
        COALESCE(counted.received_at < COALESCE(counted.rejected_at, 'infinity'), false) AS is_first_try,
        COALESCE(counted.n_versions, 0) AS n_versions,
        COALESCE(counted.n_rejected, 0) AS n_rejected,
        COALESCE(counted.n_rows, 0) AS n_rows,
        COALESCE(counted.n_rows_set_aside, 0) AS n_rows_set_aside,
        COALESCE(repaired.n_rows_repaired, 0) AS n_rows_repaired,
        COALESCE(warned.n_warnings, 0)::bigint AS n_warnings,
        (counted.n_rows + COALESCE(repaired.n_rows_repaired, 0))
        / NULLIF(counted.n_rows + counted.n_rows_set_aside, 0)::numeric AS completeness
    FROM timed
    LEFT JOIN counted
        ON
            timed.as_of = counted.as_of
            AND timed.department_code = counted.department_code
            AND timed.report = counted.report
    LEFT JOIN warned ON counted.submission_id = warned.submission_id
    LEFT JOIN repaired ON counted.submission_id = repaired.submission_id
    CROSS JOIN begun
    WHERE
        timed.sender_rank = 1
        OR counted.n_for_day > 0
        OR counted.n_days_before > 1
        OR counted.last_day_before >= timed.first_day - timed.n_days_of_period
),

reporting_compliance AS (
    SELECT
        answered.*,
        COUNT(*) OVER week AS n_owed_7_days,
        COUNT(*) FILTER (WHERE answered.is_on_time) OVER week AS n_on_time_7_days,
        AVG(
            CASE
                WHEN answered.is_received
                    THEN
                        50 * COALESCE(answered.is_on_time, true)::integer
                        + 30 * COALESCE(answered.completeness, 1)
                        + 20 * answered.is_first_try::integer
                ELSE 0
            END
        ) OVER week AS score_7_days
    FROM answered
    WINDOW
        week AS (
            PARTITION BY answered.department_code, answered.report
            ORDER BY answered.as_of RANGE BETWEEN INTERVAL '6 days' PRECEDING AND CURRENT ROW
        )
)

SELECT
    as_of,
    department_code,
    report,
    is_expected,
    due_at,
    received_at,
    is_received,
    is_on_time,
    CASE WHEN is_received AND is_on_time IS NOT NULL THEN lateness_minutes END AS lateness_minutes,
    n_versions,
    n_rejected,
    n_rows,
    n_rows_set_aside,
    n_rows_repaired,
    n_warnings,
    completeness,
    is_first_try,
    n_owed_7_days,
    n_on_time_7_days,
    n_on_time_7_days / n_owed_7_days::numeric AS on_time_rate_7_days,
    score_7_days
FROM reporting_compliance
WHERE as_of = ANY(:days)

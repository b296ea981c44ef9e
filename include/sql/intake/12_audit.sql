-- What was made and by which version; grows, is never rewritten by hand.
CREATE TABLE IF NOT EXISTS audit.reference_version (
    name text PRIMARY KEY,
    sha256 text NOT NULL,
    loaded_at timestamptz NOT NULL
);

COMMENT ON TABLE audit.reference_version IS '参考数据的版本 | Which content each reference table holds';
COMMENT ON COLUMN audit.reference_version.name IS '表名 | Reference table';
COMMENT ON COLUMN audit.reference_version.sha256 IS '文件摘要 | SHA-256 of the CSV it was loaded from';
COMMENT ON COLUMN audit.reference_version.loaded_at IS '装入时间 | When it was loaded';

CREATE TABLE IF NOT EXISTS audit.mart_version (
    mart text PRIMARY KEY,
    hash text NOT NULL,
    made_at timestamptz NOT NULL,
    built_serial bigint,
    built_at timestamptz
);

COMMENT ON TABLE audit.mart_version IS '汇总表的版本 | Which SELECT each mart was made by';
COMMENT ON COLUMN audit.mart_version.mart IS '汇总表 | Mart';
COMMENT ON COLUMN audit.mart_version.hash IS '语句摘要 | Digest of the SELECT';
COMMENT ON COLUMN audit.mart_version.made_at IS '建表时间 | When the table was made';
COMMENT ON COLUMN audit.mart_version.built_serial IS '算至序号 | Settlement up to which it was built';
COMMENT ON COLUMN audit.mart_version.built_at IS '计算时间 | When it was built';

CREATE TABLE IF NOT EXISTS audit.mart_day (
    mart text NOT NULL,
    day date NOT NULL,
    known_at timestamptz NOT NULL,
    built_at timestamptz NOT NULL,
    PRIMARY KEY (mart, day)
);

COMMENT ON TABLE audit.mart_day IS '已计算的日期 | The days each mart has been built for, and the moment of knowledge they hold';
COMMENT ON COLUMN audit.mart_day.mart IS '汇总表 | Mart';
COMMENT ON COLUMN audit.mart_day.day IS '日期 | Day';
COMMENT ON COLUMN audit.mart_day.known_at IS '知悉时点 | Moment of knowledge it holds';
COMMENT ON COLUMN audit.mart_day.built_at IS '计算时间 | When it was built';

CREATE OR REPLACE VIEW open.mart_day AS
SELECT
    mart,
    day,
    known_at
FROM audit.mart_day;

COMMENT ON VIEW open.mart_day IS '汇总表已有的日期 | The days that each mart holds';
COMMENT ON COLUMN open.mart_day.mart IS '汇总表 | Mart';
COMMENT ON COLUMN open.mart_day.day IS '日期:截至日、业务日或月份首日 | As_of, business date or first day of a month';
COMMENT ON COLUMN open.mart_day.known_at IS '知悉时点 | The moment of knowledge that the day holds';

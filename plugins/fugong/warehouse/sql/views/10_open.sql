-- The revision of the warehouse's tables, for every role: each command compares it with the program's.
CREATE OR REPLACE VIEW open.warehouse_revision AS
SELECT version_num AS revision
FROM audit.alembic_version;

COMMENT ON VIEW open.warehouse_revision IS '仓库结构的版本 | The revision of the warehouse''s tables';
COMMENT ON COLUMN open.warehouse_revision.revision IS '版本 | Number of the revision';

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

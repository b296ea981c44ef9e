-- description: |
--   A firm in a resumption report should be in the register in force, in a class that the report covers, within its membership on the day.
--   Otherwise the report names a firm that the denominator lacks.
--
-- check: X01
-- severity: error
-- keys: [as_of, report, uscc]
-- partition_by: as_of
-- reads: [fact.resumption_report]
-- touches: [S002, S003, S004, S005]
-- message: "复工日报有 {n_rows} 行企业不在名录或不属本专业,未计入 | Lines of resumption reports that name firms outside the register or the class, and do not count: {n_rows}"
-- said: [name]
-- tells: [reason]
-- columns:
--   as_of: 截至 | The day
--   report: 报表 | Report table
--   uscc: 统一社会信用代码 | Unified social credit code
--   name: 企业名称 | Name in the report
--   registered_scale_code: 名录专业类别 | Professional code in the register
--   reason: 原因 | 不在名录 not in the register, 专业不符 of another class, 已退出或未纳入 outside its membership
--   part_id: 部分 | Part
--   sheet: 工作表 | Sheet
--   row_number: 行号 | Line
SELECT
    as_of,
    report,
    uscc,
    name,
    registered_scale_code,
    CASE
        WHEN registered_scale_code IS NULL THEN '不在名录'
        WHEN (report = 'industry_resumption') <> (registered_scale_code = 'B') OR registered_scale_code IN ('C', 'X', 'U') THEN '专业不符'
        ELSE '已退出或未纳入'
    END AS reason,
    part_id,
    sheet,
    row_number
FROM fact.resumption_report
WHERE
    as_of = ANY(:days)
    AND has_register
    AND sender_order = 1
    AND NOT is_member

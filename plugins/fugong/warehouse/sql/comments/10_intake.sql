-- Comments of intake: 中文 | English.
COMMENT ON COLUMN intake.submission.submission_id IS '报送编号 | Number of the submission';
COMMENT ON COLUMN intake.submission.arrival_id IS '到达标识 | One arrival of one file; the same arrival is recorded once';
COMMENT ON COLUMN intake.submission.department_code IS '报送部门 | Department whose inbox it lay in';
COMMENT ON COLUMN intake.submission.report IS '报表 | Contract; null where it is unknown';
COMMENT ON COLUMN intake.submission.report_date IS '统计日 | Day the report is about, from name or title';
COMMENT ON COLUMN intake.submission.file_name IS '文件名 | File name as sent';
COMMENT ON COLUMN intake.submission.sha256 IS '文件摘要;没有留存的为空 | SHA-256 of the bytes; the archive keeps the file under it, if it is kept';
COMMENT ON COLUMN intake.submission.byte_size IS '字节数 | Size in bytes';
COMMENT ON COLUMN intake.submission.state IS '状态 | received, accepted, partly_accepted, rejected, duplicate, superseded, withdrawn';
COMMENT ON COLUMN intake.submission.contract_version IS '契约版本 | Version of the contract by which it was evaluated';
COMMENT ON COLUMN intake.submission.received_at IS '收到时间 | When it arrived';
COMMENT ON COLUMN intake.submission.settled_at IS '入库时间 | When it was loaded; for history, when it arrived';
COMMENT ON COLUMN intake.submission.recorded_at IS '登记时间 | When this warehouse wrote the row, whatever history says';
COMMENT ON COLUMN intake.submission.replied_at IS '回执时间 | When its receipt was written';
COMMENT ON COLUMN intake.submission.due_at IS '截止时间 | When the report was due';
COMMENT ON COLUMN intake.submission.is_history IS '补录历史 | Whether it came in by a history manifest';
COMMENT ON COLUMN intake.submission.repairs IS '所补报送 | Submission whose returned rows it repairs';
COMMENT ON COLUMN intake.submission.tables IS '所认表格 | Which sheet was read for each table and why, and what was left out';
COMMENT ON COLUMN intake.submission.receipt IS '回执要点 | What the receipt keeps from the moment it was written';
COMMENT ON COLUMN intake.submission.rows_read IS '读到行 | Lines below the header down to the last that is not blank';
COMMENT ON COLUMN intake.submission.rows_accepted IS '入库行 | Rows loaded';
COMMENT ON COLUMN intake.submission.rows_set_aside IS '退回行 | Rows returned to the sender';
COMMENT ON COLUMN intake.submission.rows_not_data IS '非数据行 | Blank, total and note lines, and rows already loaded';

COMMENT ON COLUMN intake.reporting_unit.table_name IS '表 | Report table';
COMMENT ON COLUMN intake.reporting_unit.unit IS '填报单位 | Unit: the sender, or e.g. a bank';

COMMENT ON COLUMN intake.part.part_id IS '部分编号 | Number of the part; every loaded row carries it';
COMMENT ON COLUMN intake.part.submission_id IS '报送编号 | Submission that brought it';
COMMENT ON COLUMN intake.part.department_code IS '报送部门 | Department that sent it';
COMMENT ON COLUMN intake.part.table_name IS '表 | Report table';
COMMENT ON COLUMN intake.part.sheet IS '工作表 | Sheet of the file, empty for text files';
COMMENT ON COLUMN intake.part.unit IS '填报单位 | Unit: the sender, or e.g. a bank';
COMMENT ON COLUMN intake.part.report_date IS '统计日 | Day it is about';
COMMENT ON COLUMN intake.part.mode IS '报送方式 | snapshot, ledger or increment';
COMMENT ON COLUMN intake.part.kind IS '类别 | data, withdrawal or repair';
COMMENT ON COLUMN intake.part.version IS '版本 | Declared version; newer means version, then arrival';
COMMENT ON COLUMN intake.part.is_replacement IS '是否更正 | Whether it declares that it replaces the day';
COMMENT ON COLUMN intake.part.business_from IS '最早业务日 | First business date of its rows';
COMMENT ON COLUMN intake.part.business_to IS '最晚业务日 | Last business date of its rows';
COMMENT ON COLUMN intake.part.settled_serial IS '入库序号 | Order of loads';
COMMENT ON COLUMN intake.part.received_at IS '收到时间 | When its file arrived';
COMMENT ON COLUMN intake.part.settled_at IS '入库时间 | From when it is effective';
COMMENT ON COLUMN intake.part.superseded_at IS '被替换时间 | Until when it was effective';
COMMENT ON COLUMN intake.part.superseded_by IS '被谁替换 | Part that replaced it';
COMMENT ON COLUMN intake.part.repairs_part IS '所补部分 | Part to which a repair adds its rows';
COMMENT ON COLUMN intake.part.rows_read IS '读到行 | Lines read';
COMMENT ON COLUMN intake.part.rows_accepted IS '入库行 | Rows loaded';
COMMENT ON COLUMN intake.part.rows_set_aside IS '退回行 | Rows returned to the sender';
COMMENT ON COLUMN intake.part.rows_not_data IS '非数据行 | Lines that are not data';

COMMENT ON COLUMN intake.finding.finding_id IS '问题编号 | Number of the finding';
COMMENT ON COLUMN intake.finding.submission_id IS '报送编号 | Submission';
COMMENT ON COLUMN intake.finding.sheet IS '工作表 | Sheet';
COMMENT ON COLUMN intake.finding.row_number IS '行号 | Line in the file, null for the whole file';
COMMENT ON COLUMN intake.finding.cell IS '单元格 | Address of the cell';
COMMENT ON COLUMN intake.finding.column_name IS '列 | Column of the contract';
COMMENT ON COLUMN intake.finding.code IS '问题代码 | Type of finding';
COMMENT ON COLUMN intake.finding.severity IS '轻重 | rejected, set_aside, warning or repaired';
COMMENT ON COLUMN intake.finding.value IS '填写的值 | Value as typed, personal data masked';
COMMENT ON COLUMN intake.finding.message_zh IS '说明 | Sentence and advice in Chinese';
COMMENT ON COLUMN intake.finding.message_en IS '英文说明 | Sentence and advice in English';
COMMENT ON COLUMN intake.finding.proposed IS '建议值 | What should stand in the cell, as its sender would type it';
COMMENT ON COLUMN intake.finding.is_doubtful IS '存疑 | This cell or another one of the row with such a finding is wrong';
COMMENT ON COLUMN intake.finding.rules IS '所属规则 | The rules that it tells of, each as code and column; null for one';
COMMENT ON COLUMN intake.finding.n_same IS '同类个数 | How many findings of its kind this one stands for';

COMMENT ON COLUMN intake.set_aside_row.submission_id IS '报送编号 | Submission';
COMMENT ON COLUMN intake.set_aside_row.table_name IS '表 | Report table';
COMMENT ON COLUMN intake.set_aside_row.sheet IS '工作表 | Sheet';
COMMENT ON COLUMN intake.set_aside_row.row_number IS '行号 | Line in the file';
COMMENT ON COLUMN intake.set_aside_row.cells IS '原始单元格 | Cells as typed, personal data masked; emptied after 90 days';
COMMENT ON COLUMN intake.set_aside_row.reasons IS '退回原因 | Why the row was returned';
COMMENT ON COLUMN intake.set_aside_row.repaired_by IS '补报编号 | Submission that repaired it';

COMMENT ON COLUMN intake.settle_clock.is_only IS '唯一行 | There is one clock';
COMMENT ON COLUMN intake.settle_clock.settled_serial IS '入库序号 | Last serial given';
COMMENT ON COLUMN intake.settle_clock.settled_at IS '入库时间 | Moment of the last load';

COMMENT ON COLUMN intake.stale_day.table_name IS '表 | Report table or reference table';
COMMENT ON COLUMN intake.stale_day.day IS '日期 | Day to be computed again';
COMMENT ON COLUMN intake.stale_day.settled_serial IS '入库序号 | Load that made it stale';

COMMENT ON TABLE intake.submission IS '报送:收到的每一个文件 | One file received, whatever its state';

COMMENT ON TABLE intake.reporting_unit IS '填报单位:为哪张表报送 | Every unit that ever sent a part for a report table';

COMMENT ON TABLE intake.part IS '部分:一份报送给一张表带来的行 | What one submission brings to one table, for one unit and report date';

COMMENT ON TABLE intake.finding IS '问题:报送里的一处错误或提醒 | One problem in a submission';

COMMENT ON TABLE intake.set_aside_row IS '退回行:没有入库、退给报送单位的行 | A row that was not loaded and was returned to the sender';

COMMENT ON TABLE intake.settle_clock IS '入库时钟 | Serial and moment of the last load';

COMMENT ON TABLE intake.stale_day IS '待重算日 | Days whose marts are stale, by report table';

COMMENT ON TABLE intake.shadow_finding IS '试行规则的结果:只计数,不告知,不退回 | Findings of rules in shadow: counted, not reported, nothing set aside';
COMMENT ON COLUMN intake.shadow_finding.submission_id IS '报送编号 | Submission';
COMMENT ON COLUMN intake.shadow_finding.table_name IS '表 | Report table';
COMMENT ON COLUMN intake.shadow_finding.column_name IS '列 | Column of the contract';
COMMENT ON COLUMN intake.shadow_finding.code IS '问题代码 | Rule in shadow';
COMMENT ON COLUMN intake.shadow_finding.severity IS '轻重 | Severity it would have in force: rejected, set_aside or warning';
COMMENT ON COLUMN intake.shadow_finding.n IS '行数 | Rows it found; 1 for a rule that would reject the file';
COMMENT ON COLUMN intake.shadow_finding.n_only_cause IS '仅因此退回的行数 | Those of them that no rule in force sets aside';
COMMENT ON COLUMN intake.shadow_finding.examples IS '例子 | Up to three cells, personal data masked';
COMMENT ON COLUMN intake.shadow_finding.fault IS '规则本身的错误 | Why the rule cannot be evaluated';
COMMENT ON COLUMN intake.submission.replays IS '重判的报送 | Submission whose file was evaluated again here, by changed rules';
COMMENT ON COLUMN intake.part.columns_present IS '有的列 | Contract columns that the file had; empty where they were not recorded';

COMMENT ON TABLE intake.reminder IS '催报:到期未收到的报表 | Reports that were overdue';
COMMENT ON COLUMN intake.reminder.department_code IS '报送部门 | Department that should have sent it';
COMMENT ON COLUMN intake.reminder.report IS '报表 | Report, e.g. R04';
COMMENT ON COLUMN intake.reminder.report_date IS '统计日 | Report date; last day of the period for weekly and monthly reports';
COMMENT ON COLUMN intake.reminder.due_at IS '应报时间 | When it was due';
COMMENT ON COLUMN intake.reminder.first_reminded_at IS '首次催报时间 | When the first reminder was written';
COMMENT ON COLUMN intake.reminder.last_reminded_at IS '最近催报时间 | When the last reminder was written';
COMMENT ON COLUMN intake.reminder.ended_at IS '催报结束时间:已收到,或已过催报期 | When it had come, or reminders ended';

COMMENT ON COLUMN intake.finding.question_id IS '核实问题 | The doubt that its sender can answer; null where there is none to answer';
COMMENT ON COLUMN intake.finding.answer_id IS '已有核实 | Answer known when it was recorded: the doubt was not asked about again';

COMMENT ON TABLE intake.question IS '待核实问题:请报送单位核实的一处疑问 | One doubt about one value, on whatever days it came up';
COMMENT ON COLUMN intake.question.question_id IS '题号 | Number that the sheet 待核实 names it by';
COMMENT ON COLUMN intake.question.department_code IS '报送部门 | Department that is asked; no other can answer';
COMMENT ON COLUMN intake.question.kind IS '来源 | finding (of a submission) or check (between reports)';
COMMENT ON COLUMN intake.question.subject IS '对象 | Report table, or the report for a whole file; empty for a check';
COMMENT ON COLUMN intake.question.code IS '代码 | Code of the finding, or number of the check';
COMMENT ON COLUMN intake.question.column_name IS '列 | Column of the contract; empty where it is about none';
COMMENT ON COLUMN intake.question.row_key IS '业务主键 | Business key of the row, without the day; empty for a whole file';
COMMENT ON COLUMN intake.question.value IS '值 | Value in doubt, personal data masked; of a check what the sender said';
COMMENT ON COLUMN intake.question.item IS '项目 | What it is about, in Chinese';
COMMENT ON COLUMN intake.question.digest IS '摘要 | SHA-256 of what identifies the doubt and of its value';
COMMENT ON COLUMN intake.question.key_digest IS '键摘要 | SHA-256 of what identifies the doubt, whatever the value';
COMMENT ON COLUMN intake.question.first_day IS '最早统计日 | First day on which it came up';
COMMENT ON COLUMN intake.question.last_day IS '最晚统计日 | Last day on which it came up';
COMMENT ON COLUMN intake.question.asked_at IS '提出时间 | When it came up first';
COMMENT ON COLUMN intake.question.closed_at IS '消失时间 | Of a check: since when the reports agree; null while they do not';

COMMENT ON TABLE intake.answer IS '核实说明:报送单位对一处疑问的答复 | What a sender answered about a doubt; a newer answer supersedes it';
COMMENT ON COLUMN intake.answer.answer_id IS '答复编号 | Number of the answer';
COMMENT ON COLUMN intake.answer.question_id IS '题号 | The doubt';
COMMENT ON COLUMN intake.answer.submission_id IS '报送编号 | Submission that brought it';
COMMENT ON COLUMN intake.answer.verdict IS '核实结果 | confirmed, corrected, definition or pending';
COMMENT ON COLUMN intake.answer.reason IS '核实说明 | Why, in the words of the sender, at most 200 characters, personal data masked';
COMMENT ON COLUMN intake.answer.holds_from IS '适用起日 | First day for which it holds, as long as the value stays';
COMMENT ON COLUMN intake.answer.answered_at IS '答复时间 | From when it is known';
COMMENT ON COLUMN intake.answer.recorded_at IS '登记时间 | When this warehouse wrote the row';
COMMENT ON COLUMN intake.answer.superseded_at IS '被替换时间 | Until when it was the newest';
COMMENT ON COLUMN intake.answer.superseded_by IS '被谁替换 | Answer that replaced it';

COMMENT ON TABLE ref.department IS '报送部门 | Departments that send reports';
COMMENT ON COLUMN ref.department.department_code IS '部门代码 | Department code, the name of its inbox';
COMMENT ON COLUMN ref.department.name_zh IS '名称 | Name in Chinese';
COMMENT ON COLUMN ref.department.name_en IS '英文名称 | Name in English';
COMMENT ON COLUMN ref.department.kind IS '类别 | bureau, utility or township';
COMMENT ON COLUMN ref.department.aliases IS '别名 | Other names, separated by semicolons';
COMMENT ON COLUMN ref.department.recorded_at IS '登记时间 | When this warehouse loaded the row';

COMMENT ON TABLE ref.contract IS '契约原文,最近一次初始化时的 | Contracts as fugong init accepted them';
COMMENT ON COLUMN ref.contract.id IS '报表标识 | Id of the report';
COMMENT ON COLUMN ref.contract.content IS '契约文件原文 | Text of the contract''s file';
COMMENT ON COLUMN ref.contract.recorded_at IS '登记时间 | When this warehouse accepted it';

COMMENT ON TABLE ref.township IS '镇办 | Townships and subdistricts';
COMMENT ON COLUMN ref.township.township_code IS '镇办代码 | Statistical division code';
COMMENT ON COLUMN ref.township.department_code IS '报送部门代码 | Code under which the township sends reports';
COMMENT ON COLUMN ref.township.name_zh IS '名称 | Name in Chinese';
COMMENT ON COLUMN ref.township.name_en IS '英文名称 | Name in English';
COMMENT ON COLUMN ref.township.kind IS '类别 | subdistrict, town or zone';
COMMENT ON COLUMN ref.township.aliases IS '别名 | Other names, separated by semicolons';
COMMENT ON COLUMN ref.township.source IS '来源 | Where the codes come from';
COMMENT ON COLUMN ref.township.version IS '版本 | Edition of the codes';
COMMENT ON COLUMN ref.township.recorded_at IS '登记时间 | When this warehouse loaded the row';

COMMENT ON TABLE ref.industry IS '国民经济行业分类:门类和大类 | Industries: sections and divisions';
COMMENT ON COLUMN ref.industry.industry_code IS '代码 | Letter of the section or two digits of the division';
COMMENT ON COLUMN ref.industry.level IS '层级 | section or division';
COMMENT ON COLUMN ref.industry.section_code IS '所属门类 | Section letter';
COMMENT ON COLUMN ref.industry.name_zh IS '名称 | Name in Chinese';
COMMENT ON COLUMN ref.industry.name_en IS '英文名称 | Name in English';
COMMENT ON COLUMN ref.industry.is_high_energy IS '高耗能行业 | Whether it counts as using much energy';
COMMENT ON COLUMN ref.industry.high_energy_version IS '高耗能口径版本 | Which list of such industries says so';
COMMENT ON COLUMN ref.industry.standard IS '分类标准 | Edition of the classification';
COMMENT ON COLUMN ref.industry.recorded_at IS '登记时间 | When this warehouse loaded the row';

COMMENT ON TABLE ref.size_class_rule IS
'大中小微企业划型标准:各项下限须同时达到,否则下调一档 | Size classes: all lower bounds given must be met, else one class down';
COMMENT ON COLUMN ref.size_class_rule.industry IS '行业 | Industry, as the standard names it';
COMMENT ON COLUMN ref.size_class_rule.size_class IS '规模 | L, M or S';
COMMENT ON COLUMN ref.size_class_rule.min_staff IS '从业人员下限 | Lower bound of staff; empty where it does not count';
COMMENT ON COLUMN ref.size_class_rule.min_revenue IS '营业收入下限(元) | Lower bound of revenue, yuan';
COMMENT ON COLUMN ref.size_class_rule.min_assets IS '资产总额下限(元) | Lower bound of assets, yuan';
COMMENT ON COLUMN ref.size_class_rule.source IS '来源 | Document, and how sure';
COMMENT ON COLUMN ref.size_class_rule.version IS '版本 | Criteria behind it';
COMMENT ON COLUMN ref.size_class_rule.recorded_at IS '登记时间 | When this warehouse loaded the row';

COMMENT ON TABLE ref.calendar IS '日历(含调休) | Working days, with the moved ones';
COMMENT ON COLUMN ref.calendar.date IS '日期 | Day';
COMMENT ON COLUMN ref.calendar.is_workday IS '是否工作日 | Whether it is a working day';
COMMENT ON COLUMN ref.calendar.name IS '名称 | Holiday, or 调休 for a moved working day';
COMMENT ON COLUMN ref.calendar.recorded_at IS '登记时间 | When this warehouse loaded the row';

COMMENT ON TABLE ref.code_list IS '代码表 | Code lists of the contracts';
COMMENT ON COLUMN ref.code_list.list IS '代码表名 | Name of the list';
COMMENT ON COLUMN ref.code_list.code IS '代码 | Code as stored';
COMMENT ON COLUMN ref.code_list.name_zh IS '名称 | Name in Chinese';
COMMENT ON COLUMN ref.code_list.name_en IS '英文名称 | Name in English';
COMMENT ON COLUMN ref.code_list.aliases IS '别名 | Other accepted spellings, separated by semicolons';
COMMENT ON COLUMN ref.code_list.recorded_at IS '登记时间 | When this warehouse loaded the row';

COMMENT ON TABLE ref.policy IS '政策 | Policies; amounts of different benefit classes are never added';
COMMENT ON COLUMN ref.policy.policy_id IS '政策编号 | Policy';
COMMENT ON COLUMN ref.policy.name_zh IS '名称 | Name in Chinese';
COMMENT ON COLUMN ref.policy.name_en IS '英文名称 | Name in English';
COMMENT ON COLUMN ref.policy.benefit_class IS '受益类别 | A cost avoided, B cash received, C due later, D credit';
COMMENT ON COLUMN ref.policy.base_unit IS '基数单位 | What base_qty counts';
COMMENT ON COLUMN ref.policy.is_computable IS '可测算 | Whether the reports hold what a computation needs';
COMMENT ON COLUMN ref.policy.recorded_at IS '登记时间 | When this warehouse loaded the row';

COMMENT ON TABLE ref.policy_param IS '政策参数和口径设置(有效期 × 知悉期) | Policy parameters and settings: when they hold × when they were known';
COMMENT ON COLUMN ref.policy_param.policy_id IS '政策编号 | Policy; SETTING for settings of the district';
COMMENT ON COLUMN ref.policy_param.clause IS '条款 | What the parameter says, in words';
COMMENT ON COLUMN ref.policy_param.doc_no IS '文号 | Document number';
COMMENT ON COLUMN ref.policy_param.param IS '参数 | Parameter';
COMMENT ON COLUMN ref.policy_param.value IS '值 | Value; empty while it is open';
COMMENT ON COLUMN ref.policy_param.unit IS '单位 | Unit; date and boolean for values that are none';
COMMENT ON COLUMN ref.policy_param.valid_from IS '有效期起 | First day on which the rule holds';
COMMENT ON COLUMN ref.policy_param.valid_to IS '有效期止 | Last day on which the rule holds; empty for no end';
COMMENT ON COLUMN ref.policy_param.known_from IS '知悉日 | First day on which the district knew the rule';
COMMENT ON COLUMN ref.policy_param.known_to IS '失知日 | First day on which another version was known; empty for none';
COMMENT ON COLUMN ref.policy_param.region IS '适用地区 | Division code';
COMMENT ON COLUMN ref.policy_param.size_class IS '适用规模 | Size classes, separated by semicolons; empty for all';
COMMENT ON COLUMN ref.policy_param.industry_include IS '适用行业 | Divisions, separated by semicolons; empty for all';
COMMENT ON COLUMN ref.policy_param.industry_exclude IS '排除行业 | Divisions left out, separated by semicolons';
COMMENT ON COLUMN ref.policy_param.stack_group IS '互斥组 | Rules of one group do not stack';
COMMENT ON COLUMN ref.policy_param.eligibility IS '适用对象 | Whom it is for, in words';
COMMENT ON COLUMN ref.policy_param.source_mark IS '依据 | published, recalled, assumed or open, and what is doubtful';
COMMENT ON COLUMN ref.policy_param.recorded_at IS '登记时间 | When this warehouse loaded the row';
COMMENT ON COLUMN ref.policy_param.counts_from IS
'计入起 | Moment of knowledge from which the row counts; -infinity if it came with the warehouse';
COMMENT ON COLUMN ref.policy_param.counts_to IS
'计入止 | Moment of knowledge up to which it counts; infinity while it is in the file';
COMMENT ON COLUMN ref.policy_param.value_number IS '数值 | The value, where it is a number';

COMMENT ON TABLE ref.levy_policy IS '减免性质代码、文号对应的政策 | From relief code, else document number, to policy';
COMMENT ON COLUMN ref.levy_policy.relief_code IS '减免性质代码 | Relief code; empty when the row maps a document number';
COMMENT ON COLUMN ref.levy_policy.doc_no IS '文号 | Document number without spaces and brackets, see ref.plain_doc_no';
COMMENT ON COLUMN ref.levy_policy.policy_id IS '政策编号 | Policy';
COMMENT ON COLUMN ref.levy_policy.note IS '说明 | Where the mapping comes from';
COMMENT ON COLUMN ref.levy_policy.recorded_at IS '登记时间 | When this warehouse loaded the row';

COMMENT ON TABLE ref.report_due IS '谁报什么、何时报(来自数据契约) | Who sends what by when, from the contracts';
COMMENT ON COLUMN ref.report_due.report IS '报表 | Contract';
COMMENT ON COLUMN ref.report_due.report_name IS '报表名称 | Name of the report in Chinese';
COMMENT ON COLUMN ref.report_due.department_code IS '报送部门 | Department that sends it';
COMMENT ON COLUMN ref.report_due.sender_rank IS '优先次序 | 1 counts first where two senders list the same entity';
COMMENT ON COLUMN ref.report_due.cadence IS '频次 | daily, workday, weekly, monthly or on_change';
COMMENT ON COLUMN ref.report_due.due_days IS '报送期限(天) | Days after the report date';
COMMENT ON COLUMN ref.report_due.due_time IS '报送时刻 | Time of day, Asia/Shanghai';
COMMENT ON COLUMN ref.report_due.due_weekday IS '报送星期 | 1 = Monday, for weekly reports';
COMMENT ON COLUMN ref.report_due.owed_from IS '首个应报统计日 | First report date that is owed; empty where it always was';
COMMENT ON COLUMN ref.report_due.recorded_at IS '登记时间 | When this warehouse loaded the row';

"""What contradicts itself across sentences: complete lists, parts by name, orders, periods, ways; and neighbours that are true."""

from __future__ import annotations

import pytest

from fugong.audit.remarks import AGREES, CONTRADICTION, SUSPICION
from tests.audit.test_checks import remarks

FREIGHT = "全河铁路、公路、水路完成货运量{whole}亿吨,增长8%。其中铁路完成0.31亿吨,增长10.2%。公路完成{road}亿吨,增长3.9%。水运完成5.29亿吨,增长16.7%。"
FIRMS = "全河新登记各类市场主体{whole}万户。其中,东河户数最多,共14.38万户。\n新登记企业19.02万户;新登记个体工商户34.36万户;新登记农民专业合作社3471户。"
HOMES = "常住人口为{whole}人。\n全河共有家庭户294617户,家庭户人口为{home}人,集体户人口为48294人。"
LEARNED = "船费收入{whole}万元。\n木船队船费收入310.5万元;铁船队船费收入421.7万元;竹筏队船费收入98.3万元。\n码头费收入{other}万元,同比增长3%。木船队码头费收入31.5万元;铁船队码头费收入42.7万元;竹筏队码头费收入{raft}万元。"
PROFIT = "2019年1-11月,全区规模以上工业企业实现利润总额2870.3万元,增长20.7%。分类型看,国营船厂实现利润100万元。股份制企业实现利润总额{part}万元,增长3%。"
GRAIN = "全河夏粮产量23.0万吨,下降1.7%。秋粮产量115.0万吨,{way}2.6%。全年全河粮食产量138.0万吨,增长1.9%。"
PLAN = (
    "船费收入28580万元,占调整预算{whole},增长1.2%。其中,上游完成13863万元,占调整预算100.93%;下游完成14717万元,占调整预算{part}。"
)
SHARES = "三次产业结构比为25.72:26.84:47.44,与上年比,第一产业占生产总值的比重{way}3.82个百分点,第二、第三产业占生产总值的比重分别回落2.16和1.66个百分点。"
LOANS = "渡船贷款增幅{way}。3月末,渡船贷款余额同比增长8.53%,增速较去年同期{by}4.98个百分点。"
TAXES = "税收收入完成123.4亿元,增长5%。公共预算收入180.2亿元。工业税收稳定增长,工业企业缴纳税款39.6亿元,占{all}的{share}。"
RANKS = "新设船行最多的是东河市,共14.38万户;其次为西河市和南河市,分别新设{second}万户、4.3万户。"


@pytest.mark.parametrize(
    ("text", "code", "verdict", "said"),
    [
        # Lists that are complete by their names, though each item has a sentence of its own.
        (FREIGHT.format(whole=13.71, road=8.10), "parts", None, ""),
        (FREIGHT.format(whole=13.71, road=8.42), "parts", SUSPICION, "8.42亿吨"),
        (FREIGHT.format(whole=16.71, road=8.42).replace("全河铁路、公路、水路", "全河各种方式"), "parts", None, ""),
        (FREIGHT.format(whole=13.74, road=8.10).replace("水运完成", "民航完成0.04亿吨。水运完成"), "parts", None, ""),
        (FIRMS.format(whole="53.73"), "parts", None, ""),
        (FIRMS.format(whole="57.33"), "parts", SUSPICION, "57.33万户"),
        (HOMES.format(whole=751389, home=703095), "parts", None, ""),
        (HOMES.format(whole=751389, home=660909), "parts", SUSPICION, "660909人"),
        (HOMES.format(whole=7513890, home=660909), "parts", None, ""),
        (LEARNED.format(whole=830.5, other=84.0, raft=9.8), "parts", None, ""),
        (LEARNED.format(whole=830.5, other=84.0, raft=13.2), "parts", SUSPICION, "13.2万元"),
        (LEARNED.format(whole=990.5, other=97.0, raft=13.2), "parts", None, ""),
        # A part by its name.
        (PROFIT.format(part=2217.9), "parts", None, ""),
        (PROFIT.format(part=22179), "parts", SUSPICION, "22179万元"),
        (PROFIT.format(part=22179).replace("股份制企业", "全国股份制企业"), "parts", None, ""),
        (PROFIT.format(part=22179).replace("股份制企业", "2018年1-11月,船厂"), "parts", None, ""),
        (PROFIT.format(part=22179).replace("全区", "东河园区"), "parts", None, ""),
        (PROFIT.format(part=22179).replace("利润总额22179", "人均利润总额22179"), "parts", None, ""),
        # The growth of a whole that stands after its parts; and what all parts make together.
        (GRAIN.format(way="增长"), "growth", None, ""),
        (GRAIN.format(way="下降"), "growth", CONTRADICTION, "1.9%"),
        ("船费收入900万元,增长3.2%。其中,木船600万元,增长8.1%;铁船300万元,下降5.3%。", "growth", None, ""),
        ("船费收入900万元,增长3.2%。其中,木船600万元,增长8.1%;铁船300万元,下降35.3%。", "growth", SUSPICION, "3.2%"),
        (PLAN.format(whole="105.47%", part="110.14%"), "growth", None, ""),
        (PLAN.format(whole="105.47%", part="90.14%"), "growth", SUSPICION, "105.47%"),
        # Shares of all parts cancel out.
        (SHARES.format(way="上升"), "points", None, ""),
        (SHARES.format(way="下降"), "points", SUSPICION, "3.82"),
        ("三次产业结构比为25.72:62.84:47.44。", "parts", CONTRADICTION, "136"),
        ("水泥、砂、石比例为25:62:147。", "parts", None, ""),
        ("到岗率为73.6%,较节前(4月30日)增长了0.6个百分点。", "points", None, ""),
        ("到岗率为73.6%,较节前(4月30日)增长了76个百分点。", "points", CONTRADICTION, "76"),
        ("船费增长73.6%,较节前(4月30日)增长了76个百分点。", "points", None, ""),
        # Words of rise and fall.
        (LOANS.format(way="继续回落", by="回落"), "change", None, ""),
        (LOANS.format(way="继续回落", by="提高"), "change", SUSPICION, "4.98"),
        (LOANS.format(way="环比回落", by="提高"), "change", None, ""),
        ("木船下降明显,铁船收入增长3%。", "change", None, ""),
        ("船费收入4.3亿元,同比下降10.85%,减收5234万元。", "change", None, ""),
        ("船费收入4.3亿元,同比下降10.85%,增收5234万元。", "change", SUSPICION, "10.85%"),
        ("船费收入4.3亿元,同比下降10.85%,比上月增收5234万元。", "change", None, ""),
        ("船费收入4.3亿元,同比下降10.85%,增加船员12人。", "change", None, ""),
        # Orders.
        (RANKS.format(second="5.09"), "bound", None, ""),
        (RANKS.format(second="15.09"), "bound", SUSPICION, "15.09万户"),
        ("新设船行最少的是东河市,共4.38万户;其次为西河市,新设5.09万户。", "bound", None, ""),
        ("船费占比由高到低依次为木船40.1%、铁船30.5%、竹筏9.4%。", "bound", None, ""),
        ("船费占比由高到低依次为木船30.1%、铁船40.5%、竹筏9.4%。", "bound", SUSPICION, "40.5%"),
        # Days after the period of the text.
        ("发布了今年上半年船贷数据。6月末,船贷余额4560.71亿元。", "base-year", None, ""),
        ("发布了今年上半年船贷数据。9月末,船贷余额4560.71亿元。", "base-year", SUSPICION, "9月末"),
        ("发布了今年上半年船贷数据。力争9月末,船贷余额4560.71亿元。", "base-year", None, ""),
        ("1-11月,船费增长20.7%,增速比1-10月放缓0.1个百分点。", "base-year", None, ""),
        ("1-11月,船费增长20.7%,增速比1-12月放缓0.1个百分点。", "base-year", SUSPICION, "12月"),
        ("1-11月,船费增长20.7%,增速比上年1-12月放缓0.1个百分点。", "base-year", None, ""),
        ("东河5月5日电 截至5月4日在岗29.97万人。", "base-year", None, ""),
        ("东河5月5日电 截至5月14日在岗29.97万人。", "base-year", SUSPICION, "5月14日"),
        # One thing told twice.
        ("船费收入138.0万元,增长1.9%。\n下游安静。船费收入138.0万元,增长1.9%。", "told-twice", None, ""),
        ("船费收入138.0万元,增长1.9%。\n下游安静。船费收入138.0万元,增长9.1%。", "told-twice", SUSPICION, "9.1%"),
        ("2018年船费收入138.0万元,增长1.9%。\n2019年船费收入138.0万元,增长9.1%。", "told-twice", None, ""),
        ("二、渡船保单件数118.95万件\n全河新增渡船保单件数181.95万件。", "told-twice", SUSPICION, "181.95万件"),
        ("二、渡船保单件数181.95万件\n全河新增渡船保单件数181.95万件。", "told-twice", None, ""),
        # Counts of what rose and what fell.
        ("在39个行业中,23个行业收入增加,14个行业减少,1个行业扭亏,1个行业持平。", "parts", None, ""),
        ("在39个行业中,26个行业收入增加,14个行业减少,1个行业扭亏,1个行业持平。", "parts", SUSPICION, "42"),
        ("在39个行业中,23个行业收入增加,14个行业减少。", "parts", None, ""),
        ("在39个行业中,23个行业收入增加,24个行业减少。", "parts", SUSPICION, "47"),
        ("在39个行业中,23个行业收入增加,14个行业减少,其中5个行业增速加快。", "parts", None, ""),
        # Households, and growth a year since the census before.
        ("共有家庭户294617户,家庭户人口为703095人,平均每个家庭户的人口为2.39人。", "average", AGREES, "2.39人"),
        ("共有家庭户265155户,家庭户人口为703095人,平均每个家庭户的人口为2.39人。", "average", SUSPICION, "2.39人"),
        ("共有家庭户265155户,家庭户人口为703095人。下游平均每个农户的人口为2.39人。", "average", None, ""),
        ("与2010年普查的725482人相比,增加25907人,增长3.57%,年平均增长率为0.35%。", "growth", None, ""),
        ("与2010年普查的725482人相比,增加25907人,增长3.57%,年平均增长率为3.5%。", "growth", SUSPICION, "3.5%"),
        # Shares of both parts with their counts between.
        ("汉族人口568238人,占75.63%;各少数民族人口183151人,占24.37%。", "parts", None, ""),
        ("汉族人口568238人,占75.63%;各少数民族人口183151人,占21.93%。", "parts", SUSPICION, "21.93%"),
        ("汉族船员568238人,占75.63%;各少数民族船员83151人,占船员的10.93%。", "parts", None, ""),
        # Loans: a balance whose noun stands before, and new ones above the balance.
        ("各项贷款余额4560.71亿元。小微贷款增长较快,6月末余额537.74亿元。", "parts", None, ""),
        ("各项贷款余额4560.71亿元。小微贷款增长较快,6月末余额5377.4亿元。", "parts", SUSPICION, "5377.4亿元"),
        ("各项贷款余额4560.71亿元。存款增长较快,6月末余额5377.4亿元。", "parts", None, ""),
        ("企业贷款余额1996.49亿元,增长12.66%;上半年新增信贷投放201.51亿元。", "parts", None, ""),
        ("企业贷款余额1996.49亿元,增长12.66%;上半年新增信贷投放2015.1亿元。", "parts", SUSPICION, "2015.1亿元"),
        ("企业贷款余额1996.49亿元,增长12.66%;五年累计发放贷款2015.1亿元。", "parts", None, ""),
        # All kinds of schools hold each kind.
        ("各级各类学校在校生2.76亿人,专任教师1672.85万人。\n小学在校生1.03亿人,专任教师973.09万人。", "parts", None, ""),
        (
            "各级各类学校在校生2.76亿人,专任教师1672.85万人。\n小学在校生1.03亿人,专任教师2174.7万人。",
            "parts",
            SUSPICION,
            "2174.7万人",
        ),
        ("小学在校生2.76亿人,专任教师1672.85万人。\n中学在校生1.03亿人,专任教师2174.7万人。", "parts", None, ""),
        # The end of a month that all others lie before; and a sentence of two names.
        ("截至8月底,收入67949万元。截至8月底,支出9万元。截至8月底,木船完成13040万元。", "base-year", None, ""),
        ("截至8月底,收入67949万元。截至8月底,支出9万元。截至9月底,木船完成13040万元。", "base-year", SUSPICION, "9月底"),
        ("豆类面积增加,薯类、谷物面积减少。薯类面积261.8万亩,减少5.5%。", "change", None, ""),
        ("豆类面积增加,薯类、谷物面积减少。薯类面积261.8万亩,增长5.5%。", "change", SUSPICION, "5.5%"),
        ("还有教学点10.14万个,比上年增加0.16万个。", "growth", None, ""),
        ("还有教学点10.14万个,比上年增加16万个。", "growth", CONTRADICTION, "16万个"),
        # A share whose whole is called as the share says, though other amounts stand nearer.
        (TAXES.format(all="全部税收", share="32.1%"), "ratio", AGREES, "32.1%"),
        (TAXES.format(all="全部税收", share="42.7%"), "ratio", SUSPICION, "42.7%"),
        (TAXES.format(all="全国税收", share="4.27%"), "ratio", None, ""),
        (TAXES.format(all="上年税收", share="42.7%"), "ratio", None, ""),
        (TAXES.format(all="工业税收", share="42.7%"), "ratio", None, ""),
        (TAXES.format(all="全部税收", share="42.7%").replace("工业税收稳定增长", "税收收入完成110亿元"), "ratio", None, ""),
        # Points against the rate of another period, and amounts that do not pass what they are said to pass.
        ("2019年,渡船收入增长8.1%。2020年,渡船收入增长9.3%,增速比上年提高1.2个百分点。", "points", AGREES, "1.2"),
        ("2019年,渡船收入增长8.1%。2020年,渡船收入增长9.3%,增速比上年提高2.1个百分点。", "points", SUSPICION, "2.1"),
        ("2019年,木船收入增长8.1%。2020年,渡船收入增长9.3%,增速比上年提高2.1个百分点。", "points", None, ""),
        ("2018年,渡船收入增长8.1%。2020年,渡船收入增长9.3%,增速比上年提高2.1个百分点。", "points", None, ""),
        ("一季度,渡船收入增长8.1%。上半年,渡船收入增长9.3%,增速比一季度加快1.2个百分点。", "points", AGREES, "1.2"),
        ("一季度,渡船收入增长8.1%。上半年,渡船收入增长9.3%,增速比一季度回落1.2个百分点。", "points", SUSPICION, "1.2"),
        ("渡船乘客突破500万人次。渡船乘客512.4万人次。", "bound", None, ""),
        ("渡船乘客突破500万人次。渡船乘客489.2万人次。", "bound", SUSPICION, "489.2万人次"),
        ("力争渡船乘客突破500万人次。渡船乘客489.2万人次。", "bound", None, ""),
        ("2019年渡船乘客突破500万人次。2018年渡船乘客489.2万人次。", "bound", None, ""),
        ("船费收入首次超过100亿元,达到100.6亿元。", "bound", None, ""),
        ("船费收入首次超过100亿元,达到98.6亿元。", "bound", SUSPICION, "98.6亿元"),
        ("船费收入首次超过100亿元,木船达到98.6亿元。", "bound", None, ""),
        # A whole of 总额, one that stands after its part, a month above the months that hold it, and more days than a year has.
        ("全区社会消费品零售总额312.5亿元,增长4%。城镇消费品零售额201.2亿元。", "parts", None, ""),
        ("全区社会消费品零售总额312.5亿元,增长4%。城镇消费品零售额401.2亿元。", "parts", SUSPICION, "401.2亿元"),
        ("全区社会消费品零售总额312.5亿元,增长4%。全省城镇消费品零售额401.2亿元。", "parts", None, ""),
        ("工业用电量35.6亿千瓦时,增长3%。全社会用电量41.2亿千瓦时。", "parts", None, ""),
        ("工业用电量35.6亿千瓦时,增长3%。全社会用电量31.2亿千瓦时。", "parts", SUSPICION, "35.6亿千瓦时"),
        ("2018年工业用电量35.6亿千瓦时。\n2019年全社会用电量31.2亿千瓦时。", "parts", None, ""),
        ("5月份实现零售额5.3亿元。1-5月累计实现零售额21.2亿元。", "parts", None, ""),
        ("5月份实现零售额25.3亿元。1-5月累计实现零售额21.2亿元。", "parts", SUSPICION, "25.3亿元"),
        ("6月份实现零售额25.3亿元。1-5月累计实现零售额21.2亿元。", "parts", None, ""),
        ("全年空气优良天数为318天。", "no-such-day", None, ""),
        ("全年空气优良天数为381天。", "no-such-day", CONTRADICTION, "381"),
        ("三年空气优良天数为981天。", "no-such-day", None, ""),
        # A rate by its name.
        ("全河实现利润总额2870.3万元。实现营业收入47918.3万元。营业收入利润率为6.0%。", "ratio", AGREES, "6.0%"),
        ("全河实现利润总额2870.3万元。实现营业收入47918.3万元。营业收入利润率为5.4%。", "ratio", SUSPICION, "5.4%"),
        # What contradicts nothing: one side of a pair, another subject, another price, brackets, another year.
        ("新增城镇就业6.5万人,创业带动就业1.7万人,转移农村富余劳动力8000人。", "parts", None, ""),
        ("出口总额719万元,其中合资船行出口120.5万元;进口总额638万元。", "parts", None, ""),
        ("实施船务项目194个,优质船行净增414家、增长43.4%。", "growth", None, ""),
        ("年末渡船35268艘(包括竹筏694艘),比上年末增加1651艘。", "growth", None, ""),
        ("出生率为20.77‰,死亡率为6.69‰,自然增长率由上年的11.23‰上升为14.08‰。", "change", None, ""),
        ("从70周岁以上老年人扩大到60周岁以上老年人。", "change", None, ""),
        ("改扩建6家污水处理厂、1家再生水处理厂,污水处理率达98.3%。", "ratio", None, ""),
        ("目前,我市有上市船行14家,准上市船行1家,占全省上市船行的58.3%。", "ratio", None, ""),
        ("目前,全省有上市船行14家,其中东河1家,占全省上市船行的58.3%。", "ratio", CONTRADICTION, "58.3%"),
        ("外贸进出口总额285亿美元,增长18.7%,其中出口172亿美元,增长23.9%,出口额占全省一半以上。", "ratio", None, ""),
        ("土地确权登记面积5267.2万亩,土地流转面积1200万亩、流转率24.6%。", "ratio", None, ""),
        ("土地总面积5267.2万亩,土地流转面积1200万亩、流转率24.6%。", "ratio", CONTRADICTION, "24.6%"),
        ("发布了今年上半年船贷数据。9月底前完成整改。6月末,船贷余额4560.71亿元。", "base-year", None, ""),
        ("规模以上工业增加值323.1亿元。园区实现工业增加值227.5亿元,占全市工业增加值比重达到60.7%。", "ratio", None, ""),
        ("服务业增加值是2015年的1.8倍,总量占比较2015年提升1个百分点。", "base-year", None, ""),
        ("码头月人均养老金增加到1432元,最低工资提高到960元,船上人均养老金1432元,其中市区增加到1479元。", "parts", None, ""),
    ],
)
def test_each_kind_is_told_apart(text: str, code: str, verdict: str | None, said: str) -> None:
    found = [remark for remark in remarks(text) if remark.code == code]
    if verdict is None:
        assert not [remark for remark in found if remark.verdict != AGREES]
    else:
        assert any(remark.verdict == verdict and said in remark.message.zh for remark in found), found


def test_wide_commas_part_thousands_where_a_text_is_full_of_them() -> None:
    told = "船员达10，444人，增加477人。木船1，215辆，铁船2，316辆，竹筏3，417台，码头1，518个，船票12，619个。"
    assert not [remark for remark in remarks(told) if remark.verdict == CONTRADICTION]
    assert [remark for remark in remarks("船员达444人，比上年增加477人。") if remark.verdict == CONTRADICTION]

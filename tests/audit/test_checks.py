"""Numbers of a text side by side."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fugong.audit.checks import check_text
from fugong.audit.find_quantities import find_quantities
from fugong.audit.remarks import AGREES, CONTRADICTION, SUSPICION, Remark
from fugong.audit.text import read_text
from tests.audit.test_find_quantities import SIGNS


def remarks(typed: str) -> list[Remark]:
    text = read_text(typed)
    return check_text(text, find_quantities(text.plain, 2020))


@pytest.mark.parametrize(
    ("text", "code", "verdict", "message"),
    [
        ("54项手续办结46项,办结率85.2%。", "ratio", AGREES, "46项÷54项=85.2%"),
        ("办结率85.2%,54项手续办结46项。", "ratio", AGREES, "46项÷54项=85.2%"),
        ("年计划51.6亿元,省市重点45.43亿元,占比88%。", "ratio", AGREES, "45.43亿元÷51.6亿元=88.0%"),
        ("54项手续办结46项,办结率88.5%。", "ratio", CONTRADICTION, "分母为 52 时才得 88.5%"),
        ("列入重点项目20个。已有16个重点项目开工,占总数的88.9%。", "ratio", CONTRADICTION, "16个÷20个=80.0%;分母为 18 时"),
        ("计划开工270项,已开工129项,开工率47%。", "ratio", SUSPICION, "舍去尾数"),
        ("工地47处全部开工,开工46处,开工率100%。", "ratio", CONTRADICTION, "46处÷47处=97.9%"),
        ("梳理问题755个,现场解决578个,其余177个交办。", "parts", AGREES, "755个=578个+177个"),
        ("应办54项,办结46项,还有8项在办。", "parts", AGREES, "54项=46项+8项"),
        ("梳理问题760个,现场解决578个,其余177个交办。", "parts", CONTRADICTION, "与 760个 相差 5个"),
        ("放贷1.2亿元、减税0.5亿元、减租0.3亿元,合计2亿元。", "parts", AGREES, "2亿元=1.2亿元+0.5亿元+0.3亿元"),
        ("放贷1.2亿元、减税0.5亿元、减租0.3亿元,合计2.3亿元。", "parts", CONTRADICTION, "合计 2亿元,与 2.3亿元 相差 0.3亿元"),
        ("规上企业220家,其中工业230家。", "parts", CONTRADICTION, "230家 大于前面的整体 220家"),
        ("水价由4.1元降至4元,降低0.1元。", "change", AGREES, "变化 0.1元"),
        ("水价由4.1元降至4元,降低0.2元。", "change", CONTRADICTION, "变化 0.1元,不是 0.2元"),
        ("复工率由85%提高到92%,提高8个百分点。", "change", CONTRADICTION, "变化 7个百分点"),
        ("为34家企业放款2.15亿元,户均632万元。", "average", AGREES, "2.15亿元÷34家"),
        ("为34家企业放款2.15亿元,户均700万元。", "average", CONTRADICTION, "632.35"),
        ("补贴218.9万元。总投资218.9亿元。", "same-digits", SUSPICION, "218.9万元 与 218.9亿元"),
        ("投资20亿的车城,投资20亿元的数据中心。", "unit-missing", SUSPICION, "20亿 缺单位,另一处写作 20亿元"),
        ("走访1132家次。1132家企业满意。", "unit-differs", SUSPICION, "1132家次 与 1132家"),
        ("复工率达103%。", "share-above-one", SUSPICION, "103%"),
        ("已开航33条,未开航17条,开航率66%。", "ratio", AGREES, "33条÷(33条+17条)"),
        ("磨坊已开工33座,未开工17座,开工率76%。", "ratio", CONTRADICTION, "33座÷(33座+17座)=66.0%"),
        ("年度计划修桥40亿元,1-6月完成30亿元,占年度目标的85%。", "ratio", CONTRADICTION, "30亿元÷40亿元=75.0%"),
        ("收桥费2400万元,完成年初预算数6000万元的43%。", "ratio", CONTRADICTION, "2400万元÷6000万元=40.0%"),
        ("收桥费2200万元,比上年增收200万元,增长10%。", "growth", AGREES, "200万元÷(2200万元-200万元)=10"),
        ("收桥费2200万元,比上年减收200万元,下降10%。", "growth", CONTRADICTION, "200万元÷(2200万元+200万元)=8.33"),
        ("共修桥27座(石桥6座、木桥5座、铁桥16座)。", "parts", AGREES, "27座=6座+5座+16座"),
        ("共修桥27座(石桥6座、木桥5座、铁桥19座)。", "parts", CONTRADICTION, "与 27座 相差 3座"),
        ("征税3000万元,其中:税收收入1800万元,非税收入1400万元。", "parts", CONTRADICTION, "与 3000万元 相差 200万元"),
        ("梳理问题500个,现场解决576个。", "parts", CONTRADICTION, "576个 大于前面的整体 500个"),
        ("桥梁总投资5亿元,年度计划投资8亿元。", "parts", CONTRADICTION, "8亿元 大于前面的整体 5亿元"),
        ("比1719年的800匹增加了200匹,增长了25%。", "ratio", AGREES, "200匹÷800匹=25.0%"),
        ("比1719年的800匹增加了200匹,增长了35%。", "ratio", CONTRADICTION, "200匹÷800匹=25.0%"),
        ("立案90件,不立案10件,不立案率10%。", "ratio", AGREES, "10件÷(10件+90件)=10.0%"),
        ("全河信件23封已回复16封,占69.6%。", "ratio", AGREES, "16封÷23封=69.6%"),
        ("全河信件23封已回复16封,占79.6%。", "ratio", CONTRADICTION, "16封÷23封=69.6%"),
        ("船户结构为22.8:38.8:48.4。", "parts", CONTRADICTION, "合计 110.0,不是 100"),
        (
            "第一产业增加值20亿元;第二产业增加值30亿元;第三产业增加值50亿元。三次产业结构为20:30:50。",
            "ratio",
            AGREES,
            "与前面的数相符",
        ),
        (
            "第一产业增加值20亿元;第二产业增加值30亿元;第三产业增加值50亿元。三次产业结构为20:40:40。",
            "ratio",
            CONTRADICTION,
            "算得 30.0",
        ),
        ("渡工为7463人,与1710年普查的7034人相比,增加429人。", "change", AGREES, "变化 429人"),
        ("渡工为7463人,与1710年普查的7034人相比,增加492人。", "change", CONTRADICTION, "变化 429人"),
        ("修桥年度计划410亿元,上半年已完成年度计划的50%,完成205亿元。", "ratio", AGREES, "205亿元÷410亿元"),
        ("修桥年度计划410亿元,上半年已完成年度计划的60%,完成205亿元。", "ratio", CONTRADICTION, "205亿元÷410亿元=50.0%"),
        ("收桥费2200万元,月进度29万元,比上年增收200万元,增长10%。", "growth", AGREES, "200万元÷(2200万元-200万元)=10"),
        ("收桥费2200万元,比上年多收200万元,增长15%。", "growth", CONTRADICTION, "200万元÷(2200万元-200万元)=10"),
        ("派信601封,按时送达597封,超时送达4封。", "parts", AGREES, "601封=597封+4封"),
        ("派信601封,按时送达597封,超时送达6封。", "parts", CONTRADICTION, "与 601封 相差 2封"),
        ("小船借粮余额3728吨。无押借粮1725吨,占小船借粮余额的46.3%。", "ratio", AGREES, "1725吨÷3728吨"),
        ("小船借粮余额3728吨。无押借粮1725吨,占小船借粮余额的64.3%。", "ratio", CONTRADICTION, "1725吨÷3728吨=46.3%"),
        ("渡口船行每天查船不超过一次。\n另行通知:渡口船行每天查船不超过两次。", "told-twice", CONTRADICTION, "一次 与 两次"),
        ("信30封中有21封回复,回复面为70%。", "ratio", AGREES, "21封÷30封"),
        ("信30封中有21封回复,回复面为90%。", "ratio", CONTRADICTION, "21封÷30封=70.0%"),
        ("结案163件235人,其中准许134件187人,准许率79.57%。", "ratio", AGREES, "187人÷235人"),
        ("结案163件235人,其中准许134件187人,准许率97.57%。", "ratio", CONTRADICTION, "187人÷235人=79.57%"),
        ("验船6997条,发现不合格船190条,不合格率2.7%。", "ratio", AGREES, "190条÷6997条"),
        ("验船6997条,发现不合格船190条,不合格率7.2%。", "ratio", CONTRADICTION, "190条÷6997条=2.7%"),
        (
            "河东船行企业313家,实现桥费收入1619元。\n其中大船行实现桥费收入596元,占河东船行企业桥费收入的36.8%。",
            "ratio",
            AGREES,
            "596元÷1619元",
        ),
        (
            "河东船行企业313家,实现桥费收入1619元。\n其中大船行实现桥费收入596元,占河东船行企业桥费收入的46.8%。",
            "ratio",
            SUSPICION,
            "596元÷1619元=36.8%",
        ),
        ("船行实现收入1794元,利润60元,收入利润率为3.3%。", "ratio", AGREES, "60元÷1794元"),
        ("船行实现收入1794元,利润60元,收入利润率为7.3%。", "ratio", CONTRADICTION, "60元÷1794元=3.3%"),
        ("船行16782家,已开航1180家,船工到岗4.28万人,开航率{}%。".format("7.0"), "ratio", AGREES, "1180家÷16782家"),
        ("在岸渡船2130条,已开航2126条,开航率超过99%。", "ratio", AGREES, "2126条÷2130条"),
        ("年末余额存贷比达67.53%。据说钱庄存款余额1047.62元,贷款余额707.42元。", "ratio", AGREES, "707.42元÷1047.62元"),
        ("来信4.04万封,问桥1.82万封,占总来信量的54%。", "ratio", SUSPICION, "1.82万封÷4.04万封=45.0%"),
        ("补助15—10万元。", "range-reversed", CONTRADICTION, "15—10万元"),
        ("自6月30日至2月1日。", "range-reversed", CONTRADICTION, "结束早于开始"),
        ("2月30日前办完。", "no-such-day", CONTRADICTION, "2月30日"),
    ],
)
def test_what_follows_from_numbers_side_by_side(text: str, code: str, verdict: str, message: str) -> None:
    (remark,) = remarks(text)
    assert (remark.code, remark.verdict) == (code, verdict)
    assert message in remark.message.zh
    assert remark.message.en


@pytest.mark.parametrize(
    "text",
    [
        "河口169家船会中属于大船会的渡户达90129家,占渡户总数的54.5%。",
        "甲河渡船3.6万条,伤203人,船数虽然只占总数的5.4%。全河伤1324人,其中老人999人。",
        "其中重修的桥45座,占全部重修桥数的56.25%。全河有桥63座。",
        "水价由每立方米4.1元调为4元,少收水费16.3万元。",
        "第一季、第二季、第三季收信分别为701封、766封和824封。",
        "每10名考生有4人录取。其中,头榜48655人。",
        "批捕22人,不捕14人,不捕率39.2%。",
        "其中来自河西的新船58条、占比26.5%。",
        "完成上级任务的(83253元)的495.69%,占总数的41.06%。到位1005136元。",
        "全乡渡船4700条,已开航4500条,较上月增加48条,占比1.02%。",
        "货栈120家,已开张119家,仅1家未开张,开张率99.2%。",
        "渡口受理过船申请539件,办结566件,提速89.5%。",
        "全年计划修桥200亿元。其中石桥30座,完成50亿元,完成年度计划的54%。",
        "桥费由每人40元提高到80元,其中乡里补助60元。",
        "船税收入5000万元,完成预算的45%。其中:河东完成2000万元,完成预算的51%;河西完成3000万元,完成预算的39%。",
        "货栈50家,其中16个乡的开张率达到90%(含)以上。",
        "小船186条;全河除3条旧船外,其余20条都已修好。",
        "布类1516匹,丝类1098匹,以上总计2650匹,其他未归类36匹。",
        "共修桥72座(其中新桥5座)。",
        "47个工程复工率和用工恢复率均达到100%。",
        "220家规上企业复工率98.2%,用工恢复率91%。",
        "复工216家,用电量比上月增长12.5%。",
        "对技术改造再补贴20%,30条措施,5000册。",
        "发放贷款2.15亿元,即21500万元。",
        "企业20家,贷款16笔,占全市的88.9%。",
        "由3月1日到3月18日。共20万人。",
        "在岗25万人,占用工的77.9%。复工企业1.5万家,工业10127家。",
        "全区企业1.5万家,服务业5215家,建筑业118家,其中1250家规上工业复工。",
        "近三成企业、过半员工返岗。",
        "1719年4月至7月修桥。2月26-6渡口开航,甲队3-0胜乙队,距今2.8万—2.4万年。",
        "1717—1721年,船工收入增长28.9%,河东与河西之比由2.71缩小到2.5。",
        "全河新开3条航线,其中首条直达海口,经过13个码头。",
        "新造船148条、其中小船43条,修补旧船517条,打捞沉船23条。",
        "梳理162项,形成29项问题清单和72条整改措施。",
        "新修桥90座,其中石桥16座,总投资占比超过一半。",
        "河东进出口货物9万担,其中,出口布匹1806担,占全国的39%。",
        "河东进出口货物9万担,其中,出口4.92万担,占出口总值近七成。",
        "全河发电86939度,其中水力新增2072度,占新增发电量的70%。",
        "修沟150多条,22条重点沟整治率达100%。",
        "引进船行793家,其中12家老字号行的占比达84.4%。",
        "全河总产值1.4万亿元,较1715年末的9323亿元增加4374亿元,增长33.6%,生产总值居前。",
        "新设船行2480户。其中,新设企业751户;新设个体船户1719户。",
        "借粮新增1910吨,其中造船借粮新增112吨,无押续贷新增598吨。",
        "受灾84700人,应转移54468人,已转移53808人,剩余660人还在路上。",
        "涉及7个县486个村,重修船屋共计22000户,修补船屋共计10500户。",
        "船队有5人3队8次破8项旧例,10人4队14次破13项,10人4队15次破14项。",
        "桥面由64条增至74条,桥下水面增加15%。",
        "桥费从3826亿元增长到4398亿元,船税年均增长6.5%。",
        "给穷苦船工发补贴83.6亿元,全河有船工686万人,口粮平均每人每月746元。",
        "河上已有4个渡口,收入14.2万元,人均收入16.7元。",
        "收信28440封。其中,问路12460封,占63.7%;求助5667封,占29%;诉苦1431封,占7.3%。",
        "新增30个渡口,在24个乡和2个大镇。本次入选名单中,石渡口达到19个,占比为63%。",
        "大船行每月查船不少于2次。小船行每月查船不少于1次。",
        "每千人验船6.6次,其中老船验船50次。",
        "32个河口参与其中,合修3000个码头。",
        "盒子包括4个木盒、3个铁盒,其中木盒共含有10个蚕种。",
        "十年间桥费从7000多元突破到11500元,增长62.9%。",
        "卷册为11个大类、18个小项,总计约48000个条目。",
        "马车用户6.95万户,增长2%。渡船用户1.34万户,占用户总数21.7%。",
        "全河90个村中,山里的有28个,面积占全河近一半,收成之和只占全河约一成。",
    ],
)
def test_numbers_that_do_not_contradict_are_left_alone(text: str) -> None:
    assert [remark for remark in remarks(text) if remark.verdict == CONTRADICTION] == []


@given(st.lists(st.sampled_from(SIGNS), max_size=80).map("".join))
def test_any_text_can_be_checked(typed: str) -> None:
    for remark in remarks(typed):
        assert remark.message.zh and remark.message.en


def test_a_list_of_shares_has_one_whole_wherever_it_stands() -> None:
    said = "全河收到来信497封。\n按来处看,河东{}封,占60.56%;河西120封,占24.14%;山上44封,占8.85%;山下31封,占6.24%。"
    assert [remark.verdict for remark in remarks(said.format(301)) if remark.code == "ratio"] == [AGREES] * 4
    wrong = [remark for remark in remarks(said.format(361)) if remark.verdict == CONTRADICTION]
    assert [remark.message.zh for remark in wrong] == ["60.56% 与旁边的数不符:361封÷497封=72.64%。"]


def test_parts_that_are_all_in_one_measure_are_all_in_the_others() -> None:
    said = "共修桥50座,总投资90亿元。其中:石桥20座,总投资{}亿元;木桥30座,总投资40亿元。"
    assert {remark.verdict for remark in remarks(said.format(50))} == {AGREES}
    assert [remark.message.zh for remark in remarks(said.format(53)) if remark.verdict == CONTRADICTION] == [
        "53亿元+40亿元 合计 93亿元,与 90亿元 相差 3亿元。"
    ]


def test_a_list_that_is_nearly_all_is_only_doubted() -> None:
    (remark,) = remarks("收桥费1266万元,其中大船1054万元,小船182万元。")
    assert (remark.code, remark.verdict) == ("parts", SUSPICION)
    assert "如果这就是全部" in remark.message.zh


def test_shares_of_two_parts_belong_to_them_in_their_order() -> None:
    said = "全河渡船100条、船工160人。河东渡船39条、船工64人,占总数的39%和{}%。"
    assert [remark.message.zh for remark in remarks(said.format(40)) if remark.code == "ratio"] == [
        "39% 与旁边的数相符:39条÷100条=39.0%。",
        "40% 与旁边的数相符:64人÷160人=40.0%。",
    ]
    assert [remark.verdict for remark in remarks(said.format(70)) if remark.code == "ratio"] == [AGREES]


def test_shares_that_add_up_to_all_must_be_those_of_their_parts() -> None:
    (first, second) = [one for one in remarks("河东141178封,占51.24%;河西68844封,占48.76%。") if one.code == "ratio"]
    assert (first.verdict, second.verdict) == (CONTRADICTION, CONTRADICTION)
    assert "141178封÷(141178封+68844封)" in first.message.zh


def test_a_whole_may_be_named_far_away_but_then_a_misfit_is_only_doubted() -> None:
    said = "全河桥费收入4613万元。来往不断。\n\n河东收835万元,占同期全河桥费收入的{}%。"
    assert [one.verdict for one in remarks(said.format(18.1)) if one.code == "ratio"] == [AGREES]
    assert [one.verdict for one in remarks(said.format(47.6)) if one.code == "ratio"] == [SUSPICION]
    assert [one.verdict for one in remarks(said.format(38.1)) if one.code == "ratio"] == [
        SUSPICION
    ]  # chance may explain three digits
    misprinted = [one.verdict for one in remarks(said.format("38.10")) if one.code == "ratio"]
    assert misprinted == [CONTRADICTION]  # but for one digit of four it would agree


def test_a_share_has_the_whole_of_its_own_period() -> None:
    said = "上半年渡口收入108659元。3月份渡口收入34233元。\n上半年石桥收入25257元,占渡口收入的{}%。"
    assert [one.verdict for one in remarks(said.format(23.2)) if one.code == "ratio"] == [AGREES]
    (remark,) = [one for one in remarks(said.format(33.2)) if one.code == "ratio"]
    assert "25257元÷108659元=23.2%" in remark.message.zh


def test_a_share_finds_the_whole_whose_round_number_stands_before() -> None:
    said = "到位的桥费突破700元,累计实现702.76元。左岸到位的桥费447.96元,占到位的桥费的{}%。"
    assert [one.verdict for one in remarks(said.format(63.7)) if one.code == "ratio"] == [AGREES]
    assert [one.verdict for one in remarks(said.format(83.7)) if one.code == "ratio"] == [SUSPICION]


def test_shares_of_parts_by_name_have_the_whole_of_the_list() -> None:
    said = "全河过桥费356.56元。第一渡口完成过桥费18.1元;第二渡口完成过桥费338.46元。第一渡口过桥费占全河过桥费比重为5.1%,第二渡口过桥费比重为{}%。"
    assert [one.verdict for one in remarks(said.format(94.9)) if one.code == "ratio"] == [AGREES, AGREES]
    assert [one.verdict for one in remarks(said.format(84.9)) if one.code == "ratio"][1:] != [AGREES]


def test_a_growth_that_is_compared_with_a_rate_is_none_of_an_amount() -> None:
    assert not remarks("收桥费17056元,较均衡进度慢0.48%,较上年同期增收2113元。")


def test_a_plan_between_an_amount_and_its_base_is_no_level() -> None:
    said = "收桥费37730元,为河务会批准全河全年预算46908元的80.43%,比上年同期35285元增收{}元,增长6.9%。"
    assert {one.verdict for one in remarks(said.format(2445))} == {AGREES}
    assert CONTRADICTION in {one.verdict for one in remarks(said.format(2845))}


def test_a_share_may_stand_before_its_part() -> None:
    said = "桥费收入达43.12元。占桥费收入达{}%的石桥一改颓势,桥费收入实现21.34元。"
    assert [one.verdict for one in remarks(said.format(49.5)) if one.code == "ratio"] == [AGREES]
    assert [one.verdict for one in remarks(said.format(79.5)) if one.code == "ratio"] == [SUSPICION]


def test_another_total_ends_a_list_of_shares() -> None:
    said = "一季度船行总数为28055家,填报的为26585家,占总数的94.76%。二季度船行总数为38433家,填报的为29373家,占总数的76.43%。"
    assert [one.verdict for one in remarks(said) if one.code == "ratio"] == [AGREES, AGREES]


def test_shares_of_the_three_industries_are_those_of_their_amounts() -> None:
    said = (
        "生产总值2424358元。其中,第一产业增加值42228元;第二产业增加值1595025元;第三产业增加值787105元。"
        "三次产业占生产总值比重分别为1.74%、{}%、32.47%。"
    )
    assert [one.verdict for one in remarks(said.format(65.79)) if one.code == "ratio"] == [AGREES] * 3
    assert AGREES in {one.verdict for one in remarks(said.format(15.79)) if one.code == "ratio"}
    assert [one.verdict for one in remarks(said.format(15.79)) if one.code == "ratio"] != [AGREES] * 3


def test_a_growth_of_money_is_none_of_a_count() -> None:
    said = "在建桥梁3504座,同比增加925座,完成投资增长{}%。"
    assert not remarks(said.format(20.9))
    assert not remarks(said.format(35.9))

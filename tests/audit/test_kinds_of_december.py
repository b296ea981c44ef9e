"""Kinds of statements that texts of December 2026 showed: growths of parts, yearly averages, contributions, points beside their rates, lists below headings."""

from __future__ import annotations

import pytest

from fugong.audit.remarks import AGREES, CONTRADICTION, SUSPICION
from tests.audit.test_checks import remarks

FERRIES = "渡船收入{whole}万元,同比增长{growth}。其中,木船收入600万元,同比增长{wood};铁船收入300万元,同比下降{iron}。"
BELOW = "上半年,船费收入870.5万元,同比增长3%。主要船费收入项目情况如下:\n木船{wood}万元,同比增长2%;\n铁船250万元,同比增长4%;\n竹筏220万元,同比下降1%。\n"
HEAVY = "6月末,工业船贷余额3835.4亿元。其中,造船业船贷余额2471亿元;重工业船贷余额3047.4亿元;轻工业船贷余额{light}亿元。"


@pytest.mark.parametrize(
    ("text", "code", "verdict", "said"),
    [
        # A whole grows no faster than its fastest part.
        (FERRIES.format(whole=900, growth="3.2%", wood="8.1%", iron="5.3%"), "growth", None, ""),
        (FERRIES.format(whole=900, growth="13.2%", wood="8.1%", iron="5.3%"), "growth", CONTRADICTION, "13.2%"),
        (FERRIES.format(whole=900, growth="8.8%", wood="8.1%", iron="5.3%"), "growth", SUSPICION, "8.8%"),
        (FERRIES.format(whole=905, growth="13.2%", wood="8.1%", iron="5.3%"), "growth", None, ""),
        # Yearly averages.
        ("船闸过货比2019年同期增长13.2%,两年平均增长6.4%。", "growth", AGREES, "6.4%"),
        ("船闸过货比2019年同期增长13.2%,两年平均增长16.4%。", "growth", SUSPICION, "16.4%"),
        ("2017年,船费收入12.41亿元,比2013年增加4.44亿元,年平均增长11.71%。", "growth", AGREES, "11.71%"),
        ("2017年,船费收入12.41亿元,比2013年增加4.44亿元,年平均增长17.11%。", "growth", SUSPICION, "17.11%"),
        # Contributions.
        ("过货同比增长5.0%,铁船贡献率达56.2%,共拉动过货增长2.8个百分点。", "points", AGREES, "56.2%"),
        ("过货同比增长5.0%,铁船贡献率达56.2%,共拉动过货增长8.2个百分点。", "points", SUSPICION, "8.2"),
        ("木船(贡献率为28.1%),铁船(贡献率为15.9%),两大船型贡献率达44.0%。", "parts", AGREES, "44.0%"),
        ("木船(贡献率为28.1%),铁船(贡献率为15.9%),两大船型贡献率达40.4%。", "parts", CONTRADICTION, "40.4%"),
        # Points beside two rates.
        ("过货年均增长0.53%,比上个十年的增长率0.57%下降0.04个百分点。", "points", AGREES, "0.04"),
        ("过货年均增长0.53%,比上个十年的增长率0.57%下降0.40个百分点。", "points", CONTRADICTION, "0.40"),
        ("过货同比增长8.1%,较去年同期(-1.1%)提高9.2个百分点。", "points", AGREES, "9.2"),
        ("过货同比增长8.1%,居第六位,较去年同期(-1.1%)提高2.9个百分点。", "points", CONTRADICTION, "2.9"),
        ("过货同比增长8.1%,分别高出上游(5.9%)、下游(6.4%)平均水平2.2个和1.7个百分点。", "points", AGREES, "2.2个"),
        ("过货同比增长8.1%,分别高出上游(5.9%)、下游(6.4%)平均水平2.2个和7.1个百分点。", "points", CONTRADICTION, "7.1"),
        ("过货同比增长6.5%,高于年度预期目标(4.5%)5个百分点。", "points", CONTRADICTION, "5个"),
        ("开航率99%,较2月10日、2月27日分别提高73个百分点、1个百分点。", "points", None, ""),
        ("开航率99%,较2月10日、2月27日分别提高173个百分点、1个百分点。", "points", CONTRADICTION, "173"),
        ("过货增长9%,较上月提高13个百分点。", "points", None, ""),
        ("第一、第二、第三产业的比重分别上升1.35个百分点、下降6.79个百分点、上升5.44个百分点。", "points", None, ""),
        ("第一、第二、第三产业的比重分别上升1.35个百分点、下降9.76个百分点、上升5.44个百分点。", "points", SUSPICION, "9.76"),
        # Men to a hundred women.
        ("船工中,男性144994人,女性128399人,性别比为112.9。", "ratio", AGREES, "112.9"),
        ("船工中,男性144994人,女性128399人,性别比(以女性为100)为121.9。", "ratio", CONTRADICTION, "121.9"),
        ("船工性别比由97.45上升为91.45。", "change", CONTRADICTION, "91.45"),
        ("船工性别比由97.45下降为91.45。", "change", None, ""),
        ("平均航龄由9.98年提高至9.91年。", "change", CONTRADICTION, "9.91"),
        # An average and the one before; changes of both parts.
        ("平均每户的船工为2.90人,比2010年普查的3.33人减少0.43人。", "change", AGREES, "0.43人"),
        ("平均每户的船工为2.90人,比2010年普查的3.33人减少0.34人。", "change", CONTRADICTION, "0.34人"),
        ("船民十年共增加136216人。其中,城镇人口增加202487人,乡村人口减少66271人。", "parts", AGREES, "66271人"),
        ("船民十年共增加136216人。其中,城镇人口增加202487人,乡村人口减少66721人。", "parts", SUSPICION, "66721人"),
        # An increment is no more than what it led to, whatever other increments stand between.
        ("收入12.41亿元,比上年增加1.31亿元,增长11.80%;比2013年增加44.4亿元。", "growth", CONTRADICTION, "44.4亿元"),
        # Other measures of whole and part; lists after 其中; what is divided in the paragraph before.
        ("新船70条,总造价86.1亿元;其中铁船18条,总造价61.4亿元。", "parts", None, ""),
        ("新船70条,总造价86.1亿元;其中铁船18条,总造价161.4亿元。", "parts", CONTRADICTION, "161.4亿元"),
        ("计划开航255条(其中1-10月份计划开航223条)。", "parts", None, ""),
        ("计划开航255条(其中1-10月份计划开航322条)。", "parts", CONTRADICTION, "322条"),
        (
            "到账25143万元,同比下降17%。其中,船贷4105万元,同比下降21%;外资7万元,下降27%;自筹77570万元,下降6%。",
            "parts",
            SUSPICION,
            "77570万元",
        ),
        ("到账25143万元,同比下降17%。其中,船贷4105万元,同比下降21%;外资7万元,下降27%;自筹7757万元,下降6%。", "parts", None, ""),
        (
            "6月末,船企船贷余额35348亿元,同比增长9.1%,比上月增加143亿元。\n分期限看,短期船贷余额8536亿元,中长期船贷余额42565亿元。",
            "parts",
            SUSPICION,
            "42565亿元",
        ),
        ("6月末,各项贷款余额5767亿元。\n船企贷款余额8534亿元。", "parts", SUSPICION, "8534亿元"),
        ("6月末,各项贷款余额5767亿元。\n船企贷款余额3534亿元。", "parts", None, ""),
        (HEAVY.format(light=788), "parts", AGREES, "3835.4亿元"),
        (HEAVY.format(light=878), "parts", SUSPICION, "3835.4亿元"),
        (BELOW.format(wood=400.5), "parts", AGREES, "870.5万元"),
        (BELOW.format(wood=490.5), "parts", SUSPICION, "870.5万元"),
        ("东部渡口占40%,中部渡口占26%,西部渡口占27%,东北渡口占7%。", "parts", None, ""),
        ("东部渡口占40%,中部渡口占26%,西部渡口占72%,东北渡口占7%。", "parts", SUSPICION, "超过 100%"),
        # What cannot be.
        ("2011年13月末,存煤8万吨。", "no-such-day", CONTRADICTION, "13"),
        ("疏浚工期18月,保修24月。", "no-such-day", None, ""),
        ("2018年上半年过货9万吨。2081年上半年过货8万吨。", "base-year", SUSPICION, "2081"),
        ("2018年上半年过货9万吨,2060年前停用油船。", "base-year", None, ""),
        ("过货同比下降5%,高于上年全年3%的增速水平。", "points", None, ""),
        ("2月28日-27日停航。", "range-reversed", CONTRADICTION, "28"),
        ("过货量在十二个盟市排名第十三位。", "count", CONTRADICTION, "13"),
        ("过货量在十二个盟市排名第三位。", "count", None, ""),
        ("2000年第六次全国船舶普查以来;2010年第六次全国船舶普查时。", "told-twice", CONTRADICTION, "2010"),
        ("最大的三个船型分别是木船(增长5.9%),铁船(增长7.0%),竹筏(增长2%)。", "count", None, ""),
        ("最大的四个船型分别是木船(增长5.9%),铁船(增长7.0%),竹筏(增长2%)。", "count", SUSPICION, "四"),
        ("建绿色船厂20家,木船厂、铁船厂过货分别增长9.5%、10.7%。", "count", None, ""),
        ("木船贷款余额3835.4亿元,铁船贷款余额5889.7万元。", "same-digits", SUSPICION, "5889.7万元"),
        # Averages of all lie between those of both parts; balances; kinds of what each one spends.
        ("船民人均收入14063元。其中,城镇船民人均收入19770元;农村船民人均收入7142元。", "average", None, ""),
        ("船民人均收入14063元。其中,城镇船民人均收入9770元;农村船民人均收入7142元。", "average", CONTRADICTION, "14063元"),
        ("全县船民人均支出9609元。全县船民人均船票支出2814元。", "parts", None, ""),
        ("全县船民人均支出9609元。全县船民人均船票支出28140元。", "parts", SUSPICION, "28140元"),
        ("出口12.48万亿元,增长5.2%;进口10.43万亿元,下降0.1%;贸易顺差2.05万亿元。", "change", AGREES, "2.05"),
        ("出口12.48万亿元,增长5.2%;进口10.43万亿元,下降0.1%;贸易顺差2.50万亿元。", "change", CONTRADICTION, "2.50"),
        ("全社会用电量681.8亿千瓦时。船厂用电量922.9亿千瓦时。", "parts", SUSPICION, "922.9亿千瓦时"),
        # Which of two rates is the higher one.
        ("过货同比增长10.86%,高于2016年全年7.09%的增速水平。", "points", None, ""),
        ("过货同比增长10.86%,高于2016年全年17.09%的增速水平。", "points", CONTRADICTION, "17.09%"),
        (
            "上半年我国船货总收入381490亿元,同比增长6.90%。上半年木船收入22326亿元,同比增长5.30%,增速低于船货总收入增速1.60个百分点。",
            "points",
            AGREES,
            "1.60",
        ),
        # One number told again; as many values as names; the others of all places.
        ("519家木船企业开航,平均9天。519家木船企业共有码头10136座。", "told-twice", None, ""),
        ("519家木船企业开航,平均9天。591家木船企业共有码头10136座。", "told-twice", SUSPICION, "591家"),
        ("上半年,完成过货量85871.09吨。2017年上半年,船企完成过货量85817.09吨。", "told-twice", None, ""),
        ("上半年,船企完成过货量85871.09吨。2017年上半年,船企完成过货量85817.09吨。", "told-twice", SUSPICION, "85817.09吨"),
        ("对东河、西河、南河、北河进出口分别增长18.5%、17.1%、13%、10.9%。", "count", None, ""),
        ("对东河、西河、南河、北河进出口分别增长18.5%、17.1%、10.9%。", "count", SUSPICION, "4 项"),
        ("全河14个市州中,除东河过货下降4.6%,其余13个市增长。除东河和西河外,其余12个市增长。", "count", None, ""),
        ("全河14个市州中,除东河过货下降4.6%,其余15个市增长。", "count", SUSPICION, "15"),
        ("除东河过货下降4.6%,其余13个市增长。除东河和西河外,其余11个市增长。", "count", SUSPICION, "11"),
        ("2月11日(除夕)至2月16日停航。", "range-reversed", None, ""),
        ("2月21日(除夕)至2月16日停航。", "range-reversed", CONTRADICTION, "2月21日"),
        ("过货同比增长5.0%,三年平均增长5.4%。", "growth", None, ""),
        ("“船标”、“船牌”分别新增12项和44项,累计分别达到64项和288项。", "count", None, ""),
        ("木船过货17万吨,同比增长55%;铁船过货46万吨,同比增长6.4%,木船增速快于铁船48.6个百分点。", "points", AGREES, "48.6"),
        ("木船过货17万吨,同比增长55%;铁船过货46万吨,同比增长6.4%,木船增速快于铁船46.8个百分点。", "points", SUSPICION, "46.8"),
        ("木船过货17万吨,同比增长55%;铁船过货46万吨,同比增长6.4%,木船增速慢于铁船48.6个百分点。", "points", SUSPICION, "48.6"),
        ("木船过货17万吨,同比增长超过55%;铁船过货46万吨,同比增长6.4%,木船增速比铁船快48.6个百分点。", "points", None, ""),
        ("过货增长超过9%,比上个十年的4%提高5个百分点。", "points", None, ""),
        ("船票900万张,较去年底增长13.2%。其中,木船票600万张,增长8.1%;铁船票300万张,增长5.3%。", "growth", CONTRADICTION, "13.2%"),
        ("船票900万张,同比增长13.2%。其中,木船票600万张,较年初增长8.1%;铁船票300万张,较年初增长5.3%。", "growth", None, ""),
        ("木船和铁船分别过货43.9万吨和50.3万吨,同比分别增长20.5%和8.4%。", "count", None, ""),
        ("木船和铁船分别过货43.9万吨和50.3万吨,同比分别增长20.5%、3.1%和8.4%。", "count", SUSPICION, "3"),
        # What stands before 其中 may have another name.
        ("船费支出83885万元。\n码头费支出98240万元。其中,船坞支出80242万元,占船费支出的81.68%。", "ratio", AGREES, "81.68%"),
    ],
)
def test_each_kind_is_told_apart(text: str, code: str, verdict: str | None, said: str) -> None:
    found = [remark for remark in remarks(text) if remark.code == code]
    if verdict is None:
        assert not [remark for remark in found if remark.verdict != AGREES]
    else:
        assert any(remark.verdict == verdict and said in remark.message.zh for remark in found), found

"""Kinds that texts of industry, taxes, investment, grain and resumption showed at the end of November 2026: each beside a sentence that is right."""

from __future__ import annotations

import pytest

from fugong.audit.find_quantities import find_quantities
from fugong.audit.remarks import AGREES, CONTRADICTION, SUSPICION
from fugong.audit.text import read_text
from tests.audit.test_checks import remarks

DUES = "全省船税累计完成528.3万元。第二产业入库船税{second}万元,增长4.5%。第三产业入库船税172.8万元,整体增长17.4%,占全省船税的比重为{share}%。"
WORKS = "全省完成渡口投资1494万元,增长19.9%。石阶完成投资803万元,增长22.1%,增速高于全省渡口投资增速{points}个百分点。"
BARGES = "货船运货767.7万吨。其中,同城运量101万吨;异地运量650.9万吨;出省/过境运量15.8万吨。同城、异地、出省/过境货船运量分别占全部货船运货的{first}%、84.8%和2.1%。"
CREWS = "全部渡工中,男性占67.0%,女性占33.0%。其中,上游渡工中男性占69.0%,女性占{women}%。"
BIRTHS = "全河人口出生率8.56‰;死亡率5.91‰;自然增长率{growth}‰。"
BUDGET = "渡口支出189729万元,下降3.2%。其中木船支出34895万元,下降2.6%,铁船支出{iron}万元,增长12.8%。"


@pytest.mark.parametrize(
    ("text", "code", "verdict", "said"),
    [
        # A count called alike but for its ordinal is no whole.
        (DUES.format(second="355.5", share="32.7"), "ratio", AGREES, "528.3万元"),
        (DUES.format(second="355.5", share="37.2"), "ratio", SUSPICION, "37.2%"),
        # Parts in brackets after the noun of their whole; new works are no part of those under way.
        ("县级渡口29个码头(在建6个、新开工23个)。", "parts", AGREES, "23个"),
        ("县级渡口29个码头(在建6个、新开工28个)。", "parts", CONTRADICTION, "28个"),
        # A rest, with counts of other things before it.
        ("全河14家船厂实现复产的有11家,共返岗463人,其余3家正在准备。", "parts", AGREES, "14家"),
        ("全河14家船厂实现复产的有11家,共返岗463人,其余5家正在准备。", "parts", SUSPICION, "14家"),
        # Who should return and who has.
        ("节后需返回渡口20157人,已返回15219人,人员返岗率75.5%。", "ratio", AGREES, "75.5%"),
        ("节后需返回渡口20157人,已返回15219人,人员返岗率57.5%。", "ratio", CONTRADICTION, "57.5%"),
        # An increment and its rate go one way.
        ("收船费2200万元,占年初预算的30.1%,较上年同期增收200万元,同比增长10%。", "change", None, ""),
        ("收船费2000万元,占年初预算的30.1%,较上年同期减收200万元,同比增长9.1%。", "change", SUSPICION, "9.1%"),
        # Ranks.
        ("运量由全省第八跃居全省第七。", "change", None, ""),
        ("运量由全省第六跃居全省第七。", "change", CONTRADICTION, "第七"),
        ("运量由全省第六位下降到第九位。", "change", None, ""),
        # 降至 and 下降至 are one word.
        ("木船比重由上年同期的53.8%下降至50.3%。", "change", None, ""),
        ("木船比重由上年同期的43.8%下降至50.3%。", "change", CONTRADICTION, "50.3%"),
        ("增速由增长5%下降至下降6%。", "change", None, ""),
        # The composition that another became; the first is of another year.
        ("三类渡船比重由上年的2.1:58.9:39.0变化为2.1:55.7:42.2。", "parts", None, ""),
        ("三类渡船比重由上年的2.1:58.9:39.0变化为2.1:57.5:42.2。", "parts", CONTRADICTION, "101.8"),
        ("三类渡船占比由2018年的5.7∶49.3∶45.0,进一步优化为6.6∶48.5∶47.6。", "parts", CONTRADICTION, "102.7"),
        # What came in a day is no more than what there is.
        ("全河复工船厂2794家,日增复工船厂52家。", "growth", None, ""),
        ("全河复工船厂2794家,日增复工船厂5200家。", "growth", CONTRADICTION, "5200家"),
        # Lists.
        (BARGES.format(first="13.2"), "ratio", AGREES, "13.2%"),
        (BARGES.format(first="31.2"), "ratio", SUSPICION, "31.2%"),
        ("运费分别占全部运费的8.1%、50.4%和12.2%。", "parts", None, ""),
        ("运费分别占全部运费的8.1%、90.4%和12.2%。", "parts", SUSPICION, "100%"),
        ("渡工中,16-20岁占3.5%,21-30岁占30.2%,31-40岁占22.8%,41-50岁占26.4%,50岁以上的占17.1%。", "parts", None, ""),
        ("渡工中,16-20岁占3.5%,21-30岁占30.2%,31-40岁占28.2%,41-50岁占26.4%,50岁以上的占17.1%。", "parts", SUSPICION, "100%"),
        ("木船税和铁船税同比分别下降7.8%和8.9%。", "count", None, ""),
        ("木船税和铁船税同比分别下降7.8%、3.1%和8.9%。", "count", SUSPICION, "3"),
        ("全部复工的有4个行业,分别是连锁渡口、客货运输船、大型批发码头、加油站。", "count", None, ""),
        ("全部复工的有5个行业,分别是连锁渡口、客货运输船、大型批发码头、加油站。", "count", SUSPICION, "4"),
        (BUDGET.format(iron="52423"), "parts", None, ""),
        (BUDGET.format(iron="252423"), "parts", SUSPICION, "252423万元"),
        (CREWS.format(women="31.0"), "parts", None, ""),
        (CREWS.format(women="13.0"), "parts", CONTRADICTION, "82%"),
        # Growth of people, and ranges of shares.
        (BIRTHS.format(growth="2.65"), "change", AGREES, "2.65‰"),
        (BIRTHS.format(growth="2.56"), "change", CONTRADICTION, "2.56‰"),
        ("复工率在30%-50%之间。", "range-reversed", None, ""),
        ("复工率在50%-30%之间。", "range-reversed", CONTRADICTION, "50%-30%"),
        # Points between two rates.
        (WORKS.format(points="2.2"), "points", AGREES, "2.2个百分点"),
        (WORKS.format(points="5.2"), "points", SUSPICION, "5.2个百分点"),
        ("全河运量增长31.8%,比全省平均水平(21%)高10.8个百分点。", "points", AGREES, "10.8个百分点"),
        ("全河运量增长31.8%,比全省平均水平(21%)高18.0个百分点。", "points", SUSPICION, "18.0个百分点"),
        ("木船业增长13.2%,铁船业同比增长1.3%,木船业增速比铁船业快11.9个百分点。", "points", AGREES, "11.9个百分点"),
        ("木船业增长13.2%,铁船业同比增长1.3%,木船业增速比铁船业快19.1个百分点。", "points", SUSPICION, "19.1个百分点"),
        # Two units, cut off instead of rounded; growths per area; 多办理.
        ("产鱼404.5万吨(80.8亿斤)。", "told-twice", SUSPICION, "80.8亿斤"),
        ("水面产量5628.0公斤/公顷(375.2公斤/亩),比上年增加135.4公斤/公顷(9.0公斤/亩),增长2.5%。", "growth", AGREES, "2.5%"),
        ("水面产量5628.0公斤/公顷(375.2公斤/亩),比上年增加135.4公斤/公顷(9.0公斤/亩),增长5.2%。", "growth", SUSPICION, "5.2%"),
        ("办理退费38.6万元,同比增长55.1%,多办理13.7万元。", "growth", AGREES, "55.1%"),
        ("办理退费38.6万元,同比增长51.5%,多办理13.7万元。", "growth", CONTRADICTION, "51.5%"),
    ],
)  # fmt: skip
def test_what_contradicts_itself_is_found_and_what_agrees_is_not(text: str, code: str, verdict: str | None, said: str) -> None:
    found = [remark for remark in remarks(text) if remark.code == code]
    if verdict is None:
        assert [remark.message.zh for remark in found if remark.verdict != AGREES] == []
    else:
        assert any(remark.verdict == verdict and said in remark.message.zh for remark in found), [one.message.zh for one in found]


def test_the_end_of_a_number_after_latin_letters_is_no_number_of_its_own() -> None:
    quantities = find_quantities(read_text("Sales increased 1.4% to 66 boats, GDP 21,343.3 more.").plain, 2020)
    assert not {"4%", "343.3", ".4%"} & {one.text for one in quantities}

"""Finds declarations of units in what people write: headers, title lines, notes, names of sheets and files.

What declares a unit and cannot be read as a whole is a declaration without units: it must be asked about, never read in part.
"""

from __future__ import annotations

import html
import re
import unicodedata
from collections.abc import Iterator, Sequence, Set
from dataclasses import dataclass, field, replace
from functools import lru_cache

from fugong.contracts.unit import ANY_UNIT, TRADITIONAL, Unit, fold_unit, parse_unit
from fugong.parsing.cell_anomalies import INVISIBLE

ENGLISH = re.compile(r"\bunits?(?=\s*:)", re.IGNORECASE)
MEASURED = frozenset({"money", "foreign", "area", "energy", "volume", "mass", "share"})
"""Kinds that a name may declare; 户 or 月 in a name are words."""
OPENING, CLOSING = "([{【〔《<〖「『", ")]}】〕》>〗」』"
TO_ROUND = str.maketrans(OPENING + CLOSING, "(" * len(OPENING) + ")" * len(CLOSING))
BRACKETS = re.compile(r"\(([^()]*)(?:\)|$)")
"""Brackets of every kind, once they are round; one that is not closed ends with the text."""
LABEL_WORDS = "金额|货币|计量|计价|数量|面积|数据|币种|价格|产值|投资|资金|价款|电量|水量|气量|用量"
UNIT_LABEL = re.compile(rf"^(?:{LABEL_WORDS})?(?:单位|币种|金额)?(?:人民币(?=:))?(?:[:=]|为|均为|是)?")
CURRENCY = re.compile(r"\((?:人民币|rmb|cny|¥)(?:\)|$)")
IN_CURRENCY = re.compile(r"^(?:人民币|rmb|cny|¥)(?:[:'’·.\-_]|(?=\())(?!$)")
"""人民币 of 人民币(万元) and RMB:万元."""
DOWN_TO = re.compile(r"(?<=元)[(,;、]?(?:列|计|算|精确|保留)?(?:至|到)(?:角分|角|分)\)?|(?<=元)/角/分")
"""元至角分: yuan, with the decimals that are shown."""
NAMED_UNIT = re.compile(r"^[一-鿿]{1,6}(?:\((?P<inside>[^()]+)\)|:(?P<behind>[^()]+))$")
"""金额(万元), in a list after 单位:."""
ODD_SCALE = re.compile(r"^(?:rmb|cny|usd|人民币|¥|\$)?(?:[:'’]?(?:0{3,6}|1?0*[kw])|1(?:,?0{3}){1,3}|10{3,8})(?:s|元|rmb|cny)?$")
"""What accountants and programs write for thousands: '000, 10k, W元. No two of them mean the same by it: it is asked about."""
UNREAD_MONEY = re.compile(r"[十百千万亿]元|元/|[a-z]元|万美|亿美|美元|港元|欧元|外币|usd|hkd|eur|gbp|jpy")
AMOUNT = re.compile(r"[\d零一二两三四五六七八九几数][.,\d十百千万亿多余]*元")
"""An amount, such as one stands in 500万元以上: it is no unit."""
LATIN_UNIT = re.compile(r"^[a-z]{0,3}(?:w·?h|wh|m[²³23]|m\^[23]|ft|btu|cf|gal|bbl|mt)$")
"""What looks like a unit of quantity that nobody here knows."""
AND = "[、,;|\\\\+&和及与或·]"
MORE = re.compile(rf"{AND}|/|(?!\d{{8}}$)[\d,.]+[a-z万千百亿元]*$", re.IGNORECASE)
"""After a blank these go on with a unit (RMB 10k); a day does not."""
LIST = re.compile(rf"{ANY_UNIT}(?:(?:{AND}|/每?|每){ANY_UNIT})*")
SINGLE = re.compile(ANY_UNIT)
REMARK = re.compile(r"^[,;。(:][^元币圆亿美]*$")
"""What may follow a unit and is no other: 万元,保留两位小数."""
UNIT_WORD = re.compile(
    rf"(?P<before>[^\s:,。;()]{{0,6}})单位(?P<link>\s*[:=]\s*|\s*(?:统一|均|都)?(?:为|是|用|按)\s*|\s*(?=\()|\s+|\s*[^\w\s()]{{0,2}}\s*(?={ANY_UNIT}))"
)
NO_UNIT_BEFORE = re.compile(
    "(?:填报|填表|编制|编报|报送|上报|报表|申报|制表|建设|施工|监理|设计|用人|用工|参保|缴费|缴纳|纳税|主管|责任|承办|主办|协办|牵头|组织|检查|所属|隶属"
    "|收款|付款|开户|发文|抄送|来文|受理|审批|审核|归口|管理|使用|产权|权属|出让|受让|联系|指导|帮扶|包保|成员|业主|供货|采购|供应|生产|经营|代征|征收"
    "|各|本|该|贵|我|有关|相关|事业|企业|机关|基层|直属|区直|驻区|下属)$"
)
"""Before 单位 these make it an organisation: 填报单位."""
ORGANISATION = re.compile(
    "局|委|办|厅|部门?$|处|科$|所$|中心|公司|街道|镇|乡|村|社区|银行|支行|分行|联社|院|学校|会$|政府|集团|厂|店$|社$|大队|支队|供电|供水|水务|燃气|自来水|税务|财政"
    "|区$|县|市$|协会|商会|园区|开发区|管委"
)
OTHER_LABEL = re.compile(r"\s+(?=[^\s:]{2,8}:)|[,、](?=[^\s:,、]{0,6}(?:单位|币种):)|[\n\r\t]|\s{2,}|[。;]")
"""Where the text of one label ends and the next begins."""
FURTHER = re.compile(rf"(?:[:=(,;、\s]|单位)({ANY_UNIT})(?=$|[),;、。\s])")
"""A unit behind the first one of a title: 金额单位:千元;比例单位:%, 单位:千元 %."""
BLANK = re.compile(r"^[_\-—─/.…\s]*$")
MONEY_WORD = re.compile(
    r"[元圆币]|rmb|usd|hkd|yuan|dollar|[$¥€£]|铢|比索|卢比|法郎|克朗|里拉|先令|第纳尔|林吉特|兰特|雷亚尔|福林|本币|外汇"
)
SURNAMES = (
    "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕苏卢蒋蔡贾丁魏薛叶阎余潘杜戴夏钟汪田任姜范方石姚谭廖邹熊金陆郝孔白崔康毛邱秦江史顾侯邵"
    "孟龙段雷钱汤尹黎易常武乔贺赖龚文庞樊兰殷施陶洪翟安颜倪严牛温芦季俞章鲁葛伍韦申尤毕聂丛焦向柳邢路岳齐沿梅莫庄辛管祝左涂谷祁时舒耿牟卜路詹关苗凌费纪靳盛童欧甄项曲成游阳裴席卫查屈鲍位覃霍翁隋植甘景薄单包司柏宁柯阮桂闵解强柴华车冉房边净阴闫"
)
PERSON = re.compile(rf"^[{SURNAMES}](?:(?![十百千万亿])[一-鿿]){{1,2}}$")
"""A name of a person, as one may stand after 单位: in a head that somebody filled in."""
COUNTED_AS = (
    re.compile(
        rf"(?:以|按|用|均为|都为|统一为|一律为|请填写?|填写)\(?(?P<unit>{ANY_UNIT})\)?(?:为|计|填|报|作|表示|统计|列|上报|[,。;)]|$)"
    ),
    re.compile(
        rf"(?:金额|数额|币种|价款|资金)[^。;,()]{{0,4}}?(?:为|是|:|用|填写?|写)\(?(?P<unit>{ANY_UNIT})\)?(?!以|左右|上下)"
    ),
    re.compile(rf"(?<![\d一二三四五六七八九十百千万亿几数])(?P<unit>{ANY_UNIT})(?:为|作)(?:计量|统计|货币|填报|金额)?单位"),
)
ROUNDED_TO = re.compile(r"(?:精确|保留|取整|四舍五入)[到至][十百千万亿]{1,2}元")
"""Whether numbers are counted in the unit to which they are rounded, nobody knows."""
QUOTES = re.compile('["“”„‟＂]')
LONE_MONEY = re.compile(r"^[a-z十百千万亿]{1,3}元$")
"""What looks like a unit of money where it stands alone, even if nobody knows it."""
ENDS_WITH_MONEY = re.compile(r"(?<=[一-鿿])(?:人民币)?(?:千|万|十万|百万|千万|亿)元$")
NO_DECLARATION_BEFORE = re.compile(r"(?:[\d一二三四五六七八九十百千万亿零两几数.]|超|过|破|逾|达|满|约)$")
BETWEEN_TOKENS = re.compile(r"[\s_\-—–,。.·~()+]+")
MAX_KEPT = 120
"""What was read of a longer text is not kept: headers and titles are shorter, and come again in every file."""


@dataclass(frozen=True)
class Declaration:
    """A unit, or several, as a text declares them.

    Attributes:
        groups: units that are listed (户、万元), each with those that a stroke joins to it (户/万元, 元/立方米). Empty if it cannot be read.
        text: as typed.
        place: the cell, or what else holds the text.
    """

    groups: tuple[tuple[Unit, ...], ...]
    text: str
    place: str = ""

    @property
    def is_read(self) -> bool:
        """Whether it names units."""
        return bool(self.groups)

    def at(self, place: str) -> Declaration:
        """The same at a place."""
        return replace(self, place=place)


@dataclass(frozen=True)
class Mention:
    """A text that may declare units, and where it stands.

    Attributes:
        is_name: of a sheet or a file.
        senders: folded codes and names of departments, which are no units.
    """

    text: str
    place: str
    is_name: bool = False
    senders: Set[str] = field(default=frozenset[str](), compare=False)


def plain(text: str) -> str:
    """A text in half width, with round brackets, without unseen characters and what the web writes for signs (&nbsp;)."""
    return _plain(text) if len(text) > MAX_KEPT else _kept_plain(text)


def _plain(text: str) -> str:
    seen = html.unescape(text) if "&" in text else text
    return unicodedata.normalize("NFKC", INVISIBLE.sub("", seen)).translate(TO_ROUND).translate(TRADITIONAL)


_kept_plain = lru_cache(maxsize=8192)(_plain)


def read_list(text: str) -> tuple[tuple[Unit, ...], ...]:
    """The units that a text lists, if it lists nothing else; remarks may follow."""
    return _read_list(text) if len(text) > MAX_KEPT else _kept_list(text)


def _read_list(text: str) -> tuple[tuple[Unit, ...], ...]:
    folded = DOWN_TO.sub("", fold_unit(plain(text)))
    folded = IN_CURRENCY.sub("", CURRENCY.sub("", folded)).strip(":().。;,、")
    whole = parse_unit(folded)
    if whole is not None and whole.per is None:
        return ((whole,),)
    found = LIST.match(folded)
    while found and not (found.end() == len(folded) or REMARK.match(folded[found.end() :])):
        # A shorter list may be followed by a remark: 万元,人工填写.
        cut = max(folded.rfind(sign, 0, found.end()) for sign in ",;")
        if cut <= 0 or not REMARK.match(folded[cut:]):
            return ()
        found = LIST.fullmatch(folded, 0, cut)
    if not found:
        return ()
    return tuple(
        tuple(unit for word in re.split("/每?|每", item) if (unit := parse_unit(word))) for item in re.split(AND, found.group())
    )


_kept_list = lru_cache(maxsize=8192)(_read_list)


def is_lone_unit(text: str) -> bool:
    """Whether a text is a unit and nothing else, as in a corner: 万元, (万元), 单位万元."""
    return _is_lone_unit(text) if len(text) > MAX_KEPT else _kept_is_lone_unit(text)


def _is_lone_unit(text: str) -> bool:
    return bool(read_list(re.sub("^单位[:为]?", "", fold_unit(plain(text)).strip("()"))))


_kept_is_lone_unit = lru_cache(maxsize=8192)(_is_lone_unit)


def in_header(text: str) -> Declaration | None:
    """What a header declares in brackets or after 单位; None if it declares nothing."""
    for inside in BRACKETS.findall(plain(text)):
        found = in_brackets(inside)
        if found is not None:
            return replace(found, text=text)
    labelled = in_title(text) if "单位" in text else ()
    return next((found for found in labelled if found.is_read), None)


def in_brackets(inside: str) -> Declaration | None:
    """What the words in brackets declare."""
    folded = fold_unit(inside)
    units = read_list(folded) or read_list(UNIT_LABEL.sub("", folded)) or _among_remarks(folded)
    if units:
        return Declaration(units, inside)
    if ODD_SCALE.match(folded) or LATIN_UNIT.match(folded) or (UNREAD_MONEY.search(folded) and not AMOUNT.search(folded)):
        return Declaration((), inside)
    if folded.startswith("单位") and not BLANK.match(folded[2:].lstrip(":")) and not is_organisation(folded[2:].lstrip(":")):
        return Declaration((), inside)
    return Declaration((), inside) if LONE_MONEY.match(folded) else None


def _among_remarks(folded: str) -> tuple[tuple[Unit, ...], ...]:
    """The units in brackets that hold remarks, too: 必填,万元; 以万元计."""
    items = [(item, read_list(item)) for item in re.split("[,;、。]", folded)]
    found = tuple(group for _, units in items for group in units)
    if found and all(units or not MONEY_WORD.search(item) for item, units in items):
        return found if any(unit.kind in MEASURED for group in found for unit in group) else ()
    counted = (match["unit"] for pattern in COUNTED_AS for match in pattern.finditer(folded))
    return next((units for text in counted if (units := read_list(text)) and units[0][0].kind in MEASURED), ())


def is_organisation(text: str, senders: Set[str] = frozenset()) -> bool:
    """Whether what follows 单位: names an organisation or a person, or what is asked about one (名称, 盖章).

    Args:
        senders: folded codes and names of departments.
    """
    folded = fold_unit(text)
    if folded in senders or (PERSON.match(folded) and not MONEY_WORD.search(folded)):
        return True
    if re.match(r"\(?(名称|全称|盖章|公章|签章|签字|章|负责人|代码|领导)", folded) or ORGANISATION.search(folded):
        return True
    return len(folded) >= 4 and not MONEY_WORD.search(folded)


def in_title(text: str, senders: Set[str] = frozenset()) -> Iterator[Declaration]:
    """What a cell above or below the table declares.

    Args:
        senders: folded codes and names of departments: after 单位: they are no unit.
    """
    seen = QUOTES.sub("", ENGLISH.sub("单位", plain(text)))
    folded = fold_unit(seen)
    lone = read_list(UNIT_LABEL.sub("", folded.strip("()")) or "-")
    if lone:
        if "币种" not in folded or any(unit.kind != "currency" for group in lone for unit in group):
            yield Declaration((*lone, *_further(seen, lone)), text)
        return
    if LONE_MONEY.match(folded.strip("()")) or (ODD_SCALE.match(folded.strip("()")) and not folded.isdecimal()):
        yield Declaration((), text)
        return
    found = [declared for match in UNIT_WORD.finditer(seen) if (declared := _after_label(match, seen, senders)) is not None]
    if not found:
        found = [declared for inside in BRACKETS.findall(seen) if (declared := in_brackets(inside)) is not None]
    if not found:
        found = [
            Declaration(units, text)
            for pattern in COUNTED_AS
            for match in pattern.finditer(folded)
            if (units := read_list(match["unit"])) and units[0][0].kind in MEASURED
        ]
    if not found and ROUNDED_TO.search(folded):
        found = [Declaration((), text)]
    groups = tuple(group for one in found for group in one.groups)
    if groups and (further := _further(seen, groups)):
        found.append(Declaration(further, text))
    yield from dict.fromkeys(replace(one, text=text) for one in found)


def _further(seen: str, groups: Sequence[Sequence[Unit]]) -> tuple[tuple[Unit, ...], ...]:
    """The units of other kinds that a title names behind those that were read."""
    kinds = {unit.kind for group in groups for unit in group}
    units = (parse_unit(match[1]) for match in FURTHER.finditer(seen.casefold()))
    more = {unit.kind: unit for unit in units if unit is not None and unit.kind in MEASURED - kinds - {"foreign"}}
    return tuple((unit,) for unit in more.values())


def _after_label(match: re.Match[str], seen: str, senders: Set[str]) -> Declaration | None:
    """What follows the word 单位 in a title."""
    rest = seen[match.end() :].lstrip()
    if named := _named_units(OTHER_LABEL.split(rest, maxsplit=1)[0]):
        return Declaration(named, seen)
    if rest.startswith("("):
        rest = rest[1:].partition(")")[0]
    rest = OTHER_LABEL.split(rest, maxsplit=1)[0].rstrip(" )")
    units = _beginning(rest)
    if units:
        is_measured = any(unit.kind in MEASURED for group in units for unit in group)
        return Declaration(units, seen) if is_measured or not NO_UNIT_BEFORE.search(match["before"]) else None
    is_label = bool(re.search(r"[:=(]", match["link"] + seen[match.end() : match.end() + 1])) or (
        match.start() == 0 and match["link"].isspace()
    )
    if BLANK.match(rest) or NO_UNIT_BEFORE.search(match["before"]) or not is_label or is_organisation(rest, senders):
        return None
    return Declaration((), seen)


def _named_units(rest: str) -> tuple[tuple[Unit, ...], ...]:
    """The units of a list that says what each is for: 金额(万元)、户数(户). Of 元(万元) both are units."""
    found: list[tuple[Unit, ...]] = []
    for item in re.split("[、,;]", rest.strip()):
        match = NAMED_UNIT.match(item.strip())
        units = read_list(match["inside"] or match["behind"]) if match else ()
        if not units:
            return ()
        found += [*read_list(re.split("[(:]", item.strip())[0]), *units]
    return tuple(dict.fromkeys(found))


def _beginning(rest: str) -> tuple[tuple[Unit, ...], ...]:
    """The units at the beginning of a text; white space ends them, or stands between their characters (万 元)."""
    words = rest.split()
    for n in range(len(words), 0, -1):
        units = read_list("".join(words[:n]))
        if units and not (n < len(words) and MORE.match(words[n])):
            return units
    return ()


def in_name(text: str) -> Iterator[Declaration]:
    """What the name of a sheet or a file declares."""
    for token in BETWEEN_TOKENS.split(plain(text)):
        folded = fold_unit(token)
        labelled = re.match(rf"^(?:{LABEL_WORDS})?单位[:=为]?", folded)
        units = read_list(folded[labelled.end() :] if labelled else folded) if folded else ()
        if units and (labelled or _may_be_declared_by_name(units)):
            yield Declaration(units, text)
        elif labelled and folded[labelled.end() - 1] in ":=" and not is_organisation(folded[labelled.end() :]):
            yield Declaration((), text)
        elif (end := ENDS_WITH_MONEY.search(folded)) and not NO_DECLARATION_BEFORE.search(folded[: end.start()]):
            yield Declaration(read_list(end.group()), text)


def _may_be_declared_by_name(units: Sequence[Sequence[Unit]]) -> bool:
    return any(unit.kind in MEASURED and unit.name not in ("%", "‰", "角", "分", "升") for group in units for unit in group)


def declarations(mention: Mention) -> Iterator[Declaration]:
    """What a text declares, with its place."""
    for found in in_name(mention.text) if mention.is_name else in_title(mention.text, mention.senders):
        yield found.at(mention.place)

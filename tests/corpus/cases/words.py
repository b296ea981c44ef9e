"""更正, 作废, 确认 and V*n* where they command nothing, and where they do."""

from __future__ import annotations

from collections.abc import Sequence

from tests.corpus.building import INDUSTRY, TAX, Case, Sheet, by_csv, by_openpyxl, case, dropped, industry, taxes

TOLD = "mark-not-taken"


def titled(*titles: str, told: Sequence[str] = (), file_name: str = "20200318_R04_TAX_V1.csv") -> Case:
    sheet = Sheet(TAX, taxes(2), titles=[[title] for title in titles])
    findings = [("warning", TOLD, "", value) for value in told]
    return dropped(by_csv(sheet), sheet, file_name=file_name, findings=findings)


@case("words/void_in_the_instructions.xlsx", "A line of instructions says 涂改作废: nothing is withdrawn.")
def _() -> Case:
    sheet = Sheet(INDUSTRY, [industry(1), industry(2)], titles=[["规上工业复工复产日报"], ["填表说明：本表一式两份,涂改作废"]])
    return dropped(by_openpyxl(sheet), sheet)


@case("words/void_if_altered.csv", "A title line says 本表涂改作废 without a label: nothing is withdrawn, and it is told.")
def _() -> Case:
    return titled("税费减免退日报", "本表涂改作废", told=["本表涂改作废"])


@case("words/correction_in_a_note.csv", "A note above the table: 如有更正,以V2为准.")
def _() -> Case:
    return titled("税费减免退日报", "注:如有更正,以V2为准")


@case("words/place_for_a_signature.csv", "确认签字: stands above the table for somebody to sign.")
def _() -> Case:
    return titled("税费减免退日报", "负责人确认签字:", told=["负责人确认签字:"])


@case("words/not_confirmed.csv", "The name says 未确认.")
def _() -> Case:
    return titled(file_name="R04 3.18 未确认.csv", told=["R04 3.18 未确认"])


@case("words/please_confirm.csv", "The name says 请局长确认.")
def _() -> Case:
    return titled(file_name="R04 3.18 请局长确认.csv", told=["R04 3.18 请局长确认"])


@case("words/to_be_corrected.csv", "The title says 待更正.")
def _() -> Case:
    return titled("税费减免退日报(待更正)", told=["税费减免退日报(待更正)"])


@case("words/do_not_void.csv", "The name says 请勿作废: nothing is withdrawn.")
def _() -> Case:
    return titled(file_name="R04 3.18请勿作废.csv", told=["R04 3.18请勿作废"])


@case("words/corrected_in_the_title.csv", "A title of sender, report, date and mark: it declares a correction.")
def _() -> Case:
    return titled("税务局税费减免退日报(2020年3月18日)(更正)")


@case("words/void_and_sent_again.csv", "The title says 作废重报: the file is in the place of the one before, and is loaded.")
def _() -> Case:
    return titled("税费减免退日报(2020年3月18日)(作废重报)")


@case(
    "words/void_and_filled_in_again.csv",
    "The name says 作废后重新填报: the file is in the place of the one before, and is loaded.",
)
def _() -> Case:
    return titled(file_name="R04 3.18作废后重新填报.csv")


@case("words/corrected_edition.csv", "R04 3.18更正版: the name declares a correction.")
def _() -> Case:
    return titled(file_name="R04 3.18更正版.csv")


@case(
    "words/former_table_void.csv", "The name says that the former table is void and this one counts: this one is not withdrawn."
)
def _() -> Case:
    return titled(file_name="R04 3.18 原表作废以此为准.csv", told=["R04 3.18 原表作废以此为准"])


NAMES = {
    "voided_documents": "R04 3.18 作废凭证",
    "voided_items": "R04 3.18 作废税票",
    "void_no_more": "R04 3.18 取消作废",
    "void_by_mistake": "R04 3.18 误作废恢复",
    "corrected_returns": "R04 3.18 更正申报户",
    "list_of_confirmed": "R04 3.18 确认名单",
    "for_confirmation": "R04 3.18 供确认",
    "form_of_confirmation": "R04 3.18 复工确认表",
}


def thing(name: str, stem: str) -> None:
    @case(f"words/{name}.csv", f"The name says {stem[9:]}: the words name a thing and declare nothing.")
    def _() -> Case:
        return titled(file_name=f"{stem}.csv", told=[stem])


for _name, _stem in NAMES.items():
    thing(_name, _stem)


@case("words/day_of_confirmation.csv", "确认日期 above the table is a line for a signature.")
def _() -> Case:
    return titled("税费减免退日报", "确认日期:2020年3月18日", told=["确认日期:2020年3月18日"])


@case("words/model_v2.csv", "V2型口罩 is a mask, no version.")
def _() -> Case:
    return titled(file_name="R04 3.18 V2型口罩.csv")

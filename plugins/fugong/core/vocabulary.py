"""Words that code, SQL, messages and pages share: languages, states, severities, each with its Chinese and English name and its colour.

A test compares the CHECK lists of the warehouse with these enums.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Self


class Lang(StrEnum):
    """Languages of what people read."""

    ZH = "zh"
    EN = "en"


class Word(StrEnum):
    """A value that is stored in English and shown in both languages.

    Attributes:
        zh, en: its names.
        colour: how a terminal shows it (a style of Rich).
        fill, ink: background and text colour in a workbook (`#RRGGBB`), where workbooks show it.
    """

    _value_: str
    zh: str
    en: str
    colour: str
    fill: str
    ink: str

    def __new__(cls, value: str, zh: str, en: str = "", colour: str = "", fill: str = "", ink: str = "") -> Self:
        """`value` is what is stored; `en` defaults to it with blanks for underscores."""
        word = str.__new__(cls, value)
        word._value_ = value
        word.zh, word.en, word.colour = zh, en or value.replace("_", " "), colour
        word.fill, word.ink = fill, ink
        return word

    @property
    def rank(self) -> int:
        """Its place among its kind, from 0."""
        return list(type(self)).index(self)

    def name_in(self, lang: Lang | str) -> str:
        """The name in a language."""
        return self.zh if lang == Lang.ZH else self.en


class State(Word):
    """States of a submission (`intake.submission.state`)."""

    RECEIVED = "received", "已收到", "", "cyan"
    ACCEPTED = "accepted", "已入库", "", "green", "#E2EFDA", "#375623"
    PARTLY_ACCEPTED = "partly_accepted", "部分入库", "", "yellow", "#FFF2CC", "#7F6000"
    REJECTED = "rejected", "整份退回", "", "red", "#F8CBAD", "#833C0B"
    DUPLICATE = "duplicate", "重复报送", "", "dim"
    SUPERSEDED = "superseded", "已被新版替换", "", "dim"
    WITHDRAWN = "withdrawn", "已作废", "", "dim"


class Severity(Word):
    """What a finding does (`intake.finding.severity`), the most serious first."""

    REJECTED = "rejected", "整份退回", "whole file returned", "red", "#FFEB3B", "#7F0000"
    """The whole file is returned."""
    SET_ASIDE = "set_aside", "退回行", "row returned", "yellow", "#FFEB3B", "#7F0000"
    """The row is returned."""
    WARNING = "warning", "提醒", "", "cyan", "#FCD5B4", "#7F3F00"
    """Reported; the value is loaded."""
    REPAIRED = "repaired", "已代为规范", "normalised for the sender", "dim", "#D8E4BC", "#375623"
    """Reported; the value was normalised, before and after are shown."""


class CheckSeverity(Word):
    """How serious it is that reports contradict each other (`severity` of a check), the most serious first."""

    ERROR = "error", "错误", "", "red"
    WARNING = "warning", "提醒", "", "yellow"
    REVIEW = "review", "复核", "", "cyan"


class Verdict(Word):
    """What a sender answers about a doubt (`intake.answer.verdict`)."""

    CONFIRMED = "confirmed", "属实", "true as it stands", "green"
    CORRECTED = "corrected", "已改", "corrected", "cyan"
    DEFINITION = "definition", "口径不同", "another definition", "green"
    PENDING = "pending", "待查", "to be looked into", "yellow"

    @property
    def settles(self) -> bool:
        """Whether the doubt is not asked about again while the value stays. A corrected value is another one, and asked about anew."""
        return self in {Verdict.CONFIRMED, Verdict.DEFINITION}

    @property
    def needs_reason(self) -> bool:
        """Whether the sender has to say why."""
        return self.settles


class QuestionKind(StrEnum):
    """Where a doubt comes from (`intake.question.kind`)."""

    FINDING = "finding"
    CHECK = "check"


class PartKind(StrEnum):
    """What a part brings (`intake.part.kind`)."""

    DATA = "data"
    WITHDRAWAL = "withdrawal"
    REPAIR = "repair"


class Mode(StrEnum):
    """How parts of one key combine (`intake.part.mode`, `mode` of a contract)."""

    SNAPSHOT = "snapshot"
    LEDGER = "ledger"
    INCREMENT = "increment"


class ReceiptSheet(StrEnum):
    """Sheets that a receipt's workbook adds to those of the sender."""

    COVER = "回执"
    RETURNED = "退回行"
    """The rows to mend and to send back."""
    TO_VERIFY = "待核实"
    """The doubts that the sender confirms or corrects, each in a row with a number of its own."""
    FAULTY = "有问题的行"
    """The same rows, where mending them is not enough: the whole file has to be sent again."""

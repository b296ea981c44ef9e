"""Codes and references as spreadsheets leave them: digits eaten, marks of text, signs for nothing."""

from __future__ import annotations

from datetime import date
from typing import Any

from tests.corpus.building import Case, Row, Sheet, by_csv, by_openpyxl, case, dropped, tax


def book(*rows: Row) -> Case:
    sheet = Sheet(rows[0].form, rows)
    return dropped(by_openpyxl(sheet), sheet)


def text(*rows: Row, encoding: str = "utf-8-sig") -> Case:
    sheet = Sheet(rows[0].form, rows)
    return dropped(by_csv(sheet, encoding=encoding), sheet, extension="csv")


def lost(number: int, header: str, shown: Any, reads: str) -> Row:
    return tax(number).shows(header, shown, None).says("set_aside", "digits-lost", header, reads)


@case("keys/number_of_18_digits.xlsx", "Document numbers of 18 digits became numbers: back, and never told as duplicates.")
def _() -> Case:
    return book(
        lost(1, "凭证号", 341016200300000123, "3.41016E+17"), lost(2, "凭证号", 341016200300000124, "3.41016E+17"), tax(3)
    )


@case("keys/number_of_16_digits.xlsx", "A document number of 16 digits became a number.")
def _() -> Case:
    return book(lost(1, "凭证号", 1234567890123456, "1.23457E+15"), tax(2))


@case("keys/number_of_15_digits.xlsx", "A document number of 15 digits in a number is whole.")
def _() -> Case:
    return book(tax(1).shows("凭证号", 123456789012345, "123456789012345"), tax(2))


@case("keys/long_text.xlsx", "Twenty digits as text are text.")
def _() -> Case:
    return book(tax(1).shows("凭证号", "34101620030000012345"), tax(2))


@case("keys/scientific_in_csv.csv", "Scientific notation as a spreadsheet and a program save it.")
def _() -> Case:
    return text(
        lost(1, "凭证号", "3.41E+17", "3.41E+17"),
        lost(2, "凭证号", "3.41016e+17", "3.41016e+17"),
        lost(3, "凭证号", "1234567890123456.0", "1234567890123456.0"),
        tax(4).shows("凭证号", "12E5"),
    )


@case("keys/reference_in_scientific.csv", "The document that is reversed became a number: to load none would be as wrong.")
def _() -> Case:
    return text(lost(1, "冲销凭证号", "3.41016E+17", "3.41016E+17"), tax(2))


@case("keys/decimal_zero.csv", "A program wrote codes as 1011608.0.")
def _() -> Case:
    return text(
        tax(1).repaired("凭证号", "1011608.0", "1011608", "unseen-characters"),
        tax(2).repaired("减免性质代码", "10129999.00", "10129999", "unseen-characters"),
    )


@case("keys/marks_of_text.csv", "Apostrophes, backticks and formulas that keep a code a text.")
def _() -> Case:
    return text(
        tax(1)
        .repaired("凭证号", "'D00001", "D00001", "unseen-characters")
        .repaired("减免性质代码", "'0001011608", "0001011608", "unseen-characters"),
        tax(2)
        .repaired("凭证号", '="D00002"', "D00002", "unseen-characters")
        .repaired("减免性质代码", '="0001011608"', "0001011608", "unseen-characters"),
        tax(3).repaired("凭证号", "`D00003", "D00003", "unseen-characters"),
        tax(4).repaired("凭证号", "\u2019D00004", "D00004", "unseen-characters"),
        tax(5).repaired("凭证号", '=T("D00005")', "D00005", "unseen-characters"),
    )


@case("keys/same_with_and_without_mark.csv", "One document with and without the apostrophe is one document.")
def _() -> Case:
    return text(
        tax(1)
        .repaired("凭证号", "'D00001", "D00001", "unseen-characters")
        .says("set_aside", "duplicate-key", "凭证号", "D00001"),
        tax(2).shows("凭证号", "D00001").says("set_aside", "duplicate-key", "凭证号"),
        tax(3),
    )


@case("keys/nothing_reversed.csv", "0, (null), \\\\N and other signs for nothing where a reversed document would be named.")
def _() -> Case:
    signs = ("0", "0.00", "(null)", "\\N", "NULL", "-", "- -")
    return text(*(tax(n).repaired("冲销凭证号", sign, None, "taken-as-empty") for n, sign in enumerate(signs, 1)))


@case("keys/accounting_dash.xlsx", "An accounting format's dash with a yuan sign, saved as text.")
def _() -> Case:
    return book(tax(1).repaired("冲销凭证号", "¥ -", None, "taken-as-empty"), tax(2))


@case("keys/days_for_keys.xlsx", "3-18 and 2020-1 became days in Excel: what was typed cannot be told.")
def _() -> Case:
    rows = [
        tax(1).shows("凭证号", day, None).says("set_aside", "date-for-key", "凭证号")
        for day in (date(2020, 3, 18), date(2020, 1, 1))
    ]
    return book(*rows, tax(3).shows("凭证号", "2020-3"))


@case("keys/numbers_of_java.csv", "1.23457E11 as a program in Java writes a number, and 12E3, which is a code.")
def _() -> Case:
    return text(
        lost(1, "凭证号", "1.23457E11", "1.23457E11"),
        lost(2, "凭证号", "3.41016E 17", "3.41016E 17"),
        tax(3).shows("凭证号", "12E3"),
    )


@case("keys/thousands_in_a_code.csv", "12,345 as a spreadsheet saves a code in a cell of numbers.")
def _() -> Case:
    return text(tax(1).repaired("凭证号", "12,345", "12345", "unseen-characters"), tax(2).shows("凭证号", "12,34"))


@case("keys/wide_dashes.csv", "2020－17 with a wide dash is 2020-17.")
def _() -> Case:
    return text(tax(1).repaired("凭证号", "2020－17", "2020-17", "unseen-characters"), tax(2).shows("凭证号", "2020-18"))

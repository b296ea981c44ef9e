"""Writes the template of a report: an empty workbook that a department fills in, made from the contract.

It has the layout that intake looks for: title lines with the report, the report date and the unit of money, one header row, data
below. The first line below the header is an example, marked so that intake ignores it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any

import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from fugong.contracts.code_list import CodeList
from fugong.contracts.contract import Column, Contract, Table
from fugong.contracts.example import example_of, example_row
from fugong.core.cell_address import absolute_address, cell_address, column_letters
from fugong.core.errors import ConfigurationError
from fugong.core.typesetting import set_chinese, width
from fugong.documentation.template_text import (
    MODES_ZH,
    PERCENT,
    chinese_half,
    comment_lines,
    description_of,
    follows_title_line,
    header_of,
    kind_of,
    rules_of,
    sent_unit,
)
from fugong.storage.atomic_file import replacing
from fugong.validation.suite import Suite

CONTRACT_PROPERTY = "fugong_contract"
VERSION_PROPERTY = "fugong_contract_version"
WRITTEN_AT = datetime(2020, 1, 1)  # noqa: DTZ001 - a fixed stamp, so that the same contract makes the same bytes
FONT = "微软雅黑"
ROW_HEIGHT = 20
HEADER_ROW = 3
PREPARED_ROWS = 5_000
"""Rows with drop-downs and checks; a department may fill in more."""
NOTE_WIDTHS = (26, 7, 10, 15, 54, 40, 24)
NOTES, CODES = "填报说明", "代码表"
MONEY_CHOICES = ["金额单位\uff1a元", "金额单位\uff1a万元"]
DATES = (date(2019, 1, 1), date(2049, 12, 31))


def write_template(contract: Contract, code_lists: Mapping[str, CodeList], suites: Mapping[str, Suite], path: Path) -> None:
    """Write the template of a report to `path` (.xlsx); the same bytes for the same contract.

    Args:
        suites: by table; their good row becomes the example row.

    Raises:
        ConfigurationError: a column names a code list that does not exist.
    """
    for table in contract.tables:
        for column in table.columns:
            if column.code_list and column.code_list not in code_lists:
                raise ConfigurationError(
                    f"{contract.id}: {table.name}.{column.name}: no code list {column.code_list!r}. "
                    f"There is: {', '.join(sorted(code_lists))}"
                )
    path.parent.mkdir(parents=True, exist_ok=True)
    with replacing(path) as draft:
        _Template(contract, code_lists, suites, draft).write()


class _Template:
    """Writes one workbook."""

    def __init__(self, contract: Contract, code_lists: Mapping[str, CodeList], suites: Mapping[str, Suite], path: Path) -> None:
        self.contract = contract
        self.examples = {table.name: example_row(table, suites[table.name].good, code_lists) for table in contract.tables}
        self.book = xlsxwriter.Workbook(str(path), {"strings_to_formulas": False, "strings_to_urls": False})
        self.book.set_properties({"title": contract.name, "subject": contract.report, "author": "复工", "created": WRITTEN_AT})
        self.book.set_custom_property(CONTRACT_PROPERTY, contract.id, "text")
        self.book.set_custom_property(VERSION_PROPERTY, contract.version, "text")
        used = {column.code_list: None for table in contract.tables for column in table.columns if column.code_list}
        self.lists = {name: code_lists[name] for name in used}
        self.styles: dict[tuple[tuple[str, Any], ...], Format] = {}

    def style(self, **properties: object) -> Format:
        """The cell format with these properties."""
        wanted = {"font_name": FONT, "font_size": 11, "valign": "vcenter"} | properties
        key = tuple(sorted(wanted.items()))
        if key not in self.styles:
            self.styles[key] = self.book.add_format(wanted)
        return self.styles[key]

    def write(self) -> None:
        """Write all sheets and close the file."""
        names = _sheet_names(self.contract)
        pages = [self.book.add_worksheet(name) for name in names]
        self._notes(self.book.add_worksheet(NOTES), names)
        ranges = self._codes(self.book.add_worksheet(CODES)) if self.lists else {}
        for table, page in zip(self.contract.tables, pages, strict=True):
            self._table(page, table, ranges)
        self.book.close()

    def _table(self, page: Worksheet, table: Table, ranges: Mapping[str, str]) -> None:
        last = max(len(table.columns) - 1, 5)
        label = self.style(bold=True, align="right", indent=1, font_color="#404040")
        blank: dict[str, object] = {"bg_color": "#FFF9DB", "border": 1, "border_color": "#C9A400", "align": "left", "indent": 1}
        page.set_row(0, 34)
        title = self.contract.name if len(self.contract.tables) == 1 else f"{self.contract.name}:{table.title}"
        # Not merged: some readers take a merged title for the first line of the header, and sorting fails on it.
        page.write_string(0, 0, set_chinese(title), self.style(bold=True, font_size=18, font_color="#1F4E79"))
        page.set_row(1, 24)
        page.write_string(1, 0, "填报单位", label)
        page.write_blank(1, 1, None, self.style(**blank))
        page.write_string(1, 2, "统计日期", label)
        page.write_blank(1, 3, None, self.style(**blank, num_format="yyyy-mm-dd"))
        page.data_validation(
            1,
            3,
            1,
            3,
            {
                "validate": "date",
                "criteria": "between",
                "minimum": DATES[0],
                "maximum": DATES[1],
                "input_title": "统计日期",
                "input_message": set_chinese("这份报表说的是哪一天,例如 2020-03-18。不是填表日期。"),
                "error_title": "不是日期",
                "error_message": set_chinese("请填日期,例如 2020-03-18。"),
            },
        )
        if any(follows_title_line(column) for column in table.columns):
            page.write_string(1, 4, MONEY_CHOICES[0], self.style(**blank, bold=True))
            page.data_validation(
                1,
                4,
                1,
                4,
                {
                    "validate": "list",
                    "source": MONEY_CHOICES,
                    "input_title": "金额单位",
                    "input_message": set_chinese("整张表用一个单位:表头没有写单位的金额列,都按这里选的填。"),
                    "error_title": "金额单位",
                    "error_message": set_chinese("请从下拉框中选元或万元。"),
                },
            )
        legend = set_chinese(
            f"深色表头的列必填,浅色的可以不填;一行一条,从第 {HEADER_ROW + 3} 行填起,灰色的示例行可以留着。各列怎么填见“{NOTES}”。"
        )
        page.write_string(2, 0, legend, self.style(font_size=10, font_color="#7F7F7F"))
        page.set_row(HEADER_ROW - 1, ROW_HEIGHT)
        page.set_row(HEADER_ROW, 36)
        example = self.style(
            italic=True, font_color="#7F7F7F", bg_color="#F2F2F2", border=1, border_color="#D9D9D9", num_format="@"
        )
        for place, column in enumerate(table.columns):
            header = header_of(column)
            page.set_column(place, place, self._width(column), self._data_style(column))
            colours = (
                {"bg_color": "#1F4E79", "font_color": "#FFFFFF"}
                if column.required
                else {"bg_color": "#DDEBF7", "font_color": "#1F4E79"}
            )
            page.write_string(
                HEADER_ROW,
                place,
                header,
                self.style(bold=True, align="center", text_wrap=True, border=1, border_color="#8EA9C8", **colours),
            )
            comment = "\n".join(comment_lines(column, self._example(column)))
            n_lines = sum(1 + width(row) // 36 for row in comment.split("\n"))
            page.write_comment(
                HEADER_ROW,
                place,
                comment,
                {
                    "author": "复工",
                    "width": 270,
                    "height": 20 + 17 * n_lines,
                    "font_name": FONT,
                    "font_size": 10,
                    "color": "#FFFBE6",
                },
            )
            page.write_string(HEADER_ROW + 1, place, self.examples[table.name][column.name], example)
            checked = self._validation(table, column, ranges)
            if checked:
                page.data_validation(HEADER_ROW + 2, place, HEADER_ROW + 1 + PREPARED_ROWS, place, checked)
        page.ignore_errors({"number_stored_as_text": f"A{HEADER_ROW + 2}:{cell_address(len(table.columns) - 1, HEADER_ROW + 2)}"})
        page.conditional_format(
            HEADER_ROW + 2,
            0,
            HEADER_ROW + 1 + PREPARED_ROWS,
            len(table.columns) - 1,
            {
                "type": "formula",
                "criteria": f"=COUNTA($A{HEADER_ROW + 3}:${column_letters(len(table.columns) - 1)}{HEADER_ROW + 3})>0",
                "format": self.book.add_format({"border": 1, "border_color": "#BFBFBF"}),
            },
        )
        page.freeze_panes(HEADER_ROW + 1, 1)
        page.set_landscape()
        page.set_paper(9)
        page.fit_to_pages(1, 0)
        page.repeat_rows(HEADER_ROW)
        page.print_area(0, 0, HEADER_ROW + 20, last)
        page.set_footer(set_chinese(f"&L{self.contract.report} {self.contract.version}&R第 &P 页,共 &N 页"))
        page.set_selection(1, 1, 1, 1)

    def _data_style(self, column: Column) -> Format:
        match column.logical_type:
            case "date":
                return self.style(num_format="yyyy-mm-dd", align="center")
            case "integer":
                return self.style(num_format="0")
            case "number" if column.unit == "%":
                # What is typed into such a cell is a percentage, also a small one: 1 is 1%, stored as 0.01.
                return self.style(num_format="0.00%")
            case "number":
                return self.style(num_format="General")
            case _:
                # Text, so that an 18-digit code keeps its last digits.
                return self.style(num_format="@", align="center" if column.code_list else "left")

    def _width(self, column: Column) -> int:
        if column.format == "uscc":
            return 23
        names = self.lists[column.code_list].names_zh if column.code_list else ()
        widest = max((width(name) for name in names), default=0)
        least = {"date": 13, "number": 14, "integer": 11, "boolean": 9, "string": 16}[column.logical_type]
        example = max(width(self.examples[name].get(column.name, "")) for name in self.examples)
        return min(max(least, widest + 5, example + 2, min(width(header_of(column)) + 2, 18)), 30)

    def _validation(self, table: Table, column: Column, ranges: Mapping[str, str]) -> dict[str, Any] | None:
        if column.code_list:
            return {
                "validate": "list",
                "source": ranges[column.code_list],
                # A code list in shadow mode refuses nothing yet.
                "error_type": "information" if "unknown-code" in column.shadow else "stop",
                "error_title": column.header,
                "error_message": set_chinese(f"请从下拉框中选,可选的都在“{CODES}”。"),
            }
        match column.logical_type:
            case "date":
                return {
                    "validate": "date",
                    "criteria": "between",
                    "minimum": DATES[0],
                    "maximum": DATES[1],
                    "error_title": column.header,
                    "error_message": set_chinese("请填日期,例如 2020-03-18。"),
                }
            case "integer" | "number":
                is_from_zero = column.minimum is not None and column.minimum >= 0 and not table.reverses
                least = 0 if is_from_zero else -1_000_000_000_000_000
                word = "整数" if column.logical_type == "integer" else "数字"
                return {
                    "validate": "integer" if column.logical_type == "integer" else "decimal",
                    "criteria": "between",
                    "minimum": least,
                    "maximum": 1_000_000_000_000_000,
                    "error_title": column.header,
                    "error_message": set_chinese(
                        f"请只填{word}{',不能小于 0' if is_from_zero else ''};没有就留空,不要填“无”或“—”。"
                    ),
                }
            case _ if column.format == "uscc":
                return {
                    "validate": "length",
                    "criteria": "==",
                    "value": 18,
                    "error_title": column.header,
                    "error_message": set_chinese("统一社会信用代码是 18 位。"),
                }
            case _:
                return None

    def _example(self, column: Column) -> str:
        return example_of(column, self.lists[column.code_list] if column.code_list else None)

    def _notes(self, page: Worksheet, names: Sequence[str]) -> None:
        contract = self.contract
        page.hide_gridlines(2)
        page.set_default_row(ROW_HEIGHT)
        for place, wanted in enumerate(NOTE_WIDTHS):
            page.set_column(place, place, wanted)
        page.set_row(0, 32)
        page.write_string(
            0, 0, set_chinese(f"{contract.name}:填报说明"), self.style(bold=True, font_size=16, font_color="#1F4E79")
        )
        rules = rules_of(contract, self.lists, first_line=HEADER_ROW + 3)
        for line, sentence in enumerate(rules, start=1):
            page.write_string(line, 0, set_chinese(f"{line}. {sentence}"), self.style())
        line = len(rules) + 2
        for table, name in zip(contract.tables, names, strict=True):
            about = f"工作表“{name}”:{MODES_ZH[table.mode]}。{chinese_half(table.description)}"
            page.write_string(line, 0, set_chinese(about), self.style(bold=True, font_color="#1F4E79"))
            line += 1
            heads = ("列", "必填", "填什么", "单位", "说明", "写成这些表头也认", "示例")
            for place, head in enumerate(heads):
                page.write_string(
                    line, place, head, self.style(bold=True, bg_color="#DDEBF7", border=1, border_color="#8EA9C8", align="center")
                )
            for place, column in enumerate(table.columns):
                line += 1
                unit = "同“金额单位”" if follows_title_line(column) else sent_unit(column) or ""
                choices = self.lists[column.code_list].names_zh if column.code_list else ()
                listed = f"可选:{'、'.join(choices[:8])}{f'……见“{CODES}”' if len(choices) > 8 else ''}。" if choices else ""
                aliases = [alias for alias in dict.fromkeys(column.aliases) if alias != column.header]
                cells = (
                    f"{column_letters(place)}  {header_of(column)}",
                    "必填" if column.required else "",
                    kind_of(column),
                    unit,
                    set_chinese(description_of(column) + (PERCENT if unit == "%" else "") + listed),
                    "、".join(f"“{alias}”" for alias in aliases),
                    self._example(column),
                )
                n_lines = max(1 + width(cells[4]) // (NOTE_WIDTHS[4] - 3), 1 + width(cells[5]) // (NOTE_WIDTHS[5] - 3))
                page.set_row(line, ROW_HEIGHT * n_lines)
                for at, cell in enumerate(cells):
                    centred: dict[str, object] = {"align": "center"} if at in {1, 2} else {"indent": 1}
                    bold: dict[str, object] = {"bold": True} if at == 0 and column.required else {}
                    page.write_string(
                        line,
                        at,
                        cell,
                        self.style(text_wrap=True, border=1, border_color="#BFBFBF", num_format="@", **centred, **bold),
                    )
            line += 2
        page.protect("", {"format_columns": True, "format_rows": True, "select_locked_cells": True})
        page.set_landscape()
        page.set_paper(9)
        page.fit_to_pages(1, 0)

    def _codes(self, page: Worksheet) -> dict[str, str]:
        """Write the code lists, each in one column; return the cell range of each."""
        headers: dict[str, dict[str, None]] = {name: {} for name in self.lists}
        for table in self.contract.tables:
            for column in table.columns:
                if column.code_list:
                    headers[column.code_list][column.header] = None
        ranges: dict[str, str] = {}
        for place, (name, codes) in enumerate(self.lists.items()):
            # Not the header alone: two such columns would make this sheet look like a table of the report.
            heading = "、".join(headers[name]) + "\n可选值"
            page.set_column(place, place, min(max(12, width(heading) + 2, *(width(code) + 2 for code in codes.names_zh)), 36))
            style = self.style(bold=True, bg_color="#DDEBF7", border=1, border_color="#8EA9C8", text_wrap=True)
            page.write_string(0, place, heading, style)
            for line, code in enumerate(codes.names_zh, start=1):
                page.write_string(line, place, code, self.style(border=1, border_color="#BFBFBF", num_format="@"))
            first, last = absolute_address(place, 2), absolute_address(place, len(codes.codes) + 1)
            ranges[name] = f"='{CODES}'!{first}:{last}"
        page.set_row(0, 2 * ROW_HEIGHT)
        page.freeze_panes(1, 0)
        page.protect("", {"select_locked_cells": True})
        return ranges


def _sheet_names(contract: Contract) -> list[str]:
    """The name of each table's sheet, by which intake recognises the table."""
    names: list[str] = []
    for table in contract.tables:
        fits = not table.sheets or any(word in table.title for word in table.sheets)
        name = (table.title if fits else table.sheets[0])[:31]
        names.append(name if name not in names else f"{name[:28]}_{len(names) + 1}")
    return names

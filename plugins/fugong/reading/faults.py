"""The sentences of a refused file: the catalogue's, filled with what the worker found, and how to mend it."""

from __future__ import annotations

from fugong.findings.catalogue import CATALOGUE
from fugong.reading.model import ReadingRefused

_FOUND_ZH = {
    "HTML": "不含表格的网页",
    "DTD": "含有 DTD 声明的异常文件",
    "ZIP": "压缩包",
    "Word": "Word 文档",
    "PowerPoint": "演示文稿",
    "OLE2": "其他 Office 文件",
    "PDF": "PDF 文档",
    "PNG": "图片",
    "JPEG": "图片",
    "GIF": "图片",
    "BMP": "图片",
    "RTF": "RTF 文档",
    "MHTML": "单个文件网页",
    "program": "程序",
    "binary": "二进制内容",
    "encrypted Parquet": "加密的 Parquet 文件",
    "unusual Parquet": "压缩或编码方式不支持的 Parquet 文件",
    "nested Parquet": "列里有列表、结构或字节的 Parquet 文件",
}
_OLD_TABLES = {
    "XLSB": ("二进制工作簿 .xlsb", "binary workbook .xlsb", "Excel", "Excel"),
    "BIFF": ("Excel 2–4 的老格式", "format of Excel 2 to 4", "Excel 或 WPS", "Excel or WPS"),
    "SYLK": ("SYLK 格式 .slk", "format SYLK, .slk", "Excel", "Excel"),
    "Lotus": ("Lotus 1-2-3 / Works 格式", "format of Lotus 1-2-3 or Works", "LibreOffice", "LibreOffice"),
    "DBF": ("数据库表 .dbf", "database table, .dbf", "Excel 或 WPS", "Excel or WPS"),
    "iWork": ("苹果 Numbers 表格", "table of Apple Numbers", "Numbers(文件→导出到→Excel)", "Numbers (File, Export To, Excel)"),
}
"""Kind of a table that only another program opens → its name, and the program to save it again with, in both languages."""
_DRM = {
    "E-SafeNet": ("亿赛通 E-SafeNet", "E-SafeNet"),
    "TSD": ("文件头为 TSD-Header 的加密软件", "a program that writes TSD-Header"),
}
_WHY = {
    "overlap": ("条目互相重叠", "entries overlap"),
    "link": ("含有符号链接", "it holds a link"),
    "same name": ("条目同名", "two entries have one name"),
    "directory": ("目录与内容不符", "its directory does not fit what it holds"),
    "method": ("压缩方式不支持", "its entries are packed by an unusual method"),
    "UTF-16": ("内部编码异常", "its inner encoding is unusual"),
}
_WHAT = {
    "bytes": ("文件大小", "File size"),
    "inflated": ("解压后的大小", "Inflated size"),
    "entries": ("压缩包内的文件数", "Number of archive entries"),
    "sheets": ("工作表数", "Number of sheets"),
    "rows": ("工作表的行数", "Number of rows"),
    "columns": ("列数", "Number of columns"),
    "area": ("工作表的单元格数", "Number of cells of a sheet"),
    "cell": ("单元格的长度", "Length of a cell"),
    "cells": ("内容", "Content"),
}


def _amount(number: object, what: object) -> str:
    if not isinstance(number, int) or not number:
        return "—"
    return f"{number / (1 << 20):,.0f} MB" if what in ("bytes", "inflated", "cells", "memory") else f"{number:,}"


def refusal(code: str, **details: str | int) -> ReadingRefused:
    """Make the refusal of a file: the sentences and the advice of a code, filled with the details."""
    what = details.get("what")
    if code == "too-large" and what == "far-cell":
        code = "far-cell"
    rule = CATALOGUE[code]
    what_zh, what_en = _WHAT.get(str(what), ("内容", "Content"))
    why_zh, why_en = _WHY.get(str(details.get("why")), ("", ""))
    old_zh, old_en, program_zh, program_en = _OLD_TABLES.get(str(details.get("found")), ("", "", "", ""))
    drm_zh, drm_en = _DRM.get(str(details.get("program")), ("", ""))
    unit = what if code == "too-large" else "memory"
    values = {
        **details,
        "found_zh": _FOUND_ZH.get(str(details.get("found")), "未知格式")
        if code == "not-a-table"
        else _amount(details.get("found"), unit),
        "found_en": _amount(details.get("found"), unit),
        "limit_zh": _amount(details.get("limit"), unit),
        "limit_en": _amount(details.get("limit"), unit),
        "why_zh": why_zh,
        "why_en": why_en,
        "kind_zh": old_zh,
        "kind_en": old_en,
        "program_zh": program_zh or drm_zh,
        "program_en": program_en or drm_en,
        "what_zh": what_zh,
        "what_en": what_en,
    }
    return ReadingRefused(
        code,
        rule.zh.format_map(values) + rule.advice_zh.format_map(values),
        f"{rule.en.format_map(values)} {rule.advice_en.format_map(values)}".rstrip(),
        details,
    )

"""The data dictionary: every report, fact, mart, figure and question, made from contracts, SQL headers and comments alone."""

from __future__ import annotations

import re
from calendar import day_name
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from fugong import warehouse
from fugong.analysis.questions import load_questions
from fugong.contracts.contract import Contract, Table
from fugong.contracts.load import load_contracts
from fugong.core.bilingual import Bilingual
from fugong.figures.definition import Definition, load_definitions
from fugong.figures.term import DaysUntil, FigureSum, MartCells, Parameter, Term
from fugong.marts import open_cells, open_table
from fugong.marts.model import Mart, SqlFile
from fugong.marts.sql_files import load_sql_files

COMMENT_ON = re.compile(
    r"COMMENT ON (TABLE|VIEW|COLUMN|FUNCTION) ([a-z0-9_.]+)(?:\([^)]*\))?\s+IS\s+'((?:[^']|'')*)'", re.IGNORECASE
)
OWN_COLUMNS = (
    ("part_id", Bilingual("部分", "The part that brought the row")),
    ("sheet", Bilingual("工作表", "Sheet of the file")),
    ("row_number", Bilingual("行号", "Line in the file, as the sender sees it")),
)


def describe(include: Path) -> dict[str, list[dict[str, Any]]]:
    """The dictionary as plain values: `reports`, `tables` (of intake and ref), `facts`, `marts`, `open`, `figures`, `questions`."""
    files = load_sql_files(include / "sql")
    contracts = load_contracts(include / "contracts")
    titles = {f"report.{table.name}": f"{contract.report} {table.title}" for contract in contracts for table in contract.tables}

    def sources(file: SqlFile) -> list[str]:
        return [titles[name] for name in titles if name in files.read_by(file)]

    return {
        "reports": [_report(contract) for contract in contracts],
        "tables": _tables(),
        "facts": [_relation(fact, fact.relation, fact.grain) | {"sources": sources(fact)} for fact in files.facts],
        "marts": [
            _relation(mart, mart.relation, mart.grain)
            | {"keys": list(mart.keys), "by": mart.partition_by, "serves": mart.serves, "is_open": mart.is_open}
            | {"sources": sources(mart)}
            for mart in files.marts
        ],
        "open": [_open(mart) for mart in files.marts if mart.is_open],
        "figures": [_figure(definition) for definition in load_definitions(include).values()],
        "questions": [
            {
                "number": one.number,
                "name": one.name,
                "zh": one.text.zh,
                "en": one.text.en,
                "role": one.role,
                "reads": list(one.reads),
            }
            for one in load_questions(include).values()
        ],
    }


def markdown(include: Path, lang: str = "zh") -> str:
    """The dictionary as a Markdown page."""
    found = describe(include)
    is_zh = lang == "zh"

    def word(zh: str, en: str) -> str:
        return zh if is_zh else en

    lines = [
        f"# {word('数据字典', 'Data dictionary')}",
        "",
        word("由数据契约和 SQL 文件头生成,请勿手改。", "Generated; do not edit."),
        "",
    ]
    lines += [f"## {word('报表', 'Reports')}", ""]
    for report in found["reports"]:
        lines += [f"### {report['report']} {report['name']} · {report['name_en']}", ""]
        lines += [f"{word('报送部门', 'Senders')}: {', '.join(report['senders'])} · {word('期限', 'Due')}: {report['due']}", ""]
        for table in report["tables"]:
            lines += [f"`report.{table['name']}` {table['title']} · {table['mode']}", "", table["description"], ""]
            head = (
                word("列", "column"),
                word("表头", "header"),
                word("类型", "type"),
                word("单位", "unit"),
                "",
                word("说明", "meaning"),
            )
            lines += grid(
                head,
                (
                    (f"`{c['name']}`", c["header"], c["type"], c["unit"], c["role"], _meaning(c, is_zh=is_zh))
                    for c in table["columns"]
                ),
            )
    for part, title in (
        ("tables", word("收报与参照表", "Intake and reference")),
        ("facts", word("明细", "Facts")),
        ("marts", word("汇总", "Marts")),
    ):
        lines += [f"## {title}", ""]
        for relation in found[part]:
            lines += [f"### {relation['name']}", ""]
            about = [relation.get("grain") or relation.get("zh" if is_zh else "en", "")]
            if relation.get("serves"):
                about.append(f"{word('用于', 'serves')} {relation['serves']}")
            if relation.get("sources"):
                about.append(f"{word('来源报表', 'source reports')} {'、'.join(relation['sources'])}")
            if relation.get("reads"):
                about.append(f"{word('来自', 'reads')} {', '.join(f'`{one}`' for one in relation['reads'])}")
            if part == "marts":
                about.append(
                    word("分析员可见", "open to analysts")
                    if relation["is_open"]
                    else word("分析员不可见", "not open to analysts")
                )
            lines += [" · ".join(about), ""]
            if relation["columns"]:
                lines += grid(
                    (word("列", "column"), word("说明", "meaning"), word("由何汇总", "sum of")),
                    ((f"`{c['name']}`", c["zh"] if is_zh else f"{c['en']} ({c['zh']})", c["of"]) for c in relation["columns"]),
                )
    lines += [f"## {word('分析员所见(open)', 'What analysts see (open)')}", ""]
    for view in found["open"]:
        lines += [f"### {view['name']}", "", view["grain"], ""]
        lines += grid(
            (word("列", "column"), word("说明", "meaning"), word("何时隐去", "hidden by")),
            (
                (
                    f"`{c['name']}`" + (word("(键)", " (key)") if c["is_key"] else ""),
                    c["zh"] if is_zh else f"{c['en']} ({c['zh']})",
                    ", ".join(
                        [
                            *(f"`{name}`" for name in c["behind"]),
                            *([word("两位有效数字", "two digits")] if c["is_rounded"] else []),
                        ]
                    ),
                )
                for c in view["columns"]
            ),
        )
    lines += [f"## {word('问题', 'Questions')}", ""]
    lines += grid(
        ("", word("问题", "question"), word("角色", "role"), word("文件", "file")),
        ((str(q["number"]), q["zh"] if is_zh else q["en"], q["role"], f"`{q['name']}.sql`") for q in found["questions"]),
    )
    lines += [f"## {word('指标', 'Figures')}", ""]
    lines += grid(
        (word("编号", "id"), word("名称", "name"), word("单位", "unit"), word("取自", "from")),
        ((f["id"], f["name_zh"] if is_zh else f["name"], f["unit"], f["from"]) for f in found["figures"]),
    )
    return "\n".join(lines).rstrip() + "\n"


def _report(contract: Contract) -> dict[str, Any]:
    due = contract.due
    when = f"{due.cadence}, D+{due.days} {due.time}"
    if due.cadence == "weekly":
        when = f"weekly, {day_name[(due.weekday or 1) - 1]} {due.time}"
    return {
        "report": contract.report,
        "id": contract.id,
        "name": contract.name,
        "name_en": contract.name_en,
        "senders": list(contract.senders),
        "due": when,
        "tables": [_table(table) for table in contract.tables],
    }


def _table(table: Table) -> dict[str, Any]:
    columns: list[dict[str, Any]] = []
    for column in table.columns:
        en, _, zh = (text.strip() for text in column.description.partition("|"))
        role = "key" if column.key_position is not None else "required" if column.required else ""
        columns.append(
            {
                "name": column.name,
                "header": column.header,
                "aliases": list(column.aliases),
                "type": column.physical_type,
                "unit": column.unit or "",
                "role": role,
                "code_list": column.code_list,
                "zh": zh or en,
                "en": en,
                "known_oddities": list(column.known_oddities),
            }
        )
    columns += [
        {"name": name, "header": "", "aliases": [], "type": "text" if name == "sheet" else "bigint", "unit": "", "role": "origin"}
        | {"code_list": None, "zh": meaning.zh, "en": meaning.en, "known_oddities": []}
        for name, meaning in OWN_COLUMNS
    ]
    return {
        "name": table.name,
        "title": table.title,
        "mode": table.mode,
        "description": table.description,
        "columns": columns,
    }


def _relation(file: SqlFile, name: str, grain: str) -> dict[str, Any]:
    def of(column: str) -> str:
        total = file.sums.get(column) if isinstance(file, Mart) else None
        if total is None:
            return ""
        made = " + ".join(f"{one.fact}.{one.column}" for one in total.contributions)
        return made if total.aggregate == "sum" else f"{total.aggregate} {made}"

    return {
        "name": name,
        "grain": grain,
        "reads": list(file.reads),
        "columns": [{"name": name, "zh": meaning.zh, "en": meaning.en, "of": of(name)} for name, meaning in file.columns.items()],
    }


def _open(mart: Mart) -> dict[str, Any]:
    keys = open_cells.keys_of(mart)

    def behind(column: str) -> list[str]:
        """The counts of firms that decide whether a value is suppressed."""
        cells = [] if column in keys or column == "is_suppressed" else mart.suppression
        return list(dict.fromkeys(" − ".join(cell.count) for cell in cells if not cell.columns or column in cell.columns))

    return {
        "name": f"open.{mart.name}",
        "grain": open_table.grain(mart),
        "keys": list(keys),
        "columns": [
            {"name": name, "zh": meaning.zh, "en": meaning.en, "is_key": name in keys}
            | {"behind": behind(name), "is_rounded": name in mart.rounded}
            for name, meaning in open_table.columns(mart).items()
        ],
    }


def _meaning(column: dict[str, Any], *, is_zh: bool) -> str:
    oddities: list[str] = column["known_oddities"]
    meaning = str(column["zh"] if is_zh else column["en"])
    return " ".join([meaning, *(f"({'已知异常' if is_zh else 'known oddity'}: {one})" for one in oddities)])


def _tables() -> list[dict[str, Any]]:
    """The engine's own tables, views and functions, from the comments in its SQL files."""
    found: dict[str, dict[str, Any]] = {}

    def relation(name: str) -> dict[str, Any]:
        return found.setdefault(name, {"name": name, "zh": "", "en": "", "columns": []})

    for file in comment_files():
        for kind, name, text in COMMENT_ON.findall(file.read_text(encoding="utf-8")):
            zh, _, en = (part.strip() for part in text.replace("''", "'").partition("|"))
            if kind.upper() == "COLUMN":
                table, _, column = name.rpartition(".")
                relation(table)["columns"].append({"name": column, "zh": zh, "en": en, "of": ""})
            else:
                relation(name).update(zh=zh, en=en)
    return list(found.values())


def comment_files() -> list[Path]:
    """The SQL files of the engine that comment its tables, views and functions."""
    return [
        file for folder in ("comments", "views") for file in sorted((Path(warehouse.__path__[0]) / "sql" / folder).glob("*.sql"))
    ]


def _figure(definition: Definition) -> dict[str, Any]:
    return {
        "id": definition.id,
        "name": definition.name,
        "name_zh": definition.name_zh,
        "unit": definition.unit,
        "from": " ÷ ".join(_from(term) for term in definition.terms.values()),
    }


def _from(term: Term) -> str:
    match term:
        case MartCells():
            keys = ", ".join(f"{key} = {'/'.join(map(str, values))}" for key, values in term.keys.items())
            return f"mart.{term.mart}.{term.column}" + (f" ({keys})" if keys else "")
        case Parameter():
            return f"ref.policy_param {term.policy_id} {term.param}"
        case DaysUntil():
            return f"days until ref.policy_param {term.parameter.policy_id} {term.parameter.param}"
        case FigureSum():
            return " ".join(f"{'+' if sign > 0 else '−'} {name}" for sign, name in term.signed).removeprefix("+ ")
        case _:
            return "–"


def grid(head: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    """The lines of a Markdown table, followed by a blank one."""

    def line(cells: Sequence[str]) -> str:
        return "| " + " | ".join(cell.replace("|", "\\|").replace("\n", " ") for cell in cells) + " |"

    return [line(head), line(["---"] * len(head)), *(line(row) for row in rows), ""]

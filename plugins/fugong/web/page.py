"""Renders pages: templates, the language, and the words that all of them share."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache
from pathlib import Path
from typing import Any

from fastapi import Request
from fastapi.responses import HTMLResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape
from starlette.routing import Match

from fugong.briefing.language import language_of as in_words_of
from fugong.core.bilingual import Bilingual
from fugong.core.csv_file import read_csv
from fugong.core.sanitize import page as plain_text
from fugong.core.time import SHANGHAI
from fugong.core.typesetting import set_chinese
from fugong.core.vocabulary import Lang
from fugong.figures.display import percent, plain
from fugong.web.navigation import links_of
from fugong.web.site import Site

TEMPLATES = Path(__file__).parent / "templates"
STATIC = Path(__file__).parent / "static"
LANGUAGE_COOKIE = "fugong_lang"
SHARE = re.compile(r"(\d+)(?:\.\d+)?%")


MARKS = {
    Lang.ZH: {
        "colon": "\uff1a",
        "comma": "\uff0c",
        "semicolon": "\uff1b",
        "stop": "\u3002",
        "listed": "\u3001",
        "open": "\uff08",
        "close": "\uff09",
    },
    Lang.EN: {"colon": ": ", "comma": ", ", "semicolon": "; ", "stop": ". ", "listed": ", ", "open": " (", "close": ")"},
}
"""What stands between two values of a sentence that a template puts together: full-width in Chinese."""
_set = lru_cache(4096)(set_chinese)
"""For the words of the templates, which are the same on each page."""


@lru_cache
def environment() -> Environment:
    """The templates; what they print is escaped, what is missing raises."""
    made = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=select_autoescape(default=True, default_for_string=True),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.do"],
    )
    made.filters |= {"number": number, "day": _day, "moment": _moment, "share": _share, "shown": plain_text, "tint": tint}
    return made


def language_of(request: Request) -> Lang:
    """The language of a request: what it asks for, else what was chosen before, else Chinese."""
    wanted = request.query_params.get("lang") or request.cookies.get(LANGUAGE_COOKIE) or ""
    return Lang.EN if wanted == Lang.EN else Lang.ZH


def render(request: Request, template: str, status: int = 200, **context: Any) -> HTMLResponse:
    """A page.

    Args:
        context: what the template shows; `title` is a pair of Chinese and English.
    """
    site: Site = request.app.state.site
    lang = language_of(request)
    visitor = getattr(request.state, "visitor", None)

    def t(zh: str, en: str) -> str:
        return _set(zh) if lang is Lang.ZH else en

    def told(sentence: Bilingual | str) -> str:
        text = in_language(sentence, lang) if isinstance(sentence, str) else sentence.text_in(lang)
        return plain_text(set_chinese(text) if lang is Lang.ZH else text)

    def set_words(text: str) -> str:
        return plain_text(set_chinese(text) if lang is Lang.ZH else text)

    language = in_words_of(site.include, lang)
    content = (
        environment()
        .get_template(template)
        .render(
            t=t,
            told=told,
            typeset=set_words,
            printed=language.shown,
            said=lambda sentence: plain_text(language.set(language.pick(sentence))),
            unit_of=language.unit,
            lang=lang.value,
            mark=MARKS[lang],
            base=site.base(request),
            visitor=visitor,
            csrf=visitor.csrf if visitor else "",
            links=links_of(visitor, request.url.path.removeprefix(site.base(request)) or "/") if visitor else (),
            is_demo=site.is_demo,
            notice=site.door.notice,
            is_framed=site.is_framed,
            here=request.url.path,
            turned=_readable(request),
            query=dict(request.query_params),
            department_name=lambda code: department_name(site, code, lang),
            **context,
        )
    )
    response = HTMLResponse(content, status_code=status)
    if request.query_params.get("lang") in {Lang.ZH, Lang.EN}:
        response.set_cookie(LANGUAGE_COOKIE, lang.value, max_age=365 * 86_400, samesite="lax", path=site.base(request) or "/")
    return response


def _readable(request: Request) -> str:
    """The address of a page that can be asked for in the other language: nothing (itself), or what stands above a form's address."""
    if request.method in {"GET", "HEAD"}:
        return ""
    path = request.url.path
    while path.strip("/") and not any(
        route.matches({**request.scope, "method": "GET", "path": path})[0] is Match.FULL for route in request.app.routes
    ):
        path = path.rpartition("/")[0]
    return path or "/"


def wants_json(request: Request) -> bool:
    """Whether a request asks for JSON rather than for a page."""
    return "application/json" in request.headers.get("accept", "") and "text/html" not in request.headers.get("accept", "")


def nothing_here(request: Request) -> HTMLResponse:
    """The page that says that there is nothing under this address."""
    return render(request, "fault.html.jinja", 404, title=("没有这一页", "Not here"), code=404, sentence="")


def in_language(sentence: str, lang: Lang) -> str:
    """The part of a sentence `中文 | English` in a language; the sentence itself where it has no two parts."""
    zh, bar, en = sentence.partition(" | ")
    return (zh if lang is Lang.ZH else en) if bar else sentence


def typeset(sentence: str) -> str:
    """A sentence `中文 | English` with its Chinese set."""
    zh, bar, en = sentence.partition(" | ")
    return f"{set_chinese(zh)}{bar}{en}"


def tint(text: str) -> str:
    """The class that shades a cell with a share, `t0` (none) to `t10` (all), so that places beside each other make a map; else nothing."""
    found = SHARE.fullmatch(text)
    return f"t{min(10, int(found[1]) // 10)}" if found else ""


def number(value: object, decimals: int = 2) -> str:
    """A number with thousands separators; other values as text, nothing as a dash."""
    if value is None:
        return "–"
    if isinstance(value, bool):
        return "✓" if value else "–"
    if isinstance(value, int):
        return f"{value:,}"
    if isinstance(value, tuple):
        return "、".join(map(str, value))  # pyright: ignore[reportUnknownArgumentType, reportUnknownVariableType]
    if isinstance(value, (Decimal, float)):
        rounded = round(Decimal(str(value)), decimals)
        whole, _, rest = plain(abs(rounded)).partition(".")
        return f"{'−' if rounded < 0 else ''}{int(whole):,}{'.' + rest if rest else ''}"
    return str(value)


def _share(value: Decimal | None) -> str:
    return "–" if value is None else percent(value)


def _day(value: date | None) -> str:
    return value.isoformat() if value else "–"


def _moment(value: datetime | None) -> str:
    return f"{value.astimezone(SHANGHAI):%Y-%m-%d %H:%M}" if value else "–"


def department_name(site: Site, code: str, lang: Lang) -> str:
    """A department's name; its code where the district does not know it."""
    file = site.include / "reference" / "department.csv"
    name = _departments(file, file.stat().st_mtime_ns).get(code)
    return code if name is None else (name.zh if lang is Lang.ZH else name.en) or code


@lru_cache(maxsize=2)
def _departments(file: Path, _changed: int) -> Mapping[str, Bilingual]:
    rows = read_csv(file, ["department_code", "name_zh", "name_en"])
    return {row["department_code"]: Bilingual(row["name_zh"], row["name_en"]) for row in rows}

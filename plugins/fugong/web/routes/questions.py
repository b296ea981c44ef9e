"""The questions that analysts ask, as forms; each is answered in the role that may."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from typing import Annotated, Any

import psycopg
from fastapi import APIRouter, Depends, HTTPException, Request
from fastapi.responses import Response

from fugong.access.account import Role
from fugong.analysis import questions
from fugong.analysis.questions import Answer
from fugong.core.errors import NotFoundError, RefusedError
from fugong.marts.model_of_tables import Question
from fugong.web import firm_access, page, rights
from fugong.web.door import allowed
from fugong.web.downloads import TYPES, as_file
from fugong.web.moments import day_if_given
from fugong.web.site import Site
from fugong.web.tables import cells, heads
from fugong.web.visitor import Visitor

router = APIRouter()
Reader = Annotated[Visitor, Depends(allowed(*rights.OPEN))]
ROWS_SHOWN = 500
OWN = frozenset({"lang", "as_of", "format", "ask"})
"""Names in addresses that are no parameters of a question."""


def roles_for(question: Question) -> Sequence[Role]:
    """Who may ask a question: the role that its head names; what analysts may ask, all who see what is open."""
    return (Role.ANALYST, *rights.OPEN) if question.role == Role.ANALYST else (Role(question.role),)


@contextmanager
def asking(request: Request, visitor: Visitor, question: Question) -> Iterator[psycopg.Connection]:
    """A connection on which a question may be asked. That one is asked which analysts may not ask is recorded: it tells of firms.

    Raises:
        HTTPException: 403, the visitor may not ask it.
    """
    roles = roles_for(question)
    if not visitor.may(*roles):
        raise HTTPException(403, f"这一问要有 {question.role} 的权限 | this question needs the rights of {question.role}")
    if question.role != Role.ANALYST:
        firm_access.note(request, visitor)
    site: Site = request.app.state.site
    with visitor.reading(site.database, *roles) as connection:
        yield connection


def answer(request: Request, visitor: Visitor, number: int, as_of: date | None, given: dict[str, str]) -> tuple[Question, Answer]:
    """Ask a question.

    Raises:
        NotFoundError: there is no such question, day or parameter.
        RefusedError: a parameter is neither a number nor a day.
        HTTPException: 403, the visitor may not ask it.
    """
    site: Site = request.app.state.site
    question = questions.find_question(questions.load_sound_questions(site.include), number)
    with asking(request, visitor, question) as connection:
        return question, questions.ask(connection, site.include, question, as_of, given=given)


def parameters_of(request: Request) -> dict[str, str]:
    """The parameters of a question in an address."""
    return {name: value for name, value in request.query_params.items() if name not in OWN and value != ""}


@router.get("/questions")
def list_(request: Request, visitor: Reader) -> Response:
    """The questions that the visitor may ask."""
    site: Site = request.app.state.site
    found = [one for one in questions.load_sound_questions(site.include).values() if visitor.may(*roles_for(one))]
    return page.render(request, "questions.html.jinja", title=("常问", "Questions"), questions=found)


@router.get("/questions/{number}")
def one(request: Request, visitor: Reader, number: int) -> Response:
    """A question as a form, and its answer."""
    site: Site = request.app.state.site
    lang = page.language_of(request)
    question = questions.find_question(questions.load_sound_questions(site.include), number)
    shown: dict[str, Any] = {"found": None, "fault": "", "heads": (), "rows": (), "held": None}
    status = 200
    with asking(request, visitor, question) as connection:
        try:
            shown["held"] = questions.days_held(connection, site.include)
            as_of = day_if_given(request.query_params.get("as_of"))
            found = questions.ask(connection, site.include, question, as_of, given=parameters_of(request))
        except (NotFoundError, RefusedError) as refused:
            shown["fault"], status = str(refused), 404 if isinstance(refused, NotFoundError) else 409
        else:
            table = found.table(question, lang)
            kept = [at for at, column in enumerate(table.columns) if column.name not in question.secondary]
            columns = [table.columns[at] for at in kept]
            rows = [[row[at] for at in kept] for row in found.named[:ROWS_SHOWN]]
            shown |= {"found": found, "heads": heads(columns, lang), "rows": cells(columns, rows, lang)}
    return page.render(
        request,
        "question.html.jinja",
        status,
        title=(question.text.zh, question.text.en),
        question=question,
        parameters={name: one for name, one in question.parameters.items() if one.default is not None},
        given=parameters_of(request),
        formats=tuple(TYPES),
        rows_shown=ROWS_SHOWN,
        secondary=[question.columns[name] for name in question.secondary],
        **shown,
    )


@router.get("/questions/{number}/download")
def download(request: Request, visitor: Reader, number: int, format: str = "csv") -> Response:  # noqa: A002 (its name in addresses)
    """The answer as a file."""
    site: Site = request.app.state.site
    as_of = day_if_given(request.query_params.get("as_of"))
    question, found = answer(request, visitor, number, as_of, parameters_of(request))
    return as_file(site, found.table(question, page.language_of(request)), format)

"""The routes, one module per group of pages."""

from __future__ import annotations

from fugong.web.routes import (
    account,
    answers,
    api,
    board,
    briefing,
    department,
    figures,
    history,
    login,
    marts,
    mending,
    questions,
    receipts,
    sheets,
    signing,
    texts,
    today,
    uploads,
)

ROUTERS = (
    login.router,
    account.router,
    department.router,
    uploads.router,
    receipts.router,
    mending.router,
    answers.router,
    history.router,
    board.router,
    figures.router,
    sheets.router,
    briefing.router,
    signing.router,
    marts.router,
    questions.router,
    texts.router,
    today.router,
    api.router,
    api.v1,
)

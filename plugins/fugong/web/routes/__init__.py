"""The routes, one module per group of pages."""

from __future__ import annotations

from fugong.web.routes import account, api, board, briefing, figures, login, marts, questions, sheets, signing, texts, today

ROUTERS = (
    login.router,
    account.router,
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

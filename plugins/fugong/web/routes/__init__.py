"""The routes, one module per group of pages."""

from __future__ import annotations

from fugong.web.routes import account, board, briefing, figures, login, sheets, signing

ROUTERS = (login.router, account.router, board.router, figures.router, sheets.router, briefing.router, signing.router)

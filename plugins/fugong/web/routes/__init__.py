"""The routes, one module per group of pages."""

from __future__ import annotations

from fugong.web.routes import account, login

ROUTERS = (login.router, account.router)

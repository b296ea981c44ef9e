"""The command `serve`: the pages."""

from __future__ import annotations

from typing import Annotated

import typer

from fugong.cli.common import notes
from fugong.core.settings import Settings

PORT = 8090


def register(app: typer.Typer) -> None:
    """Add the command `serve`."""
    app.command("serve")(serve_)


def serve_(
    host: Annotated[
        str, typer.Option("--host", help="监听地址;对外请放在反向代理后面 | Address to listen on; put a proxy with TLS before it")
    ] = "127.0.0.1",
    port: Annotated[int, typer.Option("--port", min=1, max=65535, help="端口 | Port")] = PORT,
    intake: Annotated[
        bool,
        typer.Option(
            "--intake/--no-intake", help="同时收件判读;由 Airflow 收件时关掉 | Take files in, too; off where Airflow does"
        ),
    ] = True,
    demo: Annotated[bool, typer.Option("--demo", help="页面注明是演示数据 | Say on each page that the data are made up")] = False,
) -> None:
    """Serve the pages until Ctrl-C. People log in with `fugong account page-password`."""
    from fugong.web.serve import serve

    notes().print(f"http://{host}:{port}/ (Ctrl-C 结束 | ends)", highlight=False)
    serve(Settings.load(), host, port, is_demo=demo, takes_files_in=intake)

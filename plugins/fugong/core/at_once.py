"""An executor without threads, for work too small to share."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Executor, Future
from typing import Any


class AtOnce(Executor):
    """Runs what is submitted in the thread of the caller, before `submit` returns. What it raises is raised there, too."""

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        """Run a function; its result is in the future that comes back."""
        future = Future[Any]()
        future.set_result(fn(*args, **kwargs))
        return future

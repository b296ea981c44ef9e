"""How often a program may ask: so many requests a minute for each account, counted by this process."""

from __future__ import annotations

import time

from fastapi import HTTPException
from limits import RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter

A_MINUTE = 120


class Rate:
    """Counts the requests of accounts."""

    def __init__(self, a_minute: int = A_MINUTE) -> None:
        self._most = RateLimitItemPerMinute(a_minute)
        self._window = MovingWindowRateLimiter(MemoryStorage())

    def count(self, account: str) -> None:
        """Count a request.

        Raises:
            HTTPException: 429 with `Retry-After`, there were too many within a minute.
        """
        if self._window.hit(self._most, account):
            return
        wait = max(1, round(self._window.get_window_stats(self._most, account).reset_time - time.time()))
        raise HTTPException(
            429,
            f"每分钟最多 {self._most.amount} 次,请 {wait} 秒后再试 | {self._most.amount} requests a minute at most: try in {wait} s",
            headers={"Retry-After": str(wait)},
        )

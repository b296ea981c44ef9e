"""How often a program may ask: so many requests within any minute for each account, counted by this process."""

from __future__ import annotations

import math
import time
from collections import deque
from threading import Lock

from cachetools import TTLCache
from fastapi import HTTPException

A_MINUTE = 120
MINUTE = 60.0
ACCOUNTS = 10_000


class Rate:
    """Counts the requests of accounts."""

    def __init__(self, a_minute: int = A_MINUTE) -> None:
        self._most = a_minute
        self._asked: TTLCache[str, deque[float]] = TTLCache(ACCOUNTS, MINUTE * 2)
        self._lock = Lock()

    def count(self, account: str) -> None:
        """Count a request.

        Raises:
            HTTPException: 429 with `Retry-After`, there were too many within a minute. Such a request does not count.
        """
        now = time.monotonic()
        with self._lock:
            asked = self._asked.get(account) or deque[float]()
            while asked and asked[0] <= now - MINUTE:
                asked.popleft()
            if len(asked) < self._most:
                asked.append(now)
                self._asked[account] = asked
                return
            wait = max(1, math.ceil(asked[0] + MINUTE - now))
        raise HTTPException(
            429,
            f"每分钟最多 {self._most} 次,请 {wait} 秒后再试 | {self._most} requests a minute at most: try in {wait} s",
            headers={"Retry-After": str(wait)},
        )

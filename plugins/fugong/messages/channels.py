"""The addresses of the channels: they hold keys of bots and passwords, so they lie in a file of their own that nobody else may read.

`FUGONG_MESSAGES` names it; without that it is `keys/messages.yaml` in the home. No message of ours repeats anything that stands in it but
audiences and the names of channels.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from fugong.core.errors import ConfigurationError
from fugong.core.paths import listed
from fugong.core.settings import Settings
from fugong.messages.event import ENGINEERS, SIGNERS
from fugong.messages.rules import known_departments

FILE = "messages.yaml"
_NAME = re.compile(r"[\w-]{1,40}")
_OTHERS = 0o077


@dataclass(frozen=True)
class Address:
    """Where a channel of an audience leads; the address is left out where it is printed."""

    audience: str
    channel: str
    url: str = field(repr=False)


def file_of_channels(settings: Settings) -> Path:
    """The file that holds the addresses."""
    return settings.messages or settings.keys / FILE


def load_channels(settings: Settings) -> list[Address]:
    """The channels of all audiences; none where there is no file.

    Raises:
        ConfigurationError: others may read the file, it is not YAML, or names no audience of ours. The message holds no address.
    """
    file = file_of_channels(settings)
    if not file.exists():
        if settings.messages is not None:
            raise ConfigurationError(f"{file}: FUGONG_MESSAGES 指的文件不存在 | the file that FUGONG_MESSAGES names is not there")
        return []
    if file.stat().st_mode & _OTHERS:
        raise ConfigurationError(f"{file}: 别人也能读,请运行 chmod 600 | others may read it: run chmod 600 on it")
    try:
        content = yaml.load(file.read_text(encoding="utf-8-sig"), Loader=yaml.CSafeLoader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        raise _fault(file, f"第 {mark.line + 1 if mark else 1} 行不是 YAML", "this is not YAML") from None  # it quotes the line
    except (yaml.YAMLError, UnicodeDecodeError):
        raise _fault(file, "不是 UTF-8 的 YAML", "this is not YAML in UTF-8") from None
    return [*_read(settings, file, content)]


def _read(settings: Settings, file: Path, content: Any) -> Iterator[Address]:
    known = {ENGINEERS, SIGNERS, "departments"}
    if content is None:
        return
    if not isinstance(content, Mapping) or {*content} - known:
        raise _fault(file, f"最外层只能有 {listed(known)}", f"at the top there may be {listed(known)}")
    departments = content.get("departments") or {}
    if not isinstance(departments, Mapping):
        raise _fault(file, "departments 下面应是部门代码", "below departments there should be codes of departments")
    codes = known_departments(settings.include)
    for audience, given in [*((name, content.get(name)) for name in (ENGINEERS, SIGNERS)), *departments.items()]:
        if audience not in {ENGINEERS, SIGNERS} and audience not in codes:
            raise _fault(file, f"没有部门 {_safe(audience)},有 {listed(codes)}", f"there is no department {_safe(audience)}")
        channels = given or {}
        if not isinstance(channels, Mapping):
            raise _fault(file, f"{audience} 下面应是“通道名: 地址”", f"below {audience} there should be `name: address`")
        for name, url in channels.items():
            if not isinstance(name, str) or not _NAME.fullmatch(name):
                raise _fault(
                    file,
                    f"{audience} 的通道名应是 40 字以内的字母、汉字、数字、_、-",
                    f"a channel of {audience} should be named by up to 40 letters, digits, _ and -",
                )
            if not isinstance(url, str) or "://" not in url:
                raise _fault(
                    file, f"{audience} 的“{name}”应是一个地址", f"the channel {name} of {audience} should be one address"
                )
            yield Address(str(audience), name, url)


def _safe(word: object) -> str:
    """A word of the file that may be repeated: short, and no part of an address."""
    return str(word) if re.fullmatch(r"\w{1,12}", str(word)) else "?"


def _fault(file: Path, zh: str, en: str) -> ConfigurationError:
    return ConfigurationError(f"{file}: {zh} | {en}")

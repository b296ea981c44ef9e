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
from fugong.core.paths import listed, where
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


@dataclass(frozen=True)
class Channels:
    """The channels that can be used, and in a sentence each what is wrong with the others. No sentence holds an address."""

    addresses: tuple[Address, ...] = ()
    faults: tuple[str, ...] = ()

    def refuse_faults(self) -> None:
        """Raise what is wrong.

        Raises:
            ConfigurationError: something is.
        """
        if self.faults:
            raise ConfigurationError("; ".join(self.faults))


def load_channels(settings: Settings) -> Channels:
    """The channels of all audiences; none where there is no file. A fault of one audience or channel is its own.

    Raises:
        ConfigurationError: others may read the file, or it is not YAML. The message holds no address.
    """
    file = file_of_channels(settings)
    if not file.exists():
        if settings.messages is not None:
            raise ConfigurationError(f"{file}: FUGONG_MESSAGES 指的文件不存在 | the file that FUGONG_MESSAGES names is not there")
        return Channels()
    if file.stat().st_mode & _OTHERS:
        raise ConfigurationError(f"{file}: 别人也能读,请运行 chmod 600 | others may read it: run chmod 600 on it")
    try:
        content = yaml.load(file.read_text(encoding="utf-8-sig"), Loader=yaml.CSafeLoader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        raise _fault(file, f"第 {mark.line + 1 if mark else 1} 行不是 YAML", "this is not YAML") from None  # it quotes the line
    except (yaml.YAMLError, UnicodeDecodeError):
        raise _fault(file, "不是 UTF-8 的 YAML", "this is not YAML in UTF-8") from None
    addresses: list[Address] = []
    faults: list[str] = []
    for one in _read(settings, file, content):
        (addresses if isinstance(one, Address) else faults).append(one)  # pyright: ignore[reportArgumentType]
    return Channels(tuple(addresses), tuple(faults))


def _read(settings: Settings, file: Path, content: Any) -> Iterator[Address | str]:
    """The channels, and a sentence for each that is none."""
    known = (ENGINEERS, SIGNERS, "departments")
    if content is None:
        return
    if not isinstance(content, Mapping):
        yield _said(file, f"最外层应是 {listed(known)}", f"at the top there should be {listed(known)}")
        return
    for name in content.keys() - {*known}:
        yield _said(file, f"没有对象 {_safe(name)},有 {listed(known)}", f"there is no audience {_safe(name)}")
    departments = content.get("departments") or {}
    if not isinstance(departments, Mapping):
        yield _said(file, "departments 下面应是部门代码", "below departments there should be codes of departments")
        departments = {}
    codes = known_departments(settings.include)
    for code in departments.keys() - codes:
        yield _said(file, f"没有部门 {_safe(code)},有 {listed(codes)}", f"there is no department {_safe(code)}")
    audiences = [(name, content.get(name)) for name in (ENGINEERS, SIGNERS)]
    for audience, channels in [*audiences, *((code, one) for code, one in departments.items() if code in codes)]:
        if not isinstance(channels or {}, Mapping):
            yield _said(file, f"{audience} 下面应是“通道名: 地址”", f"below {audience} there should be `name: address`")
            continue
        for name, url in (channels or {}).items():
            if not isinstance(name, str) or not _NAME.fullmatch(name):
                zh = f"{audience} 的通道名应是 40 字以内的字母、汉字、数字、_、-"
                yield _said(file, zh, f"a channel of {audience} should be named by up to 40 letters, digits, _ and -")
            elif not isinstance(url, str) or "://" not in url:
                yield _said(file, f"{audience} 的“{name}”应是一个地址", f"the channel {name} of {audience} should be one address")
            else:
                yield Address(str(audience), name, url)


def _safe(word: object) -> str:
    """A word of the file that may be repeated: short, and no part of an address."""
    return str(word) if re.fullmatch(r"\w{1,12}", str(word)) else "?"


def _said(file: Path, zh: str, en: str) -> str:
    return f"{where(file)}: {zh} | {en}"


def _fault(file: Path, zh: str, en: str) -> ConfigurationError:
    return ConfigurationError(_said(file, zh, en))

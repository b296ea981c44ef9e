"""Secrets from files, as containers have them."""

from __future__ import annotations

from pathlib import Path

import pytest

from fugong.core.errors import ConfigurationError
from fugong.core.secret import read_address, read_secret
from fugong.core.settings import PROJECT, Settings

URL = "postgresql://fugong_loader@postgres:5432/fugong"


@pytest.mark.parametrize(
    ("content", "secret"),
    [("s3cret", "s3cret"), ("s3cret\n", "s3cret"), ("s3cret\r\nrest\n", "s3cret"), ("", None), ("\n", None)],
)
def test_the_first_line_of_a_file_is_the_secret(tmp_path: Path, content: str, secret: str | None) -> None:
    file = tmp_path / "file"
    file.write_bytes(content.encode())
    assert read_secret({"KEY_FILE": str(file)}, "KEY") == secret
    assert read_secret({"KEY_FILE": str(file), "KEY": "given"}, "KEY") == "given"


def test_a_file_that_cannot_be_read_is_named_and_nothing_of_it_shown(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"^KEY_FILE=\S+/none:.*No such file"):
        read_secret({"KEY_FILE": str(tmp_path / "none")}, "KEY")
    (tmp_path / "binary").write_bytes(b"\xff\xfe")
    with pytest.raises(ConfigurationError, match="not UTF-8"):
        read_secret({"KEY_FILE": str(tmp_path / "binary")}, "KEY")
    assert read_secret({"KEY_FILE": ""}, "KEY") is None


def test_a_password_is_put_into_its_address_whatever_its_characters() -> None:
    assert read_address({"W": URL, "W_PASSWORD": "p@s:s/é"}, "W") == (
        "postgresql://fugong_loader:p%40s%3As%2F%C3%A9@postgres:5432/fugong"
    )
    assert read_address({"W": URL}, "W") == URL
    assert read_address({"W_PASSWORD": "x"}, "W") is None


@pytest.mark.parametrize("url", ["postgresql://a:b@postgres/fugong", "postgresql://postgres/fugong", "dbname=fugong"])
def test_an_address_with_a_password_or_without_an_account_takes_none(url: str) -> None:
    with pytest.raises(ConfigurationError, match="W_PASSWORD") as refused:
        read_address({"W": url, "W_PASSWORD": "s3cret"}, "W")
    assert "s3cret" not in str(refused.value)


def test_settings_take_their_secrets_from_files_and_print_none(tmp_path: Path) -> None:
    for name in ("loader", "owner", "key"):
        (tmp_path / name).write_text(f"{name}-s3cret\n")
    settings = Settings.load(
        {
            "FUGONG_DISTRICT": str(PROJECT),
            "FUGONG_WAREHOUSE": URL,
            "FUGONG_WAREHOUSE_PASSWORD_FILE": str(tmp_path / "loader"),
            "FUGONG_WAREHOUSE_OWNER": URL.replace("loader", "owner"),
            "FUGONG_WAREHOUSE_OWNER_PASSWORD_FILE": str(tmp_path / "owner"),
            "FUGONG_QUARANTINE_KEY_FILE": str(tmp_path / "key"),
        }
    )
    assert settings.warehouse_url == "postgresql://fugong_loader:loader-s3cret@postgres:5432/fugong"
    assert settings.owner_url == "postgresql://fugong_owner:owner-s3cret@postgres:5432/fugong"
    assert settings.quarantine_key == "key-s3cret"
    assert "s3cret" not in repr(settings)

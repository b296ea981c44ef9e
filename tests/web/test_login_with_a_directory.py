"""People log in to the pages with the password of a directory: a real slapd, which takes no password over an open connection."""

from __future__ import annotations

import importlib.util
import os
import sys
from collections.abc import Iterator

import pytest
from starlette.testclient import TestClient

from fugong.access.authentication import Answer
from fugong.access.directory import asking
from fugong.core.errors import ConfigurationError
from fugong.core.settings import Settings
from fugong.web.application import create_application
from fugong.web.serve import open_site
from tests.end_to_end import directory
from tests.web.conftest import PASSWORD

OF_THE_DIRECTORY = "正确 horse battery"
pytestmark = pytest.mark.attack


@pytest.fixture(scope="module")
def people(tmp_path_factory: pytest.TempPathFactory) -> Iterator[directory.Directory]:
    missing = [
        name for name, there in (("slapd", directory.SERVER), ("python-ldap", importlib.util.find_spec("ldap"))) if not there
    ]
    if missing:
        reason = (
            f"LOGIN TO THE PAGES IS NOT TESTED: {' and '.join(missing)} missing (Debian: slapd; make ldap; .ci/run installs both)"
        )
        if os.environ.get("CI"):
            pytest.fail(reason)
        pytest.skip(reason)
    made = directory.make_directory(
        tmp_path_factory.mktemp("directory"), dict.fromkeys(("viewer", "signer", "nobody"), OF_THE_DIRECTORY)
    )
    made.start()
    yield made
    made.stop()


@pytest.fixture
def settings_of(people: directory.Directory) -> dict[str, str]:
    return {
        "FUGONG_LDAP_URL": f"ldap://127.0.0.1:{people.port}",
        "FUGONG_LDAP_CA": str(people.ca),
        "FUGONG_LDAP_BASE": f"ou=people,{directory.SUFFIX}",
        "FUGONG_LDAP_READER": directory.READER,
        "FUGONG_LDAP_READER_PASSWORD": directory.READER_PASSWORD,
    }


def test_the_directory_says_whether_a_password_is_right(settings_of: dict[str, str]) -> None:
    ask = asking(settings_of)
    assert ask is not None
    assert ask("viewer", OF_THE_DIRECTORY) is Answer.RIGHT
    for name, password in (
        ("viewer", "wrong"),
        ("viewer", ""),
        ("unknown", OF_THE_DIRECTORY),
        ("", OF_THE_DIRECTORY),
        ("*", OF_THE_DIRECTORY),
        ("view*", OF_THE_DIRECTORY),
        ("viewer)(uid=*", OF_THE_DIRECTORY),
        ("x)(|(uid=viewer", OF_THE_DIRECTORY),
    ):
        assert ask(name, password) is Answer.WRONG, (name, password)
    nobody_fits = asking(settings_of | {"FUGONG_LDAP_FILTER": "(objectClass=organization)"})
    assert nobody_fits is not None
    assert nobody_fits("viewer", OF_THE_DIRECTORY) is Answer.WRONG


def test_one_that_cannot_be_trusted_or_asked_is_away_and_hears_no_password(
    settings_of: dict[str, str], people: directory.Directory
) -> None:
    theirs = people.folder / "theirs.pem"
    theirs.write_bytes(directory.make_certificates()["ca.pem"])
    for changed in (
        {"FUGONG_LDAP_CA": str(theirs)},
        {"FUGONG_LDAP_TLS": "off"},  # it refuses to hear a password unprotected
        {"FUGONG_LDAP_READER_PASSWORD": "wrong"},
        {"FUGONG_LDAP_URL": "ldap://127.0.0.1:9"},
        {"FUGONG_LDAP_URL": f"ldaps://127.0.0.1:{people.port}"},
    ):
        ask = asking(settings_of | changed)
        assert ask is not None
        assert ask("viewer", OF_THE_DIRECTORY) is Answer.AWAY, changed


@pytest.mark.parametrize(
    ("changed", "named"),
    [
        ({"FUGONG_LDAP_URL": "http://127.0.0.1"}, "ldaps://"),
        ({"FUGONG_LDAP_BASE": ""}, "FUGONG_LDAP_BASE is missing"),
        ({"FUGONG_LDAP_READER": ""}, "FUGONG_LDAP_READER is missing"),
        ({"FUGONG_LDAP_READER_PASSWORD": ""}, "FUGONG_LDAP_READER_PASSWORD is missing"),
        ({"FUGONG_LDAP_CA": "/nowhere.pem"}, "/nowhere.pem"),
    ],
)
def test_a_setting_that_is_wrong_is_named_at_the_start(settings_of: dict[str, str], changed: dict[str, str], named: str) -> None:
    with pytest.raises(ConfigurationError, match=named):
        asking(settings_of | changed)


def test_without_python_ldap_nothing_starts(settings_of: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "ldap", None)
    with pytest.raises(ConfigurationError, match="make ldap"):
        asking(settings_of)
    assert asking({}) is None


def test_people_of_the_directory_with_an_account_are_let_in_and_passwords_of_our_own_count_no_more(
    settings_of: dict[str, str], district: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in settings_of.items():
        monkeypatch.setenv(name, value)
    with TestClient(create_application(open_site(district)), base_url="http://testserver", follow_redirects=False) as client:

        def log_in(account: str, password: str) -> int:
            return client.post("/login", data={"account": account, "password": password}).status_code

        assert log_in("viewer", PASSWORD) == 401
        assert log_in("taskforce", PASSWORD) == 401  # has an account, and is not in the directory
        assert log_in("nobody", OF_THE_DIRECTORY) == 403  # the other way round
        assert log_in("Viewer", OF_THE_DIRECTORY) == 303
        assert client.get("/board").status_code == 200
        own = client.get("/account").text
        assert 'name="old"' not in own  # the directory's password is not changed here

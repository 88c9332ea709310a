import hashlib
import logging
import os
from pathlib import Path

import pytest

from service.security.api_keys import ApiKeys, KeysError, key_entry, new_key, read_keys
from tests.service.clocks import Clock


def digest(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()


def write(path: Path, **keys: str) -> Path:
    path.write_text("\n".join(f'[keys.{name}]\nsha256 = "{digest(key)}"' for name, key in keys.items()))
    return path


def test_a_key_has_its_holder(tmp_path: Path) -> None:
    keys = ApiKeys(write(tmp_path / "keys.toml", checkout="one", search="two"))
    found = [keys.authenticate(key) for key in ("one", "two", "three", "", "\udc80", digest("one"))]
    assert [one and one.name for one in found] == ["checkout", "search", None, None, None, None]


def test_keys_are_rotated_while_the_service_runs(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    clock = Clock()
    path = write(tmp_path / "keys.toml", old="one")
    keys = ApiKeys(path, clock)
    write(path, new="two")
    assert keys.authenticate("two") is None
    clock.now = 1.5
    with caplog.at_level(logging.INFO):
        assert keys.authenticate("two") is not None
    assert keys.authenticate("one") is None
    assert "one" not in caplog.text.replace("anew", "")
    assert digest("two") not in caplog.text


def test_a_file_that_broke_changes_nothing(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    clock = Clock()
    path = write(tmp_path / "keys.toml", checkout="one")
    keys = ApiKeys(path, clock)
    for number, content in enumerate(["[keys", ""], start=1):
        path.write_text(content)
        os.utime(path, (number, number))
        clock.now += 2
        assert keys.authenticate("one") is not None
    path.unlink()
    clock.now += 2
    assert keys.authenticate("one") is not None
    assert caplog.text.count("were not reloaded") == 3


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ("[keys", "is not TOML"),
        ("", "keys: Field required"),
        ("[keys]", "keys: Dictionary should have at least 1 item"),
        (f'[keys.a]\nsha256 = "{digest("x")}"\nrate = 5', "keys.a.rate: Extra inputs"),
        ('[keys.a]\nsha256 = "secret"', "keys.a.sha256: String should match"),
        (
            f'[keys.a]\nsha256 = "{digest("x")}"\nrights = ["root"]',
            "keys.a.rights.0: Input should be 'rank', 'items' or",
        ),
        (f'[keys.a]\nsha256 = "{digest("x")}"\nrights = []', "keys.a.rights: Frozenset should have at least 1 item"),
        (
            f'[keys.a]\nsha256 = "{digest("x")}"\nrights = ["rank"]\nadmin = true',
            'such as rights = ["rank", "items", "admin"]',
        ),
        (f'[keys.a]\nsha256 = "{digest("x")}"\nadmin = 1', 'such as rights = ["rank", "items", "admin"]'),
        (f'[keys.A]\nsha256 = "{digest("x")}"', "should match pattern"),
        (f'[keys.a]\nsha256 = "{digest("x")}"\n[keys.b]\nsha256 = "{digest("x")}"', "b and a are the same key"),
    ],
)
def test_what_is_no_file_of_keys_is_reported(content: str, told: str, tmp_path: Path) -> None:
    path = tmp_path / "keys.toml"
    path.write_text(content)
    with pytest.raises(KeysError) as error:
        read_keys(path)
    assert told in str(error.value)
    assert "secret" not in str(error.value)
    assert digest("x") not in str(error.value)


def test_a_file_that_is_not_there_is_reported(tmp_path: Path) -> None:
    with pytest.raises(KeysError, match="can't be read: No such file"):
        read_keys(tmp_path / "none.toml")


def test_a_new_key_is_one_that_a_file_knows(tmp_path: Path) -> None:
    key, its_digest = new_key()
    path = tmp_path / "keys.toml"
    path.write_text(f'[keys.new]\nsha256 = "{its_digest}"')
    assert ApiKeys(path).authenticate(key) is not None
    assert new_key()[0] != key


@pytest.mark.parametrize(
    ("said", "rights"),
    [
        ("", {"rank", "items"}),
        ("admin = false", {"rank", "items"}),
        ("admin = true", {"rank", "items", "admin"}),
        ('rights = ["rank"]', {"rank"}),
        ('rights = ["admin"]', {"admin"}),
        ('rights = ["items", "rank"]', {"rank", "items"}),
    ],
)
def test_a_key_has_the_rights_that_it_names(said: str, rights: set[str], tmp_path: Path) -> None:
    path = tmp_path / "keys.toml"
    path.write_text(f'[keys.a]\nsha256 = "{digest("one")}"\n{said}')
    (principal,) = read_keys(path)
    assert principal.key.rights == rights


def test_an_entry_is_one_that_a_file_takes(tmp_path: Path) -> None:
    path = tmp_path / "keys.toml"
    path.write_text(key_entry("job", digest("one"), ["items", "rank"]))
    (principal,) = read_keys(path)
    assert principal.name == "job"
    assert principal.key.rights == {"items", "rank"}
    for name, right in (("Job", "rank"), ("job", "root"), ("a b", "rank")):
        with pytest.raises(KeysError):
            key_entry(name, digest("one"), [right])

"""Where the address and the credentials come from, in which order, and what is said if not."""

from __future__ import annotations

import pytest

from corpus.doccano.settings import read_dotenv, read_settings
from corpus.errors import UsageError

DOTENV = "DOCCANO_URL=http://dotenv:1\nDOCCANO_USERNAME=dot\nDOCCANO_PASSWORD=env\n"


def test_settings_come_from_the_environment_before_dotenv(monkeypatch, tmp_path):
    (tmp_path / ".env").write_text(DOTENV)
    monkeypatch.setenv("DOCCANO_URL", "https://example.org/doccano/")
    monkeypatch.setenv("DOCCANO_USERNAME", "ann")
    monkeypatch.setenv("DOCCANO_PASSWORD", "s3cret")
    found = read_settings(tmp_path)
    assert (found.url, found.username) == ("https://example.org/doccano", "ann")
    assert found.source == "the environment"
    assert "s3cret" not in repr(found)


def test_settings_come_from_dotenv_before_the_embedded_server(tmp_path, monkeypatch):
    home = tmp_path / "home"
    (home / "doccano").mkdir(parents=True)
    (home / "doccano" / "credentials.env").write_text(DOTENV.replace("dotenv:1", "127.0.0.1:8000"))
    monkeypatch.setenv("CORPUS_HOME", str(home))
    assert read_settings(tmp_path).url == "http://127.0.0.1:8000"
    (tmp_path / ".env").write_text(DOTENV)
    assert read_settings(tmp_path).url == "http://dotenv:1"


def test_settings_parts_of_environment_and_dotenv_make_one_server(tmp_path, monkeypatch):
    (tmp_path / ".env").write_text(DOTENV)
    monkeypatch.setenv("DOCCANO_PASSWORD", "other")
    found = read_settings(tmp_path)
    assert (found.username, found.password) == ("dot", "other")


def test_settings_without_any_server_say_how_to_get_one(tmp_path):
    with pytest.raises(UsageError) as error:
        read_settings(tmp_path)
    assert str(error.value) == (
        "no Doccano server is known; type `corpus doccano up`, "
        "or set DOCCANO_URL, DOCCANO_USERNAME and DOCCANO_PASSWORD"
    )


def test_settings_half_given_name_what_is_missing(tmp_path, monkeypatch):
    monkeypatch.setenv("DOCCANO_URL", "http://127.0.0.1:8000")
    with pytest.raises(UsageError) as error:
        read_settings(tmp_path)
    assert str(error.value) == (
        "DOCCANO_URL is set in the environment, but DOCCANO_USERNAME and DOCCANO_PASSWORD not; "
        "set all three, or none to use the server of `corpus doccano up`"
    )


@pytest.mark.parametrize(
    "url",
    [
        "127.0.0.1:8000",
        "ftp://host",
        "http://",
        "http://host:x",
        "http://a:b@host",
        "http://h/?q=1",
    ],
)
def test_settings_refuse_what_is_no_address_and_do_not_repeat_it(tmp_path, monkeypatch, url):
    monkeypatch.setenv("DOCCANO_URL", url)
    monkeypatch.setenv("DOCCANO_USERNAME", "ann")
    monkeypatch.setenv("DOCCANO_PASSWORD", "x")
    with pytest.raises(UsageError) as error:
        read_settings(tmp_path)
    assert str(error.value) == (
        "DOCCANO_URL in the environment is not the address of a server; "
        "write it like http://127.0.0.1:8000"
    )


def test_dotenv_reads_quotes_comments_and_export_as_a_shell_does(tmp_path):
    path = tmp_path / ".env"
    lines = [
        "# a comment",
        "",
        "export A=1",
        "B='two words # no comment'\r",
        'C="q\\"uote"  # a comment',
        "D=mid#dle",
        "E='$NOT expanded'",
        "F=",
    ]
    path.write_bytes(("\ufeff" + "\n".join(lines)).encode())
    assert read_dotenv(path) == {
        "A": "1",
        "B": "two words # no comment",
        "C": 'q"uote',
        "D": "mid#dle",
        "E": "$NOT expanded",
        "F": "",
    }


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("DOCCANO_URL", "not NAME=value; quote a value with blanks"),
        ("A=one two", "not NAME=value; quote a value with blanks"),
        ("A='open", "No closing quotation; write NAME='value'"),
        ("export", "not NAME=value; quote a value with blanks"),
    ],
)
def test_dotenv_names_the_line_that_is_wrong(tmp_path, line, said):
    path = tmp_path / ".env"
    path.write_text(f"A=1\n{line}\n")
    with pytest.raises(UsageError) as error:
        read_dotenv(path)
    assert str(error.value) == f"{path}:2: {said}"

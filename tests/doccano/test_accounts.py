import os
import secrets
import stat

import pytest

from corpus.doccano.accounts import add_member, check_names, count_open, create_users, find_users
from corpus.doccano.client import Doccano
from corpus.doccano.settings import ServerSettings
from corpus.errors import DoccanoAuthError, UsageError
from corpus.model import make_document

RULE = "Doccano's names have 1 to 150 letters, digits and @ . + - _; give names like ann,bob"


@pytest.mark.parametrize(
    "name", ["../x", "a b", "a/b", "", ".", "..", "a\tb", "a\u202eb", "a\x1b[2J", "a" * 151, "<b>"]
)
def test_names_that_doccano_or_a_file_system_would_mangle(name):
    with pytest.raises(UsageError) as caught:
        check_names(["ann", name])
    assert str(caught.value) == f"annotator {name!r}: {RULE}"


def test_names_are_written_in_one_way():
    assert check_names([" ann", "Zoe\u0308", "a.b+c@d-e_f", "李四"]) == [
        "ann",
        "Zo\u00eb",
        "a.b+c@d-e_f",
        "李四",
    ]


@pytest.mark.parametrize(
    ("names", "message"),
    [
        (["ann", "ann"], "annotator 'ann' is named twice; name each once"),
        (["Zo\u00eb", "Zoe\u0308"], "annotator 'Zoë' is named twice; name each once"),
        (
            ["ann", "Ann"],
            "annotators 'ann' and 'Ann' differ in case alone; give names that nobody mixes up",
        ),
        ([], "no annotator is named; give names like ann,bob"),
    ],
)
def test_names_that_people_mix_up(names, message):
    with pytest.raises(UsageError) as caught:
        check_names(names)
    assert str(caught.value) == message


@pytest.fixture
def fresh():
    """A name that no user has."""
    return f"u{secrets.token_hex(4)}"


@pytest.mark.server
def test_users_are_created_once_with_a_password_that_nobody_else_can_read(
    client, fresh, tmp_path, settings
):
    path = tmp_path / "passwords"
    names = [fresh, f"Zoë.{fresh}"]
    assert find_users(client, names) == {}
    made = create_users(client, names, path)
    assert find_users(client, names) == made
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    lines = dict(line.split("\t") for line in path.read_text().splitlines())
    assert set(lines) == set(names)
    for name, password in lines.items():
        theirs = ServerSettings(settings.url, name, password)
        assert Doccano(theirs).username == name  # or the login is refused


@pytest.mark.server
def test_users_of_a_killed_run_get_the_passwords_that_were_written(client, fresh, tmp_path):
    path = tmp_path / "passwords"
    path.write_text(f"{fresh}\tcorrect-horse-7\n")
    path.chmod(0o600)
    create_users(client, [fresh], path)
    assert path.read_text() == f"{fresh}\tcorrect-horse-7\n"


@pytest.mark.server
def test_a_user_whose_name_differs_in_case_is_another_ones(client, fresh, tmp_path):
    create_users(client, [fresh.upper()], tmp_path / "passwords")
    with pytest.raises(UsageError) as caught:
        find_users(client, [fresh])
    assert str(caught.value) == (
        f"annotator {fresh!r}: the server has {fresh.upper()!r}, which differs in case alone; "
        f"write it {fresh.upper()}"
    )


@pytest.mark.server
def test_only_an_administrator_creates_users(client, fresh, tmp_path, settings):
    path = tmp_path / "passwords"
    create_users(client, [fresh], path)
    name, _, password = path.read_text().strip().partition("\t")
    plain = Doccano(ServerSettings(settings.url, name, password))
    with pytest.raises(DoccanoAuthError) as caught:
        create_users(plain, [f"{fresh}x"], path)
    assert str(caught.value) == (
        f"user '{fresh}x' cannot be created: {fresh!r} is no administrator of {settings.url}; "
        "have an administrator create the user"
    )


@pytest.mark.parametrize(
    ("content", "mode", "message"),
    [
        ("", 0o644, "others could read it, or it is no plain file; give a new file for the "),
        ("not a password\n", 0o600, "is no file of passwords; give a new file"),
    ],
)
def test_a_file_that_is_not_for_passwords(tmp_path, content, mode, message):
    path = tmp_path / "passwords"
    path.write_text(content)
    path.chmod(mode)
    with pytest.raises(UsageError) as caught:
        create_users(None, ["ann"], path)
    assert str(caught.value).startswith(f"{path}: {message}")
    assert path.read_text() == content


def test_passwords_are_not_written_through_a_link(tmp_path):
    target = tmp_path / "target"
    target.touch(0o600)
    os.symlink(target, tmp_path / "link")
    with pytest.raises(UsageError, match="others could read it, or it is no plain file"):
        create_users(None, ["ann"], tmp_path / "link")
    assert target.read_text() == ""


@pytest.mark.server
def test_members_join_once_and_keep_the_role_they_have(client, fresh, tmp_path, project):
    project.push([make_document("a", "x")], labels=("X",))
    user = create_users(client, [fresh], tmp_path / "passwords")[fresh]
    assert add_member(client, project.id, user) == "annotator"
    assert add_member(client, project.id, user) == "annotator"
    admin = find_users(client, [client.username])[client.username]
    assert add_member(client, project.id, admin) == "project_admin"
    assert count_open(client, project.id) == (1, 1)
    project.confirm("a")
    assert count_open(client, project.id) == (0, 1)

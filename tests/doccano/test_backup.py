"""Backup and restore of the embedded Doccano: whole or not at all, whatever happens."""

from __future__ import annotations

import json
import os
import random
import signal
import sqlite3
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from corpus.doccano.backup import CONTENTS, FOLDER, back_up
from corpus.doccano.client import Doccano
from corpus.doccano.restore import finish_restore, restore
from corpus.doccano.server import server_status, start_server, stop_server
from corpus.doccano.settings import credentials_path, read_credentials
from corpus.errors import DataError, DoccanoError, StoreError, UsageError

DRIVER = Path(__file__).with_name("killed_at.py")


def make_home(base: Path, word: str, spans: int = 3) -> Path:
    """A folder like that of `corpus doccano up`, whose database says `word`."""
    home = base / "doccano"
    (home / "media" / "upload").mkdir(parents=True)
    (home / "media" / "upload" / "rows.jsonl").write_text(word)
    (home / "media" / "export.zip").write_text("made anew when asked for")
    for name in ("credentials.env", "secret_key"):
        (home / name).write_text(word)
    (home / "initialised").write_text("1.8.4\n")
    with sqlite3.connect(home / "db.sqlite3") as database:
        database.execute("PRAGMA journal_mode=WAL")
        database.execute("CREATE TABLE projects_project (name)")
        database.execute("CREATE TABLE examples_example (text)")
        database.execute("CREATE TABLE labels_span (junk)")
        database.execute("INSERT INTO projects_project VALUES (?)", (word,))
        junk = random.Random(0)
        rows = [(junk.randbytes(50_000),) for _ in range(spans)]
        database.executemany("INSERT INTO labels_span VALUES (?)", rows)
    database.close()
    return home


def said_by(home: Path) -> set[str]:
    """What the database, the settings and the media say: one word if they belong together."""
    with sqlite3.connect(home / "db.sqlite3") as database:
        assert database.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        [(word,)] = database.execute("SELECT name FROM projects_project")
    database.close()
    files = ("credentials.env", "secret_key", "media/upload/rows.jsonl")
    return {word, *((home / name).read_text() for name in files)}


def corpus(base: Path, at: int, *args: object, limit: int = 0) -> subprocess.CompletedProcess:
    """`corpus doccano …` with its home in `base`, killed at its Nth touch of a file there."""
    variables = {**os.environ, "CORPUS_HOME": str(base), "LIMIT": str(limit)}
    command = [sys.executable, str(DRIVER), str(base), str(at), "doccano", *map(str, args)]
    return subprocess.run(command, capture_output=True, text=True, env=variables, timeout=60)


def touches(base: Path, *args: object) -> int:
    ran = corpus(base, 0, *args)
    assert ran.returncode == 0, ran.stderr
    return touched(ran)


def touched(ran: subprocess.CompletedProcess) -> int:
    return int(ran.stdout.rpartition("touches ")[2])


def assert_killed(ran: subprocess.CompletedProcess, at: int) -> None:
    """It was, or it ended well with fewer touches than the run that was counted."""
    assert ran.returncode == -signal.SIGKILL or (ran.returncode == 0 and touched(ran) < at)


def quiet(_: str) -> None:
    pass


def test_backup_says_what_it_holds_and_only_its_owner_reads_it(run_cli, tmp_path, monkeypatch):
    home = make_home(tmp_path, "old")
    monkeypatch.setenv("CORPUS_HOME", str(tmp_path))
    ran = run_cli(["doccano", "backup", "-o", tmp_path / "b.zip"])
    assert ran.code == 0
    with zipfile.ZipFile(tmp_path / "b.zip") as zipped:
        contents = json.loads(zipped.read(CONTENTS))
        assert sorted(zipped.namelist()) == sorted([*contents["files"], CONTENTS])
    assert set(contents["files"]) == {
        "db.sqlite3",
        "credentials.env",
        "secret_key",
        "media/upload/rows.jsonl",
    }
    assert ran.out == (
        f"{tmp_path}/b.zip: 1 project, 0 examples, 3 spans, of Doccano 1.8.4\n"
        f"SHA-256 of the database: {contents['files']['db.sqlite3']['sha256']}\n"
        f"bring it back with: corpus doccano restore {tmp_path}/b.zip\n"
    )
    assert (tmp_path / "b.zip").stat().st_mode & 0o777 == 0o600
    assert said_by(home) == {"old"}
    again = run_cli(["doccano", "backup", "-o", tmp_path / "b.zip"])
    assert (again.code, again.err) == (
        2,
        f"corpus: error: {tmp_path}/b.zip exists; give another -o; a backup replaces nothing\n",
    )


def test_restore_brings_it_back_and_keeps_what_stood_there(run_cli, tmp_path, monkeypatch):
    made = back_up(make_home(tmp_path / "a", "old"), tmp_path / "b.zip", tell=quiet)
    home = make_home(tmp_path / "b", "new", spans=1)
    monkeypatch.setenv("CORPUS_HOME", str(tmp_path / "b"))
    ran = run_cli(["doccano", "restore", tmp_path / "b.zip"])
    [replaced] = home.glob("replaced-*")
    assert (ran.code, ran.out) == (
        0,
        "restored: 1 project, 0 examples, 3 spans, of Doccano 1.8.4\n"
        f"what stood there before: {replaced}\n"
        "type: corpus doccano up\n",
    )
    assert said_by(home) == {"old"}
    assert said_by(replaced) == {"new"}
    assert not (home / "restore").exists() and not (home / "restoring").exists()
    again = back_up(home, tmp_path / "again.zip", tell=quiet)
    assert (again.projects, again.spans) == (made.projects, made.spans)


def test_restore_where_nothing_stood(tmp_path):
    back_up(make_home(tmp_path / "a", "old"), tmp_path / "b.zip", tell=quiet)
    done = restore(tmp_path / "empty" / "doccano", tmp_path / "b.zip", tell=quiet)
    assert done.replaced == ""
    assert said_by(tmp_path / "empty" / "doccano") == {"old"}


def test_nothing_to_back_up_and_no_such_backup_are_usage(tmp_path):
    with pytest.raises(UsageError) as error:
        back_up(tmp_path / "doccano", tell=quiet)
    assert str(error.value) == (
        f"{tmp_path}/doccano holds no Doccano that was set up; type `corpus doccano up`, or set "
        "CORPUS_HOME"
    )
    with pytest.raises(UsageError, match=r"none.zip: no such file; give a file that"):
        restore(tmp_path / "doccano", tmp_path / "none.zip", tell=quiet)


def rewrite(path: Path, change) -> None:
    """The zip again, with `change` applied to its members by name."""
    with zipfile.ZipFile(path) as zipped:
        members = {name: zipped.read(name) for name in zipped.namelist()}
    change(members)
    with zipfile.ZipFile(path, "w") as zipped:
        for name, content in members.items():
            zipped.writestr(name, content)


def listed(members, **changes):
    contents = json.loads(members[CONTENTS])
    contents.update(changes)
    members[CONTENTS] = json.dumps(contents)


def other_bytes(members):
    members["db.sqlite3"] = members["db.sqlite3"][:-1] + b"\0\1"[-1:]


def larger(members):
    members["credentials.env"] += b"x" * 100


def outside(members):
    contents = json.loads(members[CONTENTS])
    members["media/../../../evil"] = b"evil"
    contents["files"]["media/../../../evil"] = {"sha256": "", "bytes": 4}
    members[CONTENTS] = json.dumps(contents)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (other_bytes, "b.zip: db.sqlite3 is not what was backed up; give another file"),
        (larger, "a file is larger than the 3 bytes that it should have"),
        (outside, "b.zip names 'media/../../../evil', which no backup holds; do not trust it"),
        (lambda m: m.pop("db.sqlite3"), "b.zip is no whole backup ("),
        (lambda m: m.pop(CONTENTS), "b.zip is no backup of `corpus doccano backup`, or not a"),
        (lambda m: listed(m, doccano="1.9.0"), "b.zip is of Doccano 1.9.0, newer than 1.8.4"),
        (lambda m: listed(m, format="x/2"), "b.zip is a 'x/2', this corpus reads"),
        (
            lambda m: listed(m, counts={"projects": 2, "examples": 0, "spans": 3}),
            "b.zip: the database holds something else; give another file; nothing was changed",
        ),
    ],
)
def test_a_backup_that_is_not_what_it_says_changes_nothing(tmp_path, change, message):
    back_up(make_home(tmp_path / "a", "old"), tmp_path / "b.zip", tell=quiet)
    home = make_home(tmp_path / "b", "new")
    rewrite(tmp_path / "b.zip", change)
    with pytest.raises(DataError) as error:
        restore(home, tmp_path / "b.zip", tell=quiet)
    assert message in str(error.value)
    assert said_by(home) == {"new"}
    assert not (home / "restore").exists()
    assert not list(tmp_path.rglob("evil"))


@pytest.mark.parametrize("size", [0, 100, 5000, -50])
def test_a_cut_backup_changes_nothing(tmp_path, size):
    back_up(make_home(tmp_path / "a", "old"), tmp_path / "b.zip", tell=quiet)
    home = make_home(tmp_path / "b", "new")
    whole = (tmp_path / "b.zip").read_bytes()
    (tmp_path / "b.zip").write_bytes(whole[:size])
    with pytest.raises(DataError, match=r"b.zip is no whole backup \("):
        restore(home, tmp_path / "b.zip", tell=quiet)
    assert said_by(home) == {"new"}


def test_a_damaged_database_is_not_backed_up(tmp_path):
    home = make_home(tmp_path, "old")
    with (home / "db.sqlite3").open("r+b") as database:
        database.seek(4096)
        database.write(b"\xff" * 8192)
    with pytest.raises((DataError, StoreError)) as error:
        back_up(home, tmp_path / "b.zip", tell=quiet)
    assert "database" in str(error.value)
    assert [path.name for path in tmp_path.iterdir()] == ["doccano"]


def moments(count: int, request: pytest.FixtureRequest, sample: int) -> list[int]:
    """Every touch of a long run, a spread sample of a short one; always the first and the last."""
    if request.node.get_closest_marker("long"):
        return list(range(1, count + 1))
    return sorted({1 + round(at * (count - 1) / (sample - 1)) for at in range(sample)})


def killed_backups(tmp_path, request):
    """At how many moments a backup was killed, each time leaving a whole file or none."""
    home = make_home(tmp_path / "a", "old")
    base, target = home.parent, home.parent / "b.zip"
    killed = moments(touches(base, "backup", "-o", target), request, 4)
    for at in killed:
        target.unlink(missing_ok=True)
        assert_killed(corpus(base, at, "backup", "-o", target), at)
        assert said_by(home) == {"old"}
        if not target.exists():  # killed before its last rename: not there at all
            assert corpus(base, 0, "backup", "-o", target).returncode == 0
        assert sorted(path.name for path in base.iterdir()) == ["b.zip", "doccano"], at
        restore(tmp_path / f"to{at}" / "doccano", target, tell=quiet)
        assert said_by(tmp_path / f"to{at}" / "doccano") == {"old"}
    return len(killed)


def killed_restores(tmp_path, request):
    """At how many moments a restore was killed, each time leaving the old or the new."""
    back_up(make_home(tmp_path / "old", "old"), tmp_path / "b.zip", tell=quiet)
    make_home(tmp_path / "count", "new")
    total = touches(tmp_path / "count", "restore", tmp_path / "b.zip")
    killed = moments(total, request, 6)
    for at in killed:
        home = make_home(tmp_path / f"at{at}", "new")
        assert_killed(corpus(home.parent, at, "restore", tmp_path / "b.zip"), at)
        finish_restore(home)  # as `corpus doccano up` does
        [word] = said_by(home)
        replaced = list(home.glob("replaced-*"))
        assert (word, len(replaced)) in (("new", 0), ("old", 1)), at
        if replaced:
            assert said_by(replaced[0]) == {"new"}
        assert corpus(home.parent, 0, "restore", tmp_path / "b.zip").returncode == 0
        assert said_by(home) == {"old"}
        assert not (home / "restore").exists() and not (home / "restoring").exists()
    return len(killed)


def test_kill_9_of_a_backup_leaves_a_whole_one_or_none(tmp_path, request):
    assert killed_backups(tmp_path, request) == 4


def test_kill_9_of_a_restore_leaves_the_old_or_the_new(tmp_path, request):
    assert killed_restores(tmp_path, request) == 6


@pytest.mark.long
def test_kill_9_of_a_backup_at_every_touch_of_a_file(tmp_path, request):
    assert killed_backups(tmp_path, request) > 4


@pytest.mark.long
def test_kill_9_of_a_restore_at_every_touch_of_a_file(tmp_path, request):
    assert killed_restores(tmp_path, request) > 6


def test_a_full_disk_leaves_everything_as_it_was(tmp_path):
    home = make_home(tmp_path / "a", "old", spans=20)
    ran = corpus(home.parent, 0, "backup", "-o", tmp_path / "a" / "b.zip", limit=300_000)
    assert (ran.returncode, ran.stderr.count("\n")) == (1, 2)
    assert "b.zip: the database cannot be copied (" in ran.stderr
    assert [path.name for path in home.parent.iterdir()] == ["doccano"]
    back_up(home, tmp_path / "b.zip", tell=quiet)
    other = make_home(tmp_path / "b", "new")
    ran = corpus(other.parent, 0, "restore", tmp_path / "b.zip", limit=300_000)
    assert (ran.returncode, ran.stderr.splitlines()[-1]) == (
        1,
        f"corpus: error: {other}/restore: writing failed (File too large); "
        "free some room and run it again; nothing was changed",
    )
    assert said_by(other) == {"new"}
    assert not (other / "restore").exists()


@pytest.mark.server
def test_restore_refuses_while_doccano_runs(doccano_server, tmp_path):
    made = back_up(doccano_server.home, tmp_path / "b.zip", tell=quiet)
    assert made.projects == server_status(doccano_server.home).projects
    with pytest.raises(DoccanoError) as error:
        restore(doccano_server.home, tmp_path / "b.zip", tell=quiet)
    assert str(error.value) == (
        "Doccano is running, and people may be working in it; type `corpus doccano down` first, "
        "or add --stop"
    )
    assert server_status(doccano_server.home).answers


@pytest.mark.server
def test_a_backup_of_a_running_doccano_runs_elsewhere_and_is_made_before_an_upgrade(
    doccano_server, project, make_silver, doccano_environment, free_port, monkeypatch, tmp_path
):
    project.push([make_silver(f"d{n}", f"Kyiv 😀 {n}", (0, 4, "GPE")) for n in range(30)])
    project.confirm("d7")
    back_up(doccano_server.home, tmp_path / "b.zip", tell=quiet)
    monkeypatch.setenv("CORPUS_DOCCANO_ENV", doccano_environment)
    home = tmp_path / "elsewhere" / "doccano"
    restore(home, tmp_path / "b.zip", tell=quiet)
    (home / "initialised").write_text("1.8.3\n")  # as if an earlier version had run last
    told = []
    try:
        assert start_server(home, port=free_port, tell=told.append).healthy
        client = Doccano(read_credentials(credentials_path(home)))
        examples = list(client.list_examples(project.id))
        assert len(examples) == 30
        confirmed = [one for one in examples if client.is_confirmed(project.id, one["id"])]
        assert [one["meta"]["corpus_id"] for one in confirmed] == ["d7"]
        [span] = client.list_spans(project.id, examples[3]["id"])
        assert (span["start_offset"], span["end_offset"]) == (0, 4)
        client.delete_project(project.id)
        again = restore(home, tmp_path / "b.zip", stop=True, tell=quiet)
        assert again.projects == server_status(home).projects
        assert server_status(home).web_pid is server_status(home).worker_pid is None
    finally:
        stop_server(home, tell=quiet)
    [before] = (home.parent / FOLDER).iterdir()
    assert f"Doccano 1.8.3 is followed by 1.8.4; as it was: {before}" in told
    assert before.name.startswith("doccano-1.8.3-")
    assert (Path(again.replaced) / "initialised").read_text() == "1.8.4\n"


@pytest.mark.server
def test_a_backup_made_while_others_write_is_of_one_moment(doccano_server, client, tmp_path):
    """Each write is one example with one span: the copy must hold as many of each."""
    fields = {"name": "written while backed up", "description": "x"}
    fields |= {"project_type": "SequenceLabeling", "resourcetype": "SequenceLabelingProject"}
    id = int(client.create_project(fields)["id"])
    database = sqlite3.connect(doccano_server.home / "db.sqlite3", timeout=30)
    script = (
        "import sqlite3, sys\n"
        "database = sqlite3.connect(sys.argv[1], timeout=30)\n"
        "database.execute('CREATE TABLE IF NOT EXISTS test_pair_a (x)')\n"
        "database.execute('CREATE TABLE IF NOT EXISTS test_pair_b (x)')\n"
        "print('writing', flush=True)\n"
        "while True:\n"
        "    with database:\n"
        "        database.execute('INSERT INTO test_pair_a VALUES (1)')\n"
        "        database.execute('INSERT INTO test_pair_b VALUES (1)')\n"
    )
    path = str(doccano_server.home / "db.sqlite3")
    writer = subprocess.Popen([sys.executable, "-c", script, path], stdout=subprocess.PIPE)
    try:
        assert writer.stdout.readline() == b"writing\n"
        sizes = []
        for number in range(3):
            back_up(doccano_server.home, tmp_path / f"{number}.zip", tell=quiet)
            with zipfile.ZipFile(tmp_path / f"{number}.zip") as zipped:
                zipped.extract("db.sqlite3", tmp_path)
            with sqlite3.connect(tmp_path / "db.sqlite3") as copy:
                counts = [
                    copy.execute(f"SELECT count(*) FROM test_pair_{name}").fetchone()[0]
                    for name in "ab"
                ]
            copy.close()
            assert counts[0] == counts[1]
            sizes.append(counts[0])
        assert sizes[0] < sizes[2]
    finally:
        writer.kill()
        writer.communicate()
        database.executescript("DROP TABLE test_pair_a; DROP TABLE test_pair_b")
        database.close()
        client.delete_project(id)

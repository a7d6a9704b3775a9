"""An older Python is found and named; what pip cannot do is told in its own words."""

from __future__ import annotations

import os
import shutil
import socket
import sys
import threading
from dataclasses import replace
from pathlib import Path

import pytest
from filelock import FileLock

from corpus.doccano import environment
from corpus.doccano.environment import find_interpreter, has_doccano, install_environment
from corpus.doccano.server import start_server
from corpus.errors import DependencyError, DoccanoError

HINT = (
    "install one (apt install python3.11-venv, uv python install 3.11 or pyenv install 3.11) "
    "or let CORPUS_DOCCANO_PYTHON name it"
)


def write_script(path, text):
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)
    return str(path)


def find_python(version):
    """A real interpreter of this version, or None."""
    pyenv = sorted(Path.home().glob(f".pyenv/versions/{version}.*/bin/python{version}"))
    return str(pyenv[-1]) if pyenv else shutil.which(f"python{version}")


def test_pins_name_exact_versions_for_every_python():
    folder = Path(environment.__file__).parent / "pins"
    assert sorted(path.stem for path in folder.iterdir()) == sorted(environment.VERSIONS)
    for path in folder.iterdir():
        lines = path.read_text().splitlines()
        assert "doccano==1.8.4" in lines
        names = [line.partition("==")[0].lower() for line in lines]
        assert len(set(names)) == len(names) > 100
        for line in lines:
            assert line.count("==") == 1, line
            assert not set(line) & set(" ;@/*"), line


@pytest.mark.parametrize("version", ["3.12", "3.13"])
def test_interpreter_is_an_older_one_where_the_running_one_is_too_new(monkeypatch, version):
    newer, older = find_python(version), find_python("3.11")
    if newer is None or older is None:
        pytest.skip(f"NOT TESTED: needs a real Python {version} and a 3.11 beside it")
    monkeypatch.setattr(sys, "executable", newer)
    monkeypatch.setenv("PATH", str(Path(older).parent))
    assert find_interpreter().version == "3.11"


def test_interpreter_is_found_in_pyenv_without_its_shims(monkeypatch, tmp_path):
    real = find_python("3.11")
    if real is None:
        pytest.skip("NOT TESTED: needs a real Python 3.11")
    root = tmp_path / "pyenv"
    (root / "shims").mkdir(parents=True)
    write_script(root / "shims" / "python3.11", "exit 127")
    (root / "versions" / "3.11.9" / "bin").mkdir(parents=True)
    found = root / "versions" / "3.11.9" / "bin" / "python3.11"
    found.symlink_to(real)
    monkeypatch.setattr(sys, "executable", str(tmp_path / "gone"))
    monkeypatch.setattr(environment, "SYSTEM", ())
    monkeypatch.setenv("PATH", str(root / "shims"))
    monkeypatch.setenv("PYENV_ROOT", str(root))
    assert find_interpreter().path == str(found)


def test_interpreter_that_does_not_do_is_named_with_the_reason(monkeypatch, tmp_path):
    for name, script, said in [
        ("gone", None, "does not run"),
        ("shim", "exit 127", "is no Python"),
        ("new", "echo 3.14 True", "is 3.14"),
        (
            "no-sqlite",
            "echo 3.11 True; echo No module named _sqlite3 >&2; exit 1",
            "lacks _sqlite3",
        ),
        ("no-pip", "echo 3.8 False", "lacks ensurepip"),
    ]:
        path = tmp_path / name
        if script is not None:
            write_script(path, script)
        monkeypatch.setenv("CORPUS_DOCCANO_PYTHON", str(path))
        with pytest.raises(DependencyError) as error:
            find_interpreter()
        assert str(error.value) == (
            "Doccano 1.8.4 needs Python 3.8 to 3.11 with venv and pip, and none is here "
            f"({path} {said}); {HINT}"
        )


@pytest.mark.parametrize("has_pip", [True, False])  # False: Debian's Python without python3-venv
def test_install_that_pip_cannot_do_tells_its_last_words(monkeypatch, tmp_path, has_pip):
    found = replace(find_interpreter(), has_pip=has_pip)
    monkeypatch.setattr(environment, "find_interpreter", lambda: found)
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", "")
    log, target, told = tmp_path / "install.log", tmp_path / "environment", []
    with pytest.raises(DependencyError) as error:
        install_environment(target, log=log, tell=told.append)
    first = Path(environment.__file__).parent / "pins" / f"{found.version}.txt"
    assert str(error.value) == (
        "Doccano 1.8.4 cannot be installed: pip: ERROR: No matching distribution found for "
        f"{first.read_text().splitlines()[0]}; "
        f"mend that and run it again; all of pip's output is in {log}"
    )
    assert len([line for line in told if line.startswith("installing")]) == 1
    assert (target / "bin" / "pip").exists() == has_pip
    assert not has_doccano(target)
    # The half-made one is ours: the next run gets past it, here to the question of room.
    monkeypatch.setattr(environment, "NEEDED_BYTES", 10**18)
    with pytest.raises(DependencyError, match=r"^Doccano needs"):
        install_environment(target, log=log, tell=told.append)


def test_install_waits_for_another_process_and_takes_what_it_made(monkeypatch, tmp_path):
    target, log, told = tmp_path / "environment", tmp_path / "log", []
    lock = FileLock(tmp_path / "environment.lock", is_singleton=False)

    def tell(message):
        told.append(message)
        monkeypatch.setattr(environment, "has_doccano", lambda _: True)
        lock.release()

    lock.acquire()
    install_environment(target, log=log, tell=tell)
    assert told == [f"waiting for another process that installs into {target}"]
    assert not log.exists() and not target.exists()


def test_install_leaves_a_folder_alone_that_is_not_ours(tmp_path):
    (tmp_path / "thesis.txt").write_text("years of work")
    with pytest.raises(DependencyError) as error:
        install_environment(tmp_path, log=tmp_path / "log", tell=print)
    assert str(error.value) == (
        f"{tmp_path} is not an environment with Doccano 1.8.4, and not empty; "
        "let CORPUS_DOCCANO_ENV name another folder, or unset it"
    )
    assert (tmp_path / "thesis.txt").read_text() == "years of work"


def test_install_needs_room_on_the_disk(monkeypatch, tmp_path):
    monkeypatch.setattr(environment, "NEEDED_BYTES", 10**18)
    with pytest.raises(DependencyError, match=r"^Doccano needs 1,000,000,000,000 MB under .* free"):
        install_environment(tmp_path / "environment", log=tmp_path / "log", tell=print)
    assert not (tmp_path / "environment").exists()


def test_port_in_use_is_said_before_minutes_of_installing(tmp_path):
    home, told = tmp_path / "home", []
    with socket.socket() as stranger:
        stranger.bind(("127.0.0.1", 0))
        stranger.listen()
        port = stranger.getsockname()[1]
        with pytest.raises(DoccanoError, match=f"port {port} on 127.0.0.1 cannot be used"):
            start_server(home, port=port, tell=told.append)
    assert told == []
    assert not (home / "environment").exists()


def test_pip_says_how_far_it_is_also_while_it_prints_nothing():
    told, done, lines = [], threading.Event(), ["Collecting a==1", "  Downloading a"]

    def tell(message):
        told.append(message)
        lines.append("Collecting b==1")
        if len(told) == 3:
            done.set()

    environment.tell_progress(lines, 2, tell, done, every=0.6)
    assert told == [
        "  fetched 1 of 2 packages",
        "  unpacking them, for 0 s",
        "  unpacking them, for 1 s",
    ]

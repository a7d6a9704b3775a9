"""The built wheel in an empty environment of each Python: what a newcomer's `pip install` gives."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

from corpus import __version__

ROOT = Path(__file__).parent.parent
PYTHONS = ("3.10", "3.11", "3.12", "3.13")
# What code reads beside itself.
DATA = ("report/page", "flow/templates", "doccano/pins")


def python_of(version: str) -> str | None:
    """A Python of that version: this one, one on the path, or one of pyenv's."""
    if sys.version.startswith(f"{version}."):
        return sys.executable
    pyenv = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv")) / "versions"
    found = [shutil.which(f"python{version}"), *map(str, pyenv.glob(f"{version}.*/bin/python"))]
    for path in filter(None, found):
        # A shim of pyenv stands on the path for versions that are not switched on.
        if subprocess.run([path, "-c", ""], capture_output=True).returncode == 0:
            return path
    return None


def run_in(environment: Path, *args: object) -> str:
    command = [environment / "bin" / str(args[0]), *map(str, args[1:])]
    plain = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    done = subprocess.run(command, capture_output=True, text=True, cwd=environment, env=plain)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def built(tmp_path_factory) -> tuple[Path, Path]:
    """The sdist, and the wheel that is built of it alone."""
    folder = tmp_path_factory.mktemp("built")
    build = [sys.executable, "-m", "build", "--outdir", folder, ROOT]
    subprocess.run(build, check=True, capture_output=True)
    (sdist,), (wheel,) = folder.glob("corpus-*.tar.gz"), folder.glob("corpus-*.whl")
    return sdist, wheel


def test_the_version_stands_in_two_places_and_is_one():
    (version,) = re.findall('^version = "(.+)"$', (ROOT / "pyproject.toml").read_text(), re.M)
    assert version == __version__


@pytest.mark.long
def test_wheel_holds_the_package_and_its_data_and_nothing_else(built):
    _, wheel = built
    with zipfile.ZipFile(wheel) as zipped:
        names = zipped.namelist()
        texts = {name: zipped.read(name) for name in names}
    there = [path for path in (ROOT / "corpus").rglob("*") if path.is_file()]
    wanted = {str(path.relative_to(ROOT)) for path in there if "__pycache__" not in path.parts}
    assert {name for name in names if name.startswith("corpus/")} == wanted
    assert {"corpus/py.typed", *(f"corpus/{folder}/" for folder in DATA)} <= {
        *names, *(f"{Path(name).parent}/" for name in names)
    }  # fmt: skip
    others = {name.partition("/")[0] for name in names if not name.startswith("corpus/")}
    assert [name for name in others if not name.endswith(".dist-info")] == []
    assert holding_paths(texts) == []
    metadata = next(text for name, text in texts.items() if name.endswith("/METADATA")).decode()
    assert "\nRequires-Python: <3.14,>=3.10\n" in metadata
    assert "\nLicense-Expression: MIT\n" in metadata


@pytest.mark.long
def test_sdist_holds_what_builds_and_explains_it(built):
    sdist, _ = built
    with tarfile.open(sdist) as packed:
        files = [member for member in packed.getmembers() if member.isfile()]
        texts = {file.name: packed.extractfile(file).read() for file in files}
        assert {(file.uid, file.uname) for file in files} == {(0, "")}
    names = {name.partition("/")[2] for name in texts}
    assert {"pyproject.toml", "README.md", "CHANGELOG.md", "LICENSE", "PKG-INFO"} <= names
    assert "corpus/report/page/report.html" in names
    assert "schemas/document-1.schema.json" in names
    assert [n for n in names if n.startswith(("tests/", "benchmarks/", "scripts/", "."))] in (
        [], [".gitignore"]
    )  # fmt: skip
    assert holding_paths(texts) == []


def holding_paths(texts: dict[str, bytes]) -> list[str]:
    """The files that name a folder of this machine."""
    own = re.compile("|".join(map(re.escape, {str(ROOT), str(Path.home())})).encode() + rb"[/\w]")
    return [name for name, text in texts.items() if own.search(text)]


@pytest.mark.long
@pytest.mark.parametrize("version", PYTHONS)
def test_wheel_installs_in_an_empty_environment_and_works(built, tmp_path, version):
    python = python_of(version)
    if python is None:
        pytest.skip(f"NOT TESTED ON PYTHON {version}: there is none here")
    _, wheel = built
    environment = tmp_path / "environment"
    subprocess.run([python, "-m", "venv", environment], check=True, capture_output=True)
    run_in(environment, "pip", "install", "--quiet", "--upgrade", wheel, "pydantic")
    run_in(environment, "pip", "check")
    versions = run_in(environment, "pip", "list", "--format=freeze")
    assert "\npydantic==2." in versions and "\nspacy==3.8" in versions

    assert "\n  report " in run_in(environment, "corpus", "--help")
    seeds = ROOT / "seeds"
    documents, kb, silver = (environment / name for name in ("d.jsonl", "k.kb", "s.spacy"))
    run_in(environment, "corpus", "convert", seeds / "articles", "-o", documents)
    run_in(environment, "corpus", "kb", "build", seeds / "kb.jsonl", "-o", kb)
    silver_jsonl = environment / "s.jsonl"
    run_in(environment, "corpus", "suggest", documents, "--kb", kb, "-o", silver_jsonl)
    run_in(environment, "corpus", "convert", silver_jsonl, "-o", silver)
    run_in(environment, "corpus", "report", silver_jsonl, "-o", environment / "r.html")
    run_in(environment, "corpus", "check", environment / "s.jsonl", silver, "--kb", kb)
    load = (
        "import spacy, sys; from spacy.tokens import DocBin; "
        "vocab = spacy.blank('xx').vocab; "
        "docs = list(DocBin().from_disk(sys.argv[1]).get_docs(vocab)); "
        "print(len(docs), sum(len(doc.ents) for doc in docs) > 100)"
    )
    assert run_in(environment, "python", "-c", load, silver) == "14 True\n"
    assert run_in(environment, "python", "-m", "corpus", "--version").startswith("corpus ")

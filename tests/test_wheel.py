"""The built wheel in an empty environment: what a newcomer's `pip install` gives."""

import subprocess
import sys
import venv
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent


def run_in(environment: Path, *args: str) -> str:
    done = subprocess.run(
        [environment / "bin" / args[0], *args[1:]], capture_output=True, text=True, cwd=environment
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.long
def test_wheel_installs_in_an_empty_environment_and_works(tmp_path):
    wheels = tmp_path / "wheels"
    build = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "-w", wheels, ROOT]
    subprocess.run(build, check=True, capture_output=True)
    (wheel,) = wheels.glob("corpus-*.whl")
    names = zipfile.ZipFile(wheel).namelist()
    assert "corpus/py.typed" in names
    assert any(name.startswith("corpus/doccano/pins/") for name in names)
    for folder in ("report/page", "flow/templates"):
        files = [path.name for path in (ROOT / "corpus" / folder).iterdir()]
        assert [f for f in files if f"corpus/{folder}/{f}" not in names] == [], folder
    assert not [name for name in names if name.startswith(("tests/", "scripts/", "benchmarks/"))]

    environment = tmp_path / "environment"
    venv.create(environment, with_pip=True)
    run_in(environment, "pip", "install", "--quiet", "--upgrade", str(wheel), "pydantic")
    run_in(environment, "pip", "check")
    versions = run_in(environment, "pip", "list", "--format=freeze")
    assert "\npydantic==2." in versions and "\nspacy==3.8" in versions

    seeds = ROOT / "seeds"
    documents, kb, silver = (environment / name for name in ("d.jsonl", "k.kb", "s.spacy"))
    run_in(environment, "corpus", "convert", str(seeds / "articles"), "-o", str(documents))
    run_in(environment, "corpus", "kb", "build", str(seeds / "kb.jsonl"), "-o", str(kb))
    silver_jsonl = environment / "s.jsonl"
    run_in(
        environment, "corpus", "suggest", str(documents), "--kb", str(kb), "-o", str(silver_jsonl)
    )
    run_in(environment, "corpus", "convert", str(silver_jsonl), "-o", str(silver))
    load = (
        "import spacy, sys; from spacy.tokens import DocBin; "
        "vocab = spacy.blank('xx').vocab; "
        "docs = list(DocBin().from_disk(sys.argv[1]).get_docs(vocab)); "
        "print(len(docs), sum(len(doc.ents) for doc in docs) > 100)"
    )
    assert run_in(environment, "python", "-c", load, str(silver)) == "14 True\n"
    assert run_in(environment, "python", "-m", "corpus", "--version").startswith("corpus ")

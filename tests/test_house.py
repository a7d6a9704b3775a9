"""The rules of the house that no linter holds."""

import ast
import importlib
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import corpus

PACKAGE = Path(corpus.__file__).parent
MODULES = sorted(PACKAGE.rglob("*.py"))
HEAVY = (
    "spacy",
    "thinc",
    "numpy",
    "requests",
    "doccano_client",
    "rich",
    "pyarrow",
    "trafilatura",
    "lxml",
    "feedparser",
    "msgspec",
    "isal",
    "marisa_trie",
    "charset_normalizer",
)


def name_of(path: Path) -> str:
    parts = path.relative_to(PACKAGE.parent).with_suffix("").parts
    return ".".join(part for part in parts if part != "__init__")


def functions(tree: ast.AST) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def lines_of_code(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """The lines of a body without its docstring: a command's options and help are not code."""
    body = function.body[1:] if ast.get_docstring(function) else function.body
    return body[-1].end_lineno - body[0].lineno + 1 if body else 0


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_module_and_functions_are_short_and_named_for_what_they_are(path: Path) -> None:
    source = path.read_text("utf-8")
    assert len(source.splitlines()) <= 300
    tree = ast.parse(source)
    long = [f.name for f in functions(tree) if lines_of_code(f) > 40]
    assert long == []
    assert not {"utils", "util", "helpers", "helper", "manager", "handler"} & set(
        path.stem.split("_")
    )


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_classes_inherit_only_where_they_are_errors_or_records(path: Path) -> None:
    tree = ast.parse(path.read_text("utf-8"))
    # A dict with __missing__ is what str.translate takes; Textual runs what inherits its App, and
    # a BufferedReader reads a RawIOBase.
    records = {"Struct", "NamedTuple", "TypedDict", "Protocol", "Generic", "Enum", "dict", "App"}
    records.add("RawIOBase")
    for node in ast.walk(tree):
        if isinstance(node, ast.ClassDef):
            bases = {ast.unparse(base).split("[")[0].split(".")[-1] for base in node.bases}
            strange = {
                base for base in bases - records if not base.endswith(("Error", "Exception"))
            }
            assert not strange, f"{node.name} inherits from {strange}"


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_no_named_tuple_is_generic_since_python_3_10_knows_none(path: Path) -> None:
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.ClassDef) and len(node.bases) > 1:
            assert "NamedTuple" not in [ast.unparse(base) for base in node.bases], node.name


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_only_cli_writes_to_the_terminal(path: Path) -> None:
    # The daemon's launcher is a program of its own, whose complaint the starter reads.
    if "cli" in path.relative_to(PACKAGE).parts or path.name == "daemon.py":
        return
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Attribute):
            assert ast.unparse(node) not in ("typer.echo", "sys.stderr.write", "sys.stdout.write")
        if isinstance(node, ast.Import | ast.ImportFrom):
            names = [alias.name for alias in node.names] + [getattr(node, "module", "") or ""]
            assert not any(name.split(".")[0] in ("typer", "rich") for name in names)


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_names_in_all_are_there(path: Path) -> None:
    if "__main__" in path.name or "__all__" not in path.read_text("utf-8"):
        return
    module = importlib.import_module(name_of(path))
    assert list(module.__all__) == sorted(module.__all__)
    assert [name for name in module.__all__ if not hasattr(module, name)] == []


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_suppressed_warnings_say_why(path: Path) -> None:
    for number, line in enumerate(path.read_text("utf-8").splitlines(), 1):
        for mark in ("# noqa", "# type: ignore"):
            if mark in line:
                reason = re.sub(
                    r"^(: ?[A-Z]+[0-9]+(, ?)?)+|^\[[a-z, -]+\]", "", line.partition(mark)[2]
                )
                assert re.search("[a-z]{2}", reason), f"line {number}: {line.strip()}"
    assert "TODO" not in path.read_text("utf-8")


def loaded_by(code: str) -> set[str]:
    ran = subprocess.run(
        [sys.executable, "-c", f"import sys\n{code}\nprint(*sys.modules, file=sys.stderr)"],
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert ran.returncode == 0, ran.stderr
    return {name.split(".")[0] for name in ran.stderr.split()}


@pytest.mark.parametrize(
    "code",
    [
        "import corpus",
        "import corpus.cli",
        "from corpus.cli import run; run(['--help'])",
        "from corpus.cli import run; run(['--version'])",
    ],
)
def test_help_loads_nothing_heavy(code: str) -> None:
    assert loaded_by(code) & set(HEAVY) == set()


def test_every_command_shows_its_help_without_anything_heavy() -> None:
    code = """
from typer.main import get_command
from corpus.cli import make_app, run
def leaves(command, path=()):
    for name, sub in getattr(command, "commands", {}).items():
        yield from leaves(sub, (*path, name))
    if not hasattr(command, "commands"):
        yield path
for path in leaves(get_command(make_app())):
    assert run([*path, "--help"]) == 0
"""
    assert loaded_by(code) & set(HEAVY) == set()


def test_package_says_that_it_is_typed() -> None:
    assert (PACKAGE / "py.typed").is_file()


def test_tests_mirror_the_package() -> None:
    tests = PACKAGE.parent / "tests"
    rooms = {path.parent.name for path in MODULES if path.parent.parent == PACKAGE}
    assert [
        r for r in rooms if not ((tests / r).is_dir() or (tests / f"test_{r}.py").exists())
    ] == []

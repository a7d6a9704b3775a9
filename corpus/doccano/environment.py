"""Doccano's own Python environment: an older Python is found, the pinned packages installed.

Doccano 1.8.4 needs pandas 1.5, which exists for Python 3.8 to 3.11 only; `pins/<version>.txt`
names the exact packages that were tried together on each.
"""

from __future__ import annotations

import hashlib
import importlib.util
import json
import os
import shutil
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from corpus.errors import DependencyError

DOCCANO = "1.8.4"
VERSIONS = ("3.11", "3.10", "3.9", "3.8")
NEEDED_BYTES = 1_200_000_000  # the environment and pip's copies while it unpacks
SYSTEM = ("/usr/local/bin", "/usr/bin", "/opt/homebrew/bin")  # looked at beside PATH
_MARKER = "corpus-environment.json"
_PROBE = """\
import importlib.util, sys
print("%d.%d" % sys.version_info[:2], importlib.util.find_spec("ensurepip") is not None)
import sqlite3, ssl, venv
"""

Tell = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Interpreter:
    """A Python that can make an environment for Doccano; `version` is like 3.11.

    `has_pip`: it can put pip into that environment (Debian's cannot without python3-venv).
    """

    path: str
    version: str
    has_pip: bool


def environment_path(home: Path) -> Path:
    """Where Doccano is installed: `CORPUS_DOCCANO_ENV`, else a folder in `home`."""
    named = os.environ.get("CORPUS_DOCCANO_ENV")
    return Path(named).expanduser().absolute() if named else home / "environment"


def environment_python(environment: Path) -> Path:
    """The interpreter inside an environment."""
    return environment / "bin" / "python"


def has_doccano(environment: Path) -> bool:
    """Whether the environment is whole: ours with today's pins, or another's with 1.8.4 in it."""
    marker = _read_marker(environment)
    if marker is not None:
        version = marker.get("python", "")
        whole = bool(marker.get("complete")) and marker.get("pins") == _pins_hash(version)
        return whole and environment_python(environment).exists()
    code = "import importlib.metadata as m; print(m.version('doccano'))"
    try:
        found = _run([str(environment_python(environment)), "-c", code])
    except (OSError, subprocess.SubprocessError):
        return False
    return found.returncode == 0 and found.stdout.strip() == DOCCANO


def install_environment(environment: Path, *, log: Path, tell: Tell) -> None:
    """Doccano 1.8.4 is in `environment`; a half-made one of ours is made again.

    One that another process makes meanwhile is waited for. DependencyError: no fitting Python,
    too little room, or what pip said last.
    """
    from filelock import FileLock, Timeout

    environment.parent.mkdir(parents=True, exist_ok=True)
    lock = FileLock(environment.with_name(f"{environment.name}.lock"))
    try:
        lock.acquire(timeout=0)
    except Timeout:
        tell(f"waiting for another process that installs into {environment}")
        lock.acquire()
    try:
        if not has_doccano(environment):
            _install(environment, log, tell)
    finally:
        lock.release()


def _install(environment: Path, log: Path, tell: Tell) -> None:
    if environment.exists() and any(environment.iterdir()) and _read_marker(environment) is None:
        raise DependencyError(
            f"{environment} is not an environment with Doccano {DOCCANO}, and not empty",
            "let CORPUS_DOCCANO_ENV name another folder, or unset it",
        )
    interpreter = find_interpreter()
    _require_room(environment)
    tell(f"installing Doccano {DOCCANO} with {interpreter.path} (a few minutes)")
    environment.mkdir(parents=True, exist_ok=True)
    _write_marker(environment, interpreter.version, complete=False)
    for entry in environment.iterdir():  # all but the marker: killed here, it is still ours
        if entry.is_dir() and not entry.is_symlink():
            shutil.rmtree(entry)
        elif entry.name != _MARKER:
            entry.unlink()
    log.write_text("", "utf-8")
    python = str(environment_python(environment))
    venv = [interpreter.path, "-m", "venv", str(environment)]
    pip = [python, "-m", "pip"]
    if not interpreter.has_pip:
        venv.append("--without-pip")
        pip = [sys.executable, "-m", "pip", "--python", python]
    _logged(venv, "venv", log=log, tell=tell)
    options = ["--no-input", "--no-deps", "--disable-pip-version-check", "--progress-bar=off"]
    pins = str(_pins(interpreter.version))
    total = len(Path(pins).read_text("utf-8").splitlines())
    _logged([*pip, "install", *options, "-r", pins], "pip", log=log, tell=tell, total=total)
    _write_marker(environment, interpreter.version, complete=True)


def find_interpreter() -> Interpreter:
    """The newest Python of 3.8 to 3.11 here that has venv and pip; the running one if it fits.

    Looks at CORPUS_DOCCANO_PYTHON, the running Python, PATH, pyenv's and uv's; DependencyError
    says what was found instead and how to get one.
    """
    named = os.environ.get("CORPUS_DOCCANO_PYTHON")
    refused = {}
    for candidate in [named] if named else _candidates():
        interpreter = _probe(candidate)
        if isinstance(interpreter, Interpreter):
            return interpreter
        refused[candidate] = interpreter
    found = "; ".join(f"{candidate} {why}" for candidate, why in refused.items())
    raise DependencyError(
        f"Doccano {DOCCANO} needs Python 3.8 to 3.11 with venv and pip, and none is here ({found})",
        "install one (apt install python3.11-venv, uv python install 3.11 or pyenv install 3.11) "
        "or let CORPUS_DOCCANO_PYTHON name it",
    )


def _probe(candidate: str) -> Interpreter | str:
    """The interpreter, or why it does not do."""
    try:
        probe = _run([candidate, "-c", _PROBE])
    except (OSError, subprocess.SubprocessError):
        return "does not run"
    version, _, has_pip = probe.stdout.strip().partition(" ")
    if not version:
        return "is no Python"
    if version not in VERSIONS:
        return f"is {version}"
    if probe.returncode != 0:
        return f"lacks {probe.stderr.strip().rpartition(' ')[2]}"
    if has_pip == "True":
        return Interpreter(candidate, version, has_pip=True)
    # Our own pip can fill another Python's environment, if it is not too new for that Python.
    if importlib.util.find_spec("pip") is None or version in ("3.8", "3.9"):
        return "lacks ensurepip"
    return Interpreter(candidate, version, has_pip=False)


def _candidates() -> Iterator[str]:
    yield sys.executable
    pyenv = Path(os.environ.get("PYENV_ROOT") or Path.home() / ".pyenv") / "versions"
    uv = shutil.which("uv")
    for version in VERSIONS:
        for folder in [*os.environ.get("PATH", "").split(os.pathsep), *SYSTEM]:
            path = Path(folder or ".") / f"python{version}"
            if path.is_file() and path.parent.name != "shims":  # pyenv's; the real ones follow
                yield str(path.absolute())
        yield from map(str, sorted(pyenv.glob(f"{version}.*/bin/python{version}"), reverse=True))
        if uv:
            found = _run([uv, "python", "find", version])
            if found.returncode == 0:
                yield found.stdout.strip()


def _require_room(environment: Path) -> None:
    there = next(folder for folder in [environment, *environment.parents] if folder.exists())
    free = shutil.disk_usage(there).free
    if free < NEEDED_BYTES:
        raise DependencyError(
            f"Doccano needs {NEEDED_BYTES // 10**6:,} MB under {there}, "
            f"and {free // 10**6:,} MB are free",
            "make room, or let CORPUS_HOME name a folder on another disk",
        )


def _logged(command: list[str], what: str, *, log: Path, tell: Tell, total: int = 0) -> None:
    """Run `command` with its output in `log`; of `total` packages it is said how far pip is."""
    lines: list[str] = []
    done = threading.Event()
    if total:  # in a thread, since pip prints nothing while it unpacks
        threading.Thread(target=tell_progress, args=(lines, total, tell, done), daemon=True).start()
    environment = child_environment({"PIP_USER": "0", "PYTHONUNBUFFERED": "1"})
    with (
        log.open("a", encoding="utf-8") as output,
        subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            encoding="utf-8",
            errors="replace",
            env=environment,
        ) as process,
    ):
        for line in process.stdout or ():
            output.write(line)
            lines.append(line.strip())
    done.set()
    if process.returncode != 0:
        raise DependencyError(
            f"Doccano {DOCCANO} cannot be installed: {what}: {_last_useful(lines)}",
            f"mend that and run it again; all of {what}'s output is in {log}",
        )


def tell_progress(
    lines: list[str], total: int, tell: Tell, done: threading.Event, *, every: float = 10
) -> None:
    """How far pip is by the lines that it has printed, said every 10 seconds until `done`."""
    unpacking = 0.0
    while not done.wait(every):
        fetched = sum(line.startswith("Collecting ") for line in lines)
        if fetched < total:
            tell(f"  fetched {fetched} of {total} packages")
        else:
            tell(f"  unpacking them, for {unpacking:.0f} s")
            unpacking += every


def _last_useful(lines: list[str]) -> str:
    errors = [line for line in lines if line.startswith(("ERROR:", "Error:"))]
    return (errors or [line for line in lines if line] or ["it said nothing"])[-1]


def child_environment(settings: dict[str, str]) -> dict[str, str]:
    """This process's environment for a Python of its own packages, and `settings`."""
    alien = ["PYTHONPATH", "PYTHONHOME", "__PYVENV_LAUNCHER__", "PIP_TARGET", "PIP_PREFIX"]
    kept = {name: value for name, value in os.environ.items() if name not in alien}
    return {**kept, **settings}


def _run(command: list[str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command, capture_output=True, text=True, timeout=30, env=child_environment({})
    )


def _pins(version: str) -> Path:
    return Path(__file__).parent / "pins" / f"{version}.txt"


def _pins_hash(version: str) -> str:
    pins = _pins(version)
    return hashlib.sha256(pins.read_bytes()).hexdigest() if pins.is_file() else ""


def _read_marker(environment: Path) -> dict[str, str] | None:
    try:
        marker = json.loads((environment / _MARKER).read_text("utf-8"))
    except (OSError, ValueError):
        return None
    return marker if isinstance(marker, dict) else None


def _write_marker(environment: Path, version: str, *, complete: bool) -> None:
    marker = {"doccano": DOCCANO, "python": version, "pins": _pins_hash(version)}
    text = json.dumps({**marker, "complete": complete})
    (environment / _MARKER).write_text(text + "\n", "utf-8")

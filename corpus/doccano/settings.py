"""Where the annotation server is and who logs in: the one place everybody asks.

`DOCCANO_URL`, `DOCCANO_USERNAME` and `DOCCANO_PASSWORD` from the environment, else from `.env`
in the current folder, else the embedded server of `corpus doccano up`. Never from an argument
that a shell history keeps. `DOCCANO_CA_BUNDLE` names the certificates of an authority of one's own.
"""

from __future__ import annotations

import logging
import os
import shlex
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from urllib.parse import urlsplit

from corpus.errors import UsageError

_log = logging.getLogger(__name__)

VARIABLES = ("DOCCANO_URL", "DOCCANO_USERNAME", "DOCCANO_PASSWORD")
CA_BUNDLE = "DOCCANO_CA_BUNDLE"


@dataclass(frozen=True, slots=True)
class ServerSettings:
    """Address without a final slash, name and password; `source` says where they were found.

    `ca_bundle`: a file of certificates to trust instead of the usual ones.
    """

    url: str
    username: str
    password: str = field(repr=False)
    source: str = ""
    ca_bundle: str = ""

    @property
    def embedded(self) -> bool:
        """Whether this is the server of `corpus doccano up`."""
        return self.source == str(credentials_path(doccano_home()))


def corpus_home() -> Path:
    """The folder of everything that outlives a command: `CORPUS_HOME`, else the data folder."""
    home = os.environ.get("CORPUS_HOME")
    if home:
        return Path(home).expanduser().absolute()
    from platformdirs import user_data_path

    return user_data_path("corpus", appauthor=False)


def doccano_home() -> Path:
    """The folder of the embedded Doccano: database, logs, credentials, environment."""
    return corpus_home() / "doccano"


def credentials_path(home: Path) -> Path:
    """The 0600 file with the embedded server's address, name and password."""
    return home / "credentials.env"


def read_settings(folder: Path | None = None) -> ServerSettings:
    """The server to talk to; UsageError if none is named or a part of the three is missing."""
    dotenv = (folder or Path.cwd()) / ".env"
    found: dict[str, tuple[str, str]] = {}
    for source, values in (
        ("the environment", os.environ),
        (str(dotenv), read_dotenv(dotenv) if dotenv.is_file() else {}),
    ):
        for name in (*VARIABLES, CA_BUNDLE):
            if values.get(name):
                found.setdefault(name, (values[name], source))
    bundle, _ = found.pop(CA_BUNDLE, ("", ""))
    if found:
        missing = [name for name in VARIABLES if name not in found]
        if missing:
            given, (_, source) = next(iter(found.items()))
            raise UsageError(
                f"{given} is set in {source}, but {' and '.join(missing)} not",
                "set all three, or none to use the server of `corpus doccano up`",
            )
        server = _settings(
            {name: value for name, (value, _) in found.items()}, found[VARIABLES[0]][1]
        )
        return replace(server, ca_bundle=check_bundle(bundle)) if bundle else server
    credentials = credentials_path(doccano_home())
    if not credentials.is_file():
        raise UsageError(
            "no Doccano server is known",
            "type `corpus doccano up`, or set DOCCANO_URL, DOCCANO_USERNAME and DOCCANO_PASSWORD",
        )
    return read_credentials(credentials)


def read_credentials(path: Path) -> ServerSettings:
    """What `corpus doccano up` wrote into the credentials file `path`."""
    values = read_dotenv(path)
    missing = [name for name in VARIABLES if not values.get(name)]
    if missing:
        raise UsageError(f"{path}: {missing[0]} is missing", "type `corpus doccano up`")
    return _settings(values, str(path))


def read_dotenv(path: Path) -> dict[str, str]:
    """`NAME=value` lines as a shell reads them: quotes, `export`, comments; nothing is expanded.

    UsageError names the file and line that is none of these.
    """
    values: dict[str, str] = {}
    try:
        lines = path.read_text(encoding="utf-8-sig").split("\n")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8"
        raise UsageError(f"{path}: cannot be read: {reason}") from error
    for number, line in enumerate(lines, start=1):
        try:
            words = shlex.split(line)
        except ValueError as error:
            raise UsageError(f"{path}:{number}: {error}", "write NAME='value'") from error
        if not words or words[0].startswith("#"):
            continue
        if words[0] == "export":
            words = words[1:]
        name, equals, value = words[0].partition("=") if words else ("", "", "")
        if not equals or not name.isidentifier() or (words[1:2] and not words[1].startswith("#")):
            raise UsageError(f"{path}:{number}: not NAME=value", "quote a value with blanks")
        values[name] = value
    return values


def check_bundle(path: str) -> str:
    """The path, if its file holds certificates in PEM; else UsageError."""
    import ssl

    try:
        ssl.create_default_context(cafile=path)
    except OSError as error:  # an SSLError is one too
        reason = "it holds no certificate in PEM"
        if not isinstance(error, ssl.SSLError):
            reason = (error.strerror or str(error)).lower()
        raise UsageError(
            f"{CA_BUNDLE}: {path}: {reason}", "name the file with your authority's certificate"
        ) from error
    return path


def _settings(values: Mapping[str, str], source: str) -> ServerSettings:
    url = values["DOCCANO_URL"].strip().rstrip("/")
    try:
        parts = urlsplit(url)
        fine = parts.scheme in ("http", "https") and bool(parts.hostname) and (parts.port or 1) > 0
    except ValueError:
        fine = False
    if not fine or parts.query or parts.fragment or parts.username is not None:
        raise UsageError(
            f"DOCCANO_URL in {source} is not the address of a server",
            "write it like http://127.0.0.1:8000",
        )
    _log.info("the server is %s, as %s says", url, source)
    return ServerSettings(url, values["DOCCANO_USERNAME"], values["DOCCANO_PASSWORD"], source)

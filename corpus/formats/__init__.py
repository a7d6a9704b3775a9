"""Formats of other tools: one table, one file (or a few of one name) each.

To add a format: a file with `read_x` and `write_x`, a sample of the format in its docstring, a
row here, golden files in `tests/golden`; `scripts/formats` writes the table in docs/formats.md.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from importlib import import_module
from pathlib import PurePath
from typing import Any, NamedTuple

from corpus.formats.keeps import Keeps, Unfit


class Format(NamedTuple):
    """How a format is read and written, and what of a Document it keeps.

    read(path, *, layer, id_base, stage) gives Documents; write(documents, path) the number
    written, of documents that were fitted to `keeps`. Both are loaded when they are called.
    `suffixes` are those that tell it from all others. `folder`: it is one. `texts`: it points
    into texts that stand elsewhere, and is read with them. `settles`: the writer itself lists
    what spaCy cannot hold. `unit` is what its offsets count.
    """

    title: str
    read: Callable[..., Any]
    write: Callable[..., int]
    keeps: Keeps
    suffixes: tuple[str, ...] = ()
    unfit: Unfit | None = None
    unit: str = "code points"
    folder: bool = False
    texts: bool = False
    settles: bool = False


def _call(module: str, name: str, *args: Any, **options: Any) -> Any:
    return getattr(import_module(f"corpus.formats.{module}"), name)(*args, **options)


def _lazy(module: str, name: str, **fixed: Any) -> Callable[..., Any]:
    return partial(_call, module, name, **fixed)


_TAGS = Keeps(
    text="words", overlap=False, any_borders=False, links="none", nil=False, roles=False,
    kb=False, candidates=False, sources=False, mention_ids=False, layer=False, lang=False,
    meta=False,
)  # fmt: skip


def _conll(title: str, scheme: str, suffixes: tuple[str, ...] = ()) -> Format:
    return Format(
        title,
        _lazy("conll", "read_conll"),
        _lazy("conll_writer", "write_conll", scheme=scheme),
        _TAGS,
        suffixes,
        _lazy("conll_writer", "unfit"),
        unit="tokens",
    )


FORMATS: dict[str, Format] = {
    "docbin": Format(
        "spaCy DocBin",
        _lazy("docbin_reader", "read_docbin"),
        _lazy("docbin", "write_docbin"),
        Keeps(layers=True),
        (".spacy",),
        unit="tokens",
        settles=True,
    ),
    "conll": _conll("CoNLL (BIO)", "bio", (".conll", ".iob", ".bio")),
    "bioes": _conll("CoNLL (BIOES)", "bioes"),
    "bilou": _conll("CoNLL (BILOU)", "bilou"),
    "iob": _conll("CoNLL (IOB1)", "iob"),
    "conll2003": Format(
        "CoNLL-2003",
        _lazy("conll", "read_conll"),
        _lazy("conll_writer", "write_conll2003"),
        _TAGS._replace(document_ids=False),
        unfit=_lazy("conll_writer", "unfit_2003"),
        unit="tokens",
    ),
}


def format_of(path: object) -> str | None:
    """The name of the format whose suffix the path has, `.gz` aside; None if it has none's."""
    suffixes = [suffix.lower() for suffix in PurePath(str(path)).suffixes]
    if suffixes and suffixes[-1] == ".gz":
        suffixes.pop()
    for name, each in FORMATS.items():
        if suffixes and suffixes[-1] in each.suffixes:
            return name
    return None

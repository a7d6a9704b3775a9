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

from corpus.compression import bare_name
from corpus.formats.keeps import Keeps, Unfit


class Format(NamedTuple):
    """How a format is read and written, and what of a Document it keeps.

    read(path, *, layer, id_base, stage) gives Documents; write(documents, path) the number
    written, of documents that were fitted to `keeps`; None where it is only read. Both are loaded
    when they are called.
    `suffixes` are those that tell it from all others. `folder`: it is one. `texts`: it points
    into texts that stand elsewhere, and is read with them. `settles`: the writer itself lists
    what spaCy cannot hold. `ordered`: documents come back in their order. `splits`: it holds
    train, dev and test apart. `shards`: a folder whose files can be of so many documents. `unit`
    is what its offsets count.
    """

    title: str
    read: Callable[..., Any]
    write: Callable[..., int] | None
    keeps: Keeps
    suffixes: tuple[str, ...] = ()
    unfit: Unfit | None = None
    unit: str = "code points"
    folder: bool = False
    texts: bool = False
    settles: bool = False
    ordered: bool = True
    splits: bool = False
    shards: bool = False


def _call(module: str, name: str, *args: Any, **options: Any) -> Any:
    return getattr(import_module(f"corpus.formats.{module}"), name)(*args, **options)


def _lazy(module: str, name: str, **fixed: Any) -> Callable[..., Any]:
    return partial(_call, module, name, **fixed)


_TAGS = Keeps(
    text="words", overlap="none", any_borders=False, links="none", nil=False, roles=False,
    kb=False, candidates=False, sources=False, mention_ids=False, layer=False, lang=False,
    meta=False,
)  # fmt: skip


_PLAIN = Keeps(
    kb=False, candidates=False, sources=False, mention_ids=False, layer=False, lang=False,
    meta=False, tokens=False, sentences=False,
)  # fmt: skip
"""Texts with labelled spans."""


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


def _uima(title: str, kind: str, unfit: str) -> Format:
    return Format(
        title,
        _lazy("uima", f"read_{kind}"),
        _lazy("uima", f"write_{kind}"),
        _PLAIN._replace(links="one", roles=False, lang=True, tokens=True, sentences=True),
        unfit=_lazy("uima", unfit),
        unit="UTF-16 units",
        folder=True,
        ordered=False,
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
    "spacy": Format(
        "spaCy training folder",
        _lazy("spacy_training", "read_spacy_training"),
        _lazy("spacy_training", "write_spacy_training"),
        Keeps(layers=True, makes_sentences=True),
        unit="tokens",
        folder=True,
        settles=True,
        splits=True,
        shards=True,
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
    "aida": Format(
        "AIDA-CoNLL",
        _lazy("aida", "read_aida"),
        _lazy("aida", "write_aida"),
        _TAGS._replace(labels=False, links="one", nil=True),
        unfit=_lazy("aida", "unfit"),
        unit="tokens",
    ),
    "hipe": Format(
        "HIPE 2022",
        _lazy("hipe", "read_hipe"),
        _lazy("hipe_writer", "write_hipe"),
        _TAGS._replace(
            text="spaced words",
            overlap="nested",
            links="one a role",
            nil=True,
            roles=True,
            lang=True,
            meta=True,
        ),
        unfit=_lazy("hipe_writer", "unfit"),
        unit="tokens",
    ),
    "prodigy": Format(
        "Prodigy, spans",
        _lazy("prodigy", "read_prodigy"),
        _lazy("prodigy", "write_prodigy"),
        Keeps(),
    ),
    "prodigy-links": Format(
        "Prodigy, linking recipe",
        _lazy("prodigy_links", "read_prodigy_links"),
        _lazy("prodigy_links", "write_prodigy_links"),
        Keeps(links="one", roles=False, kb=False),
        unfit=_lazy("prodigy_links", "unfit"),
    ),
    "doccano": Format(
        "Doccano JSONL",
        _lazy("doccano", "read_doccano"),
        _lazy("doccano", "write_doccano"),
        _PLAIN._replace(links="none", nil=False, roles=False),
        unfit=_lazy("doccano", "unfit"),
        unit="UTF-16 units",
    ),
    "label-studio": Format(
        "Label Studio JSON",
        _lazy("label_studio_reader", "read_label_studio"),
        _lazy("label_studio", "write_label_studio"),
        Keeps(),
    ),
    "kilt": Format(
        "KILT",
        _lazy("kilt", "read_kilt"),
        _lazy("kilt", "write_kilt"),
        _PLAIN._replace(links="one", roles=False),
        unfit=_lazy("kilt", "unfit"),
    ),
    "neleval": Format(
        "neleval, TAC",
        _lazy("neleval", "read_neleval"),
        _lazy("neleval", "write_neleval"),
        _PLAIN._replace(
            text="none", links="one", roles=False, lang=True, meta=True, tokens=True, sentences=True
        ),
        unfit=_lazy("neleval", "unfit"),
        texts=True,
        ordered=False,
    ),
    "brat": Format(
        "brat standoff",
        _lazy("brat", "read_brat"),
        _lazy("brat", "write_brat"),
        _PLAIN,
        unfit=_lazy("brat", "unfit"),
        folder=True,
        ordered=False,
    ),
    "webanno": Format(
        "WebAnno TSV 3.3",
        _lazy("webanno_reader", "read_webanno"),
        _lazy("webanno", "write_webanno"),
        _PLAIN._replace(
            text="sentences", any_borders=False, links="one", roles=False, sentences=True
        ),
        unfit=_lazy("webanno", "unfit"),
        unit="UTF-16 units",
        folder=True,
        ordered=False,
    ),
    "uima-xmi": _uima("UIMA CAS XMI", "xmi", "unfit_xmi"),
    "uima-json": _uima("UIMA CAS JSON", "json", "unfit"),
    "nif": Format(
        "NIF 2.1, GERBIL",
        _lazy("nif", "read_nif"),
        _lazy("nif", "write_nif"),
        _PLAIN._replace(links="one", roles=False, lang=True),
        ordered=False,
    ),
    "huggingface": Format(
        "Hugging Face dataset",
        _lazy("huggingface", "read_huggingface"),
        _lazy("huggingface", "write_huggingface"),
        Keeps(),
        folder=True,
        splits=True,
    ),
    "elevant": Format(
        "ELEVANT benchmark",
        _lazy("elevant", "read_elevant"),
        None,
        _PLAIN._replace(meta=True, links="one", roles=False),
    ),
    "re3d": Format(
        "Dstl re3d",
        _lazy("re3d", "read_re3d"),
        None,
        _PLAIN._replace(meta=True, links="none", nil=False, roles=False),
        folder=True,
    ),
}


def format_of(path: object) -> str | None:
    """The name of the format whose suffix the path has, compression aside; None if none's."""
    suffixes = [suffix.lower() for suffix in PurePath(bare_name(str(path))).suffixes]
    for name, each in FORMATS.items():
        if suffixes and suffixes[-1] in each.suffixes:
            return name
    return None

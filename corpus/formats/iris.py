"""Link targets and labels as IRIs, for formats that name everything so, and back."""

from __future__ import annotations

import re
from urllib.parse import quote, unquote

from corpus.model import NIL

WIKIDATA = "http://www.wikidata.org/entity/"
NOT_IN_KB = "http://aksw.org/notInWiki/"
"""The namespace that GERBIL takes for entities outside every knowledge base."""

_LABEL = "urn:corpus:label:"
_TARGET = "urn:corpus:kb:"
_QID = re.compile(r"[QPL][1-9][0-9]*")
_IRI = re.compile(r"https?://[^\s<>\"{}|\\^`\x00-\x20]+")


def target_iri(target: str) -> str:
    """The IRI of a link target; Wikidata's ids get theirs, NIL one outside every KB."""
    if target == NIL:
        return NOT_IN_KB + NIL
    if _QID.fullmatch(target):
        return WIKIDATA + target
    return target if _is_plain(target) else _TARGET + quote(target, safe="")


def iri_target(iri: str) -> str:
    """The link target of an IRI: the inverse of `target_iri`; other IRIs stay as they are."""
    if iri.startswith(NOT_IN_KB):
        return NIL
    last = iri.removeprefix(WIKIDATA)
    if last != iri and _QID.fullmatch(last):
        return last
    return unquote(iri.removeprefix(_TARGET)) if iri.startswith(_TARGET) else iri


def label_iri(label: str) -> str:
    """The IRI of a label."""
    return label if _is_plain(label) else _LABEL + quote(label, safe="")


def iri_label(iri: str) -> str:
    """The label of an IRI: the inverse of `label_iri`; other IRIs stay as they are."""
    return unquote(iri.removeprefix(_LABEL)) if iri.startswith(_LABEL) else iri


def _is_plain(name: str) -> bool:
    """Whether the name is an IRI that no other name gives."""
    return bool(_IRI.fullmatch(name)) and not name.startswith((WIKIDATA, NOT_IN_KB))

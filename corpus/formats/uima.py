"""UIMA CAS as XMI or JSON, with the types of DKPro Core that INCEpTION imports.

    <type:NamedEntity sofa="1" begin="10" end="14" value="ORG"
                      identifier="http://www.wikidata.org/entity/Q81299"/>

A folder with one CAS a document and, for XMI, its `TypeSystem.xml`. Offsets in the files are
UTF-16 units: dkpro-cassis converts them, a Cas in memory counts code points. Tokens and sentences
are there where the document has them; INCEpTION makes its own where it has none.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

from corpus.errors import DependencyError, FormatError
from corpus.files import atomic_folder
from corpus.formats.iris import iri_target, target_iri
from corpus.formats.lines import refuse
from corpus.formats.per_document import files_of, new_file, unfit_name
from corpus.manifest import Stage
from corpus.model import Document, Layer, Link, Mention, Token, make_document, with_ids

ENTITY = "de.tudarmstadt.ukp.dkpro.core.api.ner.type.NamedEntity"
_METADATA = "de.tudarmstadt.ukp.dkpro.core.api.metadata.type.DocumentMetaData"
_SEGMENTATION = "de.tudarmstadt.ukp.dkpro.core.api.segmentation.type."
_TYPES: dict[str, tuple[str, tuple[str, ...]]] = {
    ENTITY: ("uima.tcas.Annotation", ("value", "identifier")),
    f"{_SEGMENTATION}Token": ("uima.tcas.Annotation", ()),
    f"{_SEGMENTATION}Sentence": ("uima.tcas.Annotation", ()),
    _METADATA: ("uima.tcas.DocumentAnnotation", ("documentTitle", "documentId")),
}
TYPE_SYSTEM = "TypeSystem.xml"
_UNSPECIFIED = "x-unspecified"
_NOT_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")


def unfit(document: Document, mention: Mention | None) -> str:
    """Why a CAS cannot hold the document."""
    if mention is None and document.lang == _UNSPECIFIED:
        return f"its language is {_UNSPECIFIED}, UIMA's word for none"
    return unfit_name(document) if mention is None else ""


def unfit_xmi(document: Document, mention: Mention | None) -> str:
    """The same, for XML: it holds no control characters."""
    if mention is None:
        values = [document.text, document.id, document.lang]
    else:
        values = [mention.label, *(link.target for link in mention.links)]
    if any(_NOT_XML.search(value) for value in values):
        return "it holds a character that XML cannot hold"
    return unfit(document, mention)


def _cassis() -> Any:
    try:
        import cassis
    except ImportError as error:
        raise DependencyError(
            "UIMA CAS needs the package dkpro-cassis", "pip install dkpro-cassis"
        ) from error
    return cassis


@cache
def _types() -> Any:
    types = _cassis().TypeSystem()
    for name, (parent, features) in _TYPES.items():
        of = types.create_type(name, supertypeName=parent)
        for feature in features:
            types.create_feature(of, feature, "uima.cas.String")
    return types


def write_xmi(documents: Iterable[Document], path: str | Path) -> int:
    """The number of documents (each fitted to XMI) now in the folder, whole or not at all."""
    return _write(documents, path, ".xmi")


def write_json(documents: Iterable[Document], path: str | Path) -> int:
    """The number of documents (each fitted to a CAS) now in the folder, whole or not at all."""
    return _write(documents, path, ".json")


def _write(documents: Iterable[Document], path: str | Path, suffix: str) -> int:
    types = _types()
    count = 0
    with atomic_folder(path) as folder:
        for document in documents:
            cas = _cas(document, types)
            text = cas.to_xmi() if suffix == ".xmi" else cas.to_json()
            new_file(folder, document, suffix).write_bytes(text.encode())
            count += 1
        if suffix == ".xmi":
            (folder / TYPE_SYSTEM).write_bytes(types.to_xml().encode())
    return count


def _cas(document: Document, types: Any) -> Any:
    cas = _cassis().Cas(typesystem=types)
    cas.sofa_string = document.text
    cas.sofa_mime = "text/plain"
    made = types.get_type(_METADATA)(
        begin=0,
        end=len(document.text),
        language=document.lang or _UNSPECIFIED,
        documentTitle=document.id,
        documentId=document.id,
    )
    cas.add(made)
    for name, spans in (
        ("Token", [(token.start, token.end) for token in document.tokens or ()]),
        ("Sentence", document.sentences or ()),
    ):
        of = types.get_type(f"{_SEGMENTATION}{name}")
        cas.add_all([of(begin=start, end=end) for start, end in spans])
    entity = types.get_type(ENTITY)
    for mention in document.layers[0].mentions:
        iri = target_iri(mention.links[0].target) if mention.links else None
        cas.add(entity(begin=mention.start, end=mention.end, value=mention.label, identifier=iri))
    return cas


def read_xmi(
    path: str | Path, *, layer: str = "gold", id_base: str | None = None, stage: Stage | None = None
) -> Iterator[Document]:
    """The Documents of a folder of XMI files with their type system; see `read_json`."""
    cassis = _cassis()
    systems = sorted(Path(path).rglob(TYPE_SYSTEM)) if Path(path).is_dir() else []
    types = _loaded(cassis.load_typesystem, systems[0], {}) if systems else _types()
    options = {"typesystem": types, "lenient": True}
    for name, file in files_of(path, ".xmi"):
        yield _document(_loaded(cassis.load_cas_from_xmi, file, options), name, layer, stage, file)


def read_json(
    path: str | Path, *, layer: str = "gold", id_base: str | None = None, stage: Stage | None = None
) -> Iterator[Document]:
    """The Documents of a folder of CAS JSON files: named entities, tokens, sentences.

    Ids are those of the metadata, else the files' paths. Named entities without a value are
    rejects; annotations of other types are counted. Raises FormatError that names the file.
    """
    for name, file in files_of(path, ".json"):
        cas = _loaded(_cassis().load_cas_from_json, file, {"lenient": True})
        yield _document(cas, name, layer, stage, file)


def _loaded(load: Callable[..., Any], file: Path, options: dict[str, Any]) -> Any:
    try:
        with file.open("rb") as source:
            return load(source, **options)
    except Exception as error:
        reason = " ".join(str(error).split()) or type(error).__name__
        line = getattr(error, "lineno", None)
        where = f"{file}:{line}" if line else str(file)
        raise FormatError(f"{where}: is no UIMA CAS ({reason})", "export it again") from error


def _document(cas: Any, name: str, layer: str, stage: Stage | None, file: Path) -> Document:
    text = cas.sofa_string or ""
    known = [one for one in _select(cas, _METADATA) if getattr(one, "documentId", None)]
    id = known[0].documentId if known else name
    marked = [*known, *_select(cas, "uima.tcas.DocumentAnnotation")]
    lang = next((one.language for one in marked if getattr(one, "language", None)), "")
    if stage is not None:
        others = sum(1 for one in cas.select_all_annotations() if one.type.name not in _KNOWN)
        what = "annotations of other types, not carried"
        if others:
            stage.manifest.notes[what] = stage.manifest.notes.get(what, 0) + others
    mentions = with_ids(_mentions(cas, id, text, stage, file))
    return make_document(
        id,
        text,
        lang="" if lang == _UNSPECIFIED else lang,
        tokens=_tokens(cas, text),
        sentences=tuple((s.begin, s.end) for s in _select(cas, f"{_SEGMENTATION}Sentence")) or None,
        layers=(Layer(layer, mentions=mentions),),
    )


_KNOWN = {*_TYPES, "uima.tcas.DocumentAnnotation"}


def _select(cas: Any, name: str) -> list[Any]:
    return list(cas.select(name)) if cas.typesystem.contains_type(name) else []


def _tokens(cas: Any, text: str) -> tuple[Token, ...] | None:
    """The tokens, or None where they leave out more of the text than single blanks."""
    spans = [(token.begin, token.end) for token in _select(cas, f"{_SEGMENTATION}Token")]
    starts = [start for start, _ in spans[1:]] + [len(text)]
    tokens = tuple(
        Token(start, end, after > end) for (start, end), after in zip(spans, starts, strict=False)
    )
    joined = "".join(text[t.start : t.end] + " " * t.space_after for t in tokens)
    return tokens if tokens and joined == text else None


def _mentions(
    cas: Any, document: str, text: str, stage: Stage | None, file: Path
) -> Iterator[Mention]:
    for number, one in enumerate(_select(cas, ENTITY), 1):
        value, iri = one.value, getattr(one, "identifier", None)
        if not (value or "").strip() or not 0 <= one.begin < one.end <= len(text):
            reason = f"named entity {one.begin}-{one.end} has no value, or no place in the text"
            refuse(stage, document, reason, str(file), mention=f"entity {number}")
            continue
        links = (Link(iri_target(iri)),) if iri else ()
        yield Mention("", one.begin, one.end, value, links)

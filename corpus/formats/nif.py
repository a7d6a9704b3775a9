"""NIF 2.1 in Turtle, as GERBIL reads it: texts as contexts, mentions as phrases in them.

    <urn:corpus:osce.txt#char=0,12> a nif:Context ; nif:isString "The OSCE met" ;
        nif:beginIndex 0 ; nif:endIndex 12 ; dct:identifier "osce.txt" .
    <urn:corpus:osce.txt#char=4,8> a nif:Phrase ; nif:anchorOf "OSCE" ;
        nif:referenceContext <urn:corpus:osce.txt#char=0,12> ; nif:beginIndex 4 ; nif:endIndex 8 ;
        itsrdf:taIdentRef <http://www.wikidata.org/entity/Q81299> ; itsrdf:taClassRef <…> .

Offsets are code points (GERBIL's wiki page on NIF). NIL is an entity in the namespace that GERBIL
takes for outside every knowledge base; not judged is a phrase without an entity. Written document
by document; read whole, since triples may stand in any order.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote

from corpus.errors import FormatError
from corpus.files import atomic_output, open_input
from corpus.formats.fit import UNLABELLED
from corpus.formats.iris import iri_label, iri_target, label_iri, target_iri
from corpus.formats.lines import refuse
from corpus.manifest import Stage
from corpus.model import Document, Layer, Link, Mention, make_document, with_ids

NIF = "http://persistence.uni-leipzig.org/nlp2rdf/ontologies/nif-core#"
_ITS = "http://www.w3.org/2005/11/its/rdf#"
_DCT = "http://purl.org/dc/terms/"
_BASE = "urn:corpus:"
_HEAD = f"""\
@prefix nif: <{NIF}> .
@prefix itsrdf: <{_ITS}> .
@prefix dct: <{_DCT}> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
"""
_ESCAPES = {ord(c): f"\\u{ord(c):04X}" for c in map(chr, [*range(32), 127])}
_ESCAPES |= {ord("\\"): "\\\\", ord('"'): '\\"', 10: "\\n", 13: "\\r", 9: "\\t"}


def write_nif(documents: Iterable[Document], path: str | Path) -> int:
    """The number of documents (each fitted to NIF) now in the file, whole or not at all."""
    count = 0
    with atomic_output(path) as sink:
        sink.write(_HEAD.encode())
        for document in documents:
            sink.write("".join(_triples(document)).encode())
            count += 1
    return count


def _triples(document: Document) -> Iterator[str]:
    base = _BASE + quote(document.id, safe="")
    context = f"<{base}#char=0,{len(document.text)}>"
    yield f"\n{context} a nif:Context, nif:OffsetBasedString ;\n"
    yield f"  dct:identifier {_string(document.id)} ;\n"
    if document.lang:
        yield f"  dct:language {_string(document.lang)} ;\n"
    yield f"  {_borders(0, len(document.text))} ;\n"
    yield f"  nif:isString {_string(document.text)} .\n"
    taken = {(0, len(document.text)): 1}  # by the context
    for mention in document.layers[0].mentions:
        span = (mention.start, mention.end)
        twin = taken[span] = taken.get(span, 0) + 1
        more = f"&twin={twin}" if twin > 1 else ""
        yield f"<{base}#char={span[0]},{span[1]}{more}> a nif:Phrase, nif:OffsetBasedString ;\n"
        yield f"  nif:referenceContext {context} ;\n"
        yield f"  nif:anchorOf {_string(document.text[span[0] : span[1]])} ;\n"
        for link in mention.links:
            yield f"  itsrdf:taIdentRef <{target_iri(link.target)}> ;\n"
        yield f"  itsrdf:taClassRef <{label_iri(mention.label)}> ;\n"
        yield f"  {_borders(*span)} .\n"


def _borders(start: int, end: int) -> str:
    number = '"{}"^^xsd:nonNegativeInteger'
    return f"nif:beginIndex {number.format(start)} ; nif:endIndex {number.format(end)}"


def _string(value: str) -> str:
    return f'"{value.translate(_ESCAPES)}"'


def read_nif(
    path: str | Path, *, layer: str = "gold", id_base: str | None = None, stage: Stage | None = None
) -> Iterator[Document]:
    """The Documents of a NIF file, by the names of their contexts.

    Phrases of no known context, or whose place is not where their anchor stands, are rejects.
    Raises FormatError that names file and line.
    """
    from rdflib import RDF, URIRef

    graph = _parsed(path)
    context = URIRef(f"{NIF}referenceContext")
    by_context: dict[Any, list[Any]] = {}
    for phrase, of in graph.subject_objects(context):
        if phrase != of:
            by_context.setdefault(of, []).append(phrase)
    found = set(graph.subjects(URIRef(f"{NIF}isString")))
    found |= set(graph.subjects(RDF.type, URIRef(f"{NIF}Context")))
    for subject in sorted(found):
        text = graph.value(subject, URIRef(f"{NIF}isString"))
        id = str(graph.value(subject, URIRef(f"{_DCT}identifier")) or _name_of(str(subject)))
        phrases = sorted(by_context.pop(subject, ()))
        if text is None:
            refuse(stage, id, "its context has no text (nif:isString)", str(path))
            continue
        reader = _Phrases(graph, id, str(text), f"{path}", stage)
        mentions = with_ids(mention for one in phrases for mention in reader.mentions(one))
        lang = graph.value(subject, URIRef(f"{_DCT}language"))
        layers = (Layer(layer, mentions=mentions),)
        yield make_document(id, str(text), lang=str(lang or ""), layers=layers)
    for of, phrases in sorted(by_context.items()):
        for one in sorted(phrases):
            reason = "a phrase whose context is not in the file"
            refuse(stage, _name_of(str(of)), reason, str(path), mention=str(one))


def _parsed(path: str | Path) -> Any:
    from rdflib import Graph

    with open_input(path) as source:
        raw = source.read()
    suffix = Path(path).suffix
    kinds = {".nt": "nt", ".rdf": "xml", ".xml": "xml", ".jsonld": "json-ld"}
    try:
        # Numbers such as 007 stay as they are written.
        return Graph().parse(data=raw, format=kinds.get(suffix, "turtle"))
    except Exception as error:
        # rdflib's own line is another one where blank lines came before.
        at, whole = getattr(error, "_i", None), getattr(error, "_str", None)
        line = whole[:at].count(b"\n") + 1 if isinstance(whole, bytes) and at is not None else 0
        where = f"{path}:{line}" if line else str(path)
        reason = " ".join(str(getattr(error, "_why", error)).split())[:120]
        raise FormatError(f"{where}: is no RDF ({reason})", "give NIF in Turtle") from error


def _name_of(subject: str) -> str:
    name = subject.partition("#char=")[0]
    return unquote(name.removeprefix(_BASE)) if name.startswith(_BASE) else name


class _Phrases:
    """Reads the phrases of one context."""

    def __init__(
        self, graph: Any, document: str, text: str, where: str, stage: Stage | None
    ) -> None:
        self._graph = graph
        self._document = document
        self._text = text
        self._where = where
        self._stage = stage

    def mentions(self, phrase: Any) -> Iterator[Mention]:
        """The mention, or none where it is none."""
        span = self._span(phrase)
        anchor = self._value(phrase, NIF, "anchorOf")
        entities = sorted(map(str, self._values(phrase, _ITS, "taIdentRef")))
        if not entities and not list(self._values(phrase, _ITS, "taClassRef")):
            return  # a sentence or a word, which NIF marks alike
        if span is None or (anchor is not None and self._text[span[0] : span[1]] != anchor):
            place = "nowhere in the text" if span is None else f"{span[0]}-{span[1]}"
            reason = f"its place ({place}) is not where its anchor {anchor!r} stands"
            refuse(self._stage, self._document, reason, self._where, mention=str(phrase))
            return
        label = self._value(phrase, _ITS, "taClassRef")
        links = tuple(Link(iri_target(iri)) for iri in entities)
        yield Mention("", *span, iri_label(label) if label else UNLABELLED, links)

    def _values(self, phrase: Any, namespace: str, name: str) -> Iterable[Any]:
        from rdflib import URIRef

        found: Iterable[Any] = self._graph.objects(phrase, URIRef(f"{namespace}{name}"))
        return found

    def _value(self, phrase: Any, namespace: str, name: str) -> str | None:
        return min(map(str, self._values(phrase, namespace, name)), default=None)

    def _span(self, phrase: Any) -> tuple[int, int] | None:
        start, end = (self._value(phrase, NIF, name) or "" for name in ("beginIndex", "endIndex"))
        if not (start.isdecimal() and end.isdecimal()):
            return None
        found = (int(start), int(end))
        return found if found[0] < found[1] <= len(self._text) else None

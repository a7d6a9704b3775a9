"""Documents that nobody would think of: scripts, emoji, blanks, layers, overlaps, NIL and None."""

from itertools import pairwise

from hypothesis import strategies as st
from msgspec.structs import replace

from corpus.formats.exporting import export_documents
from corpus.manifest import open_stage
from corpus.model import NIL, Candidate, Layer, Link, Mention, Token, make_document, sort_mentions
from corpus.store import write_documents

PIECES = [
    *("Kyiv", "NATO", "ORG", "a", ".", "-", "'s", "can't", "http://a.b/c", "U.S."),
    *("مَرحَبا", "שלום", "北京", "😀"),
    *(" ", "  ", "\n", "\t", "\u00a0", "\u2028", "\x85", "\x00", "\u200f"),
    *("e\u0301", "x\u0302", "\U0001f469\u200d\U0001f469\u200d\U0001f467"),
]
LAYERS = [
    ("gold", "spans", 1),
    ("gold", "links", 1),
    ("silver", "spans", 1),
    ("annotator:ann", "spans", 1),
    ("annotator:ann", "spans", 2),
    ("annotator:bo", "spans", 1),
    ("annotator:ann:spans:2", "spans", 1),
]
texts = st.one_of(
    st.lists(st.sampled_from(PIECES), max_size=14).map("".join),
    st.text(max_size=30).filter(lambda t: not any("\ud800" <= c <= "\udfff" for c in t)),
)
names = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=8)
links = st.lists(
    st.builds(
        Link,
        st.sampled_from(["Q1", "Q2", NIL, "local:x"]) | names,
        st.sampled_from(["literal", "metonymic"]),
        st.sampled_from(["", "seeds"]),
    ),
    max_size=2,
).map(tuple)
candidates = st.lists(
    st.builds(Candidate, names, st.floats(0, 1), st.floats(0, 1), names), max_size=2
).map(tuple)
numbers = st.integers() | st.floats(allow_nan=False, allow_infinity=False)
json = st.recursive(
    st.none() | st.booleans() | numbers | names,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(names, inner, max_size=3),
    max_leaves=5,
)


@st.composite
def mentions(draw, size):
    found = []
    for number in range(draw(st.integers(0, 4)) if size else 0):
        start = draw(st.integers(0, size - 1))
        end = draw(st.integers(start + 1, size))
        label = draw(st.sampled_from(["ORG", "GPE", "страна"]))
        plain = draw(st.booleans())
        found.append(
            Mention(
                f"m{number}", start, end, label, draw(links), () if plain else draw(candidates),
                "" if plain else draw(names), () if plain else ("vote:1",),
                () if plain else ("rule:all",),
            )
        )  # fmt: skip
    return tuple(found)


@st.composite
def own_tokens(draw, text):
    tokens, at = [], 0
    while at < len(text):
        end = draw(st.integers(at + 1, min(len(text), at + 5)))
        space = text[end : end + 1] == " " and draw(st.booleans())
        tokens.append(Token(at, end, space))
        at = end + space
    return tuple(tokens)


@st.composite
def documents(draw, id="d"):
    text = draw(texts)
    size = len(text)
    layers = []
    for name, task, round in draw(st.lists(st.sampled_from(LAYERS), max_size=4, unique=True)):
        state = draw(st.sampled_from([None, "confirmed", "touched"]))
        comments = tuple(draw(st.lists(names, max_size=1)))
        blind = draw(st.booleans())
        layers.append(Layer(name, task, round, state, comments, draw(mentions(size)), blind))
    sentences = None
    if draw(st.booleans()):
        borders = sorted(draw(st.sets(st.integers(0, size), max_size=4)))
        sentences = tuple(pairwise(borders))
    return make_document(
        id,
        text,
        lang=draw(st.sampled_from(["", "en", "zh", "ar", "ja", "en-GB", "qq"])),
        meta=draw(st.dictionaries(names, json, max_size=2)),
        tokens=draw(own_tokens(text)) if draw(st.booleans()) else None,
        sentences=sentences,
        layers=tuple(layers),
    )


def one_layer(document):
    """The document with its first spans layer alone, its mentions in the order on disk."""
    layers = [layer for layer in document.layers if layer.task == "spans"][:1] or [Layer("gold")]
    (layer,) = layers
    return replace(document, layers=(replace(layer, mentions=sort_mentions(layer.mentions)),))


def written(documents, path, format, **options):
    """The stage after exporting the documents to the path, read again and compared."""
    if format.texts:
        options["texts"] = path.with_name("texts.jsonl")
        write_documents(documents, options["texts"])
    with open_stage("export", path, [], force=True) as stage:
        export_documents(documents, path, format=format, stage=stage, **options)
        if format.folder:
            stage.wrote(sorted(file for file in path.rglob("*") if file.is_file()))
    return stage

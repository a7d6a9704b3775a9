"""Documents with everything that a report shows, and hostile ones."""

from __future__ import annotations

import random
from pathlib import Path

from msgspec.structs import replace

from corpus.model import Candidate, Document, Layer, Link, Mention, make_document, with_ids
from corpus.report.queue import Finding

SEEDS = Path(__file__).parents[2] / "seeds"

CANDIDATES = (Candidate("Q81299", 0.98, 0.97, "OSCE"), Candidate("Q2", 0.02, 0.1, "Orchestra"))
TEXT = "KYIV. The OSCE met in Minsk 😀, said Åsa.\n\nالتقى وزير الخارجية الروسي في جنيف\nEnd."


def voted() -> Document:
    """A text in two scripts: silver with candidates, two annotators who differ, gold."""
    start = TEXT.index("OSCE")
    city = TEXT.index("Minsk")
    silver = Layer(
        "silver",
        mentions=with_ids(
            [
                Mention("", start, start + 4, "ORG", (Link("Q81299"),), CANDIDATES, "kb"),
                Mention("", 0, 4, "GPE", (Link("NIL"),)),
            ]
        ),
    )
    ann = Layer(
        "annotator:ann",
        state="confirmed",
        comments=("is OSCE an ORG?",),
        mentions=with_ids(
            [
                Mention("", start, start + 4, "ORG"),
                Mention("", start - 4, start + 4, "ORG"),
                Mention("", start, city + 5, "EVENT"),
                Mention("", city, city + 5, "GPE"),
            ]
        ),
    )
    bob = Layer("annotator:bob", state="touched", mentions=with_ids([Mention("", 0, 4, "LOC")]))
    gold = Layer(
        "gold",
        mentions=with_ids(
            [
                Mention(
                    "",
                    start,
                    start + 4,
                    "ORG",
                    (Link("Q81299"),),
                    votes=("v1", "v2"),
                    decisions=("rule:majority",),
                ),
                Mention("", city, city + 5, "GPE", (Link("Q2280"), Link("Q184", "metonymic"))),
            ]
        ),
    )
    meta = {"title": "The OSCE in Minsk", "url": "https://example.org/a?b=1", "n": 3}
    return make_document("osce.txt", TEXT, lang="en", meta=meta, layers=(silver, ann, bob, gold))


def plain(number: int) -> Document:
    """One of many documents that differ in their number."""
    text = f"Document {number} speaks of Kyiv and of NATO, at some length. " * 3
    at = text.index("Kyiv")
    label = "GPE" if number % 2 else "LOC"
    mentions = with_ids([Mention("", at, at + 4, label, (Link(f"Q{number % 7 + 1}"),))])
    return make_document(f"d{number}", text, layers=(Layer("gold", mentions=mentions),))


ATTACKS = (
    "</script><script>pwned=1</script>",
    "<!--<script>pwned=1//-->",
    "--><img src=x onerror=pwned=1>",
    "<img src=http://127.0.0.1:9/i onerror='pwned=1'>",
    "]]><script>pwned=1</script><![CDATA[",
    "\u2028pwned=1;\u2029",
    "\"'`;pwned=1;//",
    "' onmouseover='pwned=1' x='",
    "javascript:pwned=1",
    "JaVaScRiPt:pwned=1",
    "data:text/html,<script>opener.pwned=1</script>",
    'https://127.0.0.1:9/"><script>pwned=1</script>',
    "</textarea></title></style><svg onload=pwned=1>",
    "<iframe srcdoc='<script>parent.pwned=1</script>'></iframe>",
    "<link rel=stylesheet href=http://127.0.0.1:9/s><style>@import 'http://127.0.0.1:9/t'</style>",
    "<meta http-equiv=refresh content='0;url=http://127.0.0.1:9/'>",
    "<base href=http://127.0.0.1:9/><form action=//127.0.0.1:9><button>OK</button></form>",
    "&lt;script&gt;pwned=1&lt;/script&gt; &#60;img src=x onerror=pwned=1&#62;",
    "__proto__",
    "constructor",
    "${pwned=1} {{pwned=1}} <%pwned=1%>",
    "<!--data--><!--script--><!--figures--><!--style--><!--policy-->",
)


def hostile(attack: str) -> Document:
    """A document that holds the attack wherever an article, a person or a KB can put text."""
    text = f"{attack}\n{attack} and {attack}\u0085\x0b\r"
    size = len(attack)
    candidates = (Candidate(attack, 0.5, 0.5, attack),)
    links = (Link(attack, kb=attack, kb_hash=attack), Link(f"https://127.0.0.1:9/{attack}"))
    mention = Mention("", 0, size, attack, links, candidates, attack)
    later = Mention("", size + 1, 2 * size + 1, attack, links, candidates, attack)
    other = Mention("", size // 2, size + 3, f"{attack} 2", (Link("NIL"),))
    layers = tuple(
        Layer(name, state="confirmed", comments=(attack,), mentions=with_ids(mentions))
        for name, mentions in (
            (attack, [mention, later]),
            (f"annotator:{attack}", [mention, other]),
            ("annotator:b", [replace(mention, label="x")]),
        )
    )
    meta = {"title": attack, attack: attack, "url": attack, "nested": {attack: [attack]}}
    return make_document(attack, text, lang=attack, meta=meta, layers=layers)


def hostile_finding(attack: str) -> Finding:
    """A finding about the first mention of that hostile document."""
    words = " ".join(attack.split())
    return Finding(attack, 0.5, attack, attack, 0, len(attack), words, attack)


def tangled(seed: int) -> Document:
    """A text with astral characters and line breaks, and spans that nest, cross and coincide."""
    draw = random.Random(seed)
    text = "".join(draw.choice("ab 😀é\n") for _ in range(60))
    spans = [sorted(draw.sample(range(61), 2)) for _ in range(draw.randrange(1, 14))]
    mentions = with_ids([Mention("", start, end, "X") for start, end in spans])
    return make_document(f"t{seed}", text, layers=(Layer("gold", mentions=mentions),))

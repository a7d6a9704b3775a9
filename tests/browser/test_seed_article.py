"""Seed articles as an annotator gets them: each suggestion under just its characters."""

from __future__ import annotations

import struct
from pathlib import Path

import pytest

from corpus.doccano.projects import find_project
from corpus.model import layer_of
from corpus.store import read_documents
from tests.browser.projects import colours_of

ROOT = Path(__file__).parents[2]
PICTURE = ROOT / "docs" / "images" / "doccano-seed.png"
# The seed article itself stands beside some working copies; it may not be copied into this one.
SHARED = sorted((ROOT.parent / "shared" / "seeds").glob("*.txt"))
ARTICLES = [ROOT / "seeds" / "articles" / "minsk.txt", *SHARED]


@pytest.mark.server
@pytest.mark.browser
@pytest.mark.parametrize("article", ARTICLES, ids=lambda path: path.name)
def test_suggestions_of_a_seed_article_are_shown_under_their_characters(
    article, annotation_page, client, doccano, run_cli, tmp_path
):
    kb, documents, silver = (tmp_path / name for name in ("kb", "documents.jsonl", "silver.jsonl"))
    for args in (
        ["kb", "build", ROOT / "seeds" / "kb.jsonl", "-o", kb],
        ["convert", article, "-o", documents],
        ["suggest", documents, "--kb", kb, "-o", silver],
        ["push", silver, "--project", article.name],
    ):
        ran = run_cli(args)
        assert ran.code == 0, ran
    (document,) = read_documents(silver)
    project = find_project(client, article.name)["id"]
    colours = colours_of(client, project)

    annotation_page.open(project, 1, document.text, colours=1)
    on_screen = set(annotation_page.with_width(0, len(document.text)))
    expected = {}
    for mention in layer_of(document, "silver").mentions:
        expected.setdefault(mention.label, set()).update(range(mention.start, mention.end))
    expected = {label: points & on_screen for label, points in expected.items()}
    shown = {colours[colour]: set(at) for colour, at in annotation_page.highlighted().items()}
    assert shown == {label: points for label, points in expected.items() if points}
    assert sum(map(len, shown.values())) > 50


def test_picture_of_the_readme_is_there_and_small():
    assert "docs/images/doccano-seed.png" in (ROOT / "README.md").read_text("utf-8")
    picture = PICTURE.read_bytes()
    assert struct.unpack(">8s4x4sII", picture[:24]) == (b"\x89PNG\r\n\x1a\n", b"IHDR", 1240, 900)
    assert len(picture) < 300_000

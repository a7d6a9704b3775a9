"""Every format: what is written reads back as what the format can hold, and all else is listed."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from corpus.formats import FORMATS
from corpus.formats.fit import fit_document
from corpus.formats.keeps import Wish
from tests.formats.any_documents import documents, one_layer, written

ALL = sorted(name for name, format in FORMATS.items() if format.keeps.all)
SOME = sorted(name for name, format in FORMATS.items() if format.write and name not in ALL)


def numbered(found):
    return [replace(document, id=f"d{number}") for number, document in enumerate(found)]


@pytest.mark.parametrize("name", SOME)
@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(found=st.lists(documents(), max_size=3), misaligned=st.sampled_from(["split", "expand"]))
def test_what_a_format_holds_comes_back_and_the_rest_is_listed(
    tmp_path_factory, name, found, misaligned
):
    # Leaving the stage proves that every mention is kept, repaired or rejected; the export
    # itself reads the file again and compares.
    path = tmp_path_factory.mktemp("any") / "out"
    stage = written(numbered(found), path, FORMATS[name], misaligned=misaligned)
    assert stage.documents.received == len(found)


@pytest.mark.parametrize("name", ALL)
@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(found=st.lists(documents(), max_size=3))
def test_a_format_that_keeps_all_gives_back_what_it_was_given(tmp_path_factory, name, found):
    format = FORMATS[name]
    path = tmp_path_factory.mktemp("any") / "out"
    wish = Wish(format.title, format.keeps, unfit=format.unfit)
    given = [one_layer(document) for document in numbered(found)]
    held = [d for d in given if not (format.unfit and fit_document(d, wish).tally.changes)]
    stage = written(held, path, format)
    assert list(format.read(path)) == held
    assert stage.documents.rejected + stage.mentions.rejected == 0

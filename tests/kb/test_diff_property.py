"""The difference of any two knowledge bases is that of the sets they were made from."""

import json
import tempfile
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from corpus.kb.build import build_kb
from corpus.kb.diff import Totals, diff_kbs
from corpus.kb.knowledge_base import KB

# Ids beyond ASCII too: both sides must be in one order.
IDS = st.sampled_from(["Q1", "Q10", "Q2", "local:é", "local:z", "local:\ue000", "local:\U0001f600"])
NAMES = st.sets(st.sampled_from(["Kyiv", "Київ", "NATO", "A b", "Ж", "😀 x"]), min_size=1)
WORLD = st.dictionaries(IDS, NAMES, min_size=1)


def build(folder: Path, name: str, world: dict[str, set[str]]) -> KB:
    source = folder / f"{name}.jsonl"
    lines = [{"id": id, "aliases": sorted(names)} for id, names in world.items()]
    source.write_text("".join(json.dumps(line) + "\n" for line in lines))
    build_kb([source], folder / f"{name}.kb")
    return KB(folder / f"{name}.kb")


@settings(max_examples=25, deadline=None)
@given(WORLD, WORLD)
def test_diff_is_that_of_the_sets(before, after):
    with tempfile.TemporaryDirectory() as folder:
        old, new = build(Path(folder), "old", before), build(Path(folder), "new", after)
        totals = Totals()
        found = {one.id: one for one in diff_kbs(old, new, totals)}
        assert found.keys() == {
            id for id in before.keys() | after.keys() if before.get(id) != after.get(id)
        }
        for id, one in found.items():
            was, now = before.get(id, set()), after.get(id, set())
            assert set(one.aliases_added) == now - was
            assert set(one.aliases_removed) == was - now
        assert totals.same + len(found) == len(before.keys() | after.keys())
        assert {e.id for e in new.entities()} == after.keys()

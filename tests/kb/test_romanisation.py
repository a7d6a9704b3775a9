"""Names in Cyrillic in Latin letters."""

import pytest

from corpus.kb.knowledge_base import KB
from corpus.kb.romanisation import romanised


@pytest.mark.parametrize(
    ("name", "lang", "spellings"),
    [
        ("Сергей Лавров", "ru", ("Sergey Lavrov", "Sergei Lavrov", "Sergej Lavrov")),
        ("Борис Ельцин", "ru", ("Boris Yeltsin", "Boris Eltsin", "Boris Elcin")),
        ("Зеленский", "ru", ("Zelensky", "Zelenskiy", "Zelenskii", "Zelenskij")),
        ("Київ", "uk", ("Kyiv", "Kyjiv")),
        ("Київ", "", ("Kyiv", "Kyjiv")),
        ("Юлия", "ru", ("Yuliya", "Yulia", "Iuliia", "Julija")),
        ("ХАМАС", "ru", ("KHAMAS", "HAMAS")),
        ("США", "ru", ()),
        ("Moscow", "", ()),
        ("Ђоковић", "sr", ()),
        ("", "", ()),
    ],
)
def test_romanised(name, lang, spellings):
    assert romanised(name, lang) == spellings


def test_romanised_keys_can_be_off(make_kb):
    entity = {"id": "Q58217", "label": "Сергей Лавров", "type": "person"}
    assert KB(make_kb(entity)).lookup("S. Lavrov")
    assert not KB(make_kb(entity, rules=("case", "initials"))).lookup("Sergei Lavrov")
    assert not KB(make_kb(entity, rules=("case", "transliteration"))).lookup("S. Lavrov")

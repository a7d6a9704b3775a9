"""Surnames and initials."""

import pytest

from corpus.kb.people import initials_of, surnames_of


@pytest.mark.parametrize(
    ("name", "surnames"),
    [
        ("Sergei Lavrov", ("Lavrov",)),
        ("Ursula von der Leyen", ("von der Leyen", "Leyen")),
        ("John F. Kennedy Jr.", ("Kennedy",)),
        ("Martin Luther King, Jr.", ("King",)),
        ("Сергей Лавров", ("Лавров",)),
        ("乔·拜登", ("拜登",)),
        ("جو بايدن", ("بايدن",)),
        ("Louis IX", ()),
        ("Louis IX, Landgrave of Hesse", ()),
        ("Prince of Wales", ()),
        ("Pelé", ()),
        ("Malcolm X", ()),
        ("", ()),
    ],
)
def test_surnames_of(name, surnames):
    assert surnames_of(name) == surnames


@pytest.mark.parametrize(
    ("key", "spellings"),
    [
        ("joe biden", ["j. biden"]),
        (
            "vladimir vladimirovich putin",
            ["v. putin", "v. v. putin", "v.v. putin", "vladimir v. putin"],
        ),
        ("john f. kennedy", ["j. kennedy", "j. f. kennedy", "j.f. kennedy"]),
        ("jean-paul sartre", ["j.-p. sartre"]),
        ("ursula von der leyen", ["u. von der leyen"]),
        ("владимир путин", ["в. путин"]),
        ("جو بايدن", []),
        ("lula", []),
        ("catherine of aragon", []),
    ],
)
def test_initials_of(key, spellings):
    assert list(initials_of(key)) == spellings

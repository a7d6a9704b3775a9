"""Near-duplicates: every pair of texts above the similarity, as counting all pairs finds them."""

from contextlib import closing
from random import Random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpus.splits import buckets
from corpus.splits.near_duplicates import NearDuplicates
from corpus.splits.shingles import Shingles, hash_words, shingle, winnow

WORDS_OF = [f"{a}{b}" for a in "bcdfgklmnprst" for b in ("a", "eli", "or", "und")]


def shingles(*texts, size=5):
    return shingle(hash_words(texts), size)


def pairs_of(texts, similarity=0.5, keys=None):
    with closing(NearDuplicates(similarity)) as near:
        for number, text in enumerate(texts):
            near.add(text, number if keys is None else keys[number])
        return {(min(p[:2]), max(p[:2])): round(p.shared, 2) for p in near.pairs()}


def article(random, words=200):
    return [random.choice(WORDS_OF) for _ in range(words)]


def shingles_of(text):
    words = text.split()
    return {tuple(words[at : at + 3]) for at in range(max(len(words) - 2, 1))}


def test_a_text_says_the_same_shingles_wherever_it_stands():
    alone = shingles("one two three four five six")
    among = shingles("zero", "One, two three; FOUR five – six!", "", "seven eight")
    assert among.bounds.tolist() == [0, 1, 3, 3, 4]
    assert among.hashes[1:3].tolist() == alone.hashes.tolist()
    assert len({*among.hashes.tolist()}) == 4


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("", 0),
        ("… – !", 0),
        ("word", 1),
        ("a b c d e", 1),
        ("a b c d e f", 2),
        ("北京发生地震", 2),  # a shingle for each five characters
        ("กรุงเทพ", 3),
        ("हिन्दी", 1),  # marks are parts of the word
        ("don't e-mail u.n.", 2),
        ("\U00020000\U00020001\U00020002\U00020003\U00020004\U00020005", 2),
    ],
)
def test_words_are_runs_of_letters_or_single_characters_of_scripts_without_blanks(text, number):
    assert shingles(text).bounds.tolist() == [0, number]


def test_composed_and_decomposed_letters_are_the_same():
    one, other = "café à la crème brûlée", "cafe\u0301 a\u0300 la cre\u0300me bru\u0302le\u0301e"
    assert shingles(one).hashes.tolist() == shingles(other).hashes.tolist()


@given(st.lists(st.integers(0, 2**32 - 1), max_size=60), st.sampled_from([2, 4, 8]))
def test_winnow_chooses_the_least_of_each_window(numbers, window):
    hashes = np.array(numbers, np.uint32)
    chosen = winnow(Shingles(hashes, np.array([0, len(hashes)])), window, all_up_to=0)
    least = set()
    for start in range(len(numbers) - window + 1):
        part = numbers[start : start + window]
        least |= {start + at for at, each in enumerate(part) if each == min(part)}
    expected = {at for at in least if numbers[at]} | {at for at, n in enumerate(numbers) if not n}
    assert set(np.flatnonzero(chosen).tolist()) == expected


def test_a_word_of_characters_ends_with_its_text():
    assert shingles("北京").hashes.tolist() == shingles("北京", "上海").hashes[:1].tolist()


@pytest.mark.parametrize(
    ("edit", "is_found"),
    [
        (lambda words: words, True),
        (lambda words: [*["an", "other", "headline", "by", "another", "desk"], *words[8:]], True),
        (lambda words: words[:70], True),  # cut to a third
        (lambda words: [*words[120:], "reuters"], True),
        (lambda words: [w if n % 20 else "17" for n, w in enumerate(words)], True),
        (lambda words: words[:8], False),  # a headline
        (lambda words: [w if n % 4 else "17" for n, w in enumerate(words)], False),
    ],
    ids=["same", "headline", "cut", "credit", "numbers", "headline alone", "rewritten"],
)
@pytest.mark.parametrize("length", [200, 2000])
def test_wire_copies_are_found(edit, is_found, length):
    random = Random(7)
    texts = [" ".join(article(random, length)) for _ in range(20)]
    copy = edit(texts[3].split()) if length == 200 else edit(texts[3].split()[:200])
    if length == 2000 and is_found:
        copy = [*copy, *texts[3].split()[200:]]
    assert set(pairs_of([*texts, " ".join(copy)])) == ({(3, 20)} if is_found else set())


def test_copies_are_found_in_scripts_without_blanks():
    random = Random(2)
    text = "".join(chr(random.randint(0x4E00, 0x6000)) for _ in range(300))
    other = "".join(chr(random.randint(0x4E00, 0x6000)) for _ in range(300))
    assert set(pairs_of([text, other, text[100:] + "新华社"])) == {(0, 2)}


def test_many_copies_of_one_text_are_one_group():
    random = Random(5)
    words = article(random)
    copies = [" ".join([f"desk {n} says", *words[n:]]) for n in range(60)]
    found = pairs_of([*copies, " ".join(article(random))])
    joined = {0}
    for _ in range(60):
        joined |= {n for pair in found if joined & set(pair) for n in pair}
    assert joined == set(range(60))


def background(random, own, shared):
    """Ten texts with words of their own and a paragraph that all share."""
    paragraph = article(random, shared)
    return [" ".join([*article(random, own), *paragraph]) for _ in range(10)]


@pytest.mark.parametrize(
    ("own", "shared", "is_found"),
    [(50, 60, False), (20, 60, True), (110, 130, True), (90, 60, False)],
    ids=["background", "carried by all", "too long for background", "under half"],
)
def test_what_many_short_texts_share_is_background(own, shared, is_found):
    random = Random(11)
    found = pairs_of([*background(random, own, shared), " ".join(article(random))])
    assert bool(found) == is_found


def test_background_does_not_hide_a_copy():
    random = Random(12)
    texts = background(random, 60, 60)
    assert set(pairs_of([*texts, " ".join(["update", *texts[4].split()])])) == {(4, 10)}


def test_the_order_of_the_texts_is_no_matter(monkeypatch):
    random = Random(3)
    texts = [" ".join(article(random, 90)) for _ in range(30)]
    texts += [" ".join(text.split()[random.randint(0, 40) :]) for text in texts for _ in range(2)]
    keys = random.sample(range(10**6), len(texts))
    before = pairs_of(texts, keys=keys)
    monkeypatch.setattr(buckets, "AT_ONCE", 500)  # many parts instead of one
    monkeypatch.setattr(buckets, "_WAITING", 700)
    order = random.sample(range(len(texts)), len(texts))
    after = pairs_of([texts[n] for n in order], keys=[keys[n] for n in order])
    assert {tuple(sorted((order[a], order[b]))): s for (a, b), s in after.items()} == before
    assert len(before) >= 30


@settings(max_examples=40, deadline=None)
@given(st.data())
def test_what_is_found_is_what_counting_all_pairs_finds(data):
    """Of texts cut, joined and changed at random, above 0.6 all are found, below 0.5 none.

    So few that nothing is background, which more than six texts share.
    """
    random = Random(data.draw(st.integers(0, 10**6)))
    texts = [" ".join(article(random, random.randint(30, 120))) for _ in range(4)]
    for _ in range(5):
        words = random.choice(texts).split()
        start = random.randint(0, len(words) // 2)
        words = words[start : start + random.randint(20, 90)]
        if random.random() < 0.3:
            words += random.choice(texts).split()[: random.randint(0, 60)]
        for at in range(len(words)):
            if random.random() < 0.02:
                words[at] = random.choice(WORDS_OF)
        texts.append(" ".join(words))
    texts = list(dict.fromkeys(texts))
    found = pairs_of(texts)
    for first, one in enumerate(texts):
        for second in range(first + 1, len(texts)):
            a, b = shingles_of(one), shingles_of(texts[second])
            shared = len(a & b)
            part = shared / min(len(a), len(b))
            if (first, second) in found:
                assert part >= 0.5
                assert found[first, second] == round(part, 2)
            else:
                assert part < 0.6 or shared < 8


def test_texts_without_words_are_no_copies():
    assert pairs_of(["", "…", " – "]) == {}
    assert pairs_of([]) == {}

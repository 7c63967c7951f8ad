"""Words that are one edit apart meet in their variants, whatever they are."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from storefront.catalogue.spelling import asked_variants, is_one_edit, may_mean, variants
from testkit.cases import naming

LETTERS = st.sampled_from("abcdابپت")
WORDS = st.text(LETTERS, min_size=4, max_size=9)


@given(WORDS, st.integers(0, 8), LETTERS, st.sampled_from(("less", "more", "other", "swapped")))
def test_words_one_edit_apart_meet(word: str, place: int, letter: str, edit: str) -> None:
    place = min(place, len(word) - 2)
    before, here, then, after = word[:place], word[place], word[place + 1], word[place + 2 :]
    asked = (
        before
        + {
            "less": then,
            "more": letter + here + then,
            "other": letter + then,
            "swapped": then + here,
        }[edit]
    )
    asked += after
    assert is_one_edit(asked, word)
    assert len(asked) < 4 or asked_variants(asked) & variants(word)


def test_words_farther_apart_are_not_taken_for_one_another() -> None:
    for asked, word in (
        ("bowl", "towel"),
        ("abxc", "abcy"),
        ("samavor", "samovar"),
        ("1407", "1406"),
        ("tee", "tea"),
        ("هدبی", "هدیه"),
        ("salt", "سالاد"),
    ):
        with naming(asked, word):
            assert not (asked_variants(asked) & variants(word) and may_mean(asked, word))


def test_a_persian_word_is_heard_in_latin_letters() -> None:
    for asked, word in (
        ("zafran", "زعفران"),
        ("zaaferaan", "زعفران"),
        ("termeh", "ترمه"),
        ("terme", "ترمه"),
        ("ghashghaee", "قشقایی"),
        ("qashqai", "قشقایی"),
        ("samovar", "سماور"),
        ("khatam", "خاتم"),
        ("shirini", "شیرینی"),
    ):
        with naming(asked, word):
            assert asked_variants(asked) & variants(word)
            assert may_mean(asked, word)

"""One spelling for what people type: letters, signs, half-spaces and digits."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from storefront.catalogue.search_words import LONGEST_WORD, MOST_ASKED, asked_words, plain, words_of
from testkit.cases import naming


def test_two_spellings_are_one() -> None:
    for typed, meant in (
        ("كاسه", "کاسه"),
        ("علي", "علی"),
        ("مُدَّت", "مدت"),
        ("کاســـه", "کاسه"),
        ("قطعهٔ", "قطعه"),
        ("خانۀ", "خانه"),
        ("آینه", "اینه"),
        ("مؤسسه", "موسسه"),
        ("۱۴۰۵", "1405"),
        ("١٤٠٥", "1405"),
        ("Café", "cafe"),
        ("STRASSE", "straße"),
    ):
        with naming(typed, meant):
            assert plain(typed) == plain(meant)


def test_a_half_space_may_be_typed_left_out_or_be_a_whole_one() -> None:
    for typed in ("فیروزه‌ای", "فیروزه ای", "فیروزهای", "فيروزه‌اي", "فیروزه"):
        with naming(typed):
            known = words_of("کاسهٔ فیروزه‌ای میبد")
            assert all(
                any(word.startswith(asked) for word in known) for asked in asked_words(typed)
            )


def test_signs_alone_ask_for_nothing() -> None:
    for signs in ("", "   ", "!?؟", "\u200c", "%"):
        with naming(signs):
            assert asked_words(signs) == []


def test_a_question_has_an_end_and_begins_with_its_longest_word() -> None:
    asked = asked_words(f"a bb ccc dddd eeeee ffffff ggggggg {'h' * 99}")
    assert len(asked) == MOST_ASKED
    assert asked[0] == "h" * LONGEST_WORD
    assert asked == sorted(asked, key=len, reverse=True)


@given(st.text(max_size=60))
def test_a_name_is_found_by_each_of_its_own_words(name: str) -> None:
    known = words_of(name)
    assert all(word in known for word in map(plain, known))
    for asked in asked_words(name.replace("\u200c", " ")):
        assert asked in known

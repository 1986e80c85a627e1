import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from telex.providers.seam import SURE, Seam


def joined(shown: str, *pieces: str) -> str:
    seam = Seam(shown)
    return "".join(map(seam.feed, pieces)) + seam.close()


CASES = {
    "a new word": ("The cat sat", " on the mat.", " on the mat."),
    "the rest of a word": ("I am hap", "py.", "py."),
    "the last word again": ("The cat sat", "sat on the mat.", " on the mat."),
    "the broken word again": ("I am hap", "happy.", "py."),
    "the last sentence again": ("One. Two thr", "Two three.", "ee."),
    "everything again": ("One. Two thr", "One. Two three.", "ee."),
    "everything and nothing more": ("One. Two.", "One. Two.", ""),
    "after blanks": ("I am hap", "\n\nhappy.", "py."),
    "blanks that are no repetition": ("One.", "\n\nTwo.", "\n\nTwo."),
    "a letter that happens to be the same": ("hap", "py", "py"),
    "digits are parts of a number": ("10", "0 apples", "0 apples"),
    "a word that stands further up": ("the cat saw", " the dog", " the dog"),
    "Chinese has no gaps": ("我很高", "很高兴", "兴"),
    "from the middle of a word, but long": ("something wonderful happ", "thing wonderful happens", "ens"),
    "a full stop": ("One", ".", "."),
    "nothing": ("One", "", ""),
    "line ends": ("a\n", "\nb", "\nb"),
    "dots": ("Wait..", ".", "."),
    "groups of digits": ("about 1,000", ",000 people", ",000 people"),
    "digits behind a point": ("3.14", "14", "14"),
    "a digit and no more": ("0.0", "0.5", "0.5"),
    "a closing bracket": ("print(len(x)", ")", ")"),
    "a closing brace in a line of its own": ("{\n  {\n  }\n", "}\n```", "}\n```"),
    "the rule of a table": ("| a | b |\n|---|", "---|\n| 1 | 2 |", "---|\n| 1 | 2 |"),
    "a long rule of a table": ("| a | b |\n|------------|", "------------|", "------------|"),
    "the end of bold text": ("**bold*", "*", "*"),
    "a mark and its word": ("It is **bo", "**bold**", "ld**"),
    "a Chinese letter that stands twice": ("谢", "谢你", "谢你"),
    "everything again, without a word": ("1, 2, 3, 4, 5, ", "1, 2, 3, 4, 5, 6", "6"),
}


@pytest.mark.parametrize(("shown", "continuation", "new"), CASES.values(), ids=CASES)
def test_what_was_shown_is_not_shown_again(shown: str, continuation: str, new: str) -> None:
    assert joined(shown, continuation) == new
    assert joined(shown, *continuation) == new


@given(st.text("ab .\n", min_size=1), st.lists(st.text("ab .\n")))
def test_pieces_do_not_matter_and_nothing_is_invented(shown: str, pieces: list[str]) -> None:
    continuation = "".join(pieces)
    new = joined(shown, *pieces)
    assert new == joined(shown, continuation)
    assert continuation.endswith(new)
    repeated = continuation[: len(continuation) - len(new)]
    assert shown.endswith((repeated, repeated.lstrip()))


@given(st.text("abc d", min_size=SURE), st.integers(SURE), st.text("xyz", min_size=1))
def test_a_long_repetition_is_always_found(shown: str, length: int, new: str) -> None:
    assume(shown[-length:].strip() == shown[-length:])
    assert joined(shown, shown[-length:] + new) == new


def test_a_continuation_that_goes_its_own_way_is_not_held() -> None:
    seam = Seam("The cat sat")
    assert seam.feed(" ") == ""
    assert seam.feed("on") == " on"
    assert seam.feed(" sat") == " sat"

"""Where an answer that broke off and its continuation meet: what was shown already is not shown again. Pure.

Asked to go on, models often repeat a few of their last words, or begin the sentence, or everything, anew. So the first words
of a continuation are held as long as they may be a repetition; it is one if it reaches to the end of what was shown.
"""

SURE = 12  # characters that do not repeat by chance, also from the middle of a word on


class Seam:
    """Removes from a continuation what ``shown`` ends with."""

    def __init__(self, shown: str) -> None:
        self._shown = shown
        self._held: str | None = ""  # nothing is held any more once the continuation goes its own way

    def feed(self, text: str) -> str:
        """Take more of the continuation; give what is new."""
        if self._held is None:
            return text
        self._held += text
        begun = self._held.lstrip()
        if self._held in self._shown or begun in self._shown:
            return ""
        return self.close()

    def close(self) -> str:
        """No more comes: give what was held and is new."""
        held, self._held = self._held or "", None
        return min(held[self._repeated(held) :], self._without_blanks(held), key=len)

    def _without_blanks(self, held: str) -> str:
        """The same where blanks stand before the repetition."""
        begun = held.lstrip()
        repeated = self._repeated(begun)
        return begun[repeated:] if repeated else held

    def _repeated(self, text: str) -> int:
        """How many characters at the beginning of ``text`` stand at the end of what was shown."""
        shown = self._shown
        longest = min(len(text), len(shown))
        return next((n for n in range(longest, 0, -1) if shown.endswith(text[:n]) and self._meant(n)), 0)

    def _meant(self, length: int) -> bool:
        """Whether so many characters are a repetition, and not the same by chance.

        Brackets, digits, rules of a table and blanks stand twice in many an answer, so there must be a word. "p" after "hap" is
        none, for the word may be "happy"; nor is a single Chinese letter, for many a word has the same one twice.
        """
        begin = len(self._shown) - length
        again = self._shown[begin:]
        letters = sum(map(str.isalpha, again))
        if length >= SURE:
            return letters > 0 or begin == 0
        if begin and _in_word(self._shown[begin - 1]) and _in_word(again[0]):
            return False
        return letters > 1 or any(letter.isalpha() and _in_word(letter) for letter in again)


def _in_word(letter: str) -> bool:
    """Whether a letter is part of a word that is written without gaps; Chinese and Japanese have no gaps at all."""
    return letter.isalnum() and ord(letter) < 0x2E80

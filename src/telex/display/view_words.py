"""Lines of telex itself between the words of an answer, and words in them that must not turn into Markdown."""

from dataclasses import dataclass

BREAK = "\n\n"


@dataclass(slots=True)
class Line:
    """A line that is not the answer's own."""

    text: str

    def read(self) -> str:
        """Its Markdown; empty where it is not shown."""
        return self.text


def code_span(text: str) -> str:
    """A code span that holds ``text``, whatever it contains."""
    text = " ".join(text.split())
    fence = "`"
    while fence in text:
        fence += "`"
    pad = " " if len(fence) > 1 else ""
    return f"{fence}{pad}{text}{pad}{fence}"


_BAR = "&#124;"  # two of them side by side would begin a spoiler
_PLAIN = str.maketrans(
    {char: f"\\{char}" for char in "\\`*_{}#+-.!~>$<&"}
    | {char: f"&#{ord(char)};" for char in "[]()|"}  # with a backslash before it, a bracket begins a formula
)


def plain(text: str) -> str:
    """Words that are no Markdown, whatever they contain."""
    return " ".join(text.split()).translate(_PLAIN).replace(f"{_BAR}{_BAR}", f"{_BAR}<!---->{_BAR}<!---->")

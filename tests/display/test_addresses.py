"""Bare addresses become links in HTML, as they do on GitHub."""

import re

import pytest

from telex.display import html


def links(markdown: str) -> list[str]:
    """Where the links lead to."""
    return re.findall(r'<a href="([^"]*)"', html.render(markdown))


@pytest.mark.parametrize(
    ("source", "address"),
    [
        ("www.commonmark.org", "http://www.commonmark.org"),
        ("Visit www.commonmark.org/help for more.", "http://www.commonmark.org/help"),
        ("Visit www.commonmark.org/a.b.", "http://www.commonmark.org/a.b"),
        ("www.google.com/search?q=Markup+(business)", "http://www.google.com/search?q=Markup+(business)"),
        ("(www.google.com/search?q=Markup+(business))", "http://www.google.com/search?q=Markup+(business)"),
        ("http://commonmark.org", "http://commonmark.org"),
        ("(Visit https://encrypted.google.com/search?q=Markup+(business))", "https://encrypted.google.com/search?q=Markup+(business)"),
        ("**https://bold.link/x**", "https://bold.link/x"),
        ("see http://localhost:8080/a_b!", "http://localhost:8080/a_b"),
        ("请看https://x.y/z，然后", "https://x.y/z"),
        ("foo@bar.baz", "mailto:foo@bar.baz"),
        ("hello+xyz@mail.example.org.", "mailto:hello+xyz@mail.example.org"),
        ("<https://a.b/c>", "https://a.b/c"),
        ("<me@a.b>", "mailto:me@a.b"),
    ],
)  # fmt: skip
def test_a_bare_address_is_a_link(source, address):
    assert links(source) == [address]


@pytest.mark.parametrize(
    "source",
    [
        "`https://a.b/c`",
        "```\nwww.a.b\n```",
        "https://",
        "www.",
        "a.b-c_d@a.b_",
        "@name",
        "xwww.a.b",
        "https://a_b.c_d/",
    ],
)
def test_what_is_code_or_no_address_is_no_link(source):
    assert links(source) == []


def test_a_link_keeps_its_own_address():
    assert links("[see https://a.b/c and www.d.e](https://x.y/z)") == ["https://x.y/z"]


def test_words_around_an_address_stay_outside_of_it():
    assert html.render("**a (https://x.y/z).** b") == '<b>a (<a href="https://x.y/z">https://x.y/z</a>).</b> b'

import pytest
from hypothesis import given
from hypothesis import strategies as st

from telex.simulator.params import Params, json_arguments
from telex.simulator.refusals import Refused, Why


@pytest.mark.parametrize("text", ["true", "True", "YES", "1", " yes "])
def test_true_yes_and_one_are_true(text):
    assert Params({"x": text}).flag("x")


@pytest.mark.parametrize("text", ["", "false", "0", "on", "2"])
def test_anything_else_is_false(text):
    assert not Params({"x": text}).flag("x")


@pytest.mark.parametrize(
    ("text", "number"), [("7", 7), ("-3", -3), ("12abc", 12), ("abc", 0), ("9" * 30, 2**63 - 1), ("", 5)]
)
def test_a_number_is_what_the_text_begins_with_clamped_to_its_range(text, number):
    assert Params({"x": text}).integer("x", default=5) == number


def test_a_number_is_clamped_to_the_range_of_its_parameter():
    assert Params({"x": "500"}).integer("x", 100, 1, 100) == 100


def test_json_values_that_are_no_strings_are_kept_as_their_text():
    body = '{"chat_id": 1001, "text": "a\\u00e9", "reply_markup": {"a": [1, 2]}, "flag": true, "none": null}'
    read = {"chat_id": "1001", "text": "aé", "reply_markup": '{"a": [1, 2]}', "flag": "true"}
    assert json_arguments(body) == read


def test_malformed_json_gives_what_was_read_before_the_mistake():
    assert json_arguments('{"chat_id": 1, "text": "x", "entities": [1, }') == {"chat_id": "1", "text": "x"}
    assert json_arguments("[1, 2]") == {}


@given(st.text())
def test_no_body_breaks_the_reader(body):
    json_arguments(body)
    json_arguments("{" + body)


def test_an_object_may_be_an_object_or_a_string_that_holds_one():
    for body in ('{"m": {"a": 1}}', '{"m": "{\\"a\\": 1}"}'):
        assert Params(json_arguments(body)).object("m", Why.MARKUP_JSON) == {"a": 1}


def test_a_malformed_object_is_refused():
    with pytest.raises(Refused, match="can't parse reply keyboard markup JSON object"):
        Params({"m": "{"}).object("m", Why.MARKUP_JSON)

"""Rich messages: what the server makes of them, and every way it says no."""

import json

import pytest

from telex.simulator import Simulator
from telex.simulator.faults import FaultPlan
from telex.simulator.limits import Limits
from telex.simulator.params import Params
from telex.simulator.record import text_of
from telex.simulator.refusals import Refused, Why
from telex.simulator.rich import read_html, read_markdown
from telex.simulator.rich_tree import letters

ADA, LAB = 1001, -1001000000001
TABLE = "| a | b |\n|---|--:|\n| 1 | 2 |"
DEEP = "> " * 16 + "x"


@pytest.fixture
def simulator():
    return Simulator(limits=Limits.none())


def call(simulator, method, **params):
    texts = {name: value if isinstance(value, str) else json.dumps(value) for name, value in params.items()}
    return simulator.perform(method, Params(texts))


def send(simulator, markdown=TABLE, **params):
    return call(simulator, "sendRichMessage", chat_id=ADA, rich_message={"markdown": markdown}, **params)


def test_a_rich_message_holds_blocks_and_no_text(simulator):
    message = send(simulator, reply_markup={"inline_keyboard": [[{"text": "b", "callback_data": "d"}]]})
    (table,) = message["rich_message"]["blocks"]
    assert [[cell["text"] for cell in row] for row in table["cells"]] == [["a", "b"], ["1", "2"]]
    assert "text" not in message
    assert message["reply_markup"]["inline_keyboard"][0][0]["text"] == "b"
    assert simulator.messages(ADA) == [message]
    assert simulator.frames[-1].text == text_of(message) == "a\nb\n1\n2"


def test_the_three_ways_to_write_a_message_make_the_same_of_it(simulator):
    html = (
        "<h2>T</h2><p>so <b>b</b> <tg-math>x</tg-math></p><ul><li>one</li><li>two</li></ul>"
        "<pre><code>c</code></pre><hr><details open><summary>s</summary><p>in</p></details>"
    )
    markdown = "## T\n\nso **b** $x$\n\n- one\n- two\n\n```\nc\n```\n\n---\n\n<details open><summary>s</summary>\n\nin\n\n</details>"
    items = [{"blocks": [{"type": "paragraph", "text": word}]} for word in ("one", "two")]
    formula = {"type": "mathematical_expression", "expression": "x"}
    blocks = [
        {"type": "heading", "size": 2, "text": "T"},
        {"type": "paragraph", "text": ["so ", {"type": "bold", "text": "b"}, " ", formula]},
        {"type": "list", "items": items},
        {"type": "pre", "text": "c"},
        {"type": "divider"},
        {"type": "details", "summary": "s", "is_open": True, "blocks": [{"type": "paragraph", "text": "in"}]},
    ]
    message = call(simulator, "sendRichMessage", chat_id=ADA, rich_message={"blocks": blocks})
    assert read_html(html) == read_markdown(markdown) == message["rich_message"]["blocks"]


def test_a_message_changes_from_text_to_rich_and_back(simulator):
    message = call(simulator, "sendMessage", chat_id=ADA, text="x")
    where = {"chat_id": ADA, "message_id": message["message_id"]}
    rich = call(simulator, "editMessageText", **where, rich_message={"markdown": TABLE})
    assert "text" not in rich
    with pytest.raises(Refused, match="message is not modified"):
        call(simulator, "editMessageText", **where, rich_message={"markdown": TABLE})
    back = call(simulator, "editMessageText", **where, text="y")
    assert (back["text"], "rich_message" in back) == ("y", False)


def test_a_rich_draft_may_think_and_a_message_may_not(simulator):
    written = {"markdown": "<tg-thinking>so so</tg-thinking>\n\n# T"}
    draft = {"chat_id": ADA, "draft_id": 7, "can_stop": True}
    assert call(simulator, "sendRichMessageDraft", **draft, rich_message=written) is True
    shown = simulator.draft(ADA)
    assert [block["type"] for block in shown.blocks] == ["thinking", "heading"]
    assert shown.text == "so so\nT"
    assert simulator.press_stop(ADA)
    with pytest.raises(Refused, match="THINKING"):
        call(simulator, "sendRichMessage", chat_id=ADA, rich_message=written)


def test_footnotes_spoilers_and_highlights_are_understood():
    blocks = read_markdown("a ||hid|| ==marked== \\==no\\== `==` [^1]\n\n[^1]: note")
    assert [piece["type"] for piece in blocks[0]["text"] if isinstance(piece, dict)] == [
        "spoiler",
        "marked",
        "code",
        "reference_link",
    ]
    assert letters(blocks) == "a hid marked ==no== == 1\n[1] note"


SEND, EDIT, DRAFT = "sendRichMessage", "editMessageText", "sendRichMessageDraft"
BLOCK = {"type": "paragraph", "text": "x"}


def blocks(*found: object) -> dict[str, object]:
    return {"chat_id": ADA, "rich_message": {"blocks": list(found)}}


def markdown(text: str) -> dict[str, object]:
    return {"chat_id": ADA, "rich_message": {"markdown": text}}


REFUSALS = [
    (SEND, {"chat_id": ADA}, Why.RICH_MISSING),
    (SEND, {"chat_id": ADA, "rich_message": "{"}, Why.RICH_JSON),
    (SEND, {"chat_id": ADA, "rich_message": []}, Why.RICH_JSON),
    (SEND, {"chat_id": ADA, "rich_message": {}}, Why.RICH_JSON),
    (SEND, {"chat_id": ADA, "rich_message": {"markdown": "a", "html": "b"}}, Why.RICH_JSON),
    (SEND, {"chat_id": ADA, "rich_message": {"markdown": 5}}, Why.RICH_JSON),
    (SEND, {"chat_id": ADA, "rich_message": {"markdown": "a", "media": [{}]}}, Why.RICH_JSON),
    (SEND, blocks("x"), Why.RICH_JSON),
    (SEND, blocks({"type": "sectionHeading"}), Why.RICH_TYPE),
    (SEND, blocks({"type": "table"}), Why.RICH_FIELD),
    (SEND, blocks({"type": "list", "items": [{}]}), Why.RICH_FIELD),
    (SEND, blocks({"type": "paragraph", "text": {"type": "loud", "text": "x"}}), Why.RICH_KIND),
    (SEND, markdown("x" * 32769), Why.RICH_TEXT),
    (SEND, blocks(*[BLOCK] * 501), Why.RICH_BLOCKS),
    (SEND, markdown("- x\n" * 250), Why.RICH_BLOCKS),
    (SEND, markdown("|a|\n|-|\n" + "|x|\n" * 499), Why.RICH_BLOCKS),
    (SEND, markdown("|" + "x|" * 21 + "\n|" + "-|" * 21), Why.RICH_COLUMNS),
    (SEND, markdown(DEEP), Why.RICH_LEVELS),
    (SEND, markdown(" \n "), Why.RICH_EMPTY),
    (SEND, markdown("<tg-thinking>x</tg-thinking>"), Why.RICH_THINKING),
    (DRAFT, {**markdown("x"), "chat_id": LAB, "draft_id": 1}, Why.DRAFT_PEER),
    (DRAFT, markdown("x"), Why.DRAFT_ID),
    (EDIT, {**markdown("x"), "message_id": 99}, Why.EDIT_NOT_FOUND),
]


@pytest.mark.parametrize(("method", "params", "why"), REFUSALS)
def test_what_telegram_refuses_is_refused(simulator, method, params, why):
    with pytest.raises(Refused) as refused:
        call(simulator, method, **params)
    assert refused.value.why is why


def test_the_table_above_holds_every_refusal_of_a_rich_message():
    assert {why for why in Why if why.name.startswith("RICH_")} - {why for _, _, why in REFUSALS} == {Why.RICH_RIGHTS}


def test_just_within_every_limit_it_is_taken(simulator):
    send(simulator, "x" * 32768)
    call(simulator, "sendRichMessage", **blocks(*[BLOCK] * 500))
    send(simulator, "- x\n" * 249)
    send(simulator, "|a|\n|-|\n" + "|x|\n" * 498)
    send(simulator, "|" + "x|" * 20 + "\n|" + "-|" * 20)
    send(simulator, DEEP[2:])


def test_an_older_server_knows_neither_the_methods_nor_the_parameter(against):
    async def body(simulator, bot):
        rich = {"chat_id": ADA, "rich_message": {"markdown": "x"}}
        for method in (SEND, DRAFT):
            assert (await bot.call(method, **rich))["description"] == "Not Found: method not found"
        sent = await bot.result("sendMessage", chat_id=ADA, text="x")
        answer = await bot.call(EDIT, **rich, message_id=sent["message_id"])
        assert answer["description"] == "Bad Request: message text is empty"

    against(body, faults=FaultPlan.parse("*#1=no_rich"))


def test_a_bot_that_may_send_none_is_told_so(against):
    async def body(simulator, bot):
        answer = await bot.call(SEND, chat_id=ADA, rich_message={"markdown": "x"})
        assert answer["description"] == "Bad Request: not enough rights to send the rich message to the chat"

    against(body, faults=FaultPlan.parse("*#1=rich_refused"))


def test_rich_messages_count_against_the_limits_of_the_others():
    simulator = Simulator(limits=Limits())
    for _ in range(5):
        send(simulator)
    with pytest.raises(Refused, match="Too Many Requests"):
        call(simulator, "sendMessage", chat_id=ADA, text="x")

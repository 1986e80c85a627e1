"""Every documented refusal: which call gets which sentence."""

import json

import pytest

from telex.simulator import Fault, FaultPlan, Kind, Limits, Simulator
from telex.simulator.files import MOST_BYTES
from telex.simulator.params import Params
from telex.simulator.refusals import Refused, Why

ADA, GRACE, LAB, WORKSHOP, OLD = 1001, 1002, -1001000000001, -1001000000002, -4001
SEND, EDIT, DRAFT, DELETE, ACTION = (
    "sendMessage",
    "editMessageText",
    "sendMessageDraft",
    "deleteMessage",
    "sendChatAction",
)
HOOK, COMMANDS = "setWebhook", "setMyCommands"
NOTHING: dict[str, object] = {}
BUTTON = {"text": "b", "callback_data": "d"}


def entities(**entity: object) -> dict[str, object]:
    return {"chat_id": ADA, "text": "a😀b", "entities": [{"type": "bold", **entity}]}


# The world of `simulator` below: in Ada's chat message 1 is hers, 2 and 3 are the bot's, 3 with a reply keyboard.
REFUSALS = [
    ("nope", NOTHING, "Not Found: method not found"),
    (SEND, NOTHING, "Bad Request: message text is empty"),
    (SEND, {"text": "x"}, "Bad Request: chat_id is empty"),
    (SEND, {"text": " \n ", "chat_id": ADA}, "Bad Request: text must be non-empty"),
    (SEND, {"text": "é" * 16385, "chat_id": ADA}, "Bad Request: text is too long"),
    (SEND, {"text": "\ud83d", "chat_id": ADA}, "Bad Request: strings must be encoded in UTF-8"),
    (SEND, {"text": "😀" * 4097, "chat_id": ADA}, "Bad Request: message is too long"),
    (EDIT, {"text": "x" * 4097, "chat_id": ADA, "message_id": 2}, "Bad Request: MESSAGE_TOO_LONG"),
    (DRAFT, {"text": "x" * 4097, "chat_id": ADA, "draft_id": 2}, "Bad Request: MESSAGE_TOO_LONG"),
    (SEND, {"text": "x", "parse_mode": "tex", "chat_id": ADA}, "Bad Request: unsupported parse_mode"),
    (
        SEND,
        {"text": "<b>x", "parse_mode": "HTML", "chat_id": ADA},
        "Bad Request: can't parse entities: Can't find end tag corresponding to start tag \"b\"",
    ),
    (
        SEND,
        {"text": "x.", "parse_mode": "MarkdownV2", "chat_id": ADA},
        "Bad Request: can't parse entities: Character '.' is reserved and must be escaped with the preceding '\\'",
    ),
    (
        SEND,
        entities(offset=1, length=9),
        "Bad Request: entity beginning at UTF-16 offset 1 ends after the end of the text at UTF-16 offset 4",
    ),
    (SEND, entities(offset=9, length=1), "Bad Request: entity begins after the end of the text at UTF-16 offset 4"),
    (SEND, entities(offset=2, length=1), "Bad Request: entity begins in a middle of a UTF-16 symbol at byte offset 5"),
    (SEND, entities(offset=0, length=2), "Bad Request: entity ends in a middle of a UTF-16 symbol at byte offset 5"),
    (SEND, entities(length=2), "Bad Request: can't parse MessageEntity: Can't find field \"offset\""),
    (SEND, {"text": "x", "chat_id": ADA, "entities": "{"}, "Bad Request: can't parse MessageEntity: expected an Array"),
    (
        SEND,
        {"text": "x", "chat_id": ADA, "reply_markup": "{"},
        "Bad Request: can't parse reply keyboard markup JSON object",
    ),
    (SEND, {"text": "x", "chat_id": ADA, "reply_markup": "[]"}, "Bad Request: object expected as reply markup"),
    (
        SEND,
        {"text": "x", "chat_id": ADA, "reply_markup": {"inline_keyboard": [[{"text": ""}]]}},
        "Bad Request: can't parse inline keyboard button: Text must be non-empty",
    ),
    (
        SEND,
        {"text": "x", "chat_id": ADA, "reply_markup": {"inline_keyboard": [[{**BUTTON, "callback_data": "d" * 65}]]}},
        "Bad Request: BUTTON_DATA_INVALID",
    ),
    (
        SEND,
        {"text": "x", "chat_id": ADA, "reply_parameters": "{"},
        "Bad Request: can't parse reply parameters JSON object",
    ),
    (
        SEND,
        {"text": "x", "chat_id": ADA, "link_preview_options": "[]"},
        "Bad Request: can't parse link preview options JSON object",
    ),
    (
        EDIT,
        {"text": "x", "chat_id": ADA, "message_id": 2, "reply_markup": {"keyboard": []}},
        "Bad Request: inline keyboard expected",
    ),
    (SEND, {"text": "x", "chat_id": 99}, "Bad Request: chat not found"),
    (SEND, {"text": "x", "chat_id": "@nobody"}, "Bad Request: chat not found"),
    (SEND, {"text": "x", "chat_id": GRACE}, "Forbidden: bot can't initiate conversation with a user"),
    (SEND, {"text": "x", "chat_id": 3003}, "Forbidden: bot was blocked by the user"),
    (SEND, {"text": "x", "chat_id": -1001000000003}, "Forbidden: bot was kicked from the supergroup chat"),
    (SEND, {"text": "x", "chat_id": OLD}, "Bad Request: group chat was upgraded to a supergroup chat"),
    (SEND, {"text": "x", "chat_id": WORKSHOP, "message_thread_id": 1}, "Bad Request: message thread not found"),
    (SEND, {"text": "x", "chat_id": WORKSHOP, "message_thread_id": 77}, "Bad Request: message thread not found"),
    (SEND, {"text": "x", "chat_id": ADA, "message_thread_id": 77}, "Bad Request: message thread not found"),
    (SEND, {"text": "x", "chat_id": WORKSHOP, "message_thread_id": 2}, "Bad Request: TOPIC_CLOSED"),
    (SEND, {"text": "x", "chat_id": WORKSHOP, "message_thread_id": 3}, "Bad Request: TOPIC_DELETED"),
    (
        SEND,
        {"text": "x", "chat_id": ADA, "reply_parameters": {"message_id": 2, "quote": "never said"}},
        "Bad Request: QUOTE_TEXT_INVALID",
    ),
    (
        SEND,
        {"text": "x", "chat_id": ADA, "reply_parameters": {"message_id": 77}},
        "Bad Request: message to be replied not found",
    ),
    (SEND, {"text": "x", "chat_id": ADA, "reply_to_message_id": 77}, "Bad Request: message to be replied not found"),
    (EDIT, {"text": "x"}, "Bad Request: message identifier is not specified"),
    (EDIT, {"text": "x", "chat_id": ADA}, "Bad Request: message to edit not found"),
    (EDIT, {"text": "x", "chat_id": ADA, "message_id": 77}, "Bad Request: message to edit not found"),
    (EDIT, {"text": "x", "chat_id": ADA, "message_id": 1}, "Bad Request: message can't be edited"),
    (EDIT, {"text": "x", "chat_id": ADA, "message_id": 3}, "Bad Request: message can't be edited"),
    (EDIT, {"text": "x", "chat_id": ADA, "message_id": 4}, "Bad Request: there is no text in the message to edit"),
    (
        EDIT,
        {"text": " answer ", "chat_id": ADA, "message_id": 2},
        "Bad Request: message is not modified: specified new message content and reply markup are exactly the same as a current content and reply markup of the message",
    ),
    (DELETE, {"chat_id": ADA}, "Bad Request: message identifier is not specified"),
    (DELETE, {"chat_id": ADA, "message_id": 77}, "Bad Request: message to delete not found"),
    (DELETE, {"chat_id": LAB, "message_id": 1}, "Bad Request: message can't be deleted"),
    (DRAFT, {"chat_id": LAB, "draft_id": 5, "text": "x"}, "Bad Request: TEXTDRAFT_PEER_INVALID"),
    (DRAFT, {"chat_id": WORKSHOP, "draft_id": 5, "text": "x"}, "Bad Request: TEXTDRAFT_PEER_INVALID"),
    (DRAFT, {"chat_id": ADA, "text": "x"}, "Bad Request: RANDOM_ID_INVALID"),
    (DRAFT, {"chat_id": ADA, "text": "x", "draft_id": "first"}, "Bad Request: RANDOM_ID_INVALID"),
    (ACTION, {"chat_id": ADA, "action": "think"}, "Bad Request: wrong parameter action in request"),
    (
        "answerCallbackQuery",
        {"callback_query_id": "7"},
        "Bad Request: query is too old and response timeout expired or query ID is invalid",
    ),
    ("getFile", {}, "Bad Request: wrong file_id or the file is temporarily unavailable"),
    ("getFile", {"file_id": "AgACAgIAAx0001"}, "Bad Request: file is too big"),
    (COMMANDS, {"commands": "{"}, "Bad Request: can't parse commands JSON array"),
    (COMMANDS, {"commands": [{"command": "A b", "description": "x"}]}, "Bad Request: BOT_COMMAND_INVALID"),
    (
        COMMANDS,
        {"commands": [{"command": "a", "description": ""}]},
        "Bad Request: BOT_COMMAND_DESCRIPTION_INVALID",
    ),
    (HOOK, {"url": "nowhere"}, "Bad Request: invalid webhook URL specified"),
    (HOOK, {"url": "ftp://x.org/"}, "Bad Request: bad webhook: an HTTPS URL must be provided for webhook"),
    (HOOK, {"url": "http://x.org", "secret_token": "x" * 257}, "Bad Request: secret token is too long"),
    (HOOK, {"url": "http://x.org", "secret_token": "ä"}, "Bad Request: secret token contains unallowed characters"),
    ("getUpdates", {"allowed_updates": "message"}, "Bad Request: can't parse allowed_updates JSON array"),
]
# These need a request, two of them, or a fault; their own tests stand elsewhere.
ELSEWHERE = {
    Why.UNAUTHORIZED, Why.TOKEN_MALFORMED, Why.NOT_FOUND, Why.BODY_TOO_LARGE, Why.FLOOD, Why.SERVER_ERROR,
    Why.OTHER_POLL, Why.WEBHOOK_ACTIVE, Why.WEBHOOK_SET,
}  # fmt: skip


def furnish(simulator: Simulator) -> None:
    simulator.say(ADA, "question")
    act(simulator, SEND, chat_id=ADA, text="answer")
    act(simulator, SEND, chat_id=ADA, text="choose", reply_markup={"keyboard": [[{"text": "a"}]]})
    chat = simulator.state.chats[ADA]
    photo = {"from": simulator.state.bot, "chat": simulator.state.chat_object(chat), "date": 1, "caption": "a photo"}
    simulator.state.post(chat, photo)
    simulator.files.add(bytes(MOST_BYTES + 1))
    simulator.say(LAB, "hello")
    simulator.add_private(3003, "Eve")
    simulator.block(3003)
    simulator.add_group(-1001000000003, "Gone", ADA)
    simulator.block(-1001000000003)
    simulator.add_group(OLD, "Old", ADA, kind="group")
    simulator.migrate(OLD)
    topics = simulator.state.chats[WORKSHOP].topics
    topics[2].closed = topics[3].deleted = True


def act(simulator: Simulator, method: str, **params: object) -> object:
    texts = {name: value if isinstance(value, str) else json.dumps(value) for name, value in params.items()}
    return simulator.perform(method, Params(texts))


@pytest.mark.parametrize(("method", "params", "description"), REFUSALS)
def test_a_call_is_refused_in_the_servers_words(against, method, params, description):
    async def body(simulator, bot):
        furnish(simulator)
        answer = await bot.call(method, **params)
        assert answer["description"] == description
        assert simulator.calls[-1].description == description

    against(body, limits=Limits.none())


def test_the_table_above_and_the_other_tests_hold_every_documented_refusal():
    sentences = [description for _, _, description in REFUSALS]
    for why in (why for why in set(Why) - ELSEWHERE if not why.name.startswith("RICH_")):
        beginning = why.value[1].partition("{")[0]
        assert any(sentence.startswith(beginning) for sentence in sentences), why


def test_a_migrated_group_names_its_new_id_and_the_new_id_works():
    simulator = Simulator(limits=Limits.none())
    furnish(simulator)
    with pytest.raises(Refused) as refused:
        act(simulator, SEND, chat_id=OLD, text="x")
    new_id = refused.value.parameters["migrate_to_chat_id"]
    act(simulator, SEND, chat_id=new_id, text="x")
    assert simulator.messages(new_id)[-1]["text"] == "x"


def test_a_call_refused_for_its_content_counts_against_the_limit():
    simulator = Simulator()
    for _ in range(5):
        with pytest.raises(Refused, match="text must be non-empty"):
            act(simulator, SEND, chat_id=ADA, text=" ")
    with pytest.raises(Refused, match="Too Many Requests: retry after 3"):
        act(simulator, SEND, chat_id=ADA, text="x")


def test_the_text_is_checked_before_the_chat():
    simulator = Simulator()
    with pytest.raises(Refused, match="message text is empty"):
        act(simulator, SEND, chat_id=99)
    with pytest.raises(Refused, match="can't parse entities"):
        act(simulator, SEND, chat_id=99, text="<b>", parse_mode="HTML")


def test_a_plan_without_drafts_refuses_them_from_then_on(against):
    async def body(simulator, bot):
        for _ in range(2):
            answer = await bot.call(DRAFT, chat_id=ADA, draft_id=1, text="x")
            assert answer["description"] == "Not Found: method not found"

    against(body, faults=FaultPlan(Fault(Kind.NO_DRAFTS)))

"""What an update says: who is spoken to, which command is given, and what is no message of a person's at all."""

from typing import Any

import pytest

from telex.surfaces.telegram.inbound import Asked, Me, read

ME = Me(id=12345, username="telex_bot")
ADA = {"id": 1001, "is_bot": False, "first_name": "Ada"}
PRIVATE = {"id": 1001, "type": "private"}
GROUP = {"id": -1009, "type": "supergroup"}


def message(text: str | None = None, *, chat: dict[str, Any] = GROUP, **more: Any) -> dict[str, Any]:
    """An update with a message of Ada's; a mention of the bot in its text is marked as Telegram marks it."""
    entities = []
    at = (text or "").find("@telex_bot")
    if at >= 0:
        offset = len((text or "")[:at].encode("utf-16-le")) // 2
        entities = [{"type": "mention", "offset": offset, "length": len("@telex_bot")}]
    words = {} if text is None else {"text": text, "entities": entities}
    return {"update_id": 7, "message": {"message_id": 5, "from": ADA, "chat": chat, **words, **more}}


def asked(update: dict[str, Any]) -> Asked:
    """What a person asked."""
    found = read(update, ME)
    assert isinstance(found, Asked)
    return found


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("@telex_bot what is a heron?", "what is a heron?"),
        ("What is a heron, @telex_bot", "What is a heron"),
        ("👩‍👩‍👧 @telex_bot: what is it?", "👩‍👩‍👧 : what is it?"),
        ("@telex_bot", ""),
    ],
)
def test_a_mention_addresses_the_bot_and_is_no_part_of_the_question(text: str, words: str):
    found = asked(message(text))
    assert (found.addressed, found.text) == (True, words)


@pytest.mark.parametrize("text", ["what is a heron?", "ask @telex_bots", "write to ada@telex_bot.org", "/fly", "/stop"])
def test_what_does_not_name_the_bot_does_not_address_it(text: str):
    update = message(text)
    update["message"]["entities"] = [{"type": "email", "offset": 9, "length": len(text)}]
    assert not asked(update).addressed


def test_a_mention_in_code_is_a_word_like_any_other():
    update = message("`@telex_bot`")
    update["message"]["entities"] = [{"type": "code", "offset": 0, "length": 12}]
    assert not asked(update).addressed


def test_a_mention_by_the_bots_id_addresses_it():
    mention = {"type": "text_mention", "offset": 0, "length": 5, "user": {"id": ME.id}}
    found = asked(message("telex, hello", entities=[mention]))
    assert (found.addressed, found.text) == (True, "hello")


def test_a_mention_of_another_by_id_does_not_address_the_bot():
    mention = {"type": "text_mention", "offset": 0, "length": 5, "user": {"id": 9}}
    assert not asked(message("Grace, hello", entities=[mention])).addressed


def test_a_mention_in_a_caption_addresses_the_bot():
    mention = {"type": "mention", "offset": 0, "length": 10}
    found = asked(message(photo=[{}], caption="@TELEX_bot a heron?", caption_entities=[mention]))
    assert (found.addressed, found.text, found.media) == (True, "a heron?", True)


def test_a_reply_to_the_bot_addresses_it_and_one_to_another_does_not():
    assert asked(message("why?", reply_to_message={"message_id": 1, "from": {"id": ME.id}})).addressed
    assert not asked(message("why?", reply_to_message={"message_id": 1, "from": ADA})).addressed


def test_what_stands_in_a_topic_that_the_bot_made_does_not_address_it():
    made = {"message_id": 1, "from": {"id": ME.id}, "forum_topic_created": {"name": "Ideas"}}
    assert not asked(message("hello all", message_thread_id=1, is_topic_message=True, reply_to_message=made)).addressed


@pytest.mark.parametrize(
    ("text", "command", "rest"),
    [
        ("/new", "new", ""),
        ("/New@Telex_Bot", "new", ""),
        ("/start from-a-link", "start", "from-a-link"),
        ("/new\nand then?", "new", "and then?"),
        ("@telex_bot /stop", "stop", ""),
        ("/usr/bin/env is a path", None, "/usr/bin/env is a path"),
        ("/ is a slash", None, "/ is a slash"),
        ("/новый", None, "/новый"),
        ("say /stop", None, "say /stop"),
    ],
)
def test_a_command_stands_at_the_beginning(text: str, command: str | None, rest: str):
    found = asked(message(text, chat=PRIVATE))
    assert (found.command, found.text) == (command, rest)


@pytest.mark.parametrize("chat", [PRIVATE, GROUP])
def test_a_command_that_names_another_bot_says_nothing_to_this_one(chat: dict[str, Any]):
    to_us = {"message_id": 1, "from": {"id": ME.id}}
    assert read(message("/stop@another_bot", chat=chat, reply_to_message=to_us), ME) is None


@pytest.mark.parametrize(
    "event",
    [
        {"pinned_message": {"message_id": 3}},
        {"forum_topic_created": {"name": "Ideas"}},
        {"new_chat_members": [ADA]},
        {"left_chat_member": ADA},
        {"new_chat_title": "Herons"},
        {"something_of_next_year": {}},
    ],
)
def test_what_tells_of_the_chat_itself_is_no_question(event: dict[str, Any]):
    assert read(message(chat=PRIVATE, **event), ME) is None


@pytest.mark.parametrize("media", ["photo", "sticker", "voice", "location", "poll"])
def test_what_has_no_words_is_known_to_be_no_text(media: str):
    content: dict[str, Any] = {media: {}}
    found = asked(message(chat=PRIVATE, **content))
    assert (found.media, found.text, found.addressed) == (True, "", True)


def test_what_other_bots_and_channels_write_is_passed_over():
    assert read(message("hi", **{"from": {"id": 8, "is_bot": True}}), ME) is None
    assert read(message("hi", chat={"id": -1007, "type": "channel"}), ME) is None

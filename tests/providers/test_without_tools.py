from telex.providers.base import ANSWER_NOW, Reply, Request, without_tools
from telex.providers.tool_calls import ToolCall

QUESTION = {"role": "user", "content": "?"}
CALL = Reply("Let me look.", calls=(ToolCall("1", "look", "{}"),), state={"by": "m"}).message
RESULT = {"role": "tool", "tool_call_id": "1", "content": "seen"}


def test_what_tools_said_becomes_words_of_the_answer() -> None:
    request = Request(
        [QUESTION, CALL, RESULT, {"role": "assistant", "content": "Done."}, QUESTION], tools=[{"name": "look"}]
    )
    plain = without_tools(request)
    said = {"role": "assistant", "content": "Let me look.\n\n[A tool said: seen]\n\nDone."}
    assert (list(plain.messages), plain.tools) == ([QUESTION, said, QUESTION], ())


def test_a_question_in_the_middle_of_its_tools_ends_with_a_person() -> None:
    messages = without_tools(Request([QUESTION, CALL, RESULT])).messages
    assert messages[-1] == {"role": "user", "content": ANSWER_NOW}
    assert [message["role"] for message in messages] == ["user", "assistant", "user"]


def test_a_conversation_without_tools_stays_as_it_is() -> None:
    messages = [{"role": "system", "content": "s"}, QUESTION, {"role": "assistant", "content": "a"}, QUESTION]
    assert list(without_tools(Request(messages)).messages) == messages

import io
import json

import aiohttp
import pytest

ADA = 1001
MARKUP = {"inline_keyboard": [[{"text": "Go", "callback_data": "go"}]]}
PARAMS = {"chat_id": str(ADA), "text": "hi", "reply_markup": json.dumps(MARKUP), "protect_content": "True"}


def multipart():
    form = aiohttp.FormData()
    for name, value in PARAMS.items():
        form.add_field(name, value, content_type="text/plain")
    form.add_field("unknown", b"bytes", filename="a.txt")
    return form


@pytest.mark.parametrize(
    ("verb", "request_parts"),
    [
        ("GET", lambda: {"params": PARAMS}),
        ("POST", lambda: {"params": PARAMS}),
        ("POST", lambda: {"data": PARAMS}),
        ("POST", lambda: {"data": multipart()}),
        ("POST", lambda: {"json": PARAMS}),
        ("POST", lambda: {"json": {**PARAMS, "chat_id": ADA, "reply_markup": MARKUP, "protect_content": True}}),
        ("POST", lambda: {"params": {"chat_id": str(ADA)}, "json": {**PARAMS, "chat_id": 99}}),
    ],
    ids=["query", "query of a POST", "form", "multipart", "JSON strings", "JSON values", "the query wins"],
)
def test_arguments_are_read_from_wherever_they_stand(against, verb, request_parts):
    async def body(simulator, bot):
        async with bot.http.request(verb, bot.base + "sendMessage", **request_parts()) as answer:
            assert answer.status == 200
            assert answer.content_type == "application/json"
        (message,) = simulator.messages(ADA)
        assert (message["text"], message["reply_markup"], message["has_protected_content"]) == ("hi", MARKUP, True)

    against(body)


def test_malformed_json_runs_the_method_with_what_was_read(against):
    async def body(simulator, bot):
        headers = {"Content-Type": "application/json"}
        for data, description in [
            ('{"chat_id": 1001, "text": ', "Bad Request: message text is empty"),
            ('{"text": "x", "chat_id"', "Bad Request: chat_id is empty"),
        ]:
            async with bot.http.post(bot.base + "sendMessage", data=data, headers=headers) as answer:
                assert (await answer.json())["description"] == description

    against(body)


@pytest.mark.parametrize("path", ["GETME", "getme", "test/getMe", "?method=getMe"])
def test_a_method_is_found_in_any_case_and_also_as_an_argument(against, path):
    async def body(simulator, bot):
        async with bot.http.get(bot.base + path) as answer:
            assert (await answer.json())["result"]["username"] == "telex_demo_bot"

    against(body)


@pytest.mark.parametrize(
    ("path", "status", "description"),
    [
        ("/bot12345:wrong/getMe", 401, "Unauthorized"),
        ("/bot999:telex-simulator/getMe", 401, "Unauthorized"),
        ("/botwrong/getMe", 401, "Unauthorized: invalid token specified"),
        ("/bot0:x/getMe", 401, "Unauthorized: invalid token specified"),
        ("/bot12345:telex-simulator", 404, "Not Found"),
        ("/bot12345:telex-simulator/a/b", 404, "Not Found"),
        ("/nowhere", 404, "Not Found"),
        ("/bot12345:telex-simulator/sendPigeon", 404, "Not Found: method not found"),
    ],
)
def test_a_wrong_path_is_answered_in_json(against, path, status, description):
    async def body(simulator, bot):
        async with bot.http.get(simulator.base_url + path) as answer:
            assert answer.status == status
            assert await answer.json() == {"ok": False, "error_code": status, "description": description}

    against(body)


def test_more_than_a_mebibyte_of_arguments_is_refused(against):
    async def body(simulator, bot):
        for kind in ("application/json", "application/x-www-form-urlencoded"):
            data = io.BytesIO(b"x" * (1 << 20 | 1))
            async with bot.http.post(bot.base + "sendMessage", data=data, headers={"Content-Type": kind}) as answer:
                assert answer.status == 413
                assert (await answer.json())["description"].startswith("Request Entity Too Large: ")

    against(body)


def test_a_wrong_token_leaves_no_record(against):
    async def body(simulator, bot):
        async with bot.http.get(simulator.base_url + "/bot12345:secret/getMe"):
            pass
        assert simulator.calls == []

    against(body)

"""What happens to one call between its arrival and its answer: the trip, faults, limits, the method, the trip back."""

import asyncio
import json
import math
from typing import TYPE_CHECKING, Any

from telex.simulator import methods, record, wire
from telex.simulator.calls import Call
from telex.simulator.faults import Fault, Kind
from telex.simulator.params import Params
from telex.simulator.refusals import Refused, Why, flood
from telex.simulator.state import GENERAL, Chat, thread_of

if TYPE_CHECKING:
    from telex.simulator.server import Simulator

_INSTEAD = {
    Kind.SERVER_ERROR: wire.refusal(Refused(Why.SERVER_ERROR)),
    Kind.BAD_GATEWAY: wire.Reply(502, wire.BAD_GATEWAY, content_type="text/html"),
    Kind.RESET_BEFORE: wire.Reply(reset=True),
    Kind.HANG_BEFORE: wire.Reply(hang=True),
    Kind.ENTITIES: wire.refusal(Refused(Why.CANT_PARSE, detail="Can't find end of Bold entity at byte offset 0")),
}


class Desk:
    """Takes calls for a simulator, one after the other or side by side."""

    def __init__(self, simulator: "Simulator") -> None:
        self._sim = simulator

    async def serve(self, call: record.Call, params: Params) -> wire.Reply:
        """Carry out one call and keep its record; the caller sends the reply."""
        sim = self._sim
        await self._half_trip()
        chat = sim.state.find_chat(params.text("chat_id").strip() or "0")
        fault = sim.faults.strike(call.method, chat.id if chat else None)
        reply = self._struck(fault, call, chat, params) if fault else None
        if reply is None:
            reply = await self._carry_out(call, params)
            if fault and fault.kind is Kind.RESET_AFTER:
                reply = wire.Reply(reset=True)
            elif fault and fault.kind is Kind.HANG_AFTER:
                reply = wire.Reply(hang=True)
            elif fault and fault.kind is Kind.BAD_GATEWAY_AFTER:
                reply = _INSTEAD[Kind.BAD_GATEWAY]
            elif fault and fault.kind is Kind.SLOW:
                await asyncio.sleep(fault.value)
        if not (reply.hang or reply.reset):
            await self._half_trip()
            call.answered_at = sim.clock()
            call.status = reply.status
            call.description = _description(reply)
        return reply

    async def _half_trip(self) -> None:
        if self._sim.latency:
            await asyncio.sleep(self._sim.latency / 2)

    async def _carry_out(self, call: record.Call, params: Params) -> wire.Reply:
        sim = self._sim
        try:
            call.result, remark = await self._result(call.method.lower(), params)
        except Refused as refused:
            if refused.code == 409:
                await asyncio.sleep(sim.poller.conflict_delay())
            return wire.refusal(refused)
        return wire.success(call.result, remark)

    async def _result(self, name: str, params: Params) -> tuple[Any, str]:
        """The answer of a method, and a remark that the server adds to some."""
        sim = self._sim
        match name:
            case "getupdates":
                if sim.webhook.url:
                    raise Refused(Why.WEBHOOK_ACTIVE)
                return await sim.poller.get_updates(params, sim.unix), ""
            case "setwebhook":
                return True, sim.webhook.set(params)
            case "deletewebhook":
                return True, sim.webhook.remove(params)
            case "getwebhookinfo":
                return sim.webhook.info(), ""
            case _:
                return self.perform(name, params), ""

    def perform(self, name: str, params: Params) -> Any:
        """Run a method, against its limits.

        Raises:
            Refused: the method's, or the limit's.
        """
        sim = self._sim
        method = methods.METHODS.get(name.lower())
        if method is None:
            raise Refused(Why.METHOD_NOT_FOUND)
        now = sim.clock()
        sim.state.expire(now)
        charged = False

        def charge(chat: Chat, draft: bool) -> None:
            nonlocal charged
            charged = True
            seconds = sim.limiter.refusal(chat.id, draft=draft, now=now)
            if seconds:
                raise flood(seconds)

        try:
            return method(Call(sim.state, sim.bot, params, charge, now, int(sim.unix())))
        except Refused:
            chat = sim.state.find_chat(params.text("chat_id").strip() or "0")
            if not charged and chat and name.lower() in methods.LIMITED:
                sim.limiter.spend(chat.id, draft=name.lower() in methods.DRAFTS, now=now)
            raise

    def _struck(self, fault: Fault, call: record.Call, chat: Chat | None, params: Params) -> wire.Reply | None:
        """The reply of a fault that keeps the call from being carried out; None when it is carried out after all."""
        match fault.kind:
            case Kind.RETRY_AFTER:
                return self._frozen(math.ceil(fault.value), call, chat)
            case Kind.NO_DRAFTS:
                self._sim.bot.draft_refusal = Why.METHOD_NOT_FOUND
            case Kind.DRAFT_PEER:
                self._sim.bot.draft_refusal = Why.DRAFT_PEER
            case Kind.NO_RICH:
                self._sim.bot.rich_refusal = Why.METHOD_NOT_FOUND
            case Kind.RICH_REFUSED:
                self._sim.bot.rich_refusal = Why.RICH_RIGHTS
            case kind if kind in _INSTEAD:
                return _INSTEAD[kind]
            case kind if chat:
                self._change(kind, chat, params)
        return None

    def _frozen(self, seconds: int, call: record.Call, chat: Chat | None) -> wire.Reply:
        """A flood out of the blue; calls before its end are refused too, as after one that a limit explains."""
        seconds = max(1, seconds)
        name = call.method.lower()
        if chat and name in methods.LIMITED:
            draft = name in methods.DRAFTS
            self._sim.limiter.freeze(chat.id, draft=draft, now=self._sim.clock(), seconds=seconds)
        return wire.refusal(flood(seconds))

    def _change(self, kind: Kind, chat: Chat, params: Params) -> None:
        """Somebody does something to the chat just before the call is carried out."""
        sim = self._sim
        if kind is Kind.BLOCKED:
            sim.block(chat.id)
        elif kind is Kind.MIGRATED and chat.type != "private" and chat.migrated_to is None:
            sim.migrate(chat.id)
        elif kind is Kind.DELETED:
            message_id = params.integer("message_id") or self._last_own(chat, params.integer("message_thread_id"))
            if message_id:
                sim.delete(chat.id, message_id)
        elif kind in {Kind.TOPIC_CLOSED, Kind.TOPIC_DELETED}:
            topic = chat.topics.get(self._topic(chat, params))
            if topic and kind is Kind.TOPIC_CLOSED:
                sim.close_topic(chat.id, topic.id)
            elif topic and topic.id != GENERAL:  # which cannot be deleted
                sim.delete_topic(chat.id, topic.id)

    def _topic(self, chat: Chat, params: Params) -> int:
        message = chat.messages.get(params.integer("message_id"), {})
        return params.integer("message_thread_id") or thread_of(message) or (GENERAL if chat.is_forum else 0)

    def _last_own(self, chat: Chat, thread_id: int) -> int | None:
        bot_id = self._sim.state.bot["id"]
        own = (message for message in self._sim.state.messages_in(chat, thread_id or None))
        return max((m["message_id"] for m in own if m["from"]["id"] == bot_id), default=None)


def _description(reply: wire.Reply) -> str:
    if reply.status == 200:
        return ""
    return str(json.loads(reply.body)["description"]) if reply.content_type == "application/json" else reply.body

"""The verdict: each answer complete exactly once, or a reason that is not the gateway's."""

from collections.abc import Iterator, Sequence

from telex.chaos.ledger import CURSOR, Asked, Ledger
from telex.chaos.report import Report
from telex.chaos.script import word
from telex.simulator.record import Call
from telex.simulator.server import Simulator
from telex.simulator.state import GENERAL

ON_ITS_WAY = 0.25  # seconds for which a call may have been on its way when the refusal left
LIMITED = {"sendmessage": "message", "editmessagetext": "message", "sendmessagedraft": "draft"}
LIMITED |= {"sendrichmessage": "message", "sendrichmessagedraft": "draft"}
LAST_CALLS = 25  # of a chat, printed with a fault


def judge(simulator: Simulator, ledger: Ledger, report: Report) -> None:
    """Look at everything once the gateway is quiet, and fill in the report."""
    for asked in ledger.asked.values():
        chat = simulator.state.chats[asked.place[0]]
        asked.closed = chat.blocked or (
            chat.migrated_to is not None and simulator.state.chats[chat.migrated_to].blocked
        )
        topic = chat.topics.get(asked.place[1] or GENERAL)
        general = chat.topics.get(GENERAL)
        gone = topic is not None and (topic.closed or topic.deleted)
        asked.closed = asked.closed or bool(gone and general and general.closed)
        before = len(report.faults)
        _judge(asked, ledger, report)
        if len(report.faults) > before:
            report.faults += _calls(simulator, asked)
    calls = [call for call in simulator.calls if call.method.lower() != "getupdates"]
    for key, text in ledger.texts.items():
        if CURSOR in text and not simulator.state.chats[key[0]].blocked:
            report.cursors += 1
            report.faults.append(f"message {key} still has its cursor")
    left = [place for place in simulator.state.drafts if not simulator.state.chats[place[0]].blocked]
    report.cursors += len(left)
    for place in left:
        report.faults.append(f"a draft is left in {place}")
        report.faults += map(
            _line, [call for call in calls if call.params.get("chat_id") == str(place[0])][-LAST_CALLS:]
        )
    report.crossed, report.misplaced = len(ledger.crossed), len(ledger.misplaced)
    report.faults += [*ledger.crossed, *ledger.misplaced]
    report.calls, report.struck = len(calls), sum(call.status != 200 for call in calls)
    early = list(too_soon(calls))
    report.too_soon = len(early)
    report.notes += early


def _judge(asked: Asked, ledger: Ledger, report: Report) -> None:
    number = asked.question.number
    words = [word for key in sorted(ledger.messages[number], key=_age) for n, word in ledger.words[key] if n == number]
    there = set(words)
    report.asked += 1
    if asked.place[0] > 0:
        report.silence_private = max(report.silence_private, asked.silence, asked.quiet)
    else:
        report.silence_group = max(report.silence_group, asked.silence, asked.quiet)
    twice = len(words) - len(there)
    report.doubled += bool(twice)
    what = f"answer {number} in {asked.place}: "
    if twice:
        report.faults.append(f"{what}{twice} words doubled")
    elif words != sorted(words):
        report.disordered += 1
        report.faults.append(f"{what}its words are out of order")
    if asked.closed:
        report.closed += 1
        return
    lost = _wanted(asked, there, report) - there - asked.deleted
    report.lost += sum(len(word(number, missing)) for missing in lost)
    if lost:
        how = "".join(f", {why}" for why in ("interrupted", "cut", "tapped") if getattr(asked, why))
        report.faults.append(f"{what}{len(lost)} of {asked.expected} words lost, from {min(lost)}{how}")
    elif asked.completed is not None:
        report.complete += not twice
    elif asked.cut:
        report.cut += 1
    else:
        report.interrupted += 1


def _wanted(asked: Asked, there: set[int], report: Report) -> set[int]:
    """The words that must be there: all, or those that had been visible, or any beginning of the answer."""
    if asked.completed is None and asked.cut and report.kills:  # the journal is up to a second behind
        return set(range(max(there, default=-1) + 1))
    if asked.completed is None and (asked.interrupted or (asked.cut and report.restarts)):
        return set(range(max(asked.seen, default=-1) + 1))
    return set(range(asked.expected))


def _age(key: tuple[int, int]) -> tuple[bool, int]:
    """Order within one answer: a group that became a supergroup comes before what it became."""
    return (key[0] < -1_001_000_000_000, key[1])


def _calls(simulator: Simulator, asked: Asked) -> Iterator[str]:
    """The newest calls in this answer's chat while it was shown."""
    chat = simulator.state.chats[asked.place[0]]
    ids = {str(chat.id), str(chat.migrated_to)}
    made = [call for call in simulator.calls if call.params.get("chat_id") in ids and call.at >= asked.at]
    mark = f"q{asked.question.number}w"
    shared = bool(chat.topics) or asked.completed is not None
    about = [call for call in made if not shared or mark in _said(call)]
    yield from map(_line, about[-LAST_CALLS:])


def _said(call: Call) -> str:
    return call.params.get("text") or call.params.get("rich_message", "")


def _line(call: Call) -> str:
    """One call, as it is printed."""
    text = _said(call)
    which = call.params.get("message_id") or call.params.get("draft_id") or ""
    made = f"-> {call.result.get('message_id', '')}" if isinstance(call.result, dict) else ""
    answer = f"{call.status or 'no answer'} {call.description.partition(chr(10))[0]}".rstrip()
    return f"    {call.at:10.2f} s {call.method} {which} {made} {answer} {text[:12]!r}…{text[-24:]!r}"


def too_soon(calls: Sequence[Call]) -> Iterator[str]:
    """Calls that were made although the platform had asked this chat to wait."""
    until: dict[tuple[str, str], tuple[float, float]] = {}
    for call in sorted(calls, key=lambda call: call.at):
        kind = LIMITED.get(call.method.lower())
        if kind is None:
            continue
        line = (call.params.get("chat_id", ""), kind)
        told, end = until.get(line, (0.0, 0.0))
        if told + ON_ITS_WAY < call.at < end:
            yield f"{call.method} in {line[0]} came {end - call.at:.2f} s before its time"
        if call.status == 429 and call.answered_at is not None:
            seconds = float(call.description.rpartition(" ")[2])
            until[line] = (call.answered_at, max(end, call.answered_at + seconds))

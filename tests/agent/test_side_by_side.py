"""Several agents in one program: each has its own memory, tools, listeners and end."""

import asyncio
import threading
from collections.abc import Callable, Sequence

from telex import AIAgent
from telex.agent.tools import Tool, ToolSource, tool
from telex.events import End, TextDelta, ToolFinished
from telex.providers.base import Emit, Reply, Request
from telex.providers.scripted import Piece, Scripted

AGENTS = 6
BOUND = 60.0


class Echo:
    """Asks the tool ``who``, and answers with what it said and with all that it was asked so far; one for all agents."""

    name = "echo"
    closed = 0

    async def stream(self, request: Request, emit: Emit) -> Reply:
        said = [str(message["content"]) for message in request.messages if message["role"] == "tool"]
        asked = [str(message["content"]) for message in request.messages if message["role"] == "user"]
        words = [Piece(0, f"{word} ") for word in f"{said[-1:]} {asked}".split()]
        return await Scripted([Piece(0, "{}", "call", "who"), *words]).stream(request, emit)

    async def close(self) -> None:
        self.closed += 1


class Toolbox(ToolSource):
    """A source of no tools; one for all agents."""

    closed = 0

    async def tools(self, tell: Callable[[str], object]) -> Sequence[Tool]:
        return []

    async def close(self) -> None:
        self.closed += 1


def who(name: str, everybody: threading.Barrier) -> Tool:
    """A tool that answers when the tools of all agents have been asked."""

    @tool(name="who", description="Say who is there.")
    def ask() -> str:
        everybody.wait(BOUND)
        return name

    return ask


def expected(name: str, *questions: str) -> str:
    return " ".join(f"{[name]} {list(questions)} ".split())


def test_agents_on_one_loop_share_a_model_and_nothing_else() -> None:
    async def one(agent: AIAgent, name: str) -> list[tuple[str, str, int]]:
        seen: list[tuple[str, str, int]] = []
        for number in range(3):
            words: list[str] = []
            tools = 0

            def listen(event: object, words: list[str] = words) -> None:
                nonlocal tools
                tools += isinstance(event, ToolFinished)
                if isinstance(event, TextDelta):
                    words.append(event.text)

            result = await agent.run_turn(f"{name}{number}", listen)
            seen.append((result.text.strip(), "".join(words).strip(), tools))
        return seen

    async def main() -> Sequence[list[tuple[str, str, int]]]:
        model = Echo()
        everybody = threading.Barrier(AGENTS)
        agents = [AIAgent(model, tools=[who(f"a{number}", everybody)]) for number in range(AGENTS)]
        seen = await asyncio.gather(*(one(agent, f"a{number}-") for number, agent in enumerate(agents)))
        assert len({str(agent.history) for agent in agents}) == AGENTS
        return seen

    for number, seen in enumerate(asyncio.run(main())):
        questions = [f"a{number}-{turn}" for turn in range(3)]
        for turn, (text, heard, tools) in enumerate(seen):
            assert text == heard == expected(f"a{number}", *questions[: turn + 1])
            assert tools == 1


def test_an_interrupt_ends_one_agent_and_leaves_the_others() -> None:
    async def main() -> list[End]:
        begun, go_on = asyncio.Event(), asyncio.Event()

        @tool(name="who", description="Say who is there.")
        async def hold() -> str:
            begun.set()
            await go_on.wait()
            return "nobody"

        tools = [hold if number == 2 else who(str(number), threading.Barrier(1)) for number in range(AGENTS)]
        agents = [AIAgent(Echo(), tools=[one]) for one in tools]
        turns = [asyncio.create_task(agent.run_turn("why?")) for agent in agents]
        await begun.wait()
        assert agents[2].interrupt()
        return [(await turn).end for turn in turns]

    assert asyncio.run(main()) == [End.FINISHED] * 2 + [End.INTERRUPTED] + [End.FINISHED] * (AGENTS - 3)


def test_agents_in_threads_of_their_own_hear_only_their_own_words() -> None:
    answers: dict[str, tuple[str, str, set[int]]] = {}
    everybody = threading.Barrier(AGENTS)

    def ask(name: str) -> None:
        heard: list[str] = []
        threads: set[int] = set()

        def listen(text: str | None) -> None:
            threads.add(threading.get_ident())
            heard.append(text or "")

        with AIAgent(Echo(), tools=[who(name, everybody)], stream_delta_callback=listen) as agent:
            said = agent.run_conversation(f"{name}?")
        answers[name] = (said.strip(), "".join(heard).strip(), threads - {threading.get_ident()})

    people = [threading.Thread(target=ask, args=(f"t{number}",)) for number in range(AGENTS)]
    for person in people:
        person.start()
    for person in people:
        person.join(BOUND)
    assert answers == {
        f"t{n}": (expected(f"t{n}", f"t{n}?"), expected(f"t{n}", f"t{n}?"), set()) for n in range(AGENTS)
    }


def test_what_agents_in_threads_share_is_closed_by_the_last_of_them() -> None:
    model, tools = Echo(), Toolbox()
    asked, first_left = threading.Barrier(2), threading.Event()
    closed: list[tuple[int, int]] = []

    def ask(name: str) -> None:
        with AIAgent(model, tools=[who(name, threading.Barrier(1)), tools]) as agent:
            agent.run_conversation("?")
            asked.wait(BOUND)
            if name == "last":
                first_left.wait(BOUND)
        closed.append((model.closed, tools.closed))
        first_left.set()

    people = [threading.Thread(target=ask, args=(name,)) for name in ("first", "last")]
    for person in people:
        person.start()
    for person in people:
        person.join(BOUND)
    assert closed == [(0, 0), (1, 1)]

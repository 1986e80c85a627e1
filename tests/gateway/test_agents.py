import asyncio
from pathlib import Path

from telex.agent.tool_runs import ToolRequest
from telex.agent.tools import tool
from telex.config import load
from telex.gateway.agents import Agents
from telex.gateway.desk import _holds
from telex.providers.scripted import Piece, Scripted


@tool
async def delete(name: str) -> str:
    return f"{name} is gone"


def test_an_agent_has_the_tools_and_rules_of_the_configuration(tmp_path: Path) -> None:
    path = tmp_path / "config.yaml"
    path.write_text("agent: {tools: [calculator], approve: [delete], max_output: 100}")
    asked: list[str] = []

    async def ask(request: ToolRequest) -> bool:
        asked.append(f"{request.name} {request.summary}")
        return request.summary == "notes"

    script = [
        Piece(0, '{"expression": "6 * 7"}', "call", "calculator"),
        Piece(0, '{"name": "notes"}', "call", "delete"),
        Piece(0, '{"name": "diary"}', "call", "delete"),
        Piece(0, "{}", "call", "current_time"),
        Piece(0, "Done."),
    ]

    async def main() -> None:
        agents = Agents(load(path, environment={}, bot=False), Scripted(script), tools=[delete])
        agent = agents.make(ask_approval=ask)
        assert (await agent.run_turn("Go!")).text == "Done."
        results = [message["content"] for message in agent.history if message["role"] == "tool"]
        assert "Error: there is no tool named 'current_time'. There are: delete, calculator." in results
        assert "42" in results
        assert "notes is gone" in results
        assert any("said no" in result for result in results)
        assert asked == ["delete notes", "delete diary"]
        await agents.close()

    asyncio.run(main())


def test_a_turn_with_tools_that_the_history_holds_is_known_again_by_its_question() -> None:
    history = [
        {"role": "user", "content": "Go!"},
        {"role": "assistant", "content": "Let me look."},
        {"role": "tool", "tool_call_id": "1", "content": "seen"},
        {"role": "assistant", "content": "Done."},
    ]
    assert _holds(history, "Go!", "Let me look.\n\n✅ `look` (0.1 s)\n\nDone.")
    assert not _holds(history, "Stop!", "Done.")
    assert _holds([history[0], history[3]], "Go!", "Done")
    assert not _holds([history[0], history[3]], "Go!", "Another answer.")
    assert not _holds([], "Go!", "Done.")

"""The commands a person can give, in a messenger and in the terminal alike, and what telex says of itself."""

COMMANDS = {
    "new": "Begin a new conversation",
    "stop": "Stop the running answer",
    "help": "What I can do",
}

HELP = """Write to me, and I answer as I think. In groups, mention me or reply to me.

- /new begins a new conversation
- /stop stops the running answer; a new message does so too
- /help shows this"""

GREETING = f"**Hello!** {HELP}"
FORGOTTEN = "A new conversation: I have forgotten the last one."
NOTHING_RUNS = "Nothing is running."
UNKNOWN = "I do not know /{command}. {help}"

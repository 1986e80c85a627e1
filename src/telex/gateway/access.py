"""Who may use the bot."""

from collections.abc import Collection


class Access:
    """The list of those who may; nobody when it is empty. A refused user is told once.

    Args:
        allow: user ids.
    """

    def __init__(self, allow: Collection[int]) -> None:
        self._allow = frozenset(allow)
        self._told: set[int] = set()

    def permits(self, user_id: int) -> bool:
        """May this user use the bot?"""
        return user_id in self._allow

    def refusal(self, user_id: int) -> str | None:
        """What to tell a refused user; ``None`` from the second time on."""
        if user_id in self._told:
            return None
        self._told.add(user_id)
        return (
            f"This bot does not know you. Your Telegram user id is `{user_id}`; "
            "ask its owner to add it to `telegram.allow`."
        )

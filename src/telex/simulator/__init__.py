"""Telegram in a box: a strict Bot API server with a chat page, rate limits and faults."""

"""Telegram as a screen, and as a source of updates."""

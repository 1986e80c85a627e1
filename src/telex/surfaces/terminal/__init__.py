"""The terminal as a place where answers are shown."""

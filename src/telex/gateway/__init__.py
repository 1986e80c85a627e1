"""Inbound update -> conversation -> turn -> surface."""

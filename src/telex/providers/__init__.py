"""Bytes in, events out: one file per wire format."""

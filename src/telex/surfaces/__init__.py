"""Frames in, pixels out: one folder or file per platform."""

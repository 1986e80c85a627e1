"""Measurements: ratios and ages taken in one run, never against a clock alone."""

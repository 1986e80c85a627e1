"""Fakes and virtual time for the tests of telex and of its plug-ins."""

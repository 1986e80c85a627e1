"""Streams and bots of other libraries, as telex takes them. Each module is loaded by itself; none needs its library to be imported."""

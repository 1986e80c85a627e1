"""PURE: what the user should see, and when. No asyncio, no clock, no sockets."""

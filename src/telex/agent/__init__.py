"""The agent: a model, its conversation, and turns that end exactly once."""

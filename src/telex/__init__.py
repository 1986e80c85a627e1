"""telex: carries an LLM agent's answer, token by token, to the people who read it."""

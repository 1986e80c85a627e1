"""Random faults, kills and restarts against a gateway in a process of its own, and a judge of what people then see."""

"""How many examples does it take? Data, learners, findings and figures of the protocol `samples`."""

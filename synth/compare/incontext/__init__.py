"""The net with the same prior: meta-trained on tasks drawn from our own language, it learns a task from its context."""

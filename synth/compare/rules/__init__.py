"""The fairness rules, each a function from the evidence to whether it holds, and why."""

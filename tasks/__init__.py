"""What is to be solved: tasks, suites, and how they are read and drawn. Knows the language, not the solvers."""

"""The search: columns, banks, and the solvers built on them."""

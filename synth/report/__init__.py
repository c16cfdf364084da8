"""What people read of verdicts and runs: lines and tables of text, and one page."""

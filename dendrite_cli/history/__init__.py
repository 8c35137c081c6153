"""What was asked before: every run in one SQLite file, written while it goes on, and read again."""

"""Behind store.py: the tables, and what is written to and read from each."""

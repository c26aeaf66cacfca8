"""Behind judge.py: what a sentence tells, and what a story remembers."""

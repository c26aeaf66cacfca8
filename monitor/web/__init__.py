"""Behind fetch.py: connections, robots.txt, politeness, and what answers mean."""

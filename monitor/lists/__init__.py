"""Behind feeds.py: one file for each format in which a source lists what is new."""

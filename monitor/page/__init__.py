"""Behind parse.py: from a page's bytes to what is the article in it."""

"""Follow a news story after the headlines move on: one alert per new development, with its evidence."""

import os

__version__ = "0.1.0"

os.environ.setdefault("PYPINYIN_NO_PHRASES", "1")  # of pypinyin only characters are wanted; its phrases take 40 MB

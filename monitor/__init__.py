"""Follow a news story after the headlines move on: one alert per new development, with its evidence."""

__version__ = "0.1.0"

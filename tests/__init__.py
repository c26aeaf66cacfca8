"""The suite.  Machines that run it are busy, so no property is refused for being slow once."""

from hypothesis import settings

settings.register_profile("busy", deadline=None)
settings.load_profile("busy")

"""What every test runs under: no deadlines, so that no test depends on timing."""

from hypothesis import settings

settings.register_profile("default", deadline=None, print_blob=True)
settings.load_profile("default")

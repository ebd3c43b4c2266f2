"""What every test runs under: no deadlines, so that no test depends on timing."""

from hypothesis import settings

# Doctests are looked for in every module; a second one named conftest could not be imported beside docs' own.
collect_ignore = ["conftest.py"]

settings.register_profile("default", deadline=None, print_blob=True)
settings.load_profile("default")

"""What holds for all tests: property tests have no time limit of their own, for a busy machine is no defect."""

from hypothesis import settings

settings.register_profile("house", deadline=None)
settings.load_profile("house")

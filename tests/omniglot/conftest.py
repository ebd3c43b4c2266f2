"""What tests of training share."""

from contextlib import contextmanager

import pytest


@pytest.fixture
def interrupted_at():
    """Return what interrupts any run that has made so many steps, for the length of a ``with``."""
    from boundcheck.omniglot import training

    @contextmanager
    def interrupting(steps):
        one_step = training._Run._one_step

        def interrupted(run):
            if run.step == steps:
                raise KeyboardInterrupt
            return one_step(run)

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(training._Run, "_one_step", interrupted)
            yield

    return interrupting


@pytest.fixture
def no_pictures(monkeypatch):
    """Leave files where pictures would be, which take seconds to draw and are looked at elsewhere."""
    from boundcheck.report import figures

    def save(figure, folder, name):
        paths = (folder / f"{name}.svg", folder / f"{name}.png")
        for path in paths:
            path.write_bytes(b"<svg/>")
        return paths

    monkeypatch.setattr(figures, "save", save)

"""Errors speak of Python's arguments, which a command line does not have: the same in words of its options."""

from __future__ import annotations

import re

__all__ = ["ARGUMENTS", "CALLS", "FLAGS", "in_words_of_options"]

#: What a command has for an argument that a message advises.
FLAGS = {
    "equal_sizes=False": "--any-sizes",
    "repair=True": "--repair-journal",
    "labels=arrays": "--labels",
    "m=": "--m",
    "data=DIR": "--data DIR",
    "directory=DIR": "--proofs DIR",
}

#: The command or option for a call that a message advises.
CALLS = {
    "download()": "--download",
    "Refuted.save()": "boundcheck falsify --out FILE",
}

#: What a command calls an argument that a message names first.
ARGUMENTS = {
    "path": "FILE",
    "file": "FILE",
    "arrays": "FILE",
    "aggregator": "--aggregator",
    "names of G1": "--g1",
    "names of G2": "--g2",
    "names of G3": "--g3",
    "names of G1, G2 and G3": "--g1, --g2, --g3",
}

# A message's advice: pass this argument, or have something opened with it.
_ADVICE = re.compile(
    r"(?P<how>\bpass|\bwith|\bgive)\s+(?P<argument>(?P<name>[a-z][a-z0-9_]*)=(?P<value>(?:\w[\w.]*\w|\w?)))"
)

# The first of a message, or after the option that it is about: "--beside it=a.npz: path: expected".
_NAMED = re.compile(rf"(?:^|(?<=: ))(?P<argument>{'|'.join(map(re.escape, ARGUMENTS))})(?=: expected )")


# A value by its parameter, as the library has it.
_PARAMETER = re.compile(r"^parameters\[(?P<quote>['\"])(?P<name>.+?)(?P=quote)\](?=: expected )")
_VALUE = re.compile(r"pass parameters=\{(?P<quote>['\"])(?P<name>.+?)(?P=quote): …\}")


def in_words_of_options(message: str) -> str:
    """Return an error's message with options in place of arguments.

    The argument that is named first goes by :data:`ARGUMENTS`, what is advised by :data:`FLAGS` and :data:`CALLS`. Advice to
    pass what no option has is for Python, and says so.

    Examples
    --------
    >>> in_words_of_options("G3: expected 2 objects like G1, got 1; pass equal_sizes=False for the variant")
    'G3: expected 2 objects like G1, got 1; pass --any-sizes for the variant'
    >>> in_words_of_options("names of G1: expected a collection of the file (a, b, …), got 'c'")
    "--g1: expected a collection of the file (a, b, …), got 'c'"
    >>> in_words_of_options("f: expected one value, got two; pass batched=False if it takes one object")
    'f: expected one value, got two; in Python, pass batched=False if it takes one object'
    >>> in_words_of_options("parameters['τ']: expected a value, got none; pass parameters={'τ': …}")
    '--parameter τ: expected a value, got none; give --parameter τ=VALUE'
    """
    # Only the advice: before it stand values, which may look like anything.
    head, semicolon, advice = message.partition("; ")
    head = _PARAMETER.sub(lambda found: f"--parameter {found['name']}", head)
    advice = _VALUE.sub(lambda found: f"give --parameter {found['name']}=VALUE", advice)
    head = _NAMED.sub(lambda found: ARGUMENTS[found["argument"]], head, count=1)
    for call, words in CALLS.items():
        advice = advice.replace(call, words)
    return head + semicolon + _ADVICE.sub(_said, advice)


def _said(found: re.Match[str]) -> str:
    option = FLAGS.get(found["argument"])
    if option is not None:
        return f"{found['how']} {option}"
    return f"in Python, {found[0]}" if found["how"] != "with" else f"{found[0]} (in Python)"

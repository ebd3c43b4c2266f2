"""Bounds in a project's own tests: drawn collections as a decorator, a check as an assertion.

The pytest plugin, which adds options, a marker and the line that runs a failing test again, is a module of its own
beside the package: pytest loads it in every run, and it must not load the package.
"""

from __future__ import annotations

import functools
import inspect
import math
import sys
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeAlias

import torch
from hypothesis import currently_in_test_context, given, is_hypothesis_test, note
from hypothesis import strategies as st

from boundcheck.adversary import norms as any_norm
from boundcheck.adversary import triples
from boundcheck.adversary.strategies import SHAPES
from boundcheck.checking import Aggregator, check_bound, choose_bound
from boundcheck.embed import embed_all
from boundcheck.errors import BoundcheckError, InvalidTypeError, InvalidValueError, explain, require_norm
from boundcheck.evaluate import Verdict
from boundcheck.language import Bound
from boundcheck.report import Report
from boundcheck.theorems import K, every

__all__ = ["BoundAssertionError", "as_snippet", "assert_bound", "given_collections"]

#: The names under which a test takes what is drawn.
COLLECTIONS = ("G1", "G2", "G3")
TRIPLE, NORM = "triple", "norm"

#: How many coordinates a snippet shows; more would be no help to a reader.
LONGEST = 120

_Test: TypeAlias = Callable[..., None]


class BoundAssertionError(BoundcheckError, AssertionError):
    """A bound that was asserted and does not hold, or cannot be shown to.

    Attributes
    ----------
    report
        What :func:`boundcheck.check_bound` found.
    """

    def __init__(self, message: str, report: Report) -> None:
        super().__init__(message)
        self.report = report

    def __reduce__(self) -> tuple[type[BoundAssertionError], tuple[str, Report]]:
        return type(self), (str(self), self.report)


def given_collections(
    bound: Bound | str = K,
    *,
    max_size: int = 8,
    max_dimension: int = 1000,
    shapes: tuple[str, ...] = SHAPES,
    norms: Sequence[float] | None = None,
    **others: st.SearchStrategy[Any],
) -> Callable[[_Test], _Test]:
    """Run a test on many drawn triples of collections, adversarial ones among them.

    The test takes ``triple``, a :class:`boundcheck.adversary.Triple`, or ``G1``, ``G2`` and ``G3``, arrays of shape
    (size, d); and ``norm``, the p of a p-norm, if it wants that drawn too. Its other parameters are fixtures, or are
    drawn from the strategies given for them. It is a Hypothesis test: settings, examples and the database count for it.

    Parameters
    ----------
    bound
        Whose premises on sizes, and whose norms, to draw: a :class:`boundcheck.Bound`, the name of a known one or
        FILE.py:NAME, **a file that is run**.
    max_size
        The most points in a collection, at least 1.
    max_dimension
        Of the space, at least 1.
    shapes
        Which of :data:`boundcheck.adversary.strategies.SHAPES` to draw.
    norms
        Which p to draw, each in [1, inf]. Left out, any that the bound is stated for.
    **others
        A Hypothesis strategy for each further parameter that is to be drawn.

    Returns
    -------
    callable
        A decorator of tests.

    Raises
    ------
    InvalidTypeError
        If bound is no bound, or what is decorated is a coroutine function or has :func:`hypothesis.given` on it
        already.
    InvalidValueError
        If there is no bound of that name; if the test takes neither the triple nor the three collections, or both; or
        if norms are given and it takes no norm.
    NormError
        If p < 1, or the bound is not stated for this norm.

    Examples
    --------
    >>> from hypothesis import settings
    >>> @settings(max_examples=20, deadline=None, derandomize=True)
    ... @given_collections(max_dimension=4, norms=(1, 2))
    ... def test_karimov(G1, G2, G3, norm):
    ...     assert_bound(None, G1, G2, G3, norm=norm, allow_undecided=True)
    >>> test_karimov()
    """
    if callable(bound):
        raise InvalidTypeError(
            explain("bound", "a Bound or the name of a known one", f"{bound!r}", "write @given_collections()")
        )
    chosen = choose_bound(bound, True)
    if norms is not None:
        p = st.sampled_from(_usable_norms(norms, chosen))
    elif chosen.space.admits(1):
        p = any_norm()
    else:
        p = st.just(_usual_norm(chosen))

    def decorate(test: _Test) -> _Test:
        _require_plain(test)
        takes = set(inspect.signature(test).parameters)
        whole, parts = TRIPLE in takes, takes.issuperset(COLLECTIONS)
        if whole == parts:
            raise InvalidValueError(
                explain(
                    f"parameters of {test.__name__}",
                    "triple, or G1, G2 and G3",
                    ", ".join(inspect.signature(test).parameters) or "none",
                )
            )
        if norms is not None and NORM not in takes:
            raise InvalidValueError(
                explain("norms", f"None, since {test.__name__} takes no norm", f"{norms!r}", "add the parameter norm")
            )
        reserved = [name for name in others if name in (TRIPLE, *COLLECTIONS, NORM)]
        if reserved:
            raise InvalidValueError(
                explain("others", "strategies for other parameters", f"one for {', '.join(reserved)}", "use @given")
            )
        drawn = triples(chosen, max_size=max_size, max_dimension=max_dimension, shapes=shapes)
        strategies: dict[str, st.SearchStrategy[Any]] = {}
        if whole:
            strategies[TRIPLE] = drawn
        else:
            # One triple, three arguments: under their own names they can be given to @example too.
            one = st.shared(drawn)
            strategies |= {"G1": one.map(_first), "G2": one.map(_second), "G3": one.map(_third)}
        if NORM in takes:
            strategies[NORM] = p

        @functools.wraps(test)
        def run(*args: Any, **kwargs: Any) -> Any:
            __tracebackhide__ = True
            try:
                # What a test returns is for Hypothesis to complain of.
                return test(*args, **kwargs)
            except BaseException as error:
                # An assertion about a bound says what to paste itself, with the points as they were embedded.
                if not isinstance(error, BoundAssertionError) and currently_in_test_context():
                    note(_Paste(chosen, kwargs, getattr(test, "__globals__", {})))
                raise

        decorated = given(**strategies, **others)(run)
        if inspect.isfunction(test) and inspect.isfunction(decorated):
            # Tracebacks begin at the test, as they do with Hypothesis's own decorator.
            place = test.__code__
            decorated.__code__ = decorated.__code__.replace(
                co_filename=place.co_filename, co_firstlineno=place.co_firstlineno
            )
        # By this the plugin knows the test without importing anything.
        decorated.is_boundcheck_test = True  # type: ignore[attr-defined]
        return decorated

    return decorate


def assert_bound(
    f: Any,
    G1: Any,
    G2: Any,
    G3: Any,
    *,
    bound: Bound | str | None = None,
    aggregator: Aggregator | None = None,
    m: float | None = None,
    norm: float = 2,
    equal_sizes: bool = True,
    weights: Mapping[str, Any] | None = None,
    head: Any = None,
    lipschitz: float | None = None,
    batch_size: int = 256,
    batched: bool | None = None,
    device: str | torch.device | None = None,
    allow_undecided: bool = False,
    allow_vacuous: bool = False,
) -> Report:
    """Assert that a bound holds on three collections under an embedding.

    Parameters
    ----------
    f, G1, G2, G3, bound, aggregator, m, norm, equal_sizes, weights, head, lipschitz, batch_size, batched, device
        As for :func:`boundcheck.check_bound`; bound is one bound, not ``"all"``.
    allow_undecided
        Whether to pass where the two sides cannot be told apart: they may be equal and have no exact form.
    allow_vacuous
        Whether to pass where a premise fails, so that nothing is said of the conclusion.

    Returns
    -------
    Report
        What was found, where it is enough.

    Raises
    ------
    BoundAssertionError
        If the bound fails, is undecided or is vacuous; an AssertionError whose message is the report and a call that
        shows the same, and which has the report itself.
    BoundcheckError
        As :func:`boundcheck.check_bound` does.

    Examples
    --------
    >>> report = assert_bound(None, [[0.0], [1.0]], [[1.0], [2.0]], [[4.0], [5.0]])
    >>> float(report.slack)
    9.0
    """
    __tracebackhide__ = True
    if isinstance(bound, str) and bound == "all":
        raise InvalidValueError(explain("bound", "one bound", "'all'", "use check_bound, or assert one bound a call"))
    for name, allowed in (("allow_undecided", allow_undecided), ("allow_vacuous", allow_vacuous)):
        if not isinstance(allowed, bool):
            raise InvalidTypeError(explain(name, "True or False", f"{allowed!r}"))
    # Embedded here, since the message shows the points.
    points = embed_all(
        f,
        {"G1": G1, "G2": G2, "G3": G3},
        batch_size=batch_size,
        batched=batched,
        device=device,
        progress=False,
    )
    report = check_bound(
        None,
        *points.values(),
        bound=bound,
        aggregator=aggregator,
        m=m,
        norm=norm,
        equal_sizes=equal_sizes,
        weights=weights,
        head=head,
        lipschitz=lipschitz,
        batch_size=batch_size,
        device=device,
        progress=False,
    )
    if report:
        return report
    known = every().get(report.bound.name) == report.bound
    snippet = as_snippet(
        report.bound if known or not isinstance(bound, Bound) else bound,
        *points.values(),
        m=m,
        norm=report.norm,
        equal_sizes=equal_sizes or known,
        aggregator=aggregator if isinstance(aggregator, str) else None,
        besides=[
            name
            for name, value in (("weights", weights), ("head", head), ("lipschitz", lipschitz))
            if value is not None
        ]
        + ["aggregator"] * (aggregator is not None and not isinstance(aggregator, str)),
        namespace=sys._getframe(1).f_globals,
    )
    # A line each: Hypothesis tells failures apart by their line, and would else shrink one into another.
    if report.verdict is Verdict.FAILS:
        raise BoundAssertionError(_message(report, "the bound fails", snippet), report)
    if report.verdict is Verdict.UNDECIDED:
        if allow_undecided:
            return report
        why = "the two sides cannot be told apart, so the bound is not shown to hold; pass allow_undecided=True to allow that"
        raise BoundAssertionError(_message(report, why, snippet), report)
    if allow_vacuous:
        return report
    failing = " and ".join(str(premise.name) for premise in report.premises if premise.verdict is Verdict.FAILS)
    why = f"the premise {failing} fails, so nothing is said of the conclusion; pass allow_vacuous=True to allow that"
    raise BoundAssertionError(_message(report, why, snippet), report)


def as_snippet(
    bound: Bound,
    G1: Any,
    G2: Any,
    G3: Any,
    *,
    m: float | None = None,
    norm: float = 2,
    equal_sizes: bool = True,
    aggregator: str | None = None,
    besides: Sequence[str] = (),
    namespace: Mapping[str, Any] | None = None,
) -> str:
    """Return a call of :func:`boundcheck.check_bound` on points, to paste into Python.

    Parameters
    ----------
    bound
        What is checked: by its name if it is a known one, else by the name that the namespace has it under.
    G1, G2, G3
        The points, arrays or tensors of shape (size, d).
    m, norm, equal_sizes, aggregator
        As for :func:`boundcheck.check_bound`; what is its default there is not shown.
    besides
        The names of further arguments, which have no text.
    namespace
        The global names of the module where the bound is used.

    Examples
    --------
    >>> print(as_snippet(K, *(torch.tensor([[x]]) for x in (0.0, 2.0, 1.0)), norm=float("inf")))
    from boundcheck import check_bound
    print(check_bound(None, [[0.0]], [[2.0]], [[1.0]], bound='karimov', norm=float('inf')))
    """
    collections = (G1, G2, G3)
    if sum(math.prod(points.shape) for points in collections) > LONGEST:
        shapes = ", ".join(
            f"{name} {tuple(points.shape)}" for name, points in zip(COLLECTIONS, collections, strict=True)
        )
        return f"# too many numbers to show: {shapes}"
    lines = ["from boundcheck import check_bound"]
    if every().get(bound.name) == bound:
        reference = repr(bound.name)
    else:
        names = [name for name, value in (namespace or {}).items() if value is bound]
        reference = min(names, key=len) if names else "bound"
        lines.append(
            f"from {(namespace or {}).get('__name__')} import {reference}" if names else f"# where bound is {bound}"
        )
    if besides:
        lines.append(f"# with {', '.join(besides)} as in the test")
    arguments = ["None", *(repr(points.tolist()) for points in collections), f"bound={reference}"]
    if m is not None:
        arguments.append(f"m={_number(m)}")
    if norm != 2:
        arguments.append(f"norm={_number(norm)}")
    if not equal_sizes:
        arguments.append("equal_sizes=False")
    if aggregator is not None:
        arguments.append(f"aggregator={aggregator!r}")
    return "\n".join([*lines, f"print(check_bound({', '.join(arguments)}))"])


class _Paste:
    """A snippet of what was drawn, made only if Hypothesis prints it: the examples that it shrinks it does not."""

    def __init__(self, bound: Bound, drawn: Mapping[str, Any], namespace: Mapping[str, Any]) -> None:
        self._bound, self._drawn, self._namespace = bound, drawn, namespace

    def __repr__(self) -> str:
        drawn = self._drawn
        collections = drawn[TRIPLE].collections if TRIPLE in drawn else [drawn[name] for name in COLLECTIONS]
        norm = drawn.get(NORM, _usual_norm(self._bound))
        return "The collections, to paste:\n" + as_snippet(
            self._bound, *collections, norm=norm, namespace=self._namespace
        )

    def _repr_pretty_(self, printer: Any, cycle: bool) -> None:
        # Hypothesis would break the lines of a text.
        printer.text(repr(self))


def _first(triple: Any) -> Any:
    return triple.G1


def _second(triple: Any) -> Any:
    return triple.G2


def _third(triple: Any) -> Any:
    return triple.G3


def _usual_norm(bound: Bound) -> float:
    return 2.0 if bound.space.admits(2) else math.inf


def _usable_norms(norms: Sequence[float], bound: Bound) -> list[float]:
    if isinstance(norms, (str, st.SearchStrategy)) or not isinstance(norms, Sequence):
        raise InvalidTypeError(explain("norms", "numbers p in [1, inf], such as (1, 2)", f"{norms!r}"))
    if not norms:
        raise InvalidValueError(explain("norms", "at least one p in [1, inf]", f"{norms!r}"))
    usable = [require_norm(p, "norms") for p in norms]
    return [bound.require_norm(p) for p in usable]


def _require_plain(test: object) -> None:
    if not callable(test) or inspect.isclass(test):
        raise InvalidTypeError(explain("test", "a function", f"{test!r}"))
    if is_hypothesis_test(test):
        raise InvalidTypeError(
            explain(
                "test",
                "a function without @given",
                f"{getattr(test, '__name__', test)!r} with it",
                "pass its strategies to given_collections by name",
            )
        )
    if inspect.iscoroutinefunction(test):
        raise InvalidTypeError(
            explain(
                "test",
                "a function that is not async",
                f"{getattr(test, '__name__', test)!r}, which is",
                "use @given(boundcheck.adversary.triples())",
            )
        )


def _message(report: Report, why: str, snippet: str) -> str:
    return f"{report.bound.name}: {why}\n{report}\n\n{snippet}"


def _number(value: float) -> str:
    value = float(value)
    return f"float('{value}')" if not math.isfinite(value) else repr(value)

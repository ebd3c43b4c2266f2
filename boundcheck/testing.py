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
from typing import Any, TypeAlias, overload

import torch
from hypothesis import currently_in_test_context, given, is_hypothesis_test, note
from hypothesis import strategies as st

from boundcheck.adversary import norms as any_norm
from boundcheck.adversary.hard import HARD, Drawn, drawn_cases
from boundcheck.adversary.problem import NORMS
from boundcheck.adversary.snippets import call_by_name
from boundcheck.adversary.strategies import SHAPES, Triple
from boundcheck.checking import Aggregator, check, check_bound
from boundcheck.checking.arguments import called, needed
from boundcheck.checking.calls import embedded_by_name
from boundcheck.checking.choices import bound_to_check
from boundcheck.embed import embed_all
from boundcheck.errors import BoundcheckError, InvalidTypeError, InvalidValueError, explain, require_norm
from boundcheck.evaluate import Verdict
from boundcheck.language import Bound, Family
from boundcheck.report import Report
from boundcheck.theorems import K, every
from boundcheck.theorems.published import PUBLISHED

__all__ = ["BoundAssertionError", "as_snippet", "assert_bound", "given_collections"]

#: The names under which a test takes what is drawn: all collections, of three a triple; and what else a bound has.
COLLECTIONS, TRIPLE = "collections", "triple"
NORM, WEIGHTS, PARAMETERS, MAPS = "norm", "weights", "parameters", "maps"

_SHORT = ("G1", "G2", "G3")

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
    shapes: tuple[str, ...] = (*SHAPES, *HARD),
    norms: Sequence[float] | None = None,
    **others: st.SearchStrategy[Any],
) -> Callable[[_Test], _Test]:
    """Run a test on many drawn collections, adversarial ones among them: one, two, three or any number, and families.

    The test takes each collection of the bound by its symbol or its argument, arrays of shape (size, d), and a family as
    a mapping from class to array; or ``collections``, a mapping of all of them as :func:`boundcheck.check` takes it; of
    three, also ``triple``, a :class:`boundcheck.adversary.Triple`. If it wants these drawn too, it takes ``norm``, the p
    of a p-norm, and ``weights``, ``parameters`` and ``maps``, mappings from symbol to ratios, numbers and functions. Its
    other parameters are fixtures, or are drawn from the strategies given for them. It is a Hypothesis test: settings,
    examples and the database count for it.

    Half of the examples are hard cases: what a search for a counterexample to the bound comes to, as
    :func:`boundcheck.falsify` searches. So a statement that is false of points as they are is found to be in few examples.

    Parameters
    ----------
    bound
        Whose collections, and whose norms, to draw: a :class:`boundcheck.Bound`, the name of a known one or
        FILE.py:NAME, **a file that is run**.
    max_size
        The most points in a collection, and in a class, and the most classes, at least 1.
    max_dimension
        Of the space, at least 1.
    shapes
        Which of :data:`boundcheck.adversary.strategies.SHAPES`, :data:`boundcheck.adversary.strategies.ROUND` and
        :data:`boundcheck.adversary.hard.HARD` to draw; the last are what the search finds.
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
        If there is no bound of that name; if the test takes neither all collections nor each of them, or both; or if
        norms are given and it takes no norm.
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

    A bound over two collections:

    >>> from boundcheck.language import Bound, Collection, distance, farthest, mean
    >>> a, b = Collection("a", "A", index="i", size="n"), Collection("b", "B", index="j", size="p")
    >>> centroids = Bound("centroids", lhs=distance(mean(a), mean(b)), rhs=farthest(a, b), collections=[a, b])
    >>> @settings(max_examples=20, deadline=None, derandomize=True)
    ... @given_collections(centroids, max_dimension=4)
    ... def test_centroids(a, b):
    ...     assert_bound(centroids, None, a=a, b=b, allow_undecided=True)
    >>> test_centroids()
    """
    if callable(bound):
        raise InvalidTypeError(
            explain("bound", "a Bound or the name of a known one", f"{bound!r}", "write @given_collections()")
        )
    chosen = bound_to_check(bound, True)
    usual = _usual_norm(chosen)
    usable = None if norms is None else _usable_norms(norms, chosen)

    def decorate(test: _Test) -> _Test:
        _require_plain(test)
        takes = tuple(inspect.signature(test).parameters)
        _require_taken(test.__name__, chosen, takes)
        if norms is not None and NORM not in takes:
            raise InvalidValueError(
                explain("norms", f"None, since {test.__name__} takes no norm", f"{norms!r}", "add the parameter norm")
            )
        reserved = [name for name in others if name in (COLLECTIONS, TRIPLE, NORM, *_names(chosen), *_BESIDES)]
        if reserved:
            raise InvalidValueError(
                explain("others", "strategies for other parameters", f"one for {', '.join(reserved)}", "use @given")
            )
        if NORM not in takes:
            p, searched = st.just(usual), [usual]
        elif usable is not None:
            p, searched = st.sampled_from(usable), list(dict.fromkeys(usable))
        else:
            several_norms = chosen.space.admits(1)
            p = any_norm() if several_norms else st.just(usual)
            searched = [one for one in NORMS if chosen.space.admits(one)] if several_norms else [usual]
        drawn = drawn_cases(
            chosen,
            max_size=max_size,
            max_dimension=max_dimension,
            shapes=shapes,
            norms=p,
            searched=searched,
            above=PARAMETERS in takes,
        )
        # One case, several arguments: under their own names they can be given to @example too.
        one = st.shared(drawn)
        strategies = {name: one.map(_part(chosen, name)) for name in takes if name in _taken(chosen)}

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


@overload
def assert_bound(
    bound: Bound | str,
    f: Any = ...,
    /,
    *,
    parameters: Mapping[Any, float] | None = ...,
    maps: Mapping[Any, Any] | None = ...,
    weights: Mapping[Any, Any] | None = ...,
    norm: float = ...,
    m: float | None = ...,
    equal_sizes: bool = ...,
    collections: Mapping[str, Any] | None = ...,
    batch_size: int = ...,
    batched: bool | None = ...,
    device: str | torch.device | None = ...,
    allow_undecided: bool = ...,
    allow_vacuous: bool = ...,
    **named: Any,
) -> Report: ...
@overload
def assert_bound(
    f: Any,
    G1: Any,
    G2: Any,
    G3: Any,
    /,
    *,
    bound: Bound | str | None = ...,
    aggregator: Aggregator | None = ...,
    m: float | None = ...,
    norm: float = ...,
    equal_sizes: bool = ...,
    weights: Mapping[str, Any] | None = ...,
    parameters: Mapping[Any, float] | None = ...,
    head: Any = ...,
    lipschitz: float | None = ...,
    batch_size: int = ...,
    batched: bool | None = ...,
    device: str | torch.device | None = ...,
    allow_undecided: bool = ...,
    allow_vacuous: bool = ...,
) -> Report: ...
def assert_bound(
    bound: Any = None,
    f: Any = None,
    /,
    *triple: Any,
    allow_undecided: bool = False,
    allow_vacuous: bool = False,
    **named: Any,
) -> Report:
    """Assert that a bound holds on collections under an embedding: ``assert_bound(bound, f, x=…, y=…)``.

    A first argument that is neither a bound nor the name of one is the embedding of the short form for three collections,
    ``assert_bound(f, G1, G2, G3, bound=…)``.

    Parameters
    ----------
    bound, f
        As for :func:`boundcheck.check`; one bound, not ``"all"``.
    **named
        The collections by name, and what else :func:`boundcheck.check` takes; of the short form, what
        :func:`boundcheck.check_bound` takes.
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
        As :func:`boundcheck.check` does.

    Examples
    --------
    >>> report = assert_bound(None, [[0.0], [1.0]], [[1.0], [2.0]], [[4.0], [5.0]])
    >>> float(report.slack)
    9.0
    >>> report = assert_bound("karimov", None, x=[[0.0], [1.0]], z=[[1.0], [2.0]], w=[[4.0], [5.0]])
    >>> float(report.slack)
    9.0
    """
    __tracebackhide__ = True
    is_short = not isinstance(bound, (Bound, str))
    stated = named.get("bound") if is_short else bound
    if isinstance(stated, str) and stated == "all":
        raise InvalidValueError(explain("bound", "one bound", "'all'", "use check_bound, or assert one bound a call"))
    for name, allowed in (("allow_undecided", allow_undecided), ("allow_vacuous", allow_vacuous)):
        if not isinstance(allowed, bool):
            raise InvalidTypeError(explain(name, "True or False", f"{allowed!r}"))
    namespace = sys._getframe(1).f_globals
    if is_short:
        given = (bound, f, *triple) if triple or f is not None else () if bound is None else (bound,)
        report, snippet = _checked_short(namespace, *given, **named)
    else:
        report, snippet = _checked(namespace, bound, f, *triple, **named)
    if report:
        return report
    # A line each: Hypothesis tells failures apart by their line, and would else shrink one into another.
    if report.verdict is Verdict.FAILS:
        raise BoundAssertionError(_message(report, "the bound fails", snippet()), report)
    if report.verdict is Verdict.UNDECIDED:
        if allow_undecided:
            return report
        why = "the two sides cannot be told apart, so the bound is not shown to hold; pass allow_undecided=True to allow that"
        raise BoundAssertionError(_message(report, why, snippet()), report)
    if allow_vacuous:
        return report
    failing = " and ".join(str(premise.name) for premise in report.premises if premise.verdict is Verdict.FAILS)
    why = f"the premise {failing} fails, so nothing is said of the conclusion; pass allow_vacuous=True to allow that"
    raise BoundAssertionError(_message(report, why, snippet()), report)


def _checked_short(
    namespace: Mapping[str, Any],
    f: Any,
    G1: Any,
    G2: Any,
    G3: Any,
    *,
    bound: Bound | str | None = None,
    batch_size: int = 256,
    batched: bool | None = None,
    device: str | torch.device | None = None,
    **options: Any,
) -> tuple[Report, Callable[[], str]]:
    """Return the report on three collections, and what makes a call that shows the same."""
    # Embedded here, since the message shows the points.
    points = embed_all(
        f, dict(zip(_SHORT, (G1, G2, G3), strict=True)), batch_size=batch_size, batched=batched, device=device,
        progress=False,
    )  # fmt: skip
    report = check_bound(
        None, *points.values(), bound=bound, batch_size=batch_size, device=device, progress=False, **options
    )
    aggregator = options.pop("aggregator", None)
    is_named = isinstance(aggregator, str)
    shown = {name: options.get(name) for name in ("m", "parameters", "weights")}
    besides = [name for name in ("head", "lipschitz") if options.get(name) is not None]
    return report, lambda: as_snippet(
        _stated(report, bound),
        *points.values(),
        **shown,
        norm=report.norm,
        equal_sizes=options.get("equal_sizes", True) or _is_known(report.bound),
        aggregator=aggregator if is_named else None,
        besides=besides + ["aggregator"] * (aggregator is not None and not is_named),
        namespace=namespace,
    )


def _checked(
    namespace: Mapping[str, Any],
    bound: Bound | str,
    f: Any,
    *rest: Any,
    maps: Mapping[Any, Any] | None = None,
    collections: Mapping[str, Any] | None = None,
    parameters: Mapping[Any, float] | None = None,
    weights: Mapping[Any, Any] | None = None,
    norm: float = 2,
    m: float | None = None,
    equal_sizes: bool = True,
    batch_size: int = 256,
    batched: bool | None = None,
    device: str | torch.device | None = None,
    **named: Any,
) -> tuple[Report, Callable[[], str]]:
    """Return the report on collections by name, and what makes a call that shows the same."""
    if rest:
        fix = "pass each collection by its name, x=…"
        raise InvalidTypeError(explain("assert_bound", "a bound and an embedding before the names", "more", fix))
    chosen = bound_to_check(bound, equal_sizes)
    points = embedded_by_name(
        chosen, named.pop("f", f), named, collections, batch_size=batch_size, batched=batched, device=device
    )
    report = check(
        bound,
        None,
        collections=points,
        parameters=parameters,
        maps=maps,
        weights=weights,
        norm=norm,
        m=m,
        equal_sizes=equal_sizes,
        batch_size=batch_size,
        device=device,
        progress=False,
    )
    return report, lambda: as_snippet(
        _stated(report, bound),
        collections=points,
        m=m,
        parameters=parameters,
        weights=weights,
        norm=norm,
        equal_sizes=equal_sizes or _is_known(report.bound),
        besides=["maps"] * bool(maps),
        namespace=namespace,
    )


def _stated(report: Report, bound: Bound | str | None) -> Bound:
    """Return the bound that a snippet names: the one that was given, but for a variant that is known itself."""
    return report.bound if _is_known(report.bound) or not isinstance(bound, Bound) else bound


def _is_known(bound: Bound) -> bool:
    """Say whether a bound can be found by its name."""
    published = PUBLISHED.get(bound.name)
    return every().get(bound.name) == bound or (published is not None and published.bound == bound)


def as_snippet(
    bound: Bound,
    *triple: Any,
    collections: Mapping[str, Any] | None = None,
    m: float | None = None,
    parameters: Mapping[Any, float] | None = None,
    weights: Mapping[Any, Any] | None = None,
    norm: float = 2,
    equal_sizes: bool = True,
    aggregator: str | None = None,
    besides: Sequence[str] = (),
    namespace: Mapping[str, Any] | None = None,
) -> str:
    """Return a call of :func:`boundcheck.check_bound`, or of :func:`boundcheck.check`, on points, to paste into Python.

    Parameters
    ----------
    bound
        What is checked: by its name if it is a known one, else by the name that the namespace has it under.
    *triple
        The points of G1, G2 and G3, arrays or tensors of shape (size, d).
    collections
        The points of any number of collections by name, in place of the three; of a family, by class.
    m, parameters, weights, norm, equal_sizes, aggregator
        As for :func:`boundcheck.check`; what is its default there is not shown, and weights that are no numbers are named
        alone.
    besides
        The names of further arguments, which have no text.
    namespace
        The global names of the module where the bound is used.

    Examples
    --------
    >>> print(as_snippet(K, *(torch.tensor([[x]]) for x in (0.0, 2.0, 1.0)), norm=float("inf")))
    from boundcheck import check_bound
    print(check_bound(None, [[0.0]], [[2.0]], [[1.0]], bound='karimov', norm=float('inf')))
    >>> print(as_snippet(K, collections={"x": torch.zeros(1, 1), "z": torch.ones(1, 1), "w": torch.ones(1, 1)}))
    from boundcheck import check
    print(check('karimov', None, x=[[0.0]], z=[[1.0]], w=[[1.0]]))
    """
    named = dict(zip(_SHORT, triple, strict=True)) if collections is None else collections
    arrays = [points for given in named.values() for points in (given.values() if _is_family(given) else [given])]
    if sum(math.prod(points.shape) for points in arrays) > LONGEST:
        return f"# too many numbers to show: {', '.join(f'{name} {_shape(given)}' for name, given in named.items())}"
    lines = [f"from boundcheck import {'check_bound' if collections is None else 'check'}"]
    if _is_known(bound):
        reference = repr(bound.name)
    else:
        names = [name for name, value in (namespace or {}).items() if value is bound]
        reference = min(names, key=len) if names else "bound"
        lines.append(
            f"from {(namespace or {}).get('__name__')} import {reference}" if names else f"# where bound is {bound}"
        )
    options = [f"bound={reference}"] if collections is None else []
    without_text = list(besides)
    if m is not None:
        options.append(f"m={_number(m)}")
    if parameters:
        own = ", ".join(f"{getattr(key, 'symbol', key)!r}: {_number(value)}" for key, value in parameters.items())
        options.append(f"parameters={{{own}}}")
    if weights:
        ratios = {getattr(key, "symbol", key): _ratios(value) for key, value in weights.items()}
        if None in ratios.values():
            without_text.append("weights")
        else:
            options.append(f"weights={ratios!r}")
    if norm != 2:
        options.append(f"norm={_number(norm)}")
    if not equal_sizes:
        options.append("equal_sizes=False")
    if aggregator is not None:
        options.append(f"aggregator={aggregator!r}")
    if without_text:
        lines.append(f"# with {', '.join(without_text)} as in the test")
    texts = {name: _as_text(given) for name, given in named.items()}
    if collections is None:
        call = f"check_bound({', '.join(['None', *texts.values(), *options])})"
    else:
        call = call_by_name(reference, "None", texts, options)
    return "\n".join([*lines, f"print({call})"])


def _is_family(given: Any) -> bool:
    return isinstance(given, Mapping)


def _shape(given: Any) -> str:
    return f"of {len(given)} classes" if _is_family(given) else f"{tuple(given.shape)}"


def _as_text(given: Any) -> str:
    return repr({name: rows.tolist() for name, rows in given.items()} if _is_family(given) else given.tolist())


def _ratios(weights: Any) -> list[float] | str | None:
    """Return weights as a call can show them; None for a function."""
    if isinstance(weights, str):
        return weights
    try:
        return [float(ratio) for ratio in weights]
    except (TypeError, ValueError):
        return None


# What a test may take besides collections, with the norm.
_BESIDES = (WEIGHTS, PARAMETERS, MAPS)


class _Collections(dict[str, Any]):
    """The collections of a bound by name, which read as what was drawn."""

    def __init__(self, drawn: Drawn) -> None:
        super().__init__(drawn.several.named)
        self._shown = repr(drawn.several)

    def __repr__(self) -> str:
        return self._shown

    def _repr_pretty_(self, printer: Any, cycle: bool) -> None:
        # Hypothesis would print item by item: up to 24,000 numbers.
        printer.text(self._shown)


def _names(bound: Bound) -> dict[str, str]:
    """Return each name that a bound's collections have, with the argument that it stands for."""
    arguments = {one.argument: one.argument for one in bound.collections}
    return arguments | {one.symbol: one.argument for one in bound.collections}


def _taken(bound: Bound) -> set[str]:
    """Return the names under which a test may take what is drawn."""
    is_plain = not any(isinstance(one, Family) for one in bound.collections)
    triple = {TRIPLE} if is_plain and len(bound.collections) == 3 else set()
    return {COLLECTIONS, NORM, *_BESIDES, *triple, *_names(bound)}


def _part(bound: Bound, name: str) -> Callable[[Drawn], Any]:
    """Return what makes of a case the argument of a test."""
    argument = _names(bound).get(name)
    if argument is not None:
        return lambda drawn: drawn.several.named[argument]
    if name == COLLECTIONS:
        return _Collections
    if name == TRIPLE:
        return _triple
    return lambda drawn: getattr(drawn, name)


def _triple(drawn: Drawn) -> Triple:
    anchors, positives, negatives = drawn.several.collections
    return Triple(anchors, positives, negatives, drawn.several.shape)


def _require_taken(test: str, bound: Bound, takes: Sequence[str]) -> None:
    """Raise where a test takes neither all collections nor each of them, or both, or one by two names."""
    names = _names(bound)
    own = [names[name] for name in takes if name in names]
    together = [name for name in takes if name in _taken(bound) & {COLLECTIONS, TRIPLE}]
    missing = [one for one in needed(bound) if one.argument not in own]
    if len(together) + bool(own) != 1 or len(set(own)) < len(own) or (own and missing):
        triple = f"{TRIPLE}, " if TRIPLE in _taken(bound) else ""
        raise InvalidValueError(
            explain(
                f"parameters of {test}",
                f"{triple}{COLLECTIONS}, or each of {called(bound, needed(bound))}",
                ", ".join(takes) or "none",
            )
        )


class _Paste:
    """A snippet of what was drawn, made only if Hypothesis prints it: the examples that it shrinks it does not."""

    def __init__(self, bound: Bound, drawn: Mapping[str, Any], namespace: Mapping[str, Any]) -> None:
        self._bound, self._drawn, self._namespace = bound, drawn, namespace

    def __repr__(self) -> str:
        drawn, known = self._drawn, _names(self._bound)
        given = {name: points for name, points in drawn.items() if name in known}
        options = {name: drawn[name] for name in (WEIGHTS, PARAMETERS) if name in drawn}
        options |= {"norm": drawn.get(NORM, _usual_norm(self._bound)), "namespace": self._namespace}
        options["besides"] = ["maps"] * bool(drawn.get(MAPS))
        triple = tuple(given.values()) if tuple(given) == _SHORT else ()
        if TRIPLE in drawn and TRIPLE not in given:
            triple = drawn[TRIPLE].collections
        if triple:
            return "The collections, to paste:\n" + as_snippet(self._bound, *triple, **options)
        collections = drawn.get(COLLECTIONS, given)
        return "The collections, to paste:\n" + as_snippet(self._bound, collections=collections, **options)

    def _repr_pretty_(self, printer: Any, cycle: bool) -> None:
        # Hypothesis would break the lines of a text.
        printer.text(repr(self))


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

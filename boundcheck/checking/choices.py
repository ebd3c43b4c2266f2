"""The bound and the norm that a check is of."""

from __future__ import annotations

from boundcheck.checking.aggregators import Aggregator, about_of, is_about, kind_of
from boundcheck.errors import InvalidTypeError, InvalidValueError, explain
from boundcheck.language import Bound, EqualSizes
from boundcheck.language.kept import kept
from boundcheck.theorems import K_ANY_SIZES, K
from boundcheck.theorems.find import find_bound
from boundcheck.theorems.representations import bound_about

__all__ = ["any_sizes", "bound_to_check", "choose_bound"]


def choose_bound(
    bound: Bound | str | None, equal_sizes: bool, aggregator: Aggregator | None = None, p: float = 2.0
) -> Bound:
    """Return a bound over three collections, given itself or its name, or its variant for any sizes.

    None stands for the bound to check for the aggregator in the p-norm.
    """
    if not isinstance(equal_sizes, bool):
        raise InvalidTypeError(explain("equal_sizes", "True or False", f"{equal_sizes!r}"))
    kind = "mean" if aggregator is None else kind_of(aggregator)
    if bound is None:
        bound = bound_about(kind, p)
    if isinstance(bound, str):
        bound = find_bound(bound)[0]
    if not isinstance(bound, Bound):
        raise InvalidTypeError(explain("bound", "a Bound or the name of a known one", f"{bound!r}"))
    if len(bound.collections) != 3:
        raise InvalidValueError(
            explain(
                "bound",
                "one over three collections",
                f"{bound.name!r} over {len(bound.collections)}",
                "boundcheck.check(bound, f, x=…, y=…) takes any number, by their symbols",
            )
        )
    about = about_of(bound)
    if aggregator is not None and not is_about(about, kind):
        raise InvalidValueError(
            explain(
                "aggregator",
                f"{'weights' if about == 'hull' else repr(about)}, which bound {bound.name!r} is about"
                if about
                else f"None, since bound {bound.name!r} is about no aggregator alone",
                f"{aggregator!r}",
                "leave bound out for the one that is about this aggregator, or leave aggregator out",
            )
        )
    return bound if equal_sizes else any_sizes(bound)


@kept
def any_sizes(bound: Bound) -> Bound:
    """Return the variant of a bound without its premises on sizes; the bound itself where it has none."""
    if not bound.equal_sizes:
        return bound
    return K_ANY_SIZES if bound == K else bound.without(EqualSizes, name=f"{bound.name}-any-sizes")


def bound_to_check(bound: Bound | str, equal_sizes: bool) -> Bound:
    """Return a bound over any number of collections, given itself or its name, or its variant for any sizes."""
    if not isinstance(equal_sizes, bool):
        raise InvalidTypeError(explain("equal_sizes", "True or False", f"{equal_sizes!r}"))
    found = find_bound(bound)[0] if isinstance(bound, str) else bound
    if not isinstance(found, Bound):
        raise InvalidTypeError(explain("bound", "a Bound or the name of a known one", f"{bound!r}"))
    return found if equal_sizes else any_sizes(found)

"""The steps in which a bound is computed, their costs, and a plan as a table."""

from __future__ import annotations

import enum
import math
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from boundcheck.language import (
    Applied,
    Average,
    Bound,
    ClassCount,
    ClassIndex,
    Collection,
    CoordinateIndex,
    CoordinateWise,
    Cosine,
    Dimension,
    DrawIndex,
    Family,
    Image,
    Index,
    Indicator,
    Inner,
    MemberIndex,
    Norm,
    PNorm,
    Point,
    Reduce,
    SampleIndex,
    Scalar,
    SignIndex,
    Term,
)

__all__ = ["AT_ONCE", "Cost", "Factor", "How", "Plan", "Step", "factors_of", "has_kernels", "page_of"]

#: The largest array that a reader makes on the way to a smaller result; results themselves may be larger.
AT_ONCE = 1 << 21

Factor: TypeAlias = "Collection | Dimension | ClassCount | Members | Choices"


@dataclass(frozen=True)
class Members:
    """The size of the largest class of a family, as a factor of a cost."""

    family: Family

    def __str__(self) -> str:
        return f"{self.family.class_size}_{self.family.class_index}"


@dataclass(frozen=True)
class Choices:
    """The number of values of a random choice, as a factor of a cost."""

    index: Index

    def __str__(self) -> str:
        return f"#{self.index}"


def factors_of(indices: Iterable[Index]) -> list[Factor]:
    """Return how many values indices have together, as factors."""
    found: list[Factor] = []
    for index in indices:
        match index:
            case CoordinateIndex():
                found.append(Dimension())
            case SignIndex() | SampleIndex():
                found.append(Choices(index))
            case DrawIndex():
                pass
            case ClassIndex():
                found.append(ClassCount(index.family))
            case MemberIndex():
                found.append(Members(index.within.family))
            case _:
                found.append(index.collections[0])
    return found


class How(enum.Enum):
    """How a step is computed."""

    OF_ROWS = "of_rows"
    EXTREME = "extreme"
    HAUSDORFF = "hausdorff"
    MEAN = "mean"
    DIRECT = "direct"
    BLOCKS = "blocks"
    SOLVER = "solver"

    @property
    def is_kernel(self) -> bool:
        """Whether it is a kernel that computes it."""
        return self in (How.OF_ROWS, How.EXTREME, How.HAUSDORFF, How.MEAN)


@dataclass(frozen=True)
class Cost:
    """A number of operations, or of numbers: a sum of products of sizes and dimensions.

    Attributes
    ----------
    products
        Each the collections whose sizes, and the dimensions, that are multiplied; none of them divides another.
    """

    products: tuple[tuple[Factor, ...], ...] = ()

    @classmethod
    def of(cls, products: Iterable[Iterable[Factor]]) -> Cost:
        """Return the sum of the products that no other product is a multiple of."""
        found = [tuple(sorted(product, key=_place)) for product in products]
        kept = (
            product
            for product in dict.fromkeys(found)
            if not any(product != other and Counter(product) <= Counter(other) for other in found)
        )
        return cls(tuple(kept))

    def at(self, sizes: Mapping[Factor, int]) -> int:
        """Return the number for given sizes."""
        return sum(math.prod(sizes[factor] for factor in product) for product in self.products)

    def __str__(self) -> str:
        return " + ".join("·".join(map(_letter, product)) or "1" for product in self.products) or "0"


def _letter(factor: Factor) -> str:
    return factor.size if isinstance(factor, Collection) else str(factor)


def _place(factor: Factor) -> tuple[bool, str]:
    if isinstance(factor, ClassCount | Members):
        return False, factor.family.class_index + ("" if isinstance(factor, ClassCount) else factor.family.member_index)
    if isinstance(factor, Choices):
        return False, factor.index.symbol
    return isinstance(factor, Dimension), factor.index if isinstance(factor, Collection) else ""


@dataclass(frozen=True)
class Step:
    """A value that is computed once.

    Attributes
    ----------
    term
        What it is the value of, as rewritten.
    how
        How.
    points
        Of a kernel: the two points between which the distances are, that of the rows first.
    through
        The step's term that this one reduces further, where that is not part of `term` as it stands.
    needs
        The numbers of the steps whose values it takes; the first step's is 1.
    used
        What takes its value: numbers of steps, names of results.
    cost
        The order of its operations.
    within
        Of a step in blocks: the size of what would be stored without them.
    shown
        The term as text, with ``[3]`` for the value of step 3.
    """

    term: Term
    how: How
    points: tuple[Point, Point] | None
    through: Scalar | None
    needs: tuple[int, ...]
    used: tuple[int | str, ...]
    cost: Cost
    within: Cost
    shown: str

    @property
    def by(self) -> str:
        """What computes it, as text."""
        if self.points is not None:
            rows, columns = (point.collection for point in self.points)
            return f"kernel {self.how.value}({rows}, {columns})"
        if self.how is How.BLOCKS:
            return f"{self.within} in blocks"
        if self.how is How.SOLVER:
            return f"solver, {self.within} stored"
        match self.term:
            case Average() | CoordinateWise():
                return "over points"
            case Reduce():
                return "reduction"
            case Norm() | PNorm():
                return "norm"
            case Inner():
                return "inner product"
            case Cosine():
                return "cosine"
            case Applied(function):
                return f"the function {function}"
            case Indicator():
                return "comparison"
            case Image(map):
                return f"the function {map}"
        return "arithmetic"


@dataclass(frozen=True)
class Plan:
    """The steps in which a bound's sides and premises are computed.

    Attributes
    ----------
    bound
        Of what.
    p
        Of the norm.
    steps
        In their order: each after those it needs.
    results
        By name, the number of the step: ``lhs``, ``rhs``, ``m*`` for the least m that the premise allows, a premise's
        name where it determines no parameter, and ``lhs`` and ``rhs`` of a chain's links, with the link's name.
    """

    bound: Bound
    p: float
    steps: tuple[Step, ...]
    results: Mapping[str, int]

    @property
    def kernel_calls(self) -> tuple[Step, ...]:
        """The steps that are calls of a kernel."""
        return tuple(step for step in self.steps if step.how.is_kernel)

    def summary(self) -> dict[str, Any]:
        """Return the plan as plain JSON types."""
        steps = [
            {
                "value": step.shown,
                "by": step.by,
                "kernel": step.how.value if step.how.is_kernel else None,
                "cost": str(step.cost),
                "needs": list(step.needs),
                "used": list(step.used),
            }
            for step in self.steps
        ]
        return {"name": self.bound.name, "p": f"{self.p:g}", "steps": steps, "results": dict(self.results)}

    def __str__(self) -> str:
        return page_of(self, None)


def page_of(plan: Plan, sizes: Mapping[Factor, int] | None) -> str:
    """Return a plan as a table under its bound, with what is shared and stored below."""
    heads = ["step", "value", "by", "cost", *(["operations"] if sizes else []), "used in"]
    rows = [heads]
    for number, step in enumerate(plan.steps, 1):
        cells = [f"{number}", step.shown, step.by, f"{step.cost}"]
        if sizes:
            cells.append(f"{step.cost.at(sizes):,}")
        rows.append([*cells, ", ".join(map(str, step.used))])
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    to_the_right = {"step", "operations"}
    lines = [f"{plan.bound.name}, p = {plan.p:g}: {plan.bound.statement}"]
    for row in rows:
        cells = [
            cell.rjust(width) if head in to_the_right else cell.ljust(width)
            for head, cell, width in zip(heads, row, widths, strict=True)
        ]
        lines.append("  ".join(cells).rstrip())
    return "\n".join([*lines, _summary(plan, sizes)])


def _summary(plan: Plan, sizes: Mapping[Factor, int] | None) -> str:
    numbered = list(enumerate(plan.steps, 1))
    shared = [f"{number}" for number, step in numbered if step.how.is_kernel and len(step.used) > 1]
    calls = len(plan.kernel_calls)
    said = [f"{calls} kernel call{'' if calls == 1 else 's'}"]
    if calls:
        said[0] += f", shared: {', '.join(shared)}" if shared else ", none shared"
    if not has_kernels(plan.p):
        said.append(f"no kernels for p = {plan.p:g}")
    blocks = ", ".join(f"{number}" for number, step in numbered if step.how is How.BLOCKS)
    if blocks:
        said.append(f"in blocks of at most {AT_ONCE:,} numbers: {blocks}")
    if sizes:
        said.append(f"{sum(step.cost.at(sizes) for step in plan.steps):,} operations")
    if not any(step.how is How.SOLVER for step in plan.steps):
        said.append("no distance matrix is stored")
    return "; ".join(said)


def has_kernels(p: float) -> bool:
    """Whether there are kernels for the p-norm's distances."""
    return p in (1, 2, math.inf)

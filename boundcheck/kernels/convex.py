"""The least value of a convex function of one vector, made of norms; and the multipliers that show it from below.

A function is a tree of the nodes below, over arrays of shape (b, s₁, …, sₖ): b problems at once, one axis an index,
of length 1 where a node does not vary over it. Norms are smoothed to √(‖v‖² + ε²) and maxima to ε·log Σ exp(·/ε), and
Newton's method follows the minimiser as ε goes to 0 (Yu. Nesterov, *Smooth minimization of non-smooth functions*,
Math. Programming 103, 2005). The derivatives of what is smoothed are multipliers: a vector of the dual unit ball for each
norm, shares of each maximum. At a minimiser they make a minorant of the function that is nearly constant, so whoever has
them need not trust the solver.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from math import inf

import numpy as np
import numpy.typing as npt
from jaxtyping import Bool, Float

__all__ = ["Chosen", "Fixed", "Length", "Node", "Over", "Plus", "Raised", "Times", "minimise"]

Array = npt.NDArray[np.float64]

# ε as a share of a node's own size: at first, by how much it is reduced at a time, and at last.
_FIRST, _STEP, _LAST = 0.5, 0.25, 1e-13
# Steps of Newton's method for one ε, halvings of one step, and steps that better the multipliers at the end.
_STEPS, _HALVINGS, _REPAIRS = 12, 12, 3
_NEAR = 1e-3


class Node:
    """A convex function of a vector.

    Attributes
    ----------
    value, gradient
        At the vector and ε that it was evaluated at last; the gradient has a last axis of coordinates.
    """

    value: Array
    gradient: Array

    def parts(self) -> Sequence[Node]:
        """Return the nodes below."""
        return ()

    def walk(self) -> Iterator[Node]:
        """Yield this node and every one below."""
        yield self
        for part in self.parts():
            yield from part.walk()

    def exactly(self, y: Array) -> Array:
        """Return the function itself, nothing smoothed."""
        raise NotImplementedError

    def smoothly(self, y: Array, share: float) -> None:
        """Set value and gradient of what is smoothed, and the multipliers."""
        raise NotImplementedError

    def again(self) -> None:
        """Set the gradient to what the multipliers, as they are, make it."""
        raise NotImplementedError

    def curve(self, outer: Array, into: _Curvature) -> None:
        """Add the second derivatives, where the whole changes by `outer` as this node does by 1."""
        raise NotImplementedError

    def move(self, step: Array) -> None:
        """Change the multipliers as a step of the vector would."""
        for part in self.parts():
            part.move(step)


class _Curvature:
    """The second derivatives of b problems, shape (problems, d, d)."""

    def __init__(self, problems: tuple[int, ...], dimension: int) -> None:
        self._problems, self._dimension = problems, dimension
        self.matrix = np.zeros((int(np.prod(problems)), dimension, dimension))

    def _rows(self, array: Array, last: int) -> Array:
        inner = array.shape[len(self._problems) : -1]
        whole = np.broadcast_to(array, (*self._problems, *inner, last))
        return whole.reshape(len(self.matrix), -1, last)

    def squares(self, factor: Array, vectors: Array) -> None:
        """Add Σ factor · v vᵀ."""
        shape = np.broadcast_shapes(factor.shape, vectors.shape[:-1])
        rows = self._rows(np.broadcast_to(vectors, (*shape, self._dimension)), self._dimension)
        factors = self._rows(np.broadcast_to(factor, shape)[..., None], 1)
        self.matrix += (rows * factors).transpose(0, 2, 1) @ rows

    def diagonal(self, entries: Array) -> None:
        """Add the matrix of these entries alone."""
        added = self._rows(entries, self._dimension).sum(axis=1)
        at = np.arange(self._dimension)
        self.matrix[:, at, at] += added


class Fixed(Node):
    """What does not depend on the vector."""

    def __init__(self, value: Float[np.ndarray, "b ..."]) -> None:
        self.value = value

    def exactly(self, y: Array) -> Array:
        """Return the value."""
        return self.value

    def smoothly(self, y: Array, share: float) -> None:
        """Set the gradient, which is 0."""
        self.gradient = np.zeros((*self.value.shape, y.shape[-1]))

    def again(self) -> None:
        """Leave the gradient 0."""

    def curve(self, outer: Array, into: _Curvature) -> None:
        """Add nothing."""


class Length(Node):
    """A norm ‖α·y + v‖, in units of its own.

    Attributes
    ----------
    direction
        The multiplier: a vector of the dual unit ball, up to rounding.
    """

    def __init__(
        self, factor: float, base: Float[np.ndarray, "b ... d"], p: float, unit: Float[np.ndarray, "b ..."]
    ) -> None:
        self.factor, self.base, self.p, self.unit = factor, base, p, unit
        self.direction = np.zeros_like(base)
        self._scale: Array | None = None

    def exactly(self, y: Array) -> Array:
        """Return the norm."""
        return self.unit * _norm(self.factor * y + self.base, self.p)

    def sized(self, scale: Array) -> None:
        """Say how long norms are in each problem."""
        self._scale = scale

    def smoothly(self, y: Array, share: float) -> None:
        """Set value, gradient and direction."""
        assert self._scale is not None
        v = self.factor * y + self.base
        self._epsilon = (share * self._scale)[..., None]
        if self.p == inf:
            sizes = np.abs(v)
            most = sizes.max(axis=-1, keepdims=True)
            up, down = (np.exp((side - most) / self._epsilon) for side in (v, -v))
            whole = (up + down).sum(axis=-1, keepdims=True)
            length, self.direction = most + self._epsilon * np.log(whole), (up - down) / whole
            self._own = (up + down) / whole / self._epsilon
            self._along = -1 / self._epsilon[..., 0]
        else:
            s = np.hypot(v, self._epsilon) if self.p != 2 else None
            if s is None:
                length = np.hypot(_norm(v, 2)[..., None], self._epsilon)
                self.direction = v / length
                self._own = np.broadcast_to(1 / length, v.shape)
            else:
                length = _norm(s, self.p)[..., None]
                ratio = (s / length) ** (self.p - 1)
                self.direction = ratio * (v / s)
                self._own = ratio / s * (1 + (self.p - 2) * (v / s) ** 2)
            self._along = (1 - self.p) / length[..., 0]
        self.value = self.unit * length[..., 0]
        self.again()

    def again(self) -> None:
        """Set the gradient from the direction."""
        self.gradient = (self.factor * self.unit)[..., None] * self.direction

    def curve(self, outer: Array, into: _Curvature) -> None:
        """Add those of the norm."""
        factor = outer * self.unit * self.factor**2
        into.diagonal(factor[..., None] * self._own)
        into.squares(factor * self._along, self.direction)

    def move(self, step: Array) -> None:
        """Turn the direction, and keep it in the dual unit ball."""
        along = (self.direction * step).sum(axis=-1)
        self.direction = self.direction + self.factor * (
            self._own * step + (self._along * along)[..., None] * self.direction
        )
        dual = inf if self.p == 1 else 1.0 if self.p == inf else self.p / (self.p - 1)
        self.direction = self.direction / np.maximum(_norm(self.direction, dual), 1)[..., None]


class Plus(Node):
    """A sum of a few."""

    def __init__(self, terms: Sequence[Node]) -> None:
        self.terms = terms

    def parts(self) -> Sequence[Node]:
        """Return the terms."""
        return self.terms

    def exactly(self, y: Array) -> Array:
        """Return the sum."""
        return _added([term.exactly(y) for term in self.terms])

    def smoothly(self, y: Array, share: float) -> None:
        """Set value and gradient."""
        for term in self.terms:
            term.smoothly(y, share)
        self.value = _added([term.value for term in self.terms])
        self.again()

    def again(self) -> None:
        """Set the gradient."""
        self.gradient = _added([term.gradient for term in self.terms])

    def curve(self, outer: Array, into: _Curvature) -> None:
        """Add those of the terms."""
        for term in self.terms:
            term.curve(outer, into)


class Times(Node):
    """A node times what is at least 0 and does not depend on the vector."""

    def __init__(self, factor: Float[np.ndarray, "b ..."], body: Node) -> None:
        self.factor, self.body = factor, body

    def parts(self) -> Sequence[Node]:
        """Return the node."""
        return (self.body,)

    def exactly(self, y: Array) -> Array:
        """Return the product."""
        return self.factor * self.body.exactly(y)

    def smoothly(self, y: Array, share: float) -> None:
        """Set value and gradient."""
        self.body.smoothly(y, share)
        self.value = self.factor * self.body.value
        self.again()

    def again(self) -> None:
        """Set the gradient."""
        self.gradient = self.factor[..., None] * self.body.gradient

    def curve(self, outer: Array, into: _Curvature) -> None:
        """Add those of the node."""
        self.body.curve(outer * self.factor, into)


class Raised(Node):
    """A node that is at least 0, to a power of at least 1.

    Attributes
    ----------
    at
        Where the power's tangent is taken.
    """

    def __init__(self, body: Node, exponent: float) -> None:
        self.body, self.exponent = body, exponent

    def parts(self) -> Sequence[Node]:
        """Return the node."""
        return (self.body,)

    def exactly(self, y: Array) -> Array:
        """Return the power."""
        return self.body.exactly(y) ** self.exponent

    def smoothly(self, y: Array, share: float) -> None:
        """Set value, gradient and where the tangent is taken."""
        self.body.smoothly(y, share)
        self.at = np.maximum(self.body.value, 0)
        self.value = self.at**self.exponent
        self.again()

    def _slope(self) -> Array:
        return self.exponent * self.at ** (self.exponent - 1)

    def again(self) -> None:
        """Set the gradient."""
        self.gradient = self._slope()[..., None] * self.body.gradient

    def curve(self, outer: Array, into: _Curvature) -> None:
        """Add those of the node and of the power."""
        self.body.curve(outer * self._slope(), into)
        with np.errstate(divide="ignore"):
            bend = self.exponent * (self.exponent - 1) * self.at ** (self.exponent - 2)
        into.squares(outer * np.where(np.isfinite(bend), bend, 0), self.body.gradient)

    def move(self, step: Array) -> None:
        """Take the tangent elsewhere."""
        self.at = np.maximum(self.at + (self.body.gradient * step).sum(axis=-1), 0)
        self.body.move(step)


class _Most(Node):
    """The largest of several values along an axis.

    Attributes
    ----------
    shares
        The multipliers: at least 0, of sum 1 along the axis.
    """

    shares: Array
    _axis: int
    _scale: Array | None = None

    def _choose(self, values: Array, gradients: Array, share: float) -> None:
        if self._scale is None:
            # The spread at first, or the values' own size where they are all alike.
            sizes = np.abs(np.where(values > -inf, values, 0)).max(axis=self._axis, keepdims=True)
            self._scale = np.where(sizes > 0, sizes, 1.0)
        self._epsilon = share * self._scale
        most = values.max(axis=self._axis, keepdims=True)
        self.shares = np.exp((values - most) / self._epsilon)
        whole = self.shares.sum(axis=self._axis, keepdims=True)
        self.shares = self.shares / whole
        self._gradients = gradients
        self._chosen = most + self._epsilon * np.log(whole)

    def _mean_gradient(self) -> Array:
        mean: Array = (self.shares[..., None] * self._gradients).sum(axis=self._axis, keepdims=True)
        return mean

    def _bend(self, outer: Array, into: _Curvature) -> None:
        into.squares(outer * self.shares / self._epsilon, self._gradients - self._mean_gradient())

    def _shift(self, step: Array) -> None:
        along = ((self._gradients - self._mean_gradient()) * step).sum(axis=-1)
        shares = self.shares * np.maximum(1 + along / self._epsilon, 0)
        whole = shares.sum(axis=self._axis, keepdims=True)
        self.shares = np.where(whole > 0, shares / np.where(whole > 0, whole, 1), self.shares)


class Over(_Most):
    """The maximum, or a mean or a sum, of a node's values along an axis.

    Parameters
    ----------
    body
        The node.
    axis
        The axis, which stays with length 1.
    counted
        Which values count.
    factors
        None for the maximum; for a sum, what each value is multiplied by, at least 0, and 0 where it does not count.
    """

    def __init__(
        self,
        body: Node,
        axis: int,
        counted: Bool[np.ndarray, "b ..."],
        factors: Float[np.ndarray, "b ..."] | None = None,
    ) -> None:
        self.body, self._axis, self._counted, self.factors = body, axis, counted, factors

    def parts(self) -> Sequence[Node]:
        """Return the node."""
        return (self.body,)

    def exactly(self, y: Array) -> Array:
        """Return the maximum or the sum."""
        values = self.body.exactly(y)
        found: Array
        if self.factors is None:
            found = np.where(self._counted, values, -inf).max(axis=self._axis, keepdims=True)
        else:
            found = (values * self.factors).sum(axis=self._axis, keepdims=True)
        return found

    def smoothly(self, y: Array, share: float) -> None:
        """Set value, gradient and shares."""
        self.body.smoothly(y, share)
        if self.factors is None:
            self._choose(np.where(self._counted, self.body.value, -inf), self.body.gradient, share)
            self.value = self._chosen
        else:
            self.value = (self.body.value * self.factors).sum(axis=self._axis, keepdims=True)
        self.again()

    def again(self) -> None:
        """Set the gradient."""
        if self.factors is None:
            self._gradients = self.body.gradient
            self.gradient = self._mean_gradient()
        else:
            self.gradient = (self.body.gradient * self.factors[..., None]).sum(axis=self._axis, keepdims=True)

    def curve(self, outer: Array, into: _Curvature) -> None:
        """Add those of the node, and of the smoothed maximum."""
        self.body.curve(outer * (self.shares if self.factors is None else self.factors), into)
        if self.factors is None:
            self._bend(outer, into)

    def move(self, step: Array) -> None:
        """Change the shares."""
        if self.factors is None:
            self._shift(step)
        self.body.move(step)


class Chosen(_Most):
    """The largest of a few nodes; shares have a last axis for them."""

    _axis = -1

    def __init__(self, terms: Sequence[Node]) -> None:
        self.terms = terms

    def parts(self) -> Sequence[Node]:
        """Return the nodes."""
        return self.terms

    def exactly(self, y: Array) -> Array:
        """Return the largest."""
        found: Array = _stacked([term.exactly(y) for term in self.terms]).max(axis=-1)
        return found

    def smoothly(self, y: Array, share: float) -> None:
        """Set value, gradient and shares."""
        for term in self.terms:
            term.smoothly(y, share)
        self._gradients = self._stacked_gradients()
        self._choose(_stacked([term.value for term in self.terms]), self._gradients, share)
        self.value = self._chosen[..., 0]
        self.again()

    def _stacked_gradients(self) -> Array:
        return np.moveaxis(_stacked([term.gradient for term in self.terms]), -1, -2)

    def _mean_gradient(self) -> Array:
        mean: Array = (self.shares[..., None] * self._gradients).sum(axis=-2, keepdims=True)
        return mean

    def again(self) -> None:
        """Set the gradient."""
        self._gradients = self._stacked_gradients()
        self.gradient = self._mean_gradient()[..., 0, :]

    def curve(self, outer: Array, into: _Curvature) -> None:
        """Add those of the nodes, and of the smoothed maximum."""
        for place, term in enumerate(self.terms):
            term.curve(outer * self.shares[..., place], into)
        self._bend(outer[..., None], into)

    def move(self, step: Array) -> None:
        """Change the shares."""
        self._shift(step[..., None, :])
        for term in self.terms:
            term.move(step)


def minimise(function: Node, problems: tuple[int, ...], axes: int, dimension: int) -> Float[np.ndarray, "b ... d"]:
    """Return vectors at which a function is nearly least; its nodes keep the multipliers that were found.

    Parameters
    ----------
    function
        Whose arrays may be 0 at y = 0, but are near 1 in size, or at least far from the largest and the smallest floats.
    problems
        Batch, and the lengths of the axes that the function has one value over each: the first axes of all arrays.
    axes
        How many axes of length 1 follow those.
    dimension
        Of the vector.

    Returns
    -------
    y
        Shape (*problems, 1, …, 1, d); NaN where nothing was found.
    """
    y = np.zeros((*problems, *[1] * axes, dimension))
    lengths = [node for node in function.walk() if isinstance(node, Length)]
    inner = tuple(range(len(problems), len(problems) + axes))
    sizes = [np.broadcast_to(_most(_norm(one.base / one.factor, one.p), inner), y.shape[:-1]) for one in lengths]
    size = np.max(sizes, axis=0)
    size = np.where(size > 0, size, 1.0)
    for one in lengths:
        one.sized(size * abs(one.factor))
    with np.errstate(all="ignore"):
        share, before = _FIRST, y
        while share > _LAST:
            # Minimisers are nearly linear in ε, so the last two show where the next is.
            y, before = _newton(function, [y, y + _STEP * (y - before)], share, problems, dimension), y
            share *= _STEP
        function.smoothly(y, share / _STEP)
        y = _snapped(function, y, lengths, inner, size)
        for _ in range(_REPAIRS):
            function.move(_step(function, problems, dimension, function.gradient))
            _renew(function)
    return y


def _newton(function: Node, starts: Sequence[Array], share: float, problems: tuple[int, ...], dimension: int) -> Array:
    """Return the minimiser of the smoothed function, nearly, from the better of two vectors."""
    y, other = starts
    function.smoothly(y, share)
    value = function.value
    function.smoothly(other, share)
    y = np.where((function.value < value)[..., None], other, y)
    function.smoothly(y, share)
    for _ in range(_STEPS):
        value, gradient = function.value, function.gradient
        step = _step(function, problems, dimension, gradient)
        falls = -(gradient * step).sum(axis=-1)
        length = np.ones(value.shape)
        for _ in range(_HALVINGS):
            tried = y + length[..., None] * step
            function.smoothly(tried, share)
            # Within rounding, any step is as good.
            worse = ~(function.value <= value - 1e-4 * length * falls + 1e-15 * np.abs(value))
            if not worse.any():
                break
            length = np.where(worse, length / 2, length)
        else:
            length = np.where(worse, 0.0, length)
            tried = y + length[..., None] * step
            function.smoothly(tried, share)
        y = tried
        if bool((falls <= _NEAR * share * np.abs(value) + 1e-16 * np.abs(value)).all()):
            break
    return y


def _step(function: Node, problems: tuple[int, ...], dimension: int, gradient: Array) -> Array:
    into = _Curvature(problems, dimension)
    function.curve(np.ones(function.value.shape), into)
    matrix = into.matrix
    # So little that it hardly changes the step, and enough that there is one.
    traces = np.trace(matrix, axis1=1, axis2=2) / dimension
    finite = np.isfinite(matrix).all(axis=(1, 2)) & (traces > 0)
    matrix = np.where(finite[:, None, None], matrix, np.eye(dimension))
    matrix = matrix + np.eye(dimension) * (np.where(finite, traces, 1.0) * 1e-14)[:, None, None]
    rows = gradient.reshape(len(matrix), dimension, 1)
    try:
        found = np.linalg.solve(matrix, -np.nan_to_num(rows))
    except np.linalg.LinAlgError:
        found = -rows / np.where(finite, traces, 1.0)[:, None, None]
    return np.where(finite[:, None, None], found, 0.0).reshape(gradient.shape)


def _snapped(function: Node, y: Array, lengths: Sequence[Length], inner: tuple[int, ...], size: Array) -> Array:
    """Return y, or the zero of a norm next to it where the function is no larger."""
    best = function.exactly(y)
    for one in lengths:
        centres = -one.base / one.factor
        apart = _norm(centres - y, one.p)
        rows = np.broadcast_to(apart, np.broadcast_shapes(apart.shape, y.shape[:-1]))
        problems = rows.shape[: inner[0]] if inner else rows.shape
        flat = rows.reshape(*problems, -1)
        nearest = flat.argmin(axis=-1)[..., None]
        all_centres = np.broadcast_to(centres, (*rows.shape, y.shape[-1])).reshape(*problems, -1, y.shape[-1])
        centre = np.take_along_axis(all_centres, nearest[..., None], axis=-2).reshape(y.shape)
        found = function.exactly(centre)
        better = found <= best
        y, best = np.where(better[..., None], centre, y), np.where(better, found, best)
    return y


def _renew(node: Node) -> None:
    for part in node.parts():
        _renew(part)
    node.again()


def _norm(vectors: Array, p: float) -> Array:
    found: Array
    if p == inf:
        found = np.abs(vectors).max(axis=-1)
    elif p == 1:
        found = np.abs(vectors).sum(axis=-1)
    elif p == 2:
        found = np.sqrt((vectors * vectors).sum(axis=-1))
    else:
        most = np.abs(vectors).max(axis=-1, keepdims=True)
        most = np.where(most > 0, most, 1.0)
        found = (((np.abs(vectors) / most) ** p).sum(axis=-1, keepdims=True) ** (1 / p) * most)[..., 0]
    return found


def _most(values: Array, axes: tuple[int, ...]) -> Array:
    found: Array = values.max(axis=axes, keepdims=True) if axes else values
    return found


def _added(values: Sequence[Array]) -> Array:
    found = values[0]
    for value in values[1:]:
        found = found + value
    return found


def _stacked(values: Sequence[Array]) -> Array:
    return np.stack(np.broadcast_arrays(*values), axis=-1)

"""The numeric reader against a slow and obvious one: explicit loops over points, in exact or very high precision."""

import itertools
import math
from fractions import Fraction
from math import inf

import numpy as np
import pytest
import torch
from flint import arb, ctx, fmpq, fmpq_mat
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from boundcheck import kernels
from boundcheck.errors import ParameterError
from boundcheck.evaluate import Named, NumericReader, judge
from boundcheck.evaluate.readers.numeric import Mapped
from boundcheck.language import (
    Add,
    Average,
    Combination,
    Constant,
    CoordinateWise,
    Dimension,
    HullDistance,
    Image,
    Index,
    Largest,
    Map,
    Multiply,
    Norm,
    Parameter,
    Point,
    Power,
    Reduce,
    Reduction,
    Scale,
    Size,
    Smallest,
    Transport,
    Weights,
    another,
    coordinate_maximum,
    coordinate_median,
    coordinate_minimum,
    distance,
    farthest,
    g,
    largest,
    m,
    maximum,
    mean,
    minimum,
    nearest,
    norm,
    paired,
    rewrite,
    smallest,
    total,
    triplet,
    w,
    x,
    z,
)
from boundcheck.theorems import K_ANY_SIZES, K

NORMS = [1.0, 1.5, 2.0, 3.0, 40.0, inf]
i, j, k = x.each, z.each, w.each
other = Index("h", (x,))
pair = paired(x, z, symbol="l")
v = Weights("v", x)
t = Parameter("t")

BITS = 2600  # More than the bits between the largest and the smallest float.


# -------------------------------------------------------------------------------------------------- the obvious reader


class UndefinedError(Exception):
    """A root of a negative number, or a division by 0."""


class Obvious:
    """Evaluates a term on one triple by explicit loops: vectors as fractions, scalars as balls of many digits."""

    def __init__(self, points, p, parameters=(), weights=()):
        self.points = {c: [[Fraction(u) for u in point] for point in rows] for c, rows in points.items()}
        self.p = p
        self.parameters = dict(parameters)
        self.weights = {a: [Fraction(u) for u in values] for a, values in dict(weights).items()}

    def __call__(self, term, at=()):
        with ctx.workprec(BITS):
            return self.scalar(term, dict(at))

    def scalar(self, term, at):
        match term:
            case Constant(value):
                return ball(value)
            case Parameter():
                return arb(self.parameters[term])
            case Size(collection):
                return arb(len(self.points[collection]))
            case Add(terms):
                return sum((self.scalar(part, at) for part in terms), arb(0))
            case Multiply(factors):
                return math.prod((self.scalar(part, at) for part in factors), start=arb(1))
            case Power(base, exponent):
                return power(self.scalar(base, at), exponent)
            case Largest(terms):
                return most([self.scalar(part, at) for part in terms])
            case Smallest(terms):
                return -most([-self.scalar(part, at) for part in terms])
            case Reduce(kind, index, body, weights):
                values = [self.scalar(body, {**at, index: position}) for position in self.positions(index)]
                match kind:
                    case Reduction.MAX:
                        return most(values)
                    case Reduction.MIN:
                        return -most([-value for value in values])
                shares = self.shares(kind, weights, len(values))
                return sum((value * ball(share) for value, share in zip(values, shares, strict=True)), arb(0))
            case Norm(vector):
                return self.norm(self.vector(vector, at))
            case Dimension():
                return arb(self.dimension())
            case Transport(a, b):
                return self.transport(self.points[a], self.points[b])
            case HullDistance(a, b):
                return between_hulls(self.points[a], self.points[b])

    def transport(self, a, b):
        """Try every assignment of copies: a point of n has as many as make the two collections equally large."""
        size = math.lcm(len(a), len(b))
        a, b = [u for u in a for _ in range(size // len(a))], [u for u in b for _ in range(size // len(b))]
        cost = [[self.norm([s - t for s, t in zip(u, v, strict=True)]) for v in b] for u in a]
        orders = itertools.permutations(range(size))
        sums = [sum((cost[row][column] for row, column in enumerate(order)), arb(0)) for order in orders]
        return -most([-one for one in sums]) / size

    def vector(self, term, at):
        match term:
            case Point(collection, index):
                return self.points[collection][at[index]]
            case Combination(parts):
                vectors = [(coefficient, self.vector(part, at)) for coefficient, part in parts]
            case Average(kind, index, body, weights):
                vectors = [self.vector(body, {**at, index: position}) for position in self.positions(index)]
                vectors = list(zip(self.shares(kind, weights, len(vectors)), vectors, strict=True))
            case Scale(factor, inner):
                # Balls, as the factor is one.
                number = self.scalar(factor, at)
                return [number * as_ball(u) for u in self.vector(inner, at)]
            case CoordinateWise(kind, index, body):
                vectors = [self.vector(body, {**at, index: position}) for position in self.positions(index)]
                return [middle(kind, values) for values in zip(*vectors, strict=True)]
            case Image(_, inner):
                return real_map(self.vector(inner, at))
        length = len(vectors[0][1]) if vectors else self.dimension()
        if any(isinstance(u, arb) for _, vector in vectors for u in vector):
            return [sum((ball(c) * as_ball(vector[d]) for c, vector in vectors), arb(0)) for d in range(length)]
        return [sum(c * vector[d] for c, vector in vectors) for d in range(length)]

    def dimension(self):
        return len(next(iter(self.points.values()))[0])

    def positions(self, index):
        return range(len(self.points[index.collections[0]]))

    def shares(self, kind, weights, count):
        if weights is not None:
            values = self.weights[weights]
            return [value / sum(values) for value in values]
        return [Fraction(1, count) if kind is Reduction.MEAN else Fraction(1)] * count

    def norm(self, vector):
        if any(isinstance(u, arb) for u in vector):
            return self.norm_of_balls([abs(as_ball(u)) for u in vector])
        sizes = [abs(Fraction(u)) for u in vector]
        if self.p == inf:
            return ball(max(sizes))
        if self.p == 1:
            return ball(sum(sizes))
        if self.p == 2:
            return ball(sum(u * u for u in sizes)).sqrt()
        exponent = ball(Fraction(self.p))
        powers = [ball(u) ** exponent for u in sizes if u]
        return sum(powers, arb(0)) ** (1 / exponent) if powers else arb(0)

    def norm_of_balls(self, sizes):
        if self.p == inf:
            return most(sizes)
        if self.p == 1:
            return sum(sizes, arb(0))
        exponent = ball(Fraction(self.p))
        # A ball around 0 has no power of its own: from 0 to that of its end.
        powers = [
            (size.upper() ** exponent).union(arb(0)) if size.contains(0) else size**exponent
            for size in sizes
            if size != 0
        ]
        whole = sum(powers, arb(0))
        return (whole.upper() ** (1 / exponent)).union(arb(0)) if whole.contains(0) else whole ** (1 / exponent)


def real_map(vector):
    """Return (4·max{u₁, 0}, 2·|u_d|, −u₁): 7-Lipschitz in every p-norm, with a value of another dimension."""
    first, last = vector[0], vector[-1]
    return [4 * (most([first, arb(0)]) if isinstance(first, arb) else max(first, 0)), 2 * abs(last), -first]


def float_map(points):
    """Return the same at floats, without rounding."""
    return torch.stack([4 * points[:, 0].clamp(min=0), 2 * points[:, -1].abs(), -points[:, 0]], dim=1)


MAPS = {g: Mapped(float_map, Constant(7))}


def as_ball(value):
    return value if isinstance(value, arb) else ball(value)


def middle(kind, values):
    """Return the largest, smallest or median of fractions, or of balls of which none overlap but equal ones."""
    if any(isinstance(value, arb) for value in values):
        values = [as_ball(value) for value in values]
        if kind is Reduction.MEDIAN:
            raise UndefinedError
        return most(values) if kind is Reduction.MAX else -most([-value for value in values])
    ordered = sorted(values)
    if kind is Reduction.MEDIAN:
        return (ordered[(len(ordered) - 1) // 2] + ordered[len(ordered) // 2]) / 2
    return ordered[-1] if kind is Reduction.MAX else ordered[0]


def between_hulls(a, b):
    """Return the distance of two hulls: the least over pairs of faces, each by its normal equations, in fractions."""
    best = None
    for one, other in itertools.product(faces(a), faces(b)):
        signed = [*one, *[[-u for u in point] for point in other]]
        count = len(signed)
        gram = [[sum(s * t for s, t in zip(u, v, strict=True)) for v in signed] for u in signed]
        sums = [
            [Fraction(column < len(one)) for column in range(count)],
            [Fraction(column >= len(one)) for column in range(count)],
        ]
        rows = [[*gram[row], sums[0][row], sums[1][row]] for row in range(count)] + [[*each, 0, 0] for each in sums]
        try:
            found = rational_matrix(rows).solve(rational_matrix([[0]] * count + [[1], [1]]))
        except ZeroDivisionError:
            continue  # a smaller face has the nearest points
        shares = [Fraction(int(found[row, 0].p), int(found[row, 0].q)) for row in range(count)]
        if min(shares) < 0:
            continue
        apart = [sum(share * point[d] for share, point in zip(shares, signed, strict=True)) for d in range(len(a[0]))]
        square = sum(u * u for u in apart)
        best = square if best is None else min(best, square)
    return ball(best).sqrt()


def faces(points):
    return [chosen for size in range(1, len(points) + 1) for chosen in itertools.combinations(points, size)]


def rational_matrix(rows):
    exact = [[fmpq(Fraction(u).numerator, Fraction(u).denominator) for u in row] for row in rows]
    return fmpq_mat(len(exact), len(exact[0]), [u for row in exact for u in row])


def ball(value):
    value = Fraction(value)
    return arb(fmpq(value.numerator, value.denominator))


def most(balls):
    found = balls[0]
    for one in balls[1:]:
        found = found.max(one)
    return found


def power(base, exponent):
    if exponent.denominator == 1:
        if exponent < 0 and base.contains(0):
            raise UndefinedError
        # Powers of what may be 0 are no numbers in some versions of flint.
        factors = [base] * abs(int(exponent))
        return math.prod(factors, start=arb(1)) if exponent >= 0 else 1 / math.prod(factors, start=arb(1))
    if base < 0 or (exponent < 0 and base.contains(0)):
        raise UndefinedError
    if base.contains(0):
        # What may be below 0 is so by the ball's own radius alone, 2⁻²⁶⁰⁰ of its parts.
        high = base.upper() ** ball(exponent)
        return high.union(arb(0))
    return base ** ball(exponent)


def encloses(named, exact):
    """Say whether a value and its error bound hold the exact value; what is not finite claims nothing."""
    value, error = float(named.value), float(named.error)
    if not (math.isfinite(value) and math.isfinite(error)):
        return True
    with ctx.workprec(BITS):
        return bool(abs(arb(value) - exact) <= arb(error))


def tensors(points):
    return {c: torch.tensor([rows], dtype=torch.float64) for c, rows in points.items()}


def both(points, p, parameters=(), weights=()):
    """Return the reader under test and the obvious one, on the same triple."""
    reader = NumericReader(
        tensors(points),
        p,
        weights={a: torch.tensor([values], dtype=torch.float64) for a, values in dict(weights).items()},
        errors=True,
        maps=MAPS,
    )
    for parameter, value in dict(parameters).items():
        reader.bind_exact(parameter, torch.tensor([value], dtype=torch.float64))
    return reader, Obvious(points, p, parameters, weights)


def test_the_obvious_reader_on_what_is_known():
    points = {x: [[0.0, 0.0], [3.0, 4.0]], z: [[1.0, 0.0], [1.0, 0.0]], w: [[0.0, 2.0]]}
    read = Obvious(points, 2.0, {t: 0.5, m: 2.0}, {v: [1.0, 3.0]})
    known = {
        farthest(x, z) ** 2: 20,
        nearest(x, w): 2,
        norm(mean(x, weights=v)): 3.75,
        mean(i, norm(x[i])) + Size(z) * t: 3.5,
        total(i, norm(x[i] - mean(x))) ** 2: 25,
        (mean(pair, distance(x[pair], z[pair])) * 2 - 1) ** 2: 20,
        largest(m, smallest(2 * m, 7)) - total(i, norm(x[i])): -1,
        norm(coordinate_maximum(x) - coordinate_minimum(x)): 5,
        norm(coordinate_median(x)) * Dimension(): 5,
        norm(mean(x) / norm(mean(x))): 1,
        norm(norm(x[i]) * x[i]) ** 2: 0,
        norm(g(mean(x)) - g(w[k])) ** 2: 36 + 0 + 2.25,
        norm(g(mean(x) / 3)) ** 2: 4 + 16 / 9 + 0.25,
        Transport(x, w) ** 2: (2 + 13**0.5) ** 2 / 4,
        Transport(x, z): (1 + 20**0.5) / 2,
        HullDistance(x, w) ** 2: 36 / 25,
        HullDistance(x, z) ** 2: 16 / 25,
    }
    inexact = {
        norm(g(mean(x) / 3)) ** 2,
        Transport(x, w) ** 2,
        Transport(x, z),
        HullDistance(x, w) ** 2,
        HullDistance(x, z) ** 2,
    }
    for term, value in known.items():
        with ctx.workprec(BITS):
            at = dict.fromkeys(term.free(), 0)
            assert abs(read(term, at.items()) - arb(value)) < (1e-14 if term in inexact else 1e-100), str(term)
    with pytest.raises(UndefinedError):
        read(1 / norm(x[i] - x[i]), {i: 0}.items())


def test_the_comparator_rejects_what_is_outside():
    tenth = Named(torch.tensor([0.1], dtype=torch.float64), torch.tensor([1e-17], dtype=torch.float64), ())
    with ctx.workprec(BITS):
        assert encloses(tenth, ball(Fraction(1, 10)))
        assert not encloses(tenth, ball(Fraction(1, 10) + Fraction(1, 10**16)))
        assert not encloses(Named(tenth.value, tenth.error / 2, ()), ball(Fraction(1, 10)))
        assert not encloses(Named(tenth.value, torch.zeros(1), ()), ball(Fraction(1, 10)))


# -------------------------------------------------------------------------------------------------------- chosen terms

variance = mean(i, norm(x[i] - mean(x)) ** 2)

TERMS = [
    K.lhs,
    K.rhs,
    triplet().least,
    triplet().excess,
    triplet().floor,
    *(link.rhs for link in (*K.chain, *K_ANY_SIZES.chain)),
    variance,
    variance**0.5,
    (mean(i, norm(x[i]) ** 2) - norm(mean(x)) ** 2) ** 0.5,
    mean((i, j), smallest(m + nearest(x, w), distance(x[i], z[j])) ** 2) - variance,
    norm(mean(x, weights=v) - mean(z)),
    mean(i, minimum(k, distance(x[i], w[k])), weights=v),
    norm(mean(i, mean(j, 3 * x[i] - z[j] / 7))),
    norm(mean(x) - mean(z)) / (farthest(x, w) + 1),
    1 / (1 + nearest(x, w)) ** 3,
    (farthest(x, w) + 1) ** Fraction(1, 3),
    (farthest(x, w) + 1) ** Fraction(-2, 3),
    Constant(1.99) * largest(farthest(x, w), t),
    total((i, k), distance(x[i], w[k])) * Size(x) / Size(w) - t,
    maximum((i, other), distance(x[i], x[other])),
    norm(1e100 * mean(x) - 1e-100 * mean(w)),
    mean(pair, largest(distance(x[pair], z[pair]), norm(x[pair] - mean(w)))),
    maximum(k, t * distance(w[k], mean(x))) - minimum(k, -2 * distance(w[k], mean(x))),
    norm(total(x) - total(z) - total(w)) * -1 / 3,
    norm(coordinate_maximum(x) - coordinate_maximum(z)),
    norm(coordinate_minimum(x) - 3 * mean(w)),
    norm(coordinate_median(x) - coordinate_median(w)),
    norm(CoordinateWise(Reduction.MEDIAN, i, x[i] - mean(x) / 3)),
    norm(CoordinateWise(Reduction.MAX, i, mean(j, x[i] - z[j]))),
    Dimension() ** 0.5 * (m + farthest(x, w)),
    norm(mean(x) / norm(mean(x)) - mean(z) / norm(mean(z))),
    norm(t * (mean(x) - mean(z))),
    maximum(i, norm(norm(x[i] - mean(z)) * x[i] - mean(x))),
    mean((i, another(x)), distance(x[i], x[another(x)])),
    Transport(x, z),
    m + Transport(x, w) * Transport(z, w),
]

#: What a map makes of points, which is exact, and of vectors that are rounded.
MAP_TERMS = [
    norm(g(mean(x)) - g(mean(z))),
    maximum((i, j), norm(g(x[i]) - g(z[j]))),
    maximum((i, other), norm(g(x[i]) - g(x[other])) - 7 * distance(x[i], x[other])) - t,
    maximum(i, norm(g(x[i]) - g(mean(x))) - t * distance(x[i], mean(x))),
    mean(pair, norm(g(x[pair]) + g(z[pair]) / 3)),
    norm(mean(i, g(x[i])) - g(mean(x))),
    norm(mean(i, g(x[i] - mean(z)), weights=v) - 2 * g(coordinate_maximum(x))),
    norm(CoordinateWise(Reduction.MEDIAN, i, g(x[i] / 3))),
    norm(g(mean(x) / norm(mean(x)))),
    norm(t * g(total(x)) - g(norm(mean(z)) * mean(w))),
]

EUCLIDEAN_TERMS = [HullDistance(x, w), HullDistance(z, x) ** 2 - m]


def collections(seed, sizes, dimension):
    random = np.random.default_rng(seed)
    return {c: random.normal(size=(size, dimension)) for c, size in zip((x, z, w), sizes, strict=True)}


def data(name):
    """Return three collections made to go wrong, of 3 points each in 3 dimensions."""
    points = collections(1, (3, 3, 3), 3)
    random = np.random.default_rng(2)
    match name:
        case "gaussian":
            pass
        case "huge":
            points = {c: rows * 1e300 for c, rows in points.items()}
        case "overflowing":
            points = {c: rows * (8e307 / np.abs(rows).max()) for c, rows in points.items()}
        case "tiny":
            points = {c: rows * 1e-290 for c, rows in points.items()}
        case "subnormal":
            points = {c: np.rint(rows * 9) * 5e-324 for c, rows in points.items()}
        case "far from the origin":
            points = {c: 1e9 + 1e-5 * rows for c, rows in points.items()}
        case "duplicates":
            points = {c: np.repeat(points[x][:1], len(rows), axis=0) for c, rows in points.items()}
        case "near ties":
            points = {
                c: points[x][0] * (1 + random.integers(-2, 3, rows.shape) * 2.0**-52) for c, rows in points.items()
            }
        case "mixed scales in one collection":
            points = {c: rows * 10.0 ** random.integers(-300, 300, (len(rows), 1)) for c, rows in points.items()}
        case "mixed scales in one point":
            points = {c: rows * 10.0 ** random.integers(-300, 300, rows.shape) for c, rows in points.items()}
        case "one coordinate":
            points = {c: rows[:, :1] for c, rows in points.items()}
        case "zeros":
            points = {c: 0 * rows for c, rows in points.items()}
    return {c: rows.tolist() for c, rows in points.items()}


DATA = [
    "gaussian",
    "huge",
    "overflowing",
    "tiny",
    "subnormal",
    "far from the origin",
    "duplicates",
    "near ties",
    "mixed scales in one collection",
    "mixed scales in one point",
    "one coordinate",
    "zeros",
]


@pytest.mark.parametrize("p", NORMS)
@pytest.mark.parametrize("name", DATA)
def test_every_exact_value_is_within_the_error(name, p):
    points = data(name)
    reader, obvious = both(points, p, {m: -0.3, t: 1e-3}, {v: [1.0, 1e-30, 2.5]})
    for term in TERMS + MAP_TERMS + (EUCLIDEAN_TERMS if p == 2 else []):
        try:
            exact = obvious(term)
        except UndefinedError:
            continue
        assert encloses(reader.scalar(term), exact), str(term)


@pytest.mark.parametrize("p", NORMS)
@pytest.mark.parametrize("name", ["gaussian", "huge", "tiny", "far from the origin"])
def test_the_error_is_small_enough_to_be_of_use(name, p):
    points = data(name)
    reader, _ = both(points, p)
    for term in (farthest(x, w), nearest(x, z), mean((i, j), distance(x[i], z[j])), norm(mean(x) - mean(z))):
        named = reader.scalar(term)
        # Centroids far from the origin differ by little of what they are.
        scale = 1e9 if name == "far from the origin" and term == norm(mean(x) - mean(z)) else float(named.value)
        assert float(named.error) < 1e-13 * scale


def test_on_gaussian_data_the_error_is_below_a_billionth():
    reader = NumericReader(
        {c: torch.tensor(rows).unsqueeze(0) for c, rows in collections(0, (20, 20, 20), 100).items()},
        2.0,
        weights={v: torch.arange(1.0, 21.0, dtype=torch.float64).unsqueeze(0)},
        errors=True,
        maps=MAPS,
    )
    for parameter in (m, t):
        reader.bind_exact(parameter, torch.tensor([0.7], dtype=torch.float64))
    for term in TERMS + MAP_TERMS:
        named = reader.scalar(term)
        assert float(named.error) < 1e-9 * abs(float(named.value)), str(term)


# -------------------------------------------------------------------------------------------------------- random terms

NUMBERS = st.sampled_from(
    [Fraction(n) for n in (1, -1, 2, -3)] + [Fraction(1, 3), Fraction("1.99"), Fraction("1e-200")]
)


@st.composite
def vectors(draw, scope, depth):
    """Draw a vector whose free indices are in scope."""
    kinds = ["point", "mean", "coordinate"] + ["difference", "combination", "scale"] * (depth > 0)
    kind = draw(st.sampled_from(kinds))
    if kind == "point" and scope:
        index = draw(st.sampled_from(scope))
        return draw(st.sampled_from(index.collections))[index]
    if kind in ("point", "mean"):
        if draw(st.booleans()):
            collection = draw(st.sampled_from([x, z, w]))
            weights = v if collection == x and draw(st.booleans()) else None
            return mean(collection, weights=weights) if draw(st.integers(0, 3)) else total(collection)
        index = draw(st.sampled_from([i, j, k, other, pair]))
        body = draw(vectors((*scope, index), depth - 1))
        point = index.collections[0][index]
        return mean(index, body if index in body.free() else point - body)
    if kind == "coordinate":
        return draw(st.sampled_from([coordinate_maximum, coordinate_minimum, coordinate_median]))(
            draw(st.sampled_from([x, z, w]))
        )
    if kind == "scale":
        return Scale.of(
            draw(st.sampled_from([m, t, 1 / norm(mean(x)), farthest(x, w)])), draw(vectors(scope, depth - 1))
        )
    left, right = draw(vectors(scope, depth - 1)), draw(vectors(scope, depth - 1))
    return left - right if kind == "difference" else draw(NUMBERS) * left + right


@st.composite
def scalars(draw, scope=(), depth=3):
    """Draw a scalar whose free indices are in scope; every kind of node occurs."""
    if depth <= 0:
        kind = draw(
            st.sampled_from(["norm", "norm", "norm", "constant", "parameter", "size", "dimension", "transport"])
        )
    else:
        kind = draw(st.sampled_from(["norm", "reduce", "reduce", "add", "multiply", "power", "choose"]))
    below = scalars(scope, depth - 1)
    match kind:
        case "constant":
            return Constant(draw(NUMBERS))
        case "parameter":
            return draw(st.sampled_from([m, t]))
        case "size":
            return Size(draw(st.sampled_from([x, w])))
        case "dimension":
            return Dimension()
        case "transport":
            return Transport(*draw(st.sampled_from([(x, w), (z, x)])))
        case "norm":
            vector = draw(vectors(scope, 1))
            if draw(st.integers(0, 3)):
                return norm(vector)
            return norm(g(vector) - g(draw(vectors(scope, 1)))) if draw(st.booleans()) else norm(g(vector))
        case "add":
            return draw(below) - draw(below) if draw(st.booleans()) else draw(below) + draw(below)
        case "multiply":
            return draw(below) * draw(st.one_of(below, NUMBERS))
        case "choose":
            return draw(st.sampled_from([largest, smallest]))(*draw(st.lists(below, min_size=1, max_size=3)))
        case "power":
            exponent = draw(st.sampled_from([Fraction(n) for n in ("2", "3", "-1", "-2", "1/2", "1/3", "-1/2", "1.3")]))
            base = draw(below)
            return (base if exponent.denominator == 1 else largest(base, -base)) ** exponent
        case "reduce":
            index = draw(st.sampled_from([index for index in (i, j, k, other, pair) if index not in scope] or [i]))
            body = draw(scalars((*scope, index), depth - 1))
            if index not in body.free():
                body = (
                    body * norm(index.collections[0][index])
                    if draw(st.booleans())
                    else body - norm(index.collections[-1][index])
                )
            reduction = draw(st.sampled_from([maximum, minimum, mean, total, "weighted"]))
            if reduction == "weighted":
                return mean(index, body, weights=v if index.collections[0] == x else None)
            return reduction(index, body)


COORDINATES = st.one_of(
    st.integers(-2, 2).map(float),
    st.sampled_from(
        [1e300, -1e300, 1.7e308, 1e-300, -1e-310, 5e-324, 1e9, 1e9 + 1e-6, 0.1, 1 + 2.0**-52, -1e16, 1e-160]
    ),
    st.floats(-10, 10),
    st.floats(allow_nan=False, allow_infinity=False),
)


@st.composite
def triples_of_points(draw):
    n, q, dimension = draw(st.integers(1, 3)), draw(st.integers(1, 2)), draw(st.integers(1, 2))
    point = st.lists(COORDINATES, min_size=dimension, max_size=dimension)
    # Points drawn from a few, so that some coincide.
    few = draw(st.lists(point, min_size=1, max_size=4))
    return {c: [draw(st.sampled_from(few)) for _ in range(size)] for c, size in ((x, n), (z, n), (w, q))}


def work(term):
    """Return about how many values the exact reader computes, which keeps none: three for each index, nested."""
    return (1 + sum(map(work, term.children))) * (3 if term.bound_index is not None else 1)


# Now and then a drawn term nests a dozen indices, which would take the exact reader hours.
WITHIN_REACH = scalars().filter(lambda term: work(term) <= 3000)


@settings(max_examples=400, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(
    term=WITHIN_REACH,
    points=triples_of_points(),
    p=st.sampled_from(NORMS),
    parameters=st.tuples(COORDINATES, COORDINATES),
    raw_weights=st.lists(st.sampled_from([1.0, 0.0, 3.0, 0.1, 1e-320, 1e308, 1e-30]), min_size=3, max_size=3).filter(
        lambda values: values[0] > 0
    ),
)
def test_every_random_term_is_within_the_error(term, points, p, parameters, raw_weights):
    weights = {v: raw_weights[: len(points[x])]}
    reader, obvious = both(points, p, dict(zip((m, t), parameters, strict=True)), weights)
    found = reader.scalar(term)
    assert found.value.shape == found.error.shape == (1,)
    try:
        exact = obvious(term)
    except UndefinedError:
        return
    assert encloses(found, exact)
    # The rewritten term means the same.
    with ctx.workprec(BITS):
        assert obvious(rewrite(term)).overlaps(exact)


def test_the_random_terms_are_of_every_kind_and_mostly_decided():
    kinds, finite = set(), []

    @settings(max_examples=300, database=None, suppress_health_check=[HealthCheck.too_slow])
    @given(WITHIN_REACH)
    def collect(term):
        kinds.update(type(node).__name__ for node in term.walk())
        reader, obvious = both(data("gaussian"), 2.0, {m: -0.3, t: 1e-3}, {v: [1.0, 2.0, 2.5]})
        try:
            exact = obvious(term)
        except UndefinedError:
            return
        error = float(reader.scalar(term).error)
        with ctx.workprec(BITS):
            finite.append(error < 1e-9 * (1 + abs(float(exact.mid()))))

    collect()
    assert kinds == {
        kind.__name__
        for kind in (Add, Average, Combination, Constant, Largest, Multiply, Norm, Parameter, Point, Power, Reduce)
    } | {"CoordinateWise", "Dimension", "Image", "Scale", "Size", "Smallest", "Transport"}
    # Roots at 0 have no digits left, and 1 / 0 no value; little else is lost.
    assert sum(finite) > 0.8 * len(finite) > 100


# ----------------------------------------------------------------------------------------------------------------- maps


def test_of_a_map_that_no_premise_bounds_nothing_is_known_but_at_points():
    reader = NumericReader(tensors(data("gaussian")), 2.0, errors=True, maps={g: Mapped(float_map)})
    at_points = reader.scalar(maximum((i, j), norm(g(x[i]) - g(z[j]))))
    assert float(at_points.error) < 1e-13
    assert float(reader.scalar(norm(g(mean(x)))).error) == inf


def test_a_constant_that_is_a_parameter_bounds_what_rounding_costs():
    term, errors = norm(g(mean(x))), []
    for constant in (7.0, 7e9):
        reader = NumericReader(tensors(data("gaussian")), 2.0, errors=True, maps={g: Mapped(float_map, t)})
        reader.bind_exact(t, torch.tensor([constant], dtype=torch.float64))
        errors.append(float(reader.scalar(term).error))
    assert errors[0] < 1e-13
    assert 1e-9 < errors[1] < 1e-4


def test_a_map_gets_points_as_they_are():
    """Neither scaled nor with what scaling takes from small coordinates beside large ones."""
    given = []
    points = {x: [[1e300, 3e-30]], z: [[5e-324, 1.0]], w: [[0.0, 0.0]]}
    reader = NumericReader(tensors(points), 2.0, errors=True, maps={g: Mapped(lambda rows: given.append(rows) or rows)})
    reader.scalar(maximum((i, j), norm(g(x[i]) - g(z[j]))))
    assert sorted(rows.tolist() for rows in given) == sorted([[[1e300, 3e-30]], [[5e-324, 1.0]]])


def test_values_of_another_scale_neither_overflow_nor_vanish():
    reader, _ = both({x: [[1e-300, 0.0]], z: [[0.0, 1e-300]], w: [[0.0, 0.0]]}, 2.0)
    reader._maps = {g: Mapped(lambda rows: 1e150 + 0 * rows if rows[0, 0] else 1e-200 + 0 * rows)}
    assert float(reader.scalar(norm(g(x[i]))).value) == pytest.approx(2**0.5 * 1e150)
    assert float(reader.scalar(norm(g(z[j]))).value) == pytest.approx(2**0.5 * 1e-200)
    assert float(reader.scalar(norm(g(z[j]))).error) < 1e-213


def test_values_that_cancel_to_less_than_their_errors_are_known_to_within_these():
    reader, _ = both({x: [[-1e-310]], z: [[-2e-310]], w: [[0.0]]}, 2.0)
    reader._maps = {g: Mapped(lambda rows: torch.cat([rows, torch.sign(rows)], dim=1), Constant(20))}
    apart = reader.scalar(norm(g(mean(x)) - g(mean(z))))
    assert float(apart.value) == pytest.approx(1e-310)
    assert float(apart.error) < 1e-14


def test_a_map_is_called_once_for_each_vector():
    calls = []
    reader = NumericReader(
        {c: torch.tensor(rows).unsqueeze(0) for c, rows in collections(0, (5, 4, 3), 2).items()},
        2.0,
        maps={g: Mapped(lambda rows: calls.append(len(rows)) or rows)},
    )
    for term in (maximum((i, j), norm(g(x[i]) - g(z[j]))), norm(g(mean(x)) - g(mean(z))), mean(i, norm(g(x[i])))):
        reader.scalar(term)
    assert sorted(calls) == [1, 1, 4, 5]


def test_a_map_under_a_fixed_index():
    reader, _ = both(data("gaussian"), 2.0)
    whole = reader.scalar(norm(g(x[i]) - g(mean(z)))).value[0]
    for position in range(3):
        fixed = reader.fixing(i, position).scalar(norm(g(x[i]) - g(mean(z))))
        assert float(fixed.value) == float(whole[position])
        assert fixed.axes == ()


# ----------------------------------------------------------------------------------------------- what is hard to get right


def test_an_undefined_power_claims_nothing():
    points = {x: [[1.0], [1.0]], z: [[1.0], [1.0]], w: [[3.0]]}
    reader, _ = both(points, 2.0, {m: 0.0})
    for term in (1 / nearest(x, z), 1 / m, (m - 1) ** 0.5, (m - farthest(x, w)) ** Fraction(1, 3)):
        found = reader.scalar(term)
        assert not float(found.error) < inf or not torch.isfinite(found.value).all(), str(term)


def test_what_overflowed_does_not_become_small_again():
    # The distance is above the largest float, and its inverse root is 7e-155, not 0.
    reader, obvious = both({x: [[-1.7e308]], z: [[0.0]], w: [[1.7e308]]}, 2.0)
    term = farthest(x, w) ** -0.5
    assert not float(reader.scalar(term).error) < 1e-200
    with ctx.workprec(BITS):
        assert float(obvious(term).mid()) > 1e-155


def test_a_root_of_rounding_noise_is_a_small_number():
    reader, obvious = both({x: [[0.1]] * 3, z: [[0.0]], w: [[0.0]]}, 2.0)
    term = (mean(i, norm(x[i]) ** 2) - norm(mean(x)) ** 2) ** 0.5
    found = reader.scalar(term)
    assert 0 <= float(found.value) <= float(found.error) < 1e-7
    assert encloses(found, obvious(term))


def test_constants_beyond_the_floats_are_no_numbers():
    reader, _ = both(data("gaussian"), 2.0)
    for term in (norm(mean(x)) + 10**400, norm(10**400 * mean(x)), norm(mean(x)) * -(10**400)):
        assert not torch.isfinite(reader.scalar(term).value).all()
    tiny = Fraction(1, 10**400)
    assert 0 <= float(reader.scalar(Constant(tiny)).value) <= float(reader.scalar(Constant(tiny)).error) < 1e-300


def test_what_scaling_takes_below_the_smallest_number_is_counted():
    # z is scaled down by 2⁻⁹⁹⁷, x with it to a subnormal; the coefficient makes the lost digits visible.
    points = {x: [[1.2345678e-11]], z: [[1e300]], w: [[0.0]]}
    reader, obvious = both(points, 2.0)
    term = norm(10**200 * x[i] + 10**190 * w[k])
    with ctx.workprec(BITS):
        exact = obvious(maximum((i, k), term))
    assert encloses(reader.scalar(maximum((i, k), term)), exact)


def test_weights_are_ratios():
    points = data("gaussian")
    term = norm(mean(x, weights=v))
    found = [both(points, 2.0, weights={v: values})[0].scalar(term) for values in ([1.0, 2.0, 1.0], [0.25, 0.5, 0.25])]
    assert torch.equal(found[0].value, found[1].value)
    reader, obvious = both(points, 2.0, weights={v: [0.1, 0.2, 0.3]})
    assert encloses(reader.scalar(term), obvious(term))


@pytest.mark.parametrize(
    "values", [[1e308, 1e308, 1e308], [5e-324, 5e-324, 5e-324], [1e-320, 1.0, 1e308], [0.0, 0.0, 1e-310]]
)
def test_weights_that_over_or_underflow_when_summed(values):
    points = {x: [[1e308], [1.0], [-1e308]], z: [[0.0]], w: [[0.0]]}
    reader, obvious = both(points, 2.0, weights={v: values})
    for term in (norm(mean(x, weights=v)), mean(i, norm(x[i]), weights=v)):
        found = reader.scalar(term)
        assert torch.isfinite(found.value).all()
        assert encloses(found, obvious(term))


def test_an_index_bound_inside_is_not_the_one_fixed_outside():
    points = {x: [[0.0], [1.0], [5.0]], z: [[0.0]], w: [[0.0]]}
    reader, _ = both(points, 2.0)
    away = norm(x[i] - mean(x)) + mean(i, norm(x[i]))
    assert [float(reader.fixing(i, place).scalar(away).value) for place in range(3)] == [4.0, 3.0, 5.0]


def test_fixing_an_index_is_choosing_a_point():
    points = data("gaussian")
    reader, obvious = both(points, 3.0, {m: 0.5})
    term = triplet().lhs - m
    for place in ((0, 0, 0), (2, 1, 1)):
        fixed = reader.fixing(i, place[0]).fixing(j, place[1]).fixing(k, place[2])
        assert encloses(fixed.scalar(term), obvious(term, zip((i, j, k), place, strict=True)))


def test_values_keep_the_free_indices_as_axes():
    reader, obvious = both(data("gaussian"), 2.0)
    found = reader.scalar(minimum(k, distance(x[i], z[j]) - distance(x[i], w[k])))
    assert found.axes == (i, j)
    assert found.value.shape == found.error.shape == (1, 3, 3)
    exact = obvious(minimum(k, distance(x[i], z[j]) - distance(x[i], w[k])), {i: 1, j: 2}.items())
    assert encloses(Named(found.value[0, 1, 2], found.error[0, 1, 2], ()), exact)


# ---------------------------------------------------------------------------------------------- batches, cost, gradients


@pytest.mark.parametrize("p", NORMS)
def test_a_batch_is_its_triples_one_at_a_time(p):
    several = [data(name) for name in ("gaussian", "huge", "tiny", "mixed scales in one point", "zeros")]
    together = NumericReader(
        {c: torch.tensor([points[c] for points in several], dtype=torch.float64) for c in (x, z, w)},
        p,
        weights={v: torch.tensor([[1.0, 2.0, 3.0]] * 5, dtype=torch.float64)},
        errors=True,
    )
    values = torch.tensor([0.1, -1e300, 1e-300, 0.0, 3.0], dtype=torch.float64)
    together.bind_exact(m, values)
    together.bind_exact(t, values.flip(0))
    for term in TERMS:
        found = together.scalar(term)
        assert found.value.shape == (5,)
        for row, points in enumerate(several):
            alone, _ = both(points, p, {m: values[row], t: values.flip(0)[row]}, {v: [1.0, 2.0, 3.0]})
            one = alone.scalar(term)
            # Powers apart, which torch rounds by where in a tensor they stand, to the last digit.
            error = float(one.error) if torch.isfinite(one.error) else inf
            powers = p in (1.5, 3.0, 40.0) or any(isinstance(node, Power) for node in term.walk())
            tolerance = {"rtol": 0, "atol": error if powers else 0, "equal_nan": True}
            torch.testing.assert_close(found.value[row : row + 1], one.value, **tolerance)
            # A power's error is a difference of powers, in which their last digits are the first.
            share = 0.01 if powers else 1e-6
            torch.testing.assert_close(found.error[row : row + 1], one.error, rtol=share, atol=0, equal_nan=True)


def test_every_distance_is_computed_once(monkeypatch):
    calls, points, pairwise = [], tensors(data("gaussian")), kernels.pairwise

    def counted(a, b, p):
        calls.append(
            [c.symbol for rows in (a, b) for c in points if torch.equal(rows / rows.max(), points[c] / points[c].max())]
        )
        return pairwise(a, b, p)

    monkeypatch.setattr(kernels, "pairwise", counted)
    judge(K, points, 2.0)
    # d(x_i, z_j) for the premise; d(x_i, w_k) for the premise, the right side and two links.
    assert sorted(calls) == [["x", "w"], ["x", "z"]]


def test_without_errors_the_values_are_the_same():
    points = data("gaussian")
    for term in TERMS:
        values = []
        for errors in (False, True):
            reader = NumericReader(
                tensors(points), 2.0, weights={v: torch.ones(1, 3, dtype=torch.float64)}, errors=errors
            )
            for parameter in (m, t):
                reader.bind_exact(parameter, torch.tensor([0.5], dtype=torch.float64))
            found = reader.scalar(term)
            assert (found.error is not None) is errors
            values.append(float(found.value))
        assert values[0] == values[1], str(term)


def gradients(term, points, p):
    leaves = {c: rows.clone().requires_grad_() for c, rows in tensors(points).items()}
    reader = NumericReader(leaves, p, weights={v: torch.ones(1, 3, dtype=torch.float64)})
    for parameter in (m, t):
        reader.bind_exact(parameter, torch.tensor([0.5], dtype=torch.float64))
    return torch.autograd.grad(reader.scalar(term).value.sum(), list(leaves.values()), allow_unused=True)


@pytest.mark.parametrize("p", NORMS)
@pytest.mark.parametrize("name", ["gaussian", "duplicates", "zeros", "far from the origin", "huge", "near ties"])
def test_the_gradients_of_both_sides_are_finite(name, p):
    for term in (K.lhs, K.rhs, triplet().least, *(link.rhs for link in K.chain)):
        for gradient in gradients(term, data(name), p):
            if gradient is not None:
                assert torch.isfinite(gradient).all(), str(term)
                # No side grows faster than a few points move.
                assert gradient.abs().max() <= 4


@pytest.mark.parametrize("p", [1.5, 2.0, 3.0])
def test_gradients_are_the_derivatives(p):
    smooth = [
        norm(mean(x) - mean(z)),
        mean((i, k), distance(x[i], w[k]) ** 2) ** 0.5,
        norm(mean(x, weights=v)) * mean(pair, distance(x[pair], z[pair])) / (1 + norm(total(w))),
        variance,
    ]
    raw = [rows.requires_grad_() for rows in tensors(data("gaussian")).values()]
    for term in smooth:

        def value(*leaves, term=term):
            reader = NumericReader(
                dict(zip((x, z, w), leaves, strict=True)), p, weights={v: torch.ones(1, 3, dtype=torch.float64)}
            )
            return reader.scalar(term).value

        assert torch.autograd.gradcheck(value, raw)


# ----------------------------------------------------------------------------------------------------- what is not given


def test_what_was_not_given_is_named():
    reader, _ = both(data("gaussian"), 2.0)
    with pytest.raises(ParameterError, match="m: expected a value, got none"):
        reader.scalar(K.rhs)
    with pytest.raises(ParameterError, match="v: expected weights, got none; give v="):
        reader.scalar(norm(mean(x, weights=v)))
    with pytest.raises(ParameterError, match="h: expected a function, got none; give the function that h stands for"):
        reader.scalar(norm(Map("h")(mean(x))))


def test_the_values_of_a_maximum_are_those_of_the_loop_over_floats():
    """The rewrites of the triplet premise change no digit: rounding is monotone."""
    points = tensors(data("near ties"))
    reader = NumericReader(points, 2.0)
    to_z = kernels.pairwise(points[x], points[z], 2.0)[0]
    to_w = kernels.pairwise(points[x], points[w], 2.0)[0]
    every = [to_z[a, b] - to_w[a, c] for a in range(3) for b in range(3) for c in range(3)]
    assert float(reader.scalar(triplet().least).value) == float(max(every))

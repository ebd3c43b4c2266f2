"""Small perturbations of objects of the greatest tightness: ascent through f and the numeric reader."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor, nn

from boundcheck.adversary.objects.results import Certified, Perturbed
from boundcheck.adversary.objects.setting import Setting, number_in, scored
from boundcheck.adversary.problem import Case
from boundcheck.embed import embed_all
from boundcheck.embed.functions import as_device
from boundcheck.embed.modules import home
from boundcheck.errors import (
    EmptyCollectionError,
    InvalidTypeError,
    InvalidValueError,
    MissingEntryError,
    NonFiniteError,
    explain,
    require_whole,
)
from boundcheck.evaluate import Verdict
from boundcheck.language import Bound
from boundcheck.real_numbers import Place, Source, plain_tensor, unchanged_array

__all__ = ["perturbed_collections"]


def perturbed_collections(
    bound: Bound | str,
    f: nn.Module,
    G1: Any,
    G2: Any,
    G3: Any,
    *,
    radius: float,
    norm_of_perturbation: float = math.inf,
    bounds: tuple[float, float] | None = (0.0, 1.0),
    steps: int = 40,
    restarts: int = 2,
    seed: int = 0,
    norm: float = 2,
    weights: Mapping[str, Sequence[float]] | None = None,
    given: Mapping[str, float] | None = None,
    batch_size: int = 256,
    device: str | torch.device | None = None,
    progress: Callable[[int, float], None] | None = None,
) -> Perturbed:
    """Change objects a little, so that a bound on what f makes of them is as tight as can be.

    Projected gradient ascent with momentum: the numeric reader is differentiated, and f. Steps shrink from a quarter of
    the radius; in the second half, one that leads down is taken back, and the next is shorter. The first start is the
    objects as they are, the others are drawn from the balls around them. The best of each start is embedded again as
    ``check_bound`` embeds, with f in evaluation mode, and judged; where none is better than the objects as they are,
    these are what is returned.

    Parameters
    ----------
    bound
        A :class:`boundcheck.Bound`, the name of a known one, or FILE.py:NAME, **a file that is run**.
    f
        A torch module from a batch of objects to one vector each, differentiable in them. Put it in one module with
        whatever prepares the objects. It is in evaluation mode meanwhile, its modes restored afterwards.
    G1, G2, G3
        The collections: tensors or arrays of floating-point numbers, objects along the first axis.
    radius
        How far each object may go, at least 0; kept to exactly, rounding included.
    norm_of_perturbation
        What that is measured in, over all entries of an object: inf or 2.
    bounds
        The least and the greatest value of an entry, kept to exactly; None for any.
    steps, restarts, seed
        Of the ascent; the same seed gives the same result on the same machine.
    norm, weights, given
        As for :func:`tightest_collections`.
    batch_size
        The largest number of objects that f gets at once.
    device
        Where f is (default: wherever it is).
    progress
        Called after every step with its number and the greatest tightness so far.

    Raises
    ------
    InvalidTypeError
        If f is no torch module, or objects are not floating-point numbers.
    InvalidValueError
        If no gradient comes through f, or it is 0 for every object; if both sides of the bound stay as they are however
        the points move; if the bound is an equality, or speaks of a map; if objects are not within the bounds.
    NormError, UnequalSizesError, ParameterError
        If the norm, the sizes, the weights or the parameters are none that the bound is stated for.
    BoundcheckError
        As :func:`boundcheck.embed.embed` does.

    Examples
    --------
    >>> import torch
    >>> f = torch.nn.Sequential(torch.nn.Linear(5, 4), torch.nn.Tanh(), torch.nn.Linear(4, 3))
    >>> collections = torch.rand(3, 2, 5, generator=torch.Generator().manual_seed(0))
    >>> found = perturbed_collections("karimov", f, *collections, radius=0.1, steps=10)
    >>> found.verdict, found.after.tightness > found.before.tightness
    ('survived', True)
    """
    began = time.monotonic()
    if not isinstance(f, nn.Module):
        raise InvalidTypeError(
            explain("f", "a torch.nn.Module", type(f).__name__, "no gradient in the objects is known of anything else")
        )
    limit = number_in(radius, "radius", "[0, ∞)", lambda value: 0 <= value < math.inf)
    power = number_in(norm_of_perturbation, "norm_of_perturbation", "{2, inf}", lambda value: value in (2.0, math.inf))
    count, tries = require_whole("steps", steps, 1), require_whole("restarts", restarts, 1)
    start, size = require_whole("seed", seed, 0), require_whole("batch_size", batch_size, 1)
    place = as_device(device)
    objects = [_objects(one, name) for one, name in zip((G1, G2, G3), ("G1", "G2", "G3"), strict=True)]
    shapes = {tuple(one.shape[1:]) for one in objects}
    if len(shapes) > 1:
        raise InvalidValueError(explain("G1, G2, G3", "objects of one shape", ", ".join(map(str, sorted(shapes)))))
    setting = Setting(bound, [len(one) for one in objects], norm, weights, given, "cpu")
    ascent = _Ascent(setting, f, objects, limit, power, _bounds(bounds, objects), size, place)
    with _evaluating(f):
        return ascent.run(count, tries, start, began, progress)


def _objects(collection: Any, name: str) -> Tensor:
    place = Place(name, 0, Source.POINTS)
    try:
        if isinstance(collection, Tensor):
            tensor = plain_tensor(collection, place).cpu()
        else:
            found = unchanged_array(collection, place)
            tensor = (
                found.cpu()
                if isinstance(found, Tensor)
                else torch.from_numpy(np.require(found, requirements=["C", "W"]))
            )
    except MissingEntryError:
        raise
    except (TypeError, ValueError) as cause:
        raise InvalidTypeError(explain(name, "a tensor or an array of objects", type(collection).__name__)) from cause
    if not tensor.is_floating_point():
        fix = "divide pixels by 255, and have f take them so"
        raise InvalidTypeError(explain(name, "floating-point numbers", f"{tensor.dtype}", fix))
    if tensor.ndim < 2 or not tensor[0:1].numel():
        error = EmptyCollectionError if tensor.ndim >= 1 and len(tensor) == 0 else InvalidValueError
        raise error(explain(name, "objects along the first axis, one at least", f"shape {tuple(tensor.shape)}"))
    if not torch.isfinite(tensor).all():
        raise NonFiniteError(explain(name, "finite numbers", "NaN or an infinity"))
    # Exact; what is smaller has too few numbers to take steps in.
    return tensor.clone() if tensor.dtype == torch.float64 else tensor.to(torch.float32, copy=True)


def _bounds(bounds: object, objects: Sequence[Tensor]) -> tuple[float, float]:
    if bounds is None:
        return -math.inf, math.inf
    if not isinstance(bounds, Sequence) or len(bounds) != 2:
        raise InvalidTypeError(explain("bounds", "two numbers, the least first, or None", f"{bounds!r}"))
    low, high = (number_in(one, "bounds", "[−∞, ∞]", lambda value: not math.isnan(value)) for one in bounds)
    if not low < high:
        raise InvalidValueError(explain("bounds", "two numbers, the least first", f"{bounds!r}"))
    for tensor, name in zip(objects, ("G1", "G2", "G3"), strict=True):
        least, most = float(tensor.min()), float(tensor.max())
        if least < low or most > high:
            raise InvalidValueError(
                explain(name, f"entries in [{low:g}, {high:g}]", f"[{least:g}, {most:g}]", "pass bounds=(least, most)")
            )
    return low, high


@contextmanager
def _evaluating(module: nn.Module) -> Iterator[None]:
    modes = [(part, part.training) for part in module.modules()]
    module.eval()
    try:
        yield
    finally:
        for part, training in modes:
            part.training = training


class _Ascent:
    """Projected gradient ascent in all objects at once, r starts side by side."""

    def __init__(
        self,
        setting: Setting,
        f: nn.Module,
        objects: Sequence[Tensor],
        radius: float,
        power: float,
        bounds: tuple[float, float],
        batch_size: int,
        device: torch.device | None,
    ) -> None:
        self.setting, self.f, self.power, self.radius = setting, f, power, radius
        self.batch_size, self.sizes, self.given_device = batch_size, [len(one) for one in objects], device
        found = home(f)
        self.device = device or found.device or torch.device("cpu")
        # What embed makes of floating-point objects before f gets them.
        self.dtype = found.dtype
        dtype = torch.float64 if any(one.dtype == torch.float64 for one in objects) else torch.float32
        self.originals = torch.cat([one.to(dtype) for one in objects])
        spoken = [one in setting.problem.spoken for one in setting.bound.collections]
        free = torch.repeat_interleave(torch.tensor(spoken), torch.tensor(self.sizes))
        self.low, self.high = _box(self.originals, radius, power, bounds)
        # What the bound does not speak of stays as it is.
        self.low[~free], self.high[~free] = self.originals[~free], self.originals[~free]
        self.embedded, self.is_level = 0, False

    def run(
        self, steps: int, restarts: int, seed: int, began: float, progress: Callable[[int, float], None] | None
    ) -> Perturbed:
        setting = self.setting
        before, _ = self._judged(self.originals)
        random = torch.Generator().manual_seed(seed)
        now = self._starts(restarts, random)
        momentum = torch.zeros(now.shape, dtype=torch.float64)
        best, length = now.clone(), torch.full((restarts,), self.radius, dtype=torch.float64)
        reached = torch.full((restarts,), -torch.inf, dtype=torch.float64)
        history: list[float] = []
        for step in range(steps + 1):
            score, slope = self._slope(now, last=step == steps)
            better = score > reached
            reached = torch.where(better, score, reached)
            best[better] = now[better]
            history.append(float(reached.max()))
            if progress is not None:
                progress(step, history[-1])
            if slope is None:
                break
            if step == 0:
                self._require_slope(slope)
            momentum = 0.5 * momentum + _direction(slope, self.power)
            base = now
            if 2 * step < steps:
                # However few the steps are, together they reach the radius.
                length = torch.full_like(length, self.radius * max(0.25, 2 / steps) * (1 - step / steps))
            else:
                # Where the last step led down, on from the best, by less: a maximum has two slopes at a tie, and the
                # momentum is by now a mean of both.
                base = torch.where(_like(better, now), now, best)
                length = torch.where(better, 1.2, 0.7) * length
            ahead = _like(length, now) * _direction(momentum, self.power)
            now = self._projected(base.double() + ahead)
        candidates = [(before, self.originals)]
        candidates += [(self._judged(one)[0], one) for one in best]
        after, chosen = max(candidates, key=lambda pair: _rank(pair[0]))
        case = self._judged(chosen)[1]
        apart = self._apart(chosen)
        seconds = time.monotonic() - began
        names = [one.argument for one in setting.bound.collections]
        return Perturbed(
            bound=setting.bound,
            norm=setting.norm,
            objects=dict(zip(names, torch.split(chosen, self.sizes), strict=True)),
            radius=self.radius,
            perturbation_norm=self.power,
            moved={name: float(part.max()) for name, part in zip(names, torch.split(apart, self.sizes), strict=True)},
            before=before,
            after=after,
            refuted=setting.refuted(case, after, self.embedded, seconds, seed),
            history=tuple(history),
            embedded=self.embedded,
            steps=steps,
            restarts=restarts,
            seed=seed,
            seconds=seconds,
        )

    # ----------------------------------------------------------------------------------------------------- the ball

    def _starts(self, restarts: int, random: torch.Generator) -> Tensor:
        """Return the objects as they are, then others at random in the balls around them: shape (r, n, …)."""
        shape = (restarts, *self.originals.shape)
        if self.power == math.inf:
            drawn = (2 * torch.rand(shape, generator=random, dtype=torch.float64) - 1) * self.radius
        else:
            drawn = torch.randn(shape, generator=random, dtype=torch.float64)
            share = torch.rand(shape[:2], generator=random, dtype=torch.float64)
            drawn = _direction(drawn, 2.0) * self.radius * _like(share, drawn)
        drawn[0] = 0
        return self._projected(self.originals.double() + drawn)

    def _projected(self, objects: Tensor) -> Tensor:
        """Return the objects brought back within the radius and the range, rounding included."""
        # Both ends of the box are numbers of this type, so that rounding leaves what is within it there.
        inside = objects.to(self.originals.dtype).clamp(self.low, self.high)
        if self.power == math.inf:
            return inside
        for shrink in (1.0, *(1 - 2.0**k for k in range(-24, -1))):
            # By more than the norm's own rounding.
            far = self._apart(inside) * (1 + 1e-9)
            over = far > self.radius
            if not over.any():
                return inside
            share = torch.where(over, shrink * self.radius / far, 1.0) * (1 - 1e-9)
            apart = inside.double() - self.originals.double()
            nearer = self.originals.double() + _like(share, apart) * apart
            nearer = nearer.to(self.originals.dtype).clamp(self.low, self.high)
            inside = torch.where(_like(over, inside), nearer, inside)
        over = self._apart(inside) * (1 + 1e-9) > self.radius
        return torch.where(_like(over, inside), self.originals.expand_as(inside), inside)

    def _apart(self, objects: Tensor) -> Tensor:
        """Return how far each object is from what it was, shape (…, n)."""
        apart = (objects.double() - self.originals.double()).flatten(start_dim=objects.ndim - self.originals.ndim + 1)
        far: Tensor = torch.linalg.vector_norm(apart, ord=self.power, dim=-1)
        return far

    # ----------------------------------------------------------------------------------------------------- the slope

    def _slope(self, objects: Float[Tensor, "r n *s"], *, last: bool) -> tuple[Tensor, Tensor | None]:
        """Return the tightness of each start and, but for the last step, the gradient of the violation in its objects."""
        flat = objects.flatten(0, 1)
        chunks = [chunk.clone().requires_grad_(not last) for chunk in torch.split(flat, self.batch_size)]
        # One batch is embedded once. Of several, each is again when its slope is asked for: their graphs take room.
        once = len(chunks) == 1 and not last
        with torch.set_grad_enabled(once):
            images = [self._image(chunk) for chunk in chunks]
        points = torch.cat([image.detach() for image in images]).to("cpu", torch.float64)
        points = points.reshape(len(objects), len(self.originals), -1).requires_grad_(not last)
        with torch.set_grad_enabled(not last):
            values = self.setting.problem.values(self.setting.cases(torch.split(points, self.sizes, dim=1)))
        score = scored(values, 0.0).detach()
        if last:
            return score, None
        sizes = values.lhs.abs() + values.rhs.abs()
        goal = (values.lhs - values.rhs) / torch.where(sizes > 0, sizes, 1.0) - 2 * values.excess.clamp(min=0)
        (by_point,) = torch.autograd.grad(goal.nan_to_num(nan=0.0).sum(), points)
        self.is_level = not bool(by_point.any())
        by_image = torch.split(by_point.flatten(0, 1), self.batch_size)
        slopes = []
        for chunk, image, slope in zip(chunks, images, by_image, strict=True):
            if not once:
                with torch.enable_grad():
                    image = self._image(chunk)
            slopes.append(self._through(chunk, image, slope.reshape(image.shape).to(image)))
        gradient = torch.cat(slopes).reshape(objects.shape).to("cpu", torch.float64)
        return score, gradient.nan_to_num(nan=0.0, posinf=0.0, neginf=0.0)

    def _image(self, objects: Tensor) -> Tensor:
        self.embedded += len(objects)
        image = self.f(objects.to(device=self.device, dtype=self.dtype))
        if not isinstance(image, Tensor) or image.ndim != 2:
            got = f"shape {tuple(image.shape)}" if isinstance(image, Tensor) else type(image).__name__
            raise InvalidValueError(explain("f", "a tensor of one vector for each object", got))
        return image

    @staticmethod
    def _through(objects: Tensor, image: Tensor, slope: Tensor) -> Tensor:
        found = torch.autograd.grad(image, objects, slope, allow_unused=True)[0] if image.requires_grad else None
        if found is None:
            fix = "leave out detach(), no_grad() and NumPy in its forward()"
            raise InvalidValueError(explain("f", "a module that gradients come through to the objects", "none", fix))
        return found

    def _require_slope(self, slope: Tensor) -> None:
        if self.is_level:
            # No fault of f's.
            got = "both sides level around the objects as they are, and around those drawn"
            raise InvalidValueError(explain("bound", "one whose sides change with the points", got))
        if not slope.any():
            got = "the gradient 0 for every object"
            fix = "thresholds and rounding have none: use a smooth module"
            raise InvalidValueError(explain("f", "a module whose values change with the objects", got, fix))

    def _judged(self, objects: Tensor) -> tuple[Certified, Case]:
        """Embed objects as check_bound does, and judge."""
        names = [one.argument for one in self.setting.bound.collections]
        points = embed_all(
            self.f,
            dict(zip(names, torch.split(objects, self.sizes), strict=True)),
            batch_size=self.batch_size,
            device=self.given_device,
            progress=False,
        )
        self.embedded += len(objects)
        case = self.setting.case(list(points.values()))
        return Certified.of(self.setting.problem, case), case


def _rank(found: Certified) -> tuple[bool, bool, float]:
    """Return what orders outcomes: a counterexample first, then the greatest tightness that is no vacuous one."""
    tightness = -math.inf if found.tightness is None or math.isnan(found.tightness) else float(found.tightness)
    return found.verdict is Verdict.FAILS, found.verdict is not Verdict.VACUOUS, tightness


def _box(originals: Tensor, radius: float, power: float, bounds: tuple[float, float]) -> tuple[Tensor, Tensor]:
    """Return the least and the greatest value that each entry may take, numbers of the objects' own type."""
    reach = radius if power == math.inf else math.inf
    up, down = (torch.tensor(sign * math.inf, dtype=originals.dtype) for sign in (1, -1))
    low, high = (originals.double() - reach).to(originals.dtype), (originals.double() + reach).to(originals.dtype)
    # One number further in, which is more than both roundings were; the object itself is always within.
    low, high = torch.nextafter(low, up), torch.nextafter(high, down)
    least, most = (torch.tensor(bound, dtype=originals.dtype) for bound in bounds)
    if float(least) < bounds[0]:
        least = torch.nextafter(least, up)
    if float(most) > bounds[1]:
        most = torch.nextafter(most, down)
    return torch.minimum(low.clamp(min=least), originals), torch.maximum(high.clamp(max=most), originals)


def _direction(slope: Tensor, power: float) -> Tensor:
    """Return the steepest ascent of unit length in the perturbation's norm, object by object; shape (r, n, …)."""
    if power == math.inf:
        return slope.sign()
    length = torch.linalg.vector_norm(slope.flatten(2), dim=-1)
    return slope / _like(torch.where(length > 0, length, 1.0), slope)


def _like(numbers: Tensor, objects: Tensor) -> Tensor:
    """Return one number an object with axes of length one for its entries."""
    return numbers.reshape(*numbers.shape, *[1] * (objects.ndim - numbers.ndim))

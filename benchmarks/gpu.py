"""Build, check and time the GPU's reductions of distances: one command, one JSON with the device's name.

    python benchmarks/gpu.py --out gpu.json

Checked first, loudly: bounds and measured extremes against float64, the error assumed of the matrix units on rows made
to break it, and memory far below that of a distance matrix. Timed then, in rounds that take every way in turn:

===================  ==========================================================================================
prepare FORMAT       float32 rows on the device into the format of the products, with measured residuals
bounds FORMAT        enclosures of the largest distance of every two collections, from rows so prepared
pass FORMAT          both
measured FORMAT      the exact values and pairs, on the device, from prepared rows
between              the public function's work: from float32 rows on the device to arrays on the host
peer                 torch.cdist in float32 on chunks of rows, and amax: no bounds on the error
===================  ==========================================================================================
"""

from __future__ import annotations

import argparse
import json
import platform
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch

from boundcheck.kernels import cuda

FORMATS: tuple[cuda.Format, ...] = ("int8", "bfloat16", "float16")
# Tried for each format; the inner side is doubled for int8.
TILES = (
    cuda.Tile(128, 256, 64, 8, 3),
    cuda.Tile(128, 256, 64, 8, 4),
    cuda.Tile(128, 128, 64, 8, 3),
    cuda.Tile(128, 128, 64, 4, 4),
    cuda.Tile(128, 128, 32, 8, 4),
)
# What is hoped for on an H100 with 32,460 rows of 1,408 dimensions in collections of 20: milliseconds, and a ratio.
GOALS = {"pass": 6.0, "measured": 25.0, "times faster than the peer": 20.0}


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--rows", type=int, default=32_460)
    parser.add_argument("--dimension", type=int, default=1408)
    parser.add_argument("--size", type=int, default=20, help="objects in a collection")
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--limit", type=float, default=450.0, help="seconds after which no further round begins")
    parser.add_argument("--out", type=Path, default=Path("gpu.json"))
    chosen = parser.parse_args(arguments)
    began = time.perf_counter()
    if torch.cuda.is_available():
        device = torch.device("cuda")
    elif cuda.interpreted():
        device = torch.device("cpu")
    else:
        print("no CUDA device; with TRITON_INTERPRET=1 the checks run on the CPU, on few rows", file=sys.stderr)
        return 2
    torch.backends.cuda.matmul.allow_tf32 = False
    torch.set_float32_matmul_precision("highest")

    report: dict[str, object] = {"machine": machine(device)}
    print(report["machine"])
    report["error of products"] = products = check_products(device)
    print("share of the error bound that products use:", products)
    x, starts = embeddings(chosen.rows, chosen.dimension, chosen.size, device)
    report["data"] = {"rows": len(x), "dimension": x.shape[1], "collections": len(starts) - 1, "dtype": "float32"}
    exact = reference(x, chosen.size)
    tiles = {format: best_tile(x, starts, format) for format in FORMATS} if device.type == "cuda" else {}
    report["tiles"] = {format: {"chosen": tile, "ms": times} for format, (tile, times) in tiles.items()}
    picked = {format: tiles[format][0] if tiles else None for format in FORMATS}
    report["accuracy"] = {format: check(x, starts, exact, format, picked[format]) for format in FORMATS}
    print(json.dumps(report["accuracy"], indent=1))

    ways = ways_to_time(x, starts, chosen.size, picked)
    report["peak MiB beyond the rows"] = memory = {name: peak(way, device) for name, way in ways.items()}
    whole = 4 * len(x) ** 2 / 2**20
    report["MiB of a float32 distance matrix"] = whole
    if device.type == "cuda":
        for name, used in memory.items():
            if name != "peer":
                require(used < whole / 4, f"{name}: {used:.0f} MiB at peak, a distance matrix has {whole:.0f}")
    times = rounds(ways, chosen.rounds, began + chosen.limit, device)
    report["ms"] = {name: spread(values) for name, values in times.items()}
    report["peer over pass"] = {
        format: statistics.median(times["peer"]) / statistics.median(times[f"pass {format}"]) for format in FORMATS
    }
    work = len(x) * len(x) * x.shape[1]
    report["TFLOP of the half that is made"] = work / 1e12
    report["TFLOP/s of bounds"] = {
        format: work / statistics.median(times[f"bounds {format}"]) / 1e9 for format in FORMATS
    }
    report["goals"] = goals(report, times, device)
    report["seconds"] = time.perf_counter() - began
    chosen.out.write_text(json.dumps(report, indent=1) + "\n")
    for name, value in report["ms"].items():  # type: ignore[attr-defined]
        print(f"{name:20} median {value['median']:9.3f} ms   from {value['least']:.3f} to {value['most']:.3f}")
    print(f"written: {chosen.out}")
    return 0


def require(holds: bool, message: str) -> None:
    if not holds:
        raise SystemExit(f"FAILED: {message}")


def machine(device: torch.device) -> dict[str, object]:
    import triton

    found: dict[str, object] = {
        "python": platform.python_version(),
        "torch": torch.__version__,
        "triton": triton.__version__,
    }
    if device.type != "cuda":
        return {"device": "CPU, kernels interpreted: times mean nothing", **found}
    properties = torch.cuda.get_device_properties(device)
    driver = subprocess.run(
        ["nvidia-smi", "--query-gpu=driver_version", "--format=csv,noheader"],
        capture_output=True,
        text=True,
        check=False,
    )
    return {
        "device": properties.name,
        "capability": list(torch.cuda.get_device_capability(device)),
        "multiprocessors": properties.multi_processor_count,
        "memory MiB": properties.total_memory // 2**20,
        "driver": driver.stdout.strip() or None,
        "cuda": torch.version.cuda,
        **found,
    }


def embeddings(n: int, d: int, size: int, device: torch.device) -> tuple[torch.Tensor, np.ndarray]:
    """Return rows of length 1 about a point of each collection, as a network trained to tell them apart gives."""
    n = n // size * size
    generator = torch.Generator(device).manual_seed(0)
    points = torch.randn(n // size, 1, d, generator=generator, device=device)
    rows = points + 0.6 * torch.randn(n // size, size, d, generator=generator, device=device)
    x = torch.nn.functional.normalize(rows.reshape(n, d), dim=1)
    return x, np.arange(0, n + 1, size)


def breaking(d: int) -> torch.Tensor:
    """Return rows whose products a sum of few digits loses, in numbers that every 16-bit format holds exactly."""
    rng = np.random.default_rng(0)
    small = np.full(d, 2.0**-11)
    small[0] = 1.0
    # Beside 1, the product of these two is just below the last of 24 bits: cut off, each is lost.
    lost, half = (np.where(np.arange(d) == 0, 1.0, share * (1 - 2.0**-8)) for share in (2.0**-11, 2.0**-12))
    late = small[::-1].copy()
    middle = np.roll(small, d // 2)
    spaced = np.where(np.arange(d) % 16 == 0, 1.0, 2.0**-12 + 2.0**-18)
    cancelling = np.where(np.arange(d) % 2, 1.0, -1.0) + np.where(np.arange(d) == d - 1, 2.0**-7, 0)
    falling = 2.0 ** -(np.arange(d) % 12)
    random = rng.integers(-127, 128, (16, d)) / 128.0
    uneven = random * 2.0 ** rng.integers(-6, 1, (16, d))
    return torch.from_numpy(
        np.concatenate([np.stack([small, lost, half, late, middle, spaced, cancelling, falling]), random, uneven])
    )


def check_products(device: torch.device) -> dict[str, float]:
    """Return the largest |v − ‖q − p‖²| / E of rows made to break the sum; it must not pass 1."""
    found = {}
    interpreted = device.type != "cuda"
    for format in FORMATS:
        worst = 0.0
        for d in (48, 256) if interpreted else (64, 1408, 8192):
            x = breaking(d)[: 10 if interpreted else None].to(device)
            starts = np.arange(len(x) + 1)
            (rows,), _ = cuda.prepare([x], [starts], format=format)
            (part,) = cuda._parts(rows, rows, distinct=False)
            (v,) = part.squares(largest=True, smallest=False)
            error, _ = part.limits()
            # Collections of one row are in their own order, without copies.
            q = rows.q[: len(x)].to(torch.float64) * rows.steps[: len(x), None]
            square = torch.stack([(one - q).square().sum(dim=1) for one in q])
            upper = torch.ones_like(v, dtype=torch.bool).triu()
            worst = max(worst, float(((v - square).abs() / error)[upper].max()))
        require(worst <= 1, f"{format}: an error of the products is {worst:.3g} times its bound")
        found[format] = worst
    return found


def reference(x: torch.Tensor, size: int) -> torch.Tensor:
    """Return the largest distance of every two collections, off by some 1e-12 of the rows' lengths."""
    exact = x.to(torch.float64)
    squares = exact.square().sum(dim=1)
    step = max(1, (1 << 26) // len(x) // size) * size
    parts = []
    for start in range(0, len(x), step):
        some = exact[start : start + step]
        every = squares[start : start + step, None] + squares - 2 * some @ exact.T
        parts.append(every.reshape(len(some) // size, size, -1, size).amax(dim=(1, 3)))
    return torch.cat(parts).clamp(min=0).sqrt()


def best_tile(x: torch.Tensor, starts: np.ndarray, format: cuda.Format) -> tuple[cuda.Tile, dict[str, float | None]]:
    """Return the tile whose bounds come first, and the milliseconds of each; None for one that does not fit."""
    times: dict[str, float | None] = {}
    best: tuple[float, cuda.Tile] | None = None
    for shape in TILES:
        tile = shape._replace(inner=shape.inner * 2) if format == "int8" else shape
        name = "×".join(map(str, tile))
        try:
            (rows,), _ = cuda.prepare([x], [starts], format=format, tile=tile)
            cuda.enclosures(rows)
            cuda.measured(rows)
        except Exception as error:
            # What Triton raises for too much shared memory differs by version.
            print(f"{format} {name}: {type(error).__name__}: {error}")
            times[name] = None
            continue
        taken = statistics.median(timed(lambda rows=rows: cuda.enclosures(rows), x.device) for _ in range(5))
        times[name] = taken
        if best is None or taken < best[0]:
            best = taken, tile
    require(best is not None, f"{format}: no tile can be built")
    assert best is not None
    return best[1], times


def check(
    x: torch.Tensor, starts: np.ndarray, exact: torch.Tensor, format: cuda.Format, tile: cuda.Tile | None
) -> dict[str, float]:
    """Hold bounds and measured extremes against float64; return how wide and how far off they are."""
    (rows,), exponent = cuda.prepare([x], [starts], format=format, tile=tile)
    lower, upper = (bound * 2.0**exponent for bound in cuda.enclosures(rows))
    slack = 1e-11
    require(bool((lower <= exact + slack).all()), f"{format}: a lower bound is above the distance")
    require(bool((upper >= exact - slack).all()), f"{format}: an upper bound is below the distance")
    value, error, i, j = cuda.measured(rows)
    value, error = value * 2.0**exponent, error * 2.0**exponent
    off = float((value - exact).abs().max())
    require(off <= slack, f"{format}: a measured distance is {off} off")
    require(bool((error <= 1e-12 * value).all()), f"{format}: a measured distance has an error above 1e-12 of it")
    # The pairs attain them: every one, by its coordinates.
    begin = torch.from_numpy(starts[:-1]).to(x.device)
    step, apart = max(1, (1 << 24) // len(begin) // x.shape[1]), 0.0
    for start in range(0, len(begin), step):
        some = slice(start, start + step)
        one, other = (begin[some, None] + i[some]).to(torch.int64), (begin + j[some]).to(torch.int64)
        distance = (x[one].to(torch.float64) - x[other].to(torch.float64)).square().sum(dim=-1).sqrt()
        apart = max(apart, float((distance - value[some]).abs().max()))
    require(apart <= 1e-12, f"{format}: a pair's distance is {apart} off its value")
    return {
        "widest bounds": float((upper - lower).max()),
        "mean width of the bounds": float((upper - lower).mean()),
        "largest distance": float(exact.max()),
        "measured off float64": off,
        "bound on that": float(error.max()),
    }


def ways_to_time(
    x: torch.Tensor, starts: np.ndarray, size: int, tiles: dict[cuda.Format, cuda.Tile | None]
) -> dict[str, Callable[[], object]]:
    ways: dict[str, Callable[[], object]] = {}
    for format in FORMATS:

        def ready(format: cuda.Format = format) -> cuda.Ready:
            (rows,), _ = cuda.prepare([x], [starts], format=format, tile=tiles[format])
            return rows

        rows = ready()
        ways[f"prepare {format}"] = ready
        ways[f"bounds {format}"] = lambda rows=rows: cuda.enclosures(rows)
        ways[f"pass {format}"] = lambda ready=ready: cuda.enclosures(ready())
        ways[f"measured {format}"] = lambda rows=rows: cuda.measured(rows)
    ways["between"] = lambda: cuda.between(x, starts, None, starts, 2, (0,), tile=tiles["float16"])
    ways["peer"] = lambda: peer(x, size)
    return ways


def peer(x: torch.Tensor, size: int) -> torch.Tensor:
    step = max(1, (1 << 26) // len(x) // size) * size
    return torch.cat(
        [
            torch.cdist(x[start : start + step], x).reshape(-1, size, len(x) // size, size).amax(dim=(1, 3))
            for start in range(0, len(x), step)
        ]
    )


def synchronise(device: torch.device) -> None:
    if device.type == "cuda":
        torch.cuda.synchronize(device)


def timed(way: Callable[[], object], device: torch.device) -> float:
    """Return milliseconds by the host's clock, with nothing left to do on the device before and after."""
    synchronise(device)
    began = time.perf_counter()
    way()
    synchronise(device)
    return (time.perf_counter() - began) * 1e3


def peak(way: Callable[[], object], device: torch.device) -> float:
    """Return the MiB that a way takes at most beyond what is there, after a first run that compiles it."""
    way()
    if device.type != "cuda":
        return 0.0
    torch.cuda.synchronize(device)
    torch.cuda.reset_peak_memory_stats(device)
    before = torch.cuda.memory_allocated(device)
    way()
    torch.cuda.synchronize(device)
    return (torch.cuda.max_memory_allocated(device) - before) / 2**20


def rounds(
    ways: dict[str, Callable[[], object]], count: int, until: float, device: torch.device
) -> dict[str, list[float]]:
    """Return the times of each way in rounds that take all in turn, so that a slow minute meets all alike."""
    times: dict[str, list[float]] = {name: [] for name in ways}
    for done in range(count):
        if done and time.perf_counter() > until:
            break
        for name, way in ways.items():
            times[name].append(timed(way, device))
    return times


def spread(values: list[float]) -> dict[str, float]:
    return {"median": statistics.median(values), "least": min(values), "most": max(values), "rounds": len(values)}


def goals(report: dict[str, object], times: dict[str, list[float]], device: torch.device) -> dict[str, object] | None:
    """Return each goal beside what was reached by the best format; None where times mean nothing."""
    if device.type != "cuda":
        return None
    reached = {
        "pass": min(statistics.median(times[f"pass {format}"]) for format in FORMATS),
        "measured": min(statistics.median(times[f"measured {format}"]) for format in FORMATS),
        "times faster than the peer": max(report["peer over pass"].values()),  # type: ignore[attr-defined]
    }
    return {
        name: {
            "goal": goal,
            "reached": reached[name],
            "met": reached[name] >= goal if "times" in name else reached[name] <= goal,
        }
        for name, goal in GOALS.items()
    }


if __name__ == "__main__":
    sys.exit(main())

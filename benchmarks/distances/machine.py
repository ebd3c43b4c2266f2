"""What the measurements were made on."""

from __future__ import annotations

import os
import platform
import re
from importlib import metadata
from pathlib import Path
from typing import Any

import torch

from boundcheck import distances

__all__ = ["facts", "kind", "threads_everywhere"]

# Instruction sets that products of matrices are made of.
_FLAGS = ("avx2", "fma", "avx512f", "avx512_vnni", "avx_vnni", "avx512_bf16", "amx_int8", "asimd", "i8mm", "sve")
# Of them, what results depend on most, the best first.
_WIDEST = ("avx512_vnni", "avx_vnni", "avx512f", "avx2", "i8mm", "asimd")
_DISTRIBUTIONS = ("numpy", "torch", "numba", "scipy", "scikit-learn", "pykeops", "faiss-cpu")
_THREADS = ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS", "NUMBA_NUM_THREADS")


def threads_everywhere(count: int) -> None:
    """Have the processes that are started from here use so many threads, whatever library they use."""
    for name in _THREADS:
        os.environ[name] = str(count)


def facts(threads: int) -> dict[str, Any]:
    """Return the processor, the memory, the threads used, the load before, and the versions of libraries."""
    processor = _processor()
    return {
        "processor": processor.get("model name", platform.processor() or platform.machine()),
        "instructions": [flag for flag in _FLAGS if flag in processor.get("flags", "").split()],
        "cores": len(os.sched_getaffinity(0)),
        "threads": threads,
        "memory_gib": round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30, 1),
        "load_before": round(os.getloadavg()[0], 2),
        "system": platform.system(),
        "python": platform.python_version(),
        "torch_instructions": torch.backends.cpu.get_cpu_capability(),
        "boundcheck_format": distances.explain().splitlines()[0].rpartition(": ")[2],
        "boundcheck_products": distances.explain().splitlines(),
        "versions": {name: _version(name) for name in _DISTRIBUTIONS},
    }


def kind(facts: dict[str, Any]) -> str:
    """Return the name of a folder for results of such a machine: its processor, and what multiplies there."""
    instructions = facts["instructions"]
    widest = next((flag for flag in _WIDEST if flag in instructions), "plain")
    # Registered names and trademarks say no more.
    words = re.sub(r"\((r|tm)\)|@.*", "", facts["processor"].lower())
    return "-".join(re.findall(r"[a-z0-9]+", f"{words} {widest}"))


def _processor() -> dict[str, str]:
    """Return what Linux says of the first core."""
    source = Path("/proc/cpuinfo")
    if not source.exists():
        return {}
    first = source.read_text(encoding="utf-8").split("\n\n")[0]
    pairs = (line.partition(":") for line in first.splitlines())
    found = {name.strip(): value.strip() for name, _, value in pairs}
    # As other architectures call it.
    return {**found, "flags": found.get("flags", found.get("Features", ""))}


def _version(name: str) -> str | None:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return None

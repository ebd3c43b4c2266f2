"""Kernels of other processors, with the products of their instructions written out: all else of them runs here."""

import functools
import platform
from dataclasses import replace

from boundcheck.kernels import integers

_MACHINE = {"amd64": "x86_64", "arm64": "aarch64"}.get(platform.machine().lower(), platform.machine().lower())


@functools.cache
def made_of_plain_products(kernel):
    """Return a kernel of any processor for this one: packing, steps, remainders and shifts are the kernel's."""
    processor = {"x86_64": "x86-64", "aarch64": "generic"}[_MACHINE]
    return integers.make(replace(kernel, dot=integers.plain, machine=_MACHINE, processor=processor, features=()))


def kernel_named(name):
    """Return a kernel of the table."""
    return next(kernel for kernel in integers.KERNELS if kernel.name == name)

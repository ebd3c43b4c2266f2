# mypy: allow-untyped-defs, allow-incomplete-defs, allow-untyped-calls, allow-untyped-decorators
# mypy: disable-error-code=import-untyped
"""Triton kernels: one tile of a matrix product, its norms and its reduction by blocks fused, so that no tile is stored.

A tile holds the products G of rows q and columns p, and v = n_i + c_j − t_i·u_j·G_ij as in :mod:`.loops`. Rows are
arranged by :mod:`.cuda`: those of a block are neighbours, and each block fills whole segments of S rows, the last with
copies of its first row, which change no extreme. So a tile is reduced within segments by a reshape, and only the
(BM / S)·(BN / S) extremes of pairs of segments go to the table of pairs of blocks, by atomic operations.

Imported where a kernel is launched, for Triton need not be installed; with TRITON_INTERPRET=1 the kernels run on a CPU.
"""

from __future__ import annotations

import triton
import triton.language as tl

__all__ = ["candidates", "extremes", "measure", "quantise", "tile_at"]


@triton.jit
def quantise(
    raw,
    index,
    centre,
    q,
    squares,
    left,
    steps,
    d,
    wide,
    shrink,
    CENTRED: tl.constexpr,
    EIGHT: tl.constexpr,
    BR: tl.constexpr,
    BD: tl.constexpr,
):
    """Store BR rows x as q, with ‖s·q‖² and ‖(x − c)·shrink − s·q‖² in float64 and the step s; zeros where index < 0.

    `raw` (n, d), `index` (positions,), `centre` (d,), `q` (positions, wide); `wide` is d filled up to whole tiles, and
    the positions are a multiple of BR. s is 1 unless `EIGHT`.
    """
    position = tl.program_id(0).to(tl.int64) * BR + tl.arange(0, BR)
    row = tl.load(index + position).to(tl.int64)
    step = tl.full((BR,), 1.0, tl.float64)
    if EIGHT:
        most = tl.zeros((BR, BD), tl.float64)
        for k in range(0, d, BD):
            at = k + tl.arange(0, BD)
            inside = (at < d)[None, :] & (row >= 0)[:, None]
            x = tl.load(raw + row[:, None] * d + at[None, :], mask=inside, other=0.0).to(tl.float64)
            if CENTRED:
                x = tl.where(inside, x - tl.load(centre + at, mask=at < d, other=0.0)[None, :], 0.0)
            most = tl.maximum(most, tl.abs(x * shrink))
        step = (tl.max(most, 1) / 127).to(tl.float32).to(tl.float64)
        # So small a row is 0, and its residual says so.
        step = tl.where(step >= 2.0**-100, step, 1.0)
    square = tl.zeros((BR, BD), tl.float64)
    rest = tl.zeros((BR, BD), tl.float64)
    for k in range(0, wide, BD):
        at = k + tl.arange(0, BD)
        inside = (at < d)[None, :] & (row >= 0)[:, None]
        x = tl.load(raw + row[:, None] * d + at[None, :], mask=inside, other=0.0).to(tl.float64)
        if CENTRED:
            x = tl.where(inside, x - tl.load(centre + at, mask=at < d, other=0.0)[None, :], 0.0)
        x = x * shrink
        if EIGHT:
            # Any rounding will do, for what it loses is measured; the product with a step of 24 bits is exact.
            low = tl.minimum(tl.maximum(tl.floor(x / step[:, None] + 0.5), -127.0), 127.0).to(tl.int8)
            exact = low.to(tl.float64) * step[:, None]
        else:
            low = x.to(tl.float32).to(q.dtype.element_ty)
            exact = low.to(tl.float32).to(tl.float64)
        tl.store(q + position[:, None] * wide + at[None, :], low, mask=(at < wide)[None, :])
        square += exact * exact
        rest += (x - exact) * (x - exact)
    tl.store(squares + position, tl.sum(square, 1))
    tl.store(left + position, tl.sum(rest, 1))
    tl.store(steps + position, step.to(tl.float32))


@triton.jit
def tile_at(program, row_tiles, column_tiles, TRIANGLE: tl.constexpr, BAND: tl.constexpr, RATIO: tl.constexpr):
    """Return the tile of a program: bands of `BAND` row tiles, column by column, so that a band's rows stay in the cache.

    The numbers of tiles are no constants, not even where they are 1: kernels that use this do not specialise them.

    `TRIANGLE`: a column tile is as wide as `RATIO` row tiles are high, and a band begins at the column tile of its first
    row; `BAND` is a multiple of `RATIO`.
    """
    if TRIANGLE:
        lost: tl.constexpr = BAND // RATIO
        # Band b begins at program BAND·(column_tiles·b − lost·b·(b − 1)/2): a root, set right where it was rounded.
        middle = column_tiles.to(tl.float64) + lost * 0.5
        root = tl.sqrt(tl.maximum(middle * middle - 2.0 * lost * (program.to(tl.float64) / BAND), 0.0))
        band = ((middle - root) / lost).to(tl.int64)
        band = tl.where(BAND * (column_tiles * band - lost * (band * (band - 1) // 2)) > program, band - 1, band)
        after = band + 1
        band = tl.where(BAND * (column_tiles * after - lost * (after * band // 2)) <= program, after, band)
        begin = BAND * (column_tiles * band - lost * (band * (band - 1) // 2))
        first = band * lost
    else:
        band = program.to(tl.int64) // (BAND * column_tiles)
        begin = band * BAND * column_tiles
        first = band * 0
    height = tl.minimum(BAND, row_tiles - band * BAND)
    within = program - begin
    return (band * BAND + within % height).to(tl.int32), (first + within // height).to(tl.int32)


@triton.jit
def _squares(
    q,
    p,
    n,
    c,
    t,
    u,
    i,
    j,
    wide,
    BM: tl.constexpr,
    BN: tl.constexpr,
    BK: tl.constexpr,
    EIGHT: tl.constexpr,
    WIDEN: tl.constexpr,
):
    """Return v of one tile, rows i and columns j, in float32.

    `WIDEN`: 16-bit numbers are multiplied as float32, for Triton's interpreter multiplies the bits of bfloat16.
    """
    k = tl.arange(0, BK)
    a = q + i.to(tl.int64)[:, None] * wide + k[None, :]
    b = p + j.to(tl.int64)[None, :] * wide + k[:, None]
    if EIGHT:
        products = tl.zeros((BM, BN), tl.int32)
        for _ in range(0, wide, BK):
            products = tl.dot(tl.load(a), tl.load(b), products, out_dtype=tl.int32)
            a += BK
            b += BK
        twice = (tl.load(t + i) * 2)[:, None] * tl.load(u + j)[None, :] * products.to(tl.float32)
    else:
        products = tl.zeros((BM, BN), tl.float32)
        for _ in range(0, wide, BK):
            if WIDEN:
                products = tl.dot(tl.load(a).to(tl.float32), tl.load(b).to(tl.float32), products)
            else:
                products = tl.dot(tl.load(a), tl.load(b), products)
            a += BK
            b += BK
        twice = products * 2
    return tl.load(n + i)[:, None] + tl.load(c + j)[None, :] - twice


@triton.jit
def _ordered(v):
    """Return integers in the order of the floats: a negative float's bits below the sign count downwards."""
    bits = v.to(tl.int32, bitcast=True)
    return bits ^ ((bits >> 31) & 0x7FFFFFFF)


@triton.jit(do_not_specialize=["first_row_block", "first_column_block", "width", "row_tiles", "column_tiles"])
def extremes(
    q,
    p,
    n,
    c,
    t,
    u,
    row_blocks,
    column_blocks,
    row_origins,
    column_origins,
    most,
    least,
    first_row_block,
    first_column_block,
    width,
    row_tiles,
    column_tiles,
    wide,
    MAX: tl.constexpr,
    MIN: tl.constexpr,
    TRIANGLE: tl.constexpr,
    DISTINCT: tl.constexpr,
    EIGHT: tl.constexpr,
    WIDEN: tl.constexpr,
    S: tl.constexpr,
    BM: tl.constexpr,
    BN: tl.constexpr,
    BK: tl.constexpr,
    BAND: tl.constexpr,
):
    """Raise `most` and lower `least` to the extremes of v of each pair of blocks, as ordered integers.

    Parameters
    ----------
    q, p
        Rows and columns, shape (positions, wide).
    n, c, t, u
        Squares and steps of rows and of columns, float32, shape (positions,).
    row_blocks, column_blocks
        The block of each segment, shape (positions / S,), -1 for none.
    row_origins, column_origins
        The position that each position is a copy of, itself for the rows themselves.
    most, least
        Shape (row blocks, width): entry (a − first_row_block, b − first_column_block) is the pair of blocks a, b.
    TRIANGLE
        Rows and columns are one set: only pairs a ≤ b, and only tiles that have some.
    DISTINCT
        No smallest distance is a row's to itself.
    WIDEN
        See `_squares`.
    """
    row, column = tile_at(tl.program_id(0), row_tiles, column_tiles, TRIANGLE, BAND, BN // BM)
    if TRIANGLE and (column + 1) * BN <= row * BM:
        return
    i, j = row * BM + tl.arange(0, BM), column * BN + tl.arange(0, BN)
    v = _squares(q, p, n, c, t, u, i, j, wide, BM, BN, BK, EIGHT, WIDEN)
    a = tl.load(row_blocks + row * (BM // S) + tl.arange(0, BM // S))[:, None]
    b = tl.load(column_blocks + column * (BN // S) + tl.arange(0, BN // S))[None, :]
    wanted = (a >= 0) & (b >= 0)
    if TRIANGLE:
        wanted = wanted & (a <= b)
    at = (a - first_row_block).to(tl.int64) * width + (b - first_column_block)
    if MAX:
        # A row's distance to itself, 0, is no larger than any other.
        high = tl.max(tl.max(tl.reshape(v, (BM // S, S, BN // S, S)), 3), 1)
        tl.atomic_max(most + at, _ordered(high), mask=wanted, sem="relaxed")
    if MIN:
        if DISTINCT:
            v = tl.where(tl.load(row_origins + i)[:, None] == tl.load(column_origins + j)[None, :], float("inf"), v)
        low = tl.min(tl.min(tl.reshape(v, (BM // S, S, BN // S, S)), 3), 1)
        tl.atomic_min(least + at, _ordered(low), mask=wanted, sem="relaxed")


@triton.jit(
    do_not_specialize=[
        "capacity",
        "row_origin",
        "column_origin",
        "first_row_block",
        "first_column_block",
        "width",
        "row_tiles",
        "column_tiles",
    ]
)
def candidates(
    q,
    p,
    n,
    c,
    t,
    u,
    row_blocks,
    column_blocks,
    row_origins,
    column_origins,
    row_segments,
    column_segments,
    thresholds,
    counts,
    slots,
    capacity,
    row_origin,
    column_origin,
    first_row_block,
    first_column_block,
    width,
    row_tiles,
    column_tiles,
    wide,
    LARGEST: tl.constexpr,
    TRIANGLE: tl.constexpr,
    DISTINCT: tl.constexpr,
    EIGHT: tl.constexpr,
    WIDEN: tl.constexpr,
    S: tl.constexpr,
    BM: tl.constexpr,
    BN: tl.constexpr,
    BK: tl.constexpr,
    BAND: tl.constexpr,
):
    """Note the pairs whose v reaches the threshold of their pair of blocks: at least it, or at most.

    A note is of a pair of segments: (segment within its block, segment within its block, which of the S² pairs) as bits
    21…, 16…20 and 0…15. `counts` says how many there were, also beyond the capacity.

    Parameters
    ----------
    row_segments, column_segments
        Which segment of its block each segment is, below 32.
    thresholds, counts
        Shape (row blocks, width): float32 and int32. An infinite threshold that no v reaches closes a pair of blocks.
    slots
        Shape (row blocks, width, capacity), int32.
    row_origin, column_origin
        The positions that the rows and columns given begin at.
    """
    row, column = tile_at(tl.program_id(0), row_tiles, column_tiles, TRIANGLE, BAND, BN // BM)
    if TRIANGLE and (column + 1) * BN <= row * BM:
        return
    segments_i, segments_j = row * (BM // S) + tl.arange(0, BM // S), column * (BN // S) + tl.arange(0, BN // S)
    a, b = tl.load(row_blocks + segments_i)[:, None], tl.load(column_blocks + segments_j)[None, :]
    wanted = (a >= 0) & (b >= 0)
    if TRIANGLE:
        wanted = wanted & (a <= b)
    at = (a - first_row_block).to(tl.int64) * width + (b - first_column_block)
    closed = float("inf") if LARGEST else float("-inf")
    threshold = tl.load(thresholds + at, mask=wanted, other=closed)
    if tl.max((threshold != closed).to(tl.int32)) == 0:
        return
    i, j = row * BM + tl.arange(0, BM), column * BN + tl.arange(0, BN)
    v = _squares(q, p, n, c, t, u, i, j, wide, BM, BN, BK, EIGHT, WIDEN)
    # Rows that are copies are left out, as their originals are in the block too.
    i, j = i + row_origin, j + column_origin
    pair = (tl.load(row_origins + i - row_origin) == i)[:, None] & (tl.load(column_origins + j - column_origin) == j)[
        None, :
    ]
    if DISTINCT:
        pair = pair & (i[:, None] < j[None, :])
    v = tl.reshape(v, (BM // S, S, BN // S, S))
    pair = tl.reshape(pair, (BM // S, S, BN // S, S))
    limit = threshold[:, None, :, None]
    hit = pair & ((v >= limit) if LARGEST else (v <= limit))
    inner = tl.arange(0, S)
    weight = (1 << (inner[:, None] * S + inner[None, :]))[None, :, None, :]
    which = tl.sum(tl.sum(tl.where(hit, weight, 0), 3), 1)
    found = wanted & (which != 0)
    slot = tl.atomic_add(counts + at, 1, mask=found, sem="relaxed")
    left, right = tl.load(row_segments + segments_i)[:, None], tl.load(column_segments + segments_j)[None, :]
    tl.store(slots + at * capacity + slot, (left << 21) | (right << 16) | which, mask=found & (slot < capacity))


@triton.jit
def _direct(x, i, w, j, d, BD: tl.constexpr):
    """Return the distance of two rows by their differences, in float64."""
    k = tl.arange(0, BD)
    total = tl.zeros((BD,), tl.float64)
    for start in range(0, d, BD):
        inside = start + k < d
        one = tl.load(x + i * d + start + k, mask=inside, other=0.0).to(tl.float64)
        difference = one - tl.load(w + j * d + start + k, mask=inside, other=0.0).to(tl.float64)
        total += difference * difference
    distance = tl.sqrt(tl.sum(total, 0))
    if distance < 1e-125:
        # So near that squares may underflow; larger by a power of two, they do not.
        total = tl.zeros((BD,), tl.float64)
        for start in range(0, d, BD):
            inside = start + k < d
            one = tl.load(x + i * d + start + k, mask=inside, other=0.0).to(tl.float64)
            difference = one - tl.load(w + j * d + start + k, mask=inside, other=0.0).to(tl.float64)
            difference = difference * 4.149515568880993e180
            total += difference * difference
        distance = tl.sqrt(tl.sum(total, 0)) * 2.409919865102884e-181
    return distance


@triton.jit(do_not_specialize=["capacity", "first_row_block", "first_column_block", "width"])
def measure(
    x,
    w,
    row_starts,
    row_sizes,
    column_starts,
    column_sizes,
    counts,
    slots,
    capacity,
    values,
    pairs,
    d,
    first_row_block,
    first_column_block,
    width,
    LARGEST: tl.constexpr,
    DISTINCT: tl.constexpr,
    EVERY: tl.constexpr,
    S: tl.constexpr,
    BD: tl.constexpr,
):
    """Measure the pairs noted for one pair of blocks; with `EVERY`, all pairs of one with more notes than its capacity.

    Parameters
    ----------
    x, w
        The rows themselves, shape (n, d), float32 or float64.
    row_starts, row_sizes, column_starts, column_sizes
        Of each block among the rows, at most 128.
    values, pairs
        Filled where there is a pair: the extreme distance in float64, and the first pair (128·i + j within the blocks)
        that has it.
    """
    program = tl.program_id(0).to(tl.int64)
    count = tl.load(counts + program)
    if count == 0:
        return
    a, b = first_row_block + program // width, first_column_block + program % width
    start_i, start_j = tl.load(row_starts + a).to(tl.int64), tl.load(column_starts + b).to(tl.int64)
    best = tl.full((), -1.0 if LARGEST else float("inf"), tl.float64)
    at = tl.full((), 1 << 30, tl.int32)
    if EVERY and count > capacity:
        columns = tl.load(column_sizes + b)
        for pair in range(tl.load(row_sizes + a) * columns):
            i, j = pair // columns, pair % columns
            if (not DISTINCT) or a != b or i < j:
                distance = _direct(x, start_i + i, w, start_j + j, d, BD)
                code = (i * 128 + j).to(tl.int32)
                better = (distance > best if LARGEST else distance < best) | ((distance == best) & (code < at))
                best = tl.where(better, distance, best)
                at = tl.where(better, code, at)
    else:
        for slot in range(tl.minimum(count, capacity)):
            note = tl.load(slots + program * capacity + slot)
            for bit in range(S * S):
                if (note >> bit) & 1 != 0:
                    i, j = (note >> 21) * S + bit // S, ((note >> 16) & 31) * S + bit % S
                    distance = _direct(x, start_i + i, w, start_j + j, d, BD)
                    code = (i * 128 + j).to(tl.int32)
                    better = (distance > best if LARGEST else distance < best) | ((distance == best) & (code < at))
                    best = tl.where(better, distance, best)
                    at = tl.where(better, code, at)
    tl.store(values + program, best)
    tl.store(pairs + program, at)

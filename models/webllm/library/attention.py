"""Attention kernels without workgroup barriers: one thread for each query row and head, with an online softmax.

They take the place of TVM's three MHA kernels in "portable" libraries, and have their parameters. What a row gets
depends on that row's sequence alone, so results are the same at any batch size. TVM's own kernels cost the software
GPU several seconds of shader compilation and most of its time per token.
"""

import math

from tvm.script import tirx as T
from tvm.target import Target
from tvm.tirx import PrimFunc

LOG2E = math.log2(math.e)
PAGE = 16
# Below any score, and small enough that exp2 of a difference to it does not become NaN.
NO_SCORE = -5e4


@T.inline
def find_sequence(c, QI, n, r):
    """c: the sequence of row r, and the number of keys that it sees."""
    c[0] = T.int32(0)
    for z in range(n):
        if QI[z] <= r:
            c[0] = z


@T.inline
def hide_later_keys(c, QI, r, causal):
    if causal > 0:
        c[1] = c[1] - (QI[c[0] + 1] - 1 - r)


@T.inline
def start_softmax(A, f, dim):
    """A: the weighted values so far. f: largest score, sum of weights, score in hand, new largest score."""
    f[0] = T.float32(NO_SCORE)
    f[1] = T.float32(0)
    for e in range(dim):
        A[e] = T.float32(0)


@T.inline
def weigh_score(f, scale):
    """From the score in f[2]: its weight there, in f[0] what the weights so far shrink by."""
    f[2] = f[2] * scale * T.float32(LOG2E)
    f[3] = T.max(f[0], f[2])
    f[2] = T.exp2(f[2] - f[3])
    f[0] = T.exp2(f[0] - f[3])
    f[1] = f[1] * f[0] + f[2]


@T.inline
def finish_softmax(A, f, O, S, row, h, dim, dtype):
    f[1] = T.max(f[1], T.float32(1e-30))
    for e in range(dim):
        O[row, h, e] = T.Cast(dtype, A[e] / f[1])
    S[row, h] = f[0] + T.log2(f[1])


def make_decode(
    kv_heads: int,
    heads: int,
    dim: int,
    dtype: str,
    sliding_window: bool,
    rope_scaling: dict,
    target: Target,
    page_size: int = PAGE,
) -> PrimFunc:
    """One query row per sequence, against its pages [pages, 2 (key, value), kv_heads, page_size, dim]."""
    if sliding_window:
        return make_stub("batch_decode_paged_kv_sliding_window")

    @T.prim_func(s_tir=True)
    def decode(
        queries: T.handle, pages: T.handle, page_ends: T.handle, page_ids: T.handle, lengths: T.handle,
        key_positions: T.handle, query_positions: T.handle, out: T.handle, masses: T.handle,
        rotary_mode: T.int32, rope_scale: T.float32, rope_theta: T.float32, scale: T.float32,
    ):
        T.func_attr({"tirx.is_scheduled": True, "global_symbol": "batch_decode_paged_kv"})
        n, used, total = T.int32(), T.int32(), T.int32()
        e0 = T.int64()
        e1, e2, e3, e4, e5 = T.int32(), T.int32(), T.int32(), T.int32(), T.int32()
        Q = T.match_buffer(queries, (n, heads, dim), dtype)
        G = T.match_buffer(pages, (total, 2, kv_heads, page_size, dim), dtype, elem_offset=e0)
        I = T.match_buffer(page_ends, (n + 1,), "int32", elem_offset=e1)
        X = T.match_buffer(page_ids, (used,), "int32", elem_offset=e2)
        KP = T.match_buffer(key_positions, (n,), "int32", elem_offset=e3)
        QP = T.match_buffer(query_positions, (n,), "int32", elem_offset=e4)
        O = T.match_buffer(out, (n, heads, dim), dtype)
        S = T.match_buffer(masses, (n, heads), "float32")
        N = T.match_buffer(lengths, (n,), "int32", elem_offset=e5)
        for b in T.thread_binding(n, thread="blockIdx.x"):
            for h in T.thread_binding(heads, thread="threadIdx.x"):
                with T.sblock("attention"):
                    A = T.sblock_alloc_buffer((dim,), "float32", scope="local")
                    f = T.sblock_alloc_buffer((4,), "float32", scope="local")  # maximum, sum, score, new maximum
                    start_softmax(A, f, dim)
                    for j in range(T.if_then_else(I[b + 1] > I[b], (I[b + 1] - I[b] - 1) * page_size + N[b], 0)):
                        f[2] = T.float32(0)
                        for e in range(dim):
                            f[2] = f[2] + T.Cast("float32", Q[b, h, e]) * T.Cast("float32", G[X[I[b] + j // page_size], 0, h * kv_heads // heads, j % page_size, e])
                        weigh_score(f, scale)
                        for e in range(dim):
                            A[e] = A[e] * f[0] + f[2] * T.Cast("float32", G[X[I[b] + j // page_size], 1, h * kv_heads // heads, j % page_size, e])
                        f[0] = f[3]
                    finish_softmax(A, f, O, S, b, h, dim, dtype)

    return decode


def make_prefill(
    kv_heads: int,
    heads: int,
    dim: int,
    dtype: str,
    sliding_window: bool,
    rope_scaling: dict,
    target: Target,
    page_size: int = PAGE,
    sliding_window_size: int = 0,
) -> PrimFunc:
    """Several query rows per sequence against its pages; with `causal`, only pages up to the row's own place."""
    if sliding_window:
        return make_stub("batch_prefill_paged_kv_sliding_window")

    @T.prim_func(s_tir=True)
    def prefill(
        queries: T.handle, query_ends: T.handle, pages: T.handle, page_ends: T.handle, page_ids: T.handle,
        lengths: T.handle, key_positions: T.handle, query_positions: T.handle, out: T.handle, masses: T.handle,
        causal: T.int32, rotary_mode: T.int32, rope_scale: T.float32, rope_theta: T.float32, scale: T.float32,
    ):
        T.func_attr({"tirx.is_scheduled": True, "global_symbol": "batch_prefill_paged_kv"})
        n, used, total, t = T.int32(), T.int32(), T.int32(), T.int32()
        e0 = T.int64()
        e1, e2, e3, e4, e5, e6 = T.int32(), T.int32(), T.int32(), T.int32(), T.int32(), T.int32()
        Q = T.match_buffer(queries, (t, heads, dim), dtype)
        QI = T.match_buffer(query_ends, (n + 1,), "int32", elem_offset=e6)
        G = T.match_buffer(pages, (total, 2, kv_heads, page_size, dim), dtype, elem_offset=e0)
        I = T.match_buffer(page_ends, (n + 1,), "int32", elem_offset=e1)
        X = T.match_buffer(page_ids, (used,), "int32", elem_offset=e2)
        KP = T.match_buffer(key_positions, (n,), "int32", elem_offset=e3)
        QP = T.match_buffer(query_positions, (t,), "int32", elem_offset=e4)
        O = T.match_buffer(out, (t, heads, dim), dtype)
        S = T.match_buffer(masses, (t, heads), "float32")
        N = T.match_buffer(lengths, (n,), "int32", elem_offset=e5)
        for r in T.thread_binding(t, thread="blockIdx.x"):
            for h in T.thread_binding(heads, thread="threadIdx.x"):
                with T.sblock("attention"):
                    A = T.sblock_alloc_buffer((dim,), "float32", scope="local")
                    f = T.sblock_alloc_buffer((4,), "float32", scope="local")
                    c = T.sblock_alloc_buffer((2,), "int32", scope="local")  # sequence, number of keys seen
                    find_sequence(c, QI, n, r)
                    c[1] = T.if_then_else(I[c[0] + 1] > I[c[0]], (I[c[0] + 1] - I[c[0]] - 1) * page_size + N[c[0]], 0)
                    hide_later_keys(c, QI, r, causal)
                    start_softmax(A, f, dim)
                    for j in range(c[1]):
                        f[2] = T.float32(0)
                        for e in range(dim):
                            f[2] = f[2] + T.Cast("float32", Q[r, h, e]) * T.Cast("float32", G[X[I[c[0]] + j // page_size], 0, h * kv_heads // heads, j % page_size, e])
                        weigh_score(f, scale)
                        for e in range(dim):
                            A[e] = A[e] * f[0] + f[2] * T.Cast("float32", G[X[I[c[0]] + j // page_size], 1, h * kv_heads // heads, j % page_size, e])
                        f[0] = f[3]
                    finish_softmax(A, f, O, S, r, h, dim, dtype)

    return prefill


def make_ragged_prefill(
    kv_heads: int, heads: int, dim: int, value_dim: int, dtype: str, rope_scaling: dict, target: Target
) -> PrimFunc:
    """Query rows against the keys and values of the same call, before these are stored in pages."""

    @T.prim_func(s_tir=True)
    def ragged(
        queries: T.handle, query_ends: T.handle, keys: T.handle, values: T.handle, key_ends: T.handle,
        query_positions: T.handle, key_positions: T.handle, out: T.handle, masses: T.handle,
        causal: T.int32, rotary_mode: T.int32, rope_scale: T.float32, rope_theta: T.float32, scale: T.float32,
    ):
        T.func_attr({"tirx.is_scheduled": True, "global_symbol": "batch_prefill_ragged_kv"})
        n, t, u = T.int32(), T.int32(), T.int32()
        e1, e2, e3, e4 = T.int32(), T.int32(), T.int32(), T.int32()
        Q = T.match_buffer(queries, (t, heads, dim), dtype)
        QI = T.match_buffer(query_ends, (n + 1,), "int32", elem_offset=e1)
        K = T.match_buffer(keys, (u, kv_heads, dim), dtype)
        V = T.match_buffer(values, (u, kv_heads, dim), dtype)
        KI = T.match_buffer(key_ends, (n + 1,), "int32", elem_offset=e2)
        QP = T.match_buffer(query_positions, (t,), "int32", elem_offset=e3)
        KP = T.match_buffer(key_positions, (n,), "int32", elem_offset=e4)
        O = T.match_buffer(out, (t, heads, dim), dtype)
        S = T.match_buffer(masses, (t, heads), "float32")
        for r in T.thread_binding(t, thread="blockIdx.x"):
            for h in T.thread_binding(heads, thread="threadIdx.x"):
                with T.sblock("attention"):
                    A = T.sblock_alloc_buffer((dim,), "float32", scope="local")
                    f = T.sblock_alloc_buffer((4,), "float32", scope="local")
                    c = T.sblock_alloc_buffer((2,), "int32", scope="local")
                    find_sequence(c, QI, n, r)
                    c[1] = KI[c[0] + 1] - KI[c[0]]
                    hide_later_keys(c, QI, r, causal)
                    start_softmax(A, f, dim)
                    for j in range(c[1]):
                        f[2] = T.float32(0)
                        for e in range(dim):
                            f[2] = f[2] + T.Cast("float32", Q[r, h, e]) * T.Cast("float32", K[KI[c[0]] + j, h * kv_heads // heads, e])
                        weigh_score(f, scale)
                        for e in range(dim):
                            A[e] = A[e] * f[0] + f[2] * T.Cast("float32", V[KI[c[0]] + j, h * kv_heads // heads, e])
                        f[0] = f[3]
                    finish_softmax(A, f, O, S, r, h, dim, dtype)

    return ragged


def make_stub(name: str) -> PrimFunc:
    """Stands where the cache's constructor wants a kernel that is never called. Saves its shader's compilation."""

    @T.prim_func(s_tir=True)
    def stub(a: T.handle):
        T.func_attr({"tirx.is_scheduled": True, "global_symbol": name})
        n = T.int32()
        X = T.match_buffer(a, (n,), "float32")
        for i in T.thread_binding(n, thread="blockIdx.x"):
            for t in T.thread_binding(1, thread="threadIdx.x"):
                with T.sblock("stub"):
                    X[i] = T.float32(0)

    return stub

"""Kernels behind `sampling.py`: scalar code, one thread for each thing that may differ, no barriers.

A loop variable must not be called `_`: TVM would print it as `__1`, which WGSL forbids.
"""

from tvm.script import tirx as T


@T.prim_func(private=True, s_tir=True)
def pick_from_nucleus(
    probabilities: T.handle,
    positions: T.handle,
    uniforms: T.handle,
    rows: T.handle,
    top_p: T.handle,
    out: T.handle,
):
    """out[i] = the token that uniforms[i] in [0, 1) picks from row rows[i], among the likeliest with mass top_p.

    24 bisections find the threshold to 2^-24 of the largest probability.
    """
    T.func_attr({"tirx.noalias": True, "tirx.is_scheduled": True})
    n, v, m = T.int32(), T.int32(), T.int32()
    P = T.match_buffer(probabilities, (n, v), "float32")
    X = T.match_buffer(positions, (n, v), "int32")
    U = T.match_buffer(uniforms, (m,), "float32")
    R = T.match_buffer(rows, (m,), "int32")
    L = T.match_buffer(top_p, (n,), "float32")
    O = T.match_buffer(out, (m,), "int32")
    for i in T.thread_binding(m, thread="blockIdx.x"):
        for t in T.thread_binding(1, thread="threadIdx.x"):
            with T.sblock("pick"):
                low = T.sblock_alloc_buffer((1,), "float32", scope="local")
                high = T.sblock_alloc_buffer((1,), "float32", scope="local")
                mass = T.sblock_alloc_buffer((1,), "float32", scope="local")
                chosen = T.sblock_alloc_buffer((1,), "int32", scope="local")
                low[0] = T.float32(0)
                high[0] = T.float32(0)
                for j in range(v):
                    high[0] = T.max(high[0], P[R[i], j])
                for step in range(24):
                    mass[0] = T.float32(0)
                    for j in range(v):
                        if P[R[i], j] >= (low[0] + high[0]) * T.float32(0.5):
                            mass[0] = mass[0] + P[R[i], j]
                    if mass[0] >= L[R[i]]:
                        low[0] = (low[0] + high[0]) * T.float32(0.5)
                    else:
                        high[0] = (low[0] + high[0]) * T.float32(0.5)
                mass[0] = T.float32(0)
                for j in range(v):
                    if P[R[i], j] >= low[0]:
                        mass[0] = mass[0] + P[R[i], j]
                mass[0] = mass[0] * U[i]
                chosen[0] = T.int32(-1)
                high[0] = T.float32(0)  # from here on: the mass up to and with the chosen token
                for j in range(v):
                    if P[R[i], j] >= low[0] and (chosen[0] < 0 or high[0] <= mass[0]):
                        high[0] = high[0] + P[R[i], j]
                        chosen[0] = j
                O[i] = X[R[i], chosen[0]]


@T.prim_func(private=True, s_tir=True)
def add_bias(logits: T.handle, rows: T.handle, tokens: T.handle, bias: T.handle):
    """logits[rows[i], tokens[i]] += bias[i]."""
    T.func_attr({"tirx.noalias": True, "tirx.is_scheduled": True})
    n, v, m = T.int32(), T.int32(), T.int32()
    X = T.match_buffer(logits, (n, v), "float32")
    R = T.match_buffer(rows, (m,), "int32")
    K = T.match_buffer(tokens, (m,), "int32")
    B = T.match_buffer(bias, (m,), "float32")
    for i in T.thread_binding(m, thread="blockIdx.x"):
        for t in T.thread_binding(1, thread="threadIdx.x"):
            with T.sblock("bias"):
                X[R[i], K[i]] = X[R[i], K[i]] + B[i]


@T.prim_func(private=True, s_tir=True)
def apply_penalties(
    logits: T.handle, rows: T.handle, places: T.handle, tokens: T.handle, counts: T.handle, penalties: T.handle
):
    """Presence, frequency and repetition penalties (the columns of `penalties`) on tokens seen `counts` times."""
    T.func_attr({"tirx.noalias": True, "tirx.is_scheduled": True})
    n, v, q, m = T.int32(), T.int32(), T.int32(), T.int32()
    X = T.match_buffer(logits, (n, v), "float32")
    R = T.match_buffer(rows, (q,), "int32")
    Q = T.match_buffer(places, (m,), "int32")
    K = T.match_buffer(tokens, (m,), "int32")
    N = T.match_buffer(counts, (m,), "int32")
    E = T.match_buffer(penalties, (q, 3), "float32")
    for i in T.thread_binding(m, thread="blockIdx.x"):
        for t in T.thread_binding(1, thread="threadIdx.x"):
            with T.sblock("penalty"):
                f = T.sblock_alloc_buffer((1,), "float32", scope="local")
                f[0] = X[R[Q[i]], K[i]] - E[Q[i], 0] - E[Q[i], 1] * T.Cast("float32", N[i])
                if f[0] < T.float32(0):
                    X[R[Q[i]], K[i]] = f[0] * E[Q[i], 2]
                else:
                    X[R[Q[i]], K[i]] = f[0] / E[Q[i], 2]


@T.prim_func(private=True, s_tir=True)
def apply_bitmask(logits: T.handle, rows: T.handle, bitmask: T.handle):
    """Tokens whose bit is 0 become impossible."""
    T.func_attr({"tirx.noalias": True, "tirx.is_scheduled": True})
    n, v, q, w = T.int32(), T.int32(), T.int32(), T.int32()
    X = T.match_buffer(logits, (n, v), "float32")
    R = T.match_buffer(rows, (q,), "int32")
    B = T.match_buffer(bitmask, (n, w), "int32")
    for i in T.thread_binding(q, thread="blockIdx.y"):
        for j in T.thread_binding((v + 63) // 64, thread="blockIdx.x"):
            for t in T.thread_binding(64, thread="threadIdx.x"):
                with T.sblock("bitmask"):
                    if j * 64 + t < v:
                        if T.bitwise_and(T.shift_right(B[R[i], (j * 64 + t) // 32], (j * 64 + t) % 32), 1) == 0:
                            X[R[i], j * 64 + t] = T.float32(-3.402823e38)

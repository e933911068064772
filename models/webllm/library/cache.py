"""The paged cache of keys and values, with kernels of our own where TVM's are wrong or slow."""

from collections.abc import Iterator
from contextlib import contextmanager
from unittest import mock

from tvm import relax, tirx
from tvm.relax.frontend.nn.llm import kv_cache
from tvm.script import tirx as T
from tvm.target import Target
from tvm.tirx import PrimFunc

from . import attention
from .shape import LibrarySettings, Shape

ARGUMENTS = ("max_batch_size", "max_total_seq_len", "prefill_chunk_size", "page_size", "support_sliding_window")


def make_merge(heads: int, dim: int, dtype: str, target: Target, global_symbol: str | None = None) -> PrimFunc:
    """Merge two attention results in place: values [rows, heads, dim] and masses [rows, heads] in log2.

    TVM's kernel lets dim/4 threads read a row's mass and then all write it, without a barrier: right only where they
    run in lockstep. Here one thread owns a row and head.
    """

    @T.prim_func(s_tir=True)
    def merge(values: T.handle, masses: T.handle, other_values: T.handle, other_masses: T.handle):
        T.func_attr({"tirx.is_scheduled": True})
        n, h, d = T.int32(), T.int32(), T.int32()
        V = T.match_buffer(values, (n, h, d), dtype)
        S = T.match_buffer(masses, (n, h), "float32")
        W = T.match_buffer(other_values, (n, h, d), dtype)
        Z = T.match_buffer(other_masses, (n, h), "float32")
        for i in T.thread_binding(n, thread="blockIdx.x"):
            for j in T.thread_binding(heads, thread="threadIdx.x"):
                with T.sblock("merge"):
                    f = T.sblock_alloc_buffer((4,), "float32", scope="local")
                    f[0] = T.max(S[i, j], Z[i, j])
                    f[1] = T.exp2(S[i, j] - f[0])
                    f[2] = T.exp2(Z[i, j] - f[0])
                    f[3] = f[1] + f[2]
                    for e in range(dim):
                        V[i, j, e] = T.Cast(dtype, (T.Cast("float32", V[i, j, e]) * f[1] + T.Cast("float32", W[i, j, e]) * f[2]) / f[3])
                    S[i, j] = T.log2(f[3]) + f[0]

    return merge.with_attr("global_symbol", global_symbol) if global_symbol else merge


@contextmanager
def own_kernels(settings: LibrarySettings) -> Iterator[None]:
    """Within this, TVM's cache constructor takes our kernels. It has no parameter for them, so names are replaced."""
    replacements = {"_merge_state_inplace": make_merge}
    if settings.kernels == "portable":
        replacements |= {
            "_attention_decode": attention.make_decode,
            "_attention_prefill": attention.make_prefill,
            "_attention_prefill_ragged": attention.make_ragged_prefill,
            "tree_attn": lambda *_: attention.make_stub("tree_attn"),
            "tree_attn_with_paged_kv_cache": lambda *_: attention.make_stub("tree_attn_paged_kv"),
        }
    with mock.patch.multiple(kv_cache, **replacements):
        yield


def add_cache_constructor(
    builder: relax.BlockBuilder, shape: Shape, settings: LibrarySettings, target: Target
) -> None:
    """Add `create_tir_paged_kv_cache`, which web-llm calls with five sizes."""
    sizes = [tirx.Var(name, "int64") for name in ARGUMENTS]
    parameters = [relax.Var(name + "_", relax.ShapeType([size])) for name, size in zip(ARGUMENTS, sizes, strict=True)]
    with own_kernels(settings), target, builder.function("create_tir_paged_kv_cache", parameters):
        cache = kv_cache.TIRPagedKVCache(
            "mha",
            *sizes,
            layer_partition=relax.ShapeExpr([0, shape.layers]),
            num_hidden_layers=shape.layers,
            num_attention_heads=shape.heads,
            num_key_value_heads=shape.kv_heads,
            qk_head_dim=shape.head_dim,
            v_head_dim=shape.head_dim,
            mla_original_qk_head_dim=0,
            mla_original_v_head_dim=0,
            rope_mode=kv_cache.RopeMode.NORMAL,
            rope_scale=1,
            rope_theta=shape.rope_theta,
            rope_scaling=dict(shape.rope_scaling),
            rope_ext_factors=relax.prim_value(0),
            rotary_dim=shape.head_dim,
            enable_disaggregation=False,
            dtype=settings.dtype,
            target=target,
        )
        builder.emit_func_output(cache._expr)

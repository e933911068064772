"""Signatures of the exported functions, and the description that the library carries."""

from typing import Any

from tvm import tirx
from tvm.relax.frontend.nn import Parameter, spec
from tvm.relax.frontend.nn.llm.kv_cache import PagedKVCache

from .shape import LibrarySettings, Shape

Parameters = list[tuple[str, Parameter]]


def describe_functions(shape: Shape, settings: LibrarySettings) -> dict[str, dict[str, Any]]:
    """Each function's arguments. Functions of the model get the parameters as one more argument."""
    tensor, hidden = spec.Tensor, shape.hidden
    model = {"$": {"param_mode": "packed", "effect_mode": "none"}}
    plain = {"$": {"param_mode": "none", "effect_mode": "none"}}
    cache = {"paged_kv_cache": spec.Object(PagedKVCache)}
    logits = {"logits": tensor(["batch", "vocab_size"], "float32")}

    def embedded(batch: Any, tokens: Any) -> spec.Tensor:
        return tensor([batch, tokens, hidden], settings.dtype)

    def integers(size: str) -> spec.Tensor:
        return tensor([size], "int32")

    return {
        "embed": {"input_ids": integers("seq_len"), **model},
        "prefill": {"input_embed": embedded(1, "seq_len"), **cache, **model},
        "decode": {"input_embed": embedded(1, 1), **cache, **model},
        "batch_prefill": {
            "input_embeds": embedded(1, "seq_len"),
            "logit_positions": integers("batch_size"),
            **cache,
            **model,
        },
        "batch_decode": {"input_embeds": embedded("batch_size", 1), **cache, **model},
        "batch_verify": {"input_embeds": embedded(1, "seq_len"), **cache, **model},
        "softmax_with_temperature": {
            "logits": tensor(["batch_size", 1, "vocab_size"], "float32"),
            "temperature": tensor(["batch_size"], "float32"),
            **plain,
        },
        "argsort_probs": {"probs": tensor(["batch_size", "vocab_size"], "float32"), **plain},
        "sample_with_top_p": {
            "sorted_probs": tensor(["batch_size", "vocab_size"], "float32"),
            "sorted_indices": tensor(["batch_size", "vocab_size"], "int32"),
            "uniform_samples": tensor(["num_samples"], "float32"),
            "sample_indices": integers("num_samples"),
            "top_p": tensor(["batch_size"], "float32"),
            **plain,
        },
        "apply_logit_bias_inplace": {
            **logits,
            "pos2seq_id": integers("num_token"),
            "token_ids": integers("num_token"),
            "logit_bias": tensor(["num_token"], "float32"),
            **plain,
        },
        "apply_penalty_inplace": {
            **logits,
            "seq_ids": integers("num_seq"),
            "pos2seq_id": integers("num_token"),
            "token_ids": integers("num_token"),
            "token_cnt": integers("num_token"),
            "penalties": tensor(["num_seq", 3], "float32"),
            **plain,
        },
        "apply_bitmask_inplace": {
            **logits,
            "seq_ids": integers("num_seq"),
            "bitmask": tensor(["batch", "bitmask_size"], "int32"),
            **plain,
        },
    }


def describe_parameters(parameters: Parameters) -> list[dict[str, Any]]:
    """Name, shape and type of every tensor that a checkpoint for this library must have."""

    def size(of: Any) -> int | str:
        return int(of) if isinstance(of, int | tirx.IntImm) else "vocab_size"

    return [
        {"name": name, "shape": [size(s) for s in parameter.shape], "dtype": str(parameter.dtype), "preprocs": []}
        for name, parameter in parameters
    ]


def describe_library(shape: Shape, settings: LibrarySettings, parameters: Parameters) -> dict[str, Any]:
    """What `_metadata` returns, in MLC's words. web-llm reads params, prefill_chunk_size and kv_state_kind."""
    return {
        "model_type": shape.model_type,
        "quantization": settings.quantisation,
        "context_window_size": settings.context,
        "prefill_chunk_size": settings.chunk,
        "sliding_window_size": -1,
        "attention_sink_size": -1,
        "tensor_parallel_shards": 1,
        "pipeline_parallel_stages": 1,
        "kv_state_kind": "kv_cache",
        "max_batch_size": settings.max_batch,
        "params": describe_parameters(parameters),
        "memory_usage": {},
        "kv_cache": {
            "num_hidden_layers": shape.layers,
            "head_dim": shape.head_dim,
            "num_attention_heads": shape.heads,
            "num_key_value_heads": shape.kv_heads,
        },
    }

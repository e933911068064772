"""What of a model's config.json decides its compiled library."""

from dataclasses import dataclass, field
from typing import Any, Literal

Quantisation = Literal["q4f16_1", "q4f32_1", "q0f16", "q0f32"]
QUANTISATIONS: tuple[Quantisation, ...] = ("q4f16_1", "q4f32_1", "q0f16", "q0f32")
# The rotary scalings that the kernels know; another one would give wrong positions without an error.
LLAMA3_KEYS = ("factor", "low_freq_factor", "high_freq_factor", "original_max_position_embeddings")


@dataclass(frozen=True)
class Shape:
    """Sizes in elements. The vocabulary is no part of it: the library takes any number of rows."""

    model_type: str
    hidden: int
    intermediate: int
    layers: int
    heads: int
    kv_heads: int
    head_dim: int
    epsilon: float
    rope_theta: int
    tied: bool
    rope_scaling: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class LibrarySettings:
    """How a shape is compiled.

    kernels: "portable" has no workgroup barriers, and a row's result does not depend on what else is in the batch;
    it is for the software GPU of the tests. "gpu" uses TVM's tiled kernels and schedules.
    context, chunk: tokens. max_batch: sequences; a bound for memory planning.
    """

    quantisation: Quantisation
    kernels: Literal["portable", "gpu"]
    context: int
    chunk: int
    max_batch: int

    @property
    def dtype(self) -> str:
        """Type of activations, scales and norms."""
        return "float16" if "f16" in self.quantisation else "float32"

    @property
    def quantised(self) -> bool:
        return self.quantisation.startswith("q4")


def read_rope(config: dict[str, Any]) -> tuple[int, dict[str, Any]]:
    """Base and scaling of the rotary embedding. Since version 5, transformers keeps both in `rope_parameters`."""
    stated = dict(config.get("rope_parameters") or config.get("rope_scaling") or {})
    theta = stated.pop("rope_theta", config.get("rope_theta", 10000.0))
    kind = stated.pop("rope_type", stated.pop("type", "default"))
    if theta != int(theta):
        raise ValueError(f"The rotary base {theta} is not a whole number, and the kernels take only whole ones.")
    if kind == "default":
        return int(theta), {}
    if kind != "llama3":
        raise ValueError(f'The rotary scaling "{kind}" is not supported. Known are "default" and "llama3".')
    return int(theta), {"rope_type": kind, **{key: stated[key] for key in LLAMA3_KEYS}}


def read_shape(config: dict[str, Any]) -> Shape:
    """Read a Hugging Face config.json. Refuses what the graph does not compute."""
    model_type = config.get("model_type")
    if model_type not in ("llama", "mistral"):
        raise ValueError(f'The architecture "{model_type}" is not supported. Known are "llama" and "mistral".')
    for key in ("attention_bias", "mlp_bias"):
        if config.get(key):
            raise ValueError(f'The config sets "{key}", but the graph has no biases.')
    if config.get("hidden_act", "silu") != "silu":
        raise ValueError(f'The activation "{config["hidden_act"]}" is not supported, only "silu".')
    if config.get("sliding_window"):
        raise ValueError("A sliding window is not supported. Set sliding_window to null if the model works without.")
    theta, scaling = read_rope(config)
    heads = config["num_attention_heads"]
    return Shape(
        model_type=model_type,
        hidden=config["hidden_size"],
        intermediate=config["intermediate_size"],
        layers=config["num_hidden_layers"],
        heads=heads,
        kv_heads=config.get("num_key_value_heads") or heads,
        head_dim=config.get("head_dim") or config["hidden_size"] // heads,
        epsilon=config["rms_norm_eps"],
        rope_theta=theta,
        # web-llm's Mistral always has an output layer of its own.
        tied=bool(config.get("tie_word_embeddings")) and model_type == "llama",
        rope_scaling=scaling,
    )

"""Live LoRA adapters: their files, and what the graph needs to know of them."""

from dataclasses import dataclass

import numpy as np

from chunks import write_chunks
from shape import GROUPS, LAYERS


@dataclass(frozen=True)
class Adapter:
    name: str
    rank: int
    places: dict


def adapter_parts():
    """(key, inputs K, outputs N) of every linear layer that an adapter covers."""
    for layer in range(LAYERS):
        for inputs, parts in GROUPS.values():
            for kind, outputs in parts:
                yield f"l{layer}.{kind}", inputs, outputs


def write_adapter(folder, name, factors):
    """Writes one adapter as `lora_<name>_<n>.bin`.

    `factors` maps every key of `adapter_parts` to (A [K, r], B [r, N]) with alpha / r already in B, so
    that W + A B is the merged weight and a `lora_scale` of 1 is the adapter as trained. Stored as float16.
    """
    tensors = []
    for key, _, _ in adapter_parts():
        a, b = factors[key]
        tensors += [(f"{key}.A", a.astype(np.float16)), (f"{key}.B", b.astype(np.float16))]
    rank = tensors[0][1].shape[1]
    return Adapter(name, rank, write_chunks(folder, f"lora_{name}", tensors))

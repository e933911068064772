"""The same model in float64 with numpy: the yardstick for the graph and for the start-up check."""

import numpy as np

from shape import EPSILON, FFN, GROUPS, HEAD_DIM, HEADS, HIDDEN, KV, KV_HEADS, LAYERS, ROPE_THETA, VOCAB


class Reference:
    """`tensors` are the stored arrays of `weights.base_tensors`; `merge` maps 'l0.q' ... to a [K, N] to add."""

    def __init__(self, tensors, merge=None):
        self.tensors = tensors
        self.linears = {f"l{i}.{g}": self.expand(i, g, merge or {}) for i in range(LAYERS) for g in GROUPS}
        codes = tensors["embedding.q"].astype(np.float64) - 128
        self.embedding = (codes * tensors["embedding.s"].astype(np.float64)).reshape(VOCAB, HIDDEN)

    def expand(self, layer, group, merge):
        name, parts = f"l{layer}.{group}", GROUPS[group][1]
        p, d, z = (self.tensors[f"{name}.{part}"] for part in "pdz")
        codes = np.concatenate([p & 15, p >> 4], axis=1).astype(np.float64)
        weight = d.astype(np.float64)[:, None] * (16 * codes - z.astype(np.float64)[:, None])
        weight = weight.reshape(-1, weight.shape[2])
        added = [merge.get(f"l{layer}.{kind}", np.zeros((1, n))) for kind, n in parts]
        return weight + np.concatenate([np.broadcast_to(a, (weight.shape[0], a.shape[1])) for a in added], axis=1)

    def logits(self, tokens):
        """Logits [len(tokens), V] of one unpadded row."""
        x = self.embedding[tokens]
        for i in range(LAYERS):
            x = x + self.attention(norm(x, self.tensors[f"norm{2 * i}"]), i)
            pair = norm(x, self.tensors[f"norm{2 * i + 1}"]) @ self.linears[f"l{i}.gate_up"]
            gate, up = pair[:, :FFN], pair[:, FFN:]
            x = x + (gate / (1 + np.exp(-gate)) * up) @ self.linears[f"l{i}.down"]
        return norm(x, self.tensors[f"norm{2 * LAYERS}"]) @ self.embedding.T

    def attention(self, x, layer):
        qkv, n = x @ self.linears[f"l{layer}.qkv"], len(x)
        q = rotate(qkv[:, :HIDDEN].reshape(n, HEADS, HEAD_DIM))
        k = rotate(qkv[:, HIDDEN:HIDDEN + KV].reshape(n, KV_HEADS, HEAD_DIM)).repeat(HEADS // KV_HEADS, axis=1)
        v = qkv[:, HIDDEN + KV:].reshape(n, KV_HEADS, HEAD_DIM).repeat(HEADS // KV_HEADS, axis=1)
        scores = np.einsum("ihd,jhd->hij", q, k) / np.sqrt(HEAD_DIM)
        scores[:, np.triu(np.ones((n, n), bool), 1)] = -np.inf
        scores = np.exp(scores - scores.max(axis=-1, keepdims=True))
        mixed = np.einsum("hij,jhd->ihd", scores / scores.sum(axis=-1, keepdims=True), v)
        return mixed.reshape(n, HIDDEN) @ self.linears[f"l{layer}.o"]


def norm(x, weight):
    return x / np.sqrt((x * x).mean(axis=-1, keepdims=True) + EPSILON) * weight


def rotate(x):
    half = HEAD_DIM // 2
    angles = np.arange(len(x))[:, None] / ROPE_THETA ** (np.arange(half) / half)
    cos, sin = np.cos(angles)[:, None], np.sin(angles)[:, None]
    a, b = x[..., :half], x[..., half:]
    return np.concatenate([a * cos - b * sin, b * cos + a * sin], axis=-1)

"""Sizes of SmolLM2-135M, and the names and shapes of its linear layers."""

LAYERS = 30
HIDDEN = 576
HEADS = 9
KV_HEADS = 3
HEAD_DIM = 64
FFN = 1536
VOCAB = 49152
EPSILON = 1e-5
ROPE_THETA = 100_000.0
# The checkpoint allows 8192. The rotary tables are stored in the graph (0.5 MB at 2048), and no probe
# or chat turn here comes near 2048 tokens.
CONTEXT = 2048

BOS, EOS = 1, 2

KV = KV_HEADS * HEAD_DIM
# Fused group -> (inputs K, [(adapter kind, outputs N), ...]); the parts' outputs are concatenated.
GROUPS = {
    "qkv": (HIDDEN, [("q", HIDDEN), ("k", KV), ("v", KV)]),
    "o": (HIDDEN, [("o", HIDDEN)]),
    "gate_up": (HIDDEN, [("gate", FFN), ("up", FFN)]),
    "down": (FFN, [("down", HIDDEN)]),
}


def outputs(group):
    """Number of outputs of a fused group."""
    return sum(n for _, n in GROUPS[group][1])

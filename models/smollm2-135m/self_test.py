"""The start-up check: token ids and a few logits that every device has to reproduce."""

import numpy as np

from reference import Reference

# Two rows of different length, the longer one over 16 tokens: they go through what the decode loop relies
# on, left padding and a prefill in chunks of at most 16 tokens.
ROWS = (
    # "<|im_start|>user\nWho are you?<|im_end|>\n<|im_start|>assistant\nI grew up by the sea, and"
    [1, 4093, 198, 10576, 359, 346, 47, 2, 198, 1, 520, 9531, 198, 57, 6679, 614, 411, 260, 3426, 28, 284],
    # "The old harbour was quiet"
    [504, 1573, 28899, 436, 8354],
)
TOP, SPREAD = 4, 4


def self_test(tensors):
    """Rows of {tokens, logits: [{token, value}]}, the logits after the row's last token.

    Computed in float64 and rounded to 3 decimals, so that every machine writes the same file.
    """
    model = Reference(tensors)
    return {"rows": [row(model, tokens) for tokens in ROWS]}


def row(model, tokens):
    logits = model.logits(tokens)[-1]
    top = np.argsort(-logits, kind="stable")[:TOP]
    spread = np.linspace(0, len(logits) - 1, SPREAD).astype(int)
    chosen = [{"token": int(t), "value": round(float(logits[t]), 3)} for t in (*top, *spread)]
    return {"tokens": tokens, "logits": chosen}

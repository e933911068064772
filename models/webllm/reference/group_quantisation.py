"""MLC's group quantisation in numpy, for tests to hold the converter against.

Written from mlc-llm's rule (quantization/group_quantization.py, commit 79d603f) without a look at the converter:
each operation is done in the type of the quantisation, which numpy rounds to after every step.
"""

import numpy as np

GROUP = 32
TYPES = {"q4f16_1": np.float16, "q4f32_1": np.float32}


def round_half_even(values):
    return np.rint(values)


def round_half_away(values):
    # A double holds the sum exactly, so that adding a half rounds nothing.
    wide = values.astype(np.float64)
    return np.sign(wide) * np.floor(np.abs(wide) + 0.5)


ROUNDINGS = {"even": round_half_even, "away": round_half_away}


def quantise(weights, quantisation, ties):
    """[rows, columns] of float32 to (words [rows, columns / 8] of uint32, scales [rows, columns / 32])."""
    dtype = TYPES[quantisation]
    rows, columns = weights.shape
    with np.errstate(all="ignore"):
        groups = weights.astype(dtype).reshape(rows, columns // GROUP, GROUP)
        scales = (np.abs(groups).max(axis=2) / dtype(7)).astype(dtype)
        shifted = (groups / scales[:, :, None]).astype(dtype) + dtype(7)
        assert shifted.dtype == dtype
        rounded = ROUNDINGS[ties](shifted)
    # TVM's clamp is two ordered comparisons, and NaN (0 / 0) passes neither: it ends at 0.
    codes = np.where(rounded > 0, np.where(rounded < 14, rounded, 14), 0).astype(np.uint32)
    codes = codes.reshape(rows, columns // 8, 8)
    words = np.zeros((rows, columns // 8), np.uint32)
    for place in range(8):
        words |= codes[:, :, place] << np.uint32(4 * place)
    return words, scales


def dequantise(words, scales):
    """What the browser computes with: (code - 7) * scale, in the type of the scales."""
    codes = np.stack([(words >> np.uint32(4 * place)) & np.uint32(15) for place in range(8)], axis=2)
    shifted = codes.reshape(words.shape[0], -1).astype(scales.dtype) - scales.dtype.type(7)
    return (shifted * np.repeat(scales, GROUP, axis=1)).astype(scales.dtype)


def round_to_bfloat16(values):
    """Float32 as MLC stores it for q4f32_1: rounded to bfloat16, ties to even."""
    bits = values.astype(np.float32).view(np.uint32)
    rounded = (bits + np.uint32(0x7FFF) + ((bits >> np.uint32(16)) & np.uint32(1))) & np.uint32(0xFFFF0000)
    return rounded.view(np.float32)

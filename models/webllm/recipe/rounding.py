"""What q4f32_1 makes of a model: every matrix quantised in groups of 32 and expanded again."""

import copy

import torch
from transformers import PreTrainedModel

GROUP = 32
LARGEST = 7


def round_matrix(weights: torch.Tensor) -> torch.Tensor:
    """float32 [rows, columns] -> the values that a library computes with.

    A group's scale is its largest magnitude / 7; codes are 0 to 14, ties to even. The codes are found with the float32
    scale, but the stored scale has the precision of bfloat16.
    """
    groups = weights.reshape(weights.shape[0], -1, GROUP)
    scales = groups.abs().amax(-1, keepdim=True) / LARGEST
    codes = torch.clamp(torch.round(groups / scales + LARGEST), 0, 2 * LARGEST)
    codes = torch.nan_to_num(codes, nan=0.0)  # a group of zeros
    return ((codes - LARGEST) * scales.bfloat16().float()).reshape(weights.shape)


def round_model(model: PreTrainedModel) -> PreTrainedModel:
    """A copy with every matrix rounded; norms are vectors and stay."""
    rounded = copy.deepcopy(model)
    with torch.no_grad():
        for weights in rounded.parameters():
            if weights.dim() == 2:
                weights.copy_(round_matrix(weights.float()))
    return rounded

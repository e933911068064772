"""What `otherself convert` is measured against: PEFT's merge_and_unload, then the same quantisation in torch.

usage: python peftConvert.py BASE ADAPTER OUT
Prints one line of JSON. Needs torch, transformers and peft; writes plain shards without a cache file.
"""

import json
import os
import resource
import sys
import time

import torch
from peft import PeftModel
from transformers import AutoModelForCausalLM

GROUP = 32


def quantise(weight: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """q4f16_1 with float16 steps, rounding halves to even: [rows, columns] to words and scales."""
    rows, columns = weight.shape
    groups = weight.to(torch.float16).reshape(rows, columns // GROUP, GROUP)
    scale = groups.abs().amax(dim=-1) / 7
    codes = (groups / scale.unsqueeze(-1) + 7).round().nan_to_num(0).clamp(0, 14).to(torch.int32)
    codes = codes.reshape(rows, columns // 8, 8)
    words = torch.zeros(rows, columns // 8, dtype=torch.int32)
    for place in range(8):
        words |= codes[:, :, place] << (4 * place)
    return words, scale


def main(base: str, adapter: str, out: str) -> None:
    start = time.perf_counter()
    model = AutoModelForCausalLM.from_pretrained(base, dtype=torch.bfloat16)
    model = PeftModel.from_pretrained(model, adapter)
    loaded = time.perf_counter()
    with torch.inference_mode():
        weights = model.merge_and_unload().state_dict()
        merged = time.perf_counter()
        os.makedirs(out, exist_ok=True)
        written = 0
        for index, (name, weight) in enumerate(weights.items()):
            parts = quantise(weight) if weight.dim() == 2 else (weight.to(torch.float16),)
            with open(os.path.join(out, f"{index}.bin"), "wb") as file:
                for part in parts:
                    written += file.write(part.contiguous().numpy().tobytes())
                file.flush()
                os.fsync(file.fileno())
    end = time.perf_counter()
    print(
        json.dumps(
            {
                "loadSeconds": loaded - start,
                "mergeSeconds": merged - loaded,
                "quantiseSeconds": end - merged,
                "totalSeconds": end - start,
                "peakMb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
                "bytes": written,
                "threads": torch.get_num_threads(),
            }
        )
    )


if __name__ == "__main__":
    main(*sys.argv[1:])

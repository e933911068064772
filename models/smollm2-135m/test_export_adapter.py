"""The exported persona against PEFT's formula: python -m unittest test_export_adapter"""

import json
import tempfile
import unittest
from pathlib import Path

import numpy as np
from safetensors.numpy import save_file

from adapters import adapter_parts
from chunks import write_chunks
from export_adapter import MODULES, export_adapter, read_factors
from reference import Reference
from self_test import ROWS
from test_graph import open_session, run
from weights import Gguf, base_tensors, find_gguf


def write_peft(folder, **config):
    """A random PEFT adapter of rank 4 and alpha 8 in float16, with B as large as A."""
    rng, tensors = np.random.default_rng(1), {}
    for key, inputs, outputs in adapter_parts():
        layer, kind = key[1:].split(".")
        name = f"base_model.model.model.layers.{layer}.{MODULES[kind]}.lora_"
        tensors[f"{name}A.weight"] = (rng.standard_normal((4, inputs)) / np.sqrt(inputs)).astype(np.float16)
        tensors[f"{name}B.weight"] = (rng.standard_normal((outputs, 4)) * 0.02).astype(np.float16)
    save_file(tensors, folder / "adapter_model.safetensors")
    (folder / "adapter_config.json").write_text(json.dumps({"r": 4, "lora_alpha": 8, **config}))
    return tensors


class ExportAdapterTest(unittest.TestCase):
    def setUp(self):
        temporary = tempfile.TemporaryDirectory()
        self.addCleanup(temporary.cleanup)
        self.folder = Path(temporary.name)

    def test_scale_1_is_the_base_plus_two_b_a(self):
        tensors = write_peft(self.folder)
        gguf = Gguf(find_gguf())
        export_adapter(self.folder / "onnx", self.folder, gguf)
        write_chunks(self.folder / "onnx", "weights", base_tensors(gguf))
        added = {}
        for key, _, _ in adapter_parts():
            layer, kind = key[1:].split(".")
            a, b = (tensors[f"base_model.model.model.layers.{layer}.{MODULES[kind]}.lora_{f}.weight"].astype(np.float64)
                    for f in "AB")
            added[key] = 2 * (b @ a).T
        reference = Reference(dict(base_tensors(gguf)), added)
        content = (self.folder / "onnx/persona.onnx").read_bytes()
        found = run(open_session(self.folder / "onnx", "persona.onnx", content), [ROWS[0]], [[1]])[0][0]
        self.assertLess(np.abs(found - reference.logits(ROWS[0])[-1]).max(), 2e-4)

    def test_what_it_cannot_honour_is_refused(self):
        for config in ({"use_rslora": True}, {"r": 8}):
            write_peft(self.folder, **config)
            with self.assertRaises(SystemExit):
                read_factors(self.folder)


if __name__ == "__main__":
    unittest.main()

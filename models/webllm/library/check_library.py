"""What can be checked of a library without a GPU. Run: python -m unittest (in models/webllm, library's environment)."""

import json
import math
import unittest
from pathlib import Path
from typing import Any

import numpy as np
import tvm
from tvm.relax.frontend.nn.llm.position_embedding import llama_rope_with_position_map

from .build import make_module
from .layers import StoredMatrix
from .shape import LibrarySettings, read_shape

FOLDER = Path(__file__).parent.parent


def read_json(path: str) -> dict[str, Any]:
    return json.loads((FOLDER / path).read_text())


def llama3_frequencies(config: dict[str, Any], dim: int) -> np.ndarray:
    """Written from the definition: long waves slowed by the factor, short ones kept, those between interpolated."""
    scaling = config["rope_scaling"]
    frequencies = config["rope_theta"] ** (-np.arange(0, dim, 2) / dim)
    waves = 2 * math.pi / frequencies
    original = scaling["original_max_position_embeddings"]
    longest, shortest = original / scaling["low_freq_factor"], original / scaling["high_freq_factor"]
    share = (original / waves - scaling["low_freq_factor"]) / (scaling["high_freq_factor"] - scaling["low_freq_factor"])
    slow = frequencies / scaling["factor"]
    between = (1 - share) * slow + share * frequencies
    return np.where(waves > longest, slow, np.where(waves < shortest, frequencies, between))


class TestShape(unittest.TestCase):
    def test_reads_both_forms_of_the_rotary_settings(self):
        config = read_json("shapes/llama-3.1-8b-instruct.json")
        newer = {**config, "rope_parameters": {**config["rope_scaling"], "rope_theta": config["rope_theta"]}}
        del newer["rope_scaling"], newer["rope_theta"]
        self.assertEqual(read_shape(config), read_shape(newer))
        self.assertEqual(read_shape(config).rope_scaling["rope_type"], "llama3")

    def test_refuses_what_the_graph_does_not_compute(self):
        config = read_json("shapes/mistral-7b-instruct-v0.3.json")
        for change in (
            {"model_type": "qwen2"},
            {"attention_bias": True},
            {"hidden_act": "gelu"},
            {"sliding_window": 4096},
            {"rope_scaling": {"rope_type": "yarn", "factor": 4.0}},
            {"rope_theta": 10000.5},
        ):
            with self.subTest(change), self.assertRaises(ValueError):
                read_shape({**config, **change})

    def test_refuses_a_width_that_groups_do_not_fit(self):
        with self.assertRaisesRegex(ValueError, "multiple of 32"):
            StoredMatrix(8, 48, LibrarySettings("q4f32_1", "gpu", 64, 64, 1))


class TestMetadata(unittest.TestCase):
    def test_equals_what_is_stored(self):
        for name in ("mistral-7b-instruct-v0.3", "llama-3.1-8b-instruct"):
            for quantisation in ("q4f16_1", "q4f32_1"):
                with self.subTest(name=name, quantisation=quantisation):
                    shape = read_shape(read_json(f"shapes/{name}.json"))
                    _, description = make_module(shape, LibrarySettings(quantisation, "gpu", 4096, 1024, 32))
                    self.assertEqual(description, read_json(f"metadata/{name}-{quantisation}.json"))


class TestRotaryKernel(unittest.TestCase):
    def test_rotates_by_llama3_frequencies(self):
        config = read_json("shapes/llama-3.1-8b-instruct.json")
        shape = read_shape(config)
        dim, heads = shape.head_dim, 2
        kernel = llama_rope_with_position_map(
            shape.rope_theta, 1.0, dim, heads, 1, "float32", dict(shape.rope_scaling), dim
        )
        run = tvm.compile(tvm.IRModule({"rotate": kernel.with_attr("global_symbol", "rotate")}), target="llvm")
        places = np.array([0, 1, 77, 4000], "int32")
        fused = np.random.default_rng(1).standard_normal((4, heads + 2, dim)).astype("float32")
        q, k, v = (tvm.runtime.tensor(np.zeros((4, n, dim), "float32")) for n in (heads, 1, 1))
        run["rotate"](tvm.runtime.tensor(fused), tvm.runtime.tensor(places), q, k, v, 1)
        angles = places[:, None] * llama3_frequencies(config, dim)
        cos, sin = np.cos(angles)[:, None], np.sin(angles)[:, None]
        low, high = fused[:, :3, : dim // 2], fused[:, :3, dim // 2 :]
        expected = np.concatenate([low * cos - high * sin, high * cos + low * sin], -1)
        np.testing.assert_allclose(q.numpy(), expected[:, :heads], atol=3e-3)
        np.testing.assert_allclose(k.numpy(), expected[:, heads:], atol=3e-3)
        np.testing.assert_array_equal(v.numpy(), fused[:, 3:])


if __name__ == "__main__":
    unittest.main()

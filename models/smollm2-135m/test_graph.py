"""Checks of the graph with ONNX Runtime: python -m unittest test_graph (about a minute, 3 GB of memory)."""

import tempfile
import unittest
from pathlib import Path

import numpy as np
import onnxruntime

from adapters import adapter_parts, write_adapter
from chunks import write_chunks
from graph import build_graph
from reference import Reference
from self_test import ROWS
from shape import HEAD_DIM, KV_HEADS, LAYERS, VOCAB
from weights import Gguf, base_tensors, find_gguf

LONG, SHORT = ROWS
FORCED = [314, 253, 9572]


def open_session(folder, name, content):
    (folder / name).write_bytes(content)
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 2
    options.add_session_config_entry("session.disable_quant_qdq", "1")
    return onnxruntime.InferenceSession(folder / name, options, providers=["CPUExecutionProvider"])


def step(session, tokens, mask, cache, scales, keep):
    """One forward pass: (logits, new cache)."""
    feed = {"input_ids": np.array(tokens), "attention_mask": np.array(mask), "num_logits_to_keep": np.array(keep)}
    if scales is not None:
        feed["lora_scale"] = np.array(scales, np.float32)
    names = [output.name for output in session.get_outputs()]
    found = dict(zip(names, session.run(None, {**feed, **cache})))
    logits = found.pop("logits")
    return logits, {name.replace("present", "past_key_values"): value for name, value in found.items()}


def prefill(session, row, scale, pad=0, keep=1, chunk=16):
    """(logits, cache) of one row that starts after `pad` hidden positions, read in chunks."""
    blank = np.zeros((1, KV_HEADS, pad, HEAD_DIM), np.float32)
    cache = {f"past_key_values.{i}.{part}": blank for i in range(LAYERS) for part in ("key", "value")}
    for start in range(0, len(row), chunk):
        end = min(start + chunk, len(row))
        mask = [[0] * pad + [1] * end]
        logits, cache = step(session, [row[start:end]], mask, cache, scale and [scale], keep)
    return logits, cache


def run(session, rows, scales=None, forced=()):
    """Logits of a left-padded batch after the prompts and after each forced token: [1 + steps][B, V]."""
    width = max(map(len, rows))
    parts = [prefill(session, row, scales and scales[i], width - len(row)) for i, row in enumerate(rows)]
    cache = {name: np.concatenate([part[1][name] for part in parts]) for name in parts[0][1]}
    results = [np.concatenate([part[0][:, -1] for part in parts])]
    mask = [[0] * (width - len(row)) + [1] * len(row) for row in rows]
    for token in forced:
        mask = [[*row, 1] for row in mask]
        logits, cache = step(session, [[token]] * len(rows), mask, cache, scales, 1)
        results.append(logits[:, -1])
    return results


def random_factors(seed, rank):
    """Factors large enough to change the text, rounded to the stored float16."""
    rng = np.random.default_rng(seed)
    half = lambda a: a.astype(np.float16).astype(np.float64)
    return {key: (half(rng.standard_normal((k, rank)) / np.sqrt(k)), half(rng.standard_normal((rank, n)) * 0.02))
            for key, k, n in adapter_parts()}


def difference(a, b):
    return max(np.abs(x - y).max() for x, y in zip(a, b))


class GraphTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.temporary = tempfile.TemporaryDirectory()
        folder = Path(cls.temporary.name)
        cls.tensors = dict(base_tensors(Gguf(find_gguf())))
        places = write_chunks(folder, "weights", cls.tensors.items())
        cls.factors = random_factors(5, 16)
        adapters = [write_adapter(folder, "one", cls.factors), write_adapter(folder, "two", random_factors(6, 8))]
        cls.base = open_session(folder, "model.onnx", build_graph(places))
        cls.live = open_session(folder, "model_live.onnx", build_graph(places, adapters))

    @classmethod
    def tearDownClass(cls):
        cls.temporary.cleanup()

    def test_base_equals_the_float64_reference(self):
        found = prefill(self.base, LONG, None, keep=0, chunk=99)[0][0]
        self.assertLess(np.abs(found - Reference(self.tensors).logits(LONG)).max(), 2e-4)

    def test_scale_0_is_the_base_exactly(self):
        base = run(self.base, [LONG, SHORT], None, FORCED)
        live = run(self.live, [LONG, SHORT], [[0, 0], [0, 0]], FORCED)
        self.assertEqual(difference(base, live), 0)

    def test_scale_1_is_the_merged_weight(self):
        merged = Reference(self.tensors, {key: a @ b for key, (a, b) in self.factors.items()})
        expected = merged.logits(LONG)[-1]
        self.assertLess(np.abs(run(self.live, [LONG], [[1, 0]])[0][0] - expected).max(), 1e-4)
        self.assertGreater(np.abs(run(self.base, [LONG])[0][0] - expected).max(), 0.1)

    def test_the_adapters_differ(self):
        one, = run(self.live, [LONG], [[1, 0]])
        other, = run(self.live, [LONG], [[0, 1]])
        self.assertGreater(difference([one], [other]), 0.1)

    def test_mixed_batch_equals_rows_alone(self):
        rows = [LONG, SHORT, LONG[:9], SHORT]
        scales = [[1, 0], [0, 1], [0, 0], [0.5, 0.5]]
        together = run(self.live, rows, scales, FORCED)
        for index, (row, scale) in enumerate(zip(rows, scales)):
            alone = run(self.live, [row], [scale], FORCED)
            self.assertLess(difference([step[index] for step in together], [step[0] for step in alone]), 1e-4)

    def test_prefill_in_chunks_equals_prefill_at_once(self):
        at_once = prefill(self.base, LONG, None, chunk=99)[0]
        self.assertLess(difference([prefill(self.base, LONG, None)[0]], [at_once]), 1e-4)
        self.assertEqual(at_once.shape, (1, 1, VOCAB))


if __name__ == "__main__":
    unittest.main()

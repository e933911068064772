"""Builds the ONNX graph over the stored chunks.

The weights are expanded to float32 by nodes on constants, which ONNX Runtime folds when it loads the
graph (with the session option `disable_quant_qdq` = 1; without it DequantizeLinear stays in the graph and
every step is slower). Casts from float16 come first: Gather, Pad and Concat have no float16 kernel on
the CPU, and what has no kernel is not folded.

Inputs: input_ids, attention_mask (rows padded on the left), num_logits_to_keep, past_key_values.*, and
with adapters lora_scale float32 [batch_size, adapters]: one strength per row and per adapter.
GroupQueryAttention takes several new tokens after a past only for a batch of one: prompts are read row by
row, and their caches joined for the single-token steps.
"""

import numpy as np
import onnx
from onnx import TensorProto as T
from onnx import helper, numpy_helper

from shape import (CONTEXT, EPSILON, FFN, GROUPS, HEAD_DIM, HEADS, HIDDEN, KV_HEADS, LAYERS,
                   ROPE_THETA, VOCAB, outputs)

MICROSOFT = "com.microsoft"
TYPES = {"uint8": T.UINT8, "float16": T.FLOAT16, "float32": T.FLOAT}


class Writer:
    """Collects nodes and initialisers; equal constants are stored once."""

    def __init__(self):
        self.nodes, self.initialisers, self.constants, self.stored = [], [], {}, set()

    def constant(self, array):
        array = np.asarray(array)
        key = (array.dtype.str, array.shape, array.tobytes())
        if key not in self.constants:
            self.constants[key] = f"c{len(self.constants)}"
            self.initialisers.append(numpy_helper.from_array(array, self.constants[key]))
        return self.constants[key]

    def ints(self, *values):
        return self.constant(np.array(values, np.int64))

    def float(self, value):
        return self.constant(np.array(value, np.float32))

    def external(self, prefix, name, place):
        full = f"{prefix}:{name}"
        if full not in self.stored:
            self.stored.add(full)
            tensor = onnx.TensorProto(name=full, data_type=TYPES[place.dtype], dims=place.shape)
            tensor.data_location = T.EXTERNAL
            for key, value in (("location", place.file), ("offset", place.offset), ("length", place.length)):
                tensor.external_data.add(key=key, value=str(value))
            self.initialisers.append(tensor)
        return full

    def node(self, kind, inputs, names=None, domain="", **attributes):
        """Adds a node; returns the name of its first output."""
        label = f"n{len(self.nodes)}"
        names = names or [f"{kind}_{label}"]
        self.nodes.append(helper.make_node(kind, inputs, names, name=label, domain=domain, **attributes))
        return names[0]

    def float32(self, name):
        return self.node("Cast", [name], to=T.FLOAT)


class LlamaGraph:
    def __init__(self, base, adapters):
        self.w, self.base, self.adapters, self.scales = Writer(), base, adapters, {}

    def stored(self, name):
        return self.w.external("base", name, self.base[name])

    # Linear layers

    def expanded(self, name, inputs, width):
        """The float32 [K, N] weight of a stored linear layer."""
        w, p = self.w, self.stored(name + ".p")
        low = w.node("BitShift", [p, w.constant(np.uint8(4))], direction="LEFT")
        high = w.node("BitwiseAnd", [p, w.constant(np.uint8(0xF0))])
        codes = w.node("Reshape", [w.node("Concat", [low, high], axis=1), w.ints(inputs, width)])
        scale = w.float32(self.stored(name + ".d"))
        return w.node("DequantizeLinear", [codes, scale, self.stored(name + ".z")], axis=0, block_size=32)

    def linear(self, x, layer, group):
        w, (inputs, parts) = self.w, GROUPS[group]
        y = w.node("MatMul", [x, self.expanded(f"l{layer}.{group}", inputs, outputs(group))])
        if not self.adapters:
            return y
        a, b = self.adapter_factors(layer, parts)
        inner = w.node("Mul", [w.node("MatMul", [x, a]), self.scale_vector(len(parts))])
        return w.node("Add", [y, w.node("MatMul", [inner, b])])

    def adapter_factors(self, layer, parts):
        """A [K, R] and block-structured B [R, N] over all parts and adapters of a group."""
        w, a_columns, b_rows, before = self.w, [], [], 0
        total = sum(n for _, n in parts)
        for kind, width in parts:
            for adapter in self.adapters:
                key = f"l{layer}.{kind}"
                a, b = (w.float32(w.external(f"lora_{adapter.name}", f"{key}.{f}", adapter.places[f"{key}.{f}"]))
                        for f in "AB")
                a_columns.append(a)
                if len(parts) > 1:
                    b = w.node("Pad", [b, w.ints(0, before, 0, total - before - width), w.float(0)])
                b_rows.append(b)
            before += width
        return self.concat(a_columns, 1), self.concat(b_rows, 0)

    def concat(self, names, axis):
        return self.w.node("Concat", names, axis=axis) if len(names) > 1 else names[0]

    def scale_vector(self, parts):
        """lora_scale spread over the inner columns, [B, 1, R]; three different ones serve the whole graph."""
        if parts not in self.scales:
            columns = [i for i, adapter in enumerate(self.adapters) for _ in range(adapter.rank)] * parts
            picked = self.w.node("Gather", ["lora_scale", self.w.ints(*columns)], axis=1)
            self.scales[parts] = self.w.node("Unsqueeze", [picked, self.w.ints(1)])
        return self.scales[parts]

    # Embedding, attention, feed-forward

    def embed(self):
        w, q, s = self.w, self.stored("embedding.q"), self.stored("embedding.s")
        codes = w.node("Sub", [w.float32(w.node("Gather", [q, "input_ids"], axis=0)), w.float(128)])
        scale = w.node("Gather", [w.float32(s), "input_ids"], axis=0)
        return w.node("Reshape", [w.node("Mul", [codes, scale]), w.ints(0, 0, HIDDEN)])

    def head(self, x):
        """Logits from the transposed embedding table, which stays shared."""
        w = self.w
        codes = w.node("Reshape", [self.stored("embedding.q"), w.ints(VOCAB, HIDDEN)])
        scale = w.float32(w.node("Reshape", [self.stored("embedding.s"), w.ints(VOCAB, HIDDEN // 32)]))
        zero = w.node("Expand", [w.constant(np.array([[128]], np.uint8)), w.ints(VOCAB, HIDDEN // 32)])
        table = w.node("DequantizeLinear", [codes, scale, zero], axis=1, block_size=32)
        return w.node("FusedMatMul", [x, table], ["logits"], MICROSOFT, transB=1)

    def attention_inputs(self):
        """Lengths, rotary tables and bias, shared by all layers.

        Every row counts as full (seqlens_k = total - 1) and the bias hides the padding: GroupQueryAttention
        takes rows as left-aligned, so real lengths would be wrong for rows padded on the left. The pad
        offset does not matter to rotary positions, which are relative.
        """
        w = self.w
        shape = w.node("Shape", ["attention_mask"])
        total = w.node("Cast", [w.node("Gather", [shape, w.constant(np.int64(1))])], to=T.INT32)
        batch = w.node("Slice", [shape, w.ints(0), w.ints(1)])
        lengths = w.node("Expand", [w.node("Sub", [total, w.constant(np.int32(1))]), batch])
        hidden = w.node("Gather", [w.constant(np.array([-1e9, 0], np.float32)), "attention_mask"])
        new = w.node("Slice", [w.node("Shape", ["input_ids"]), w.ints(1), w.ints(2)])
        every = w.node("Slice", [shape, w.ints(1), w.ints(2)])
        size = w.node("Concat", [batch, w.ints(1), new, every], axis=0)
        bias = w.node("Expand", [w.node("Unsqueeze", [hidden, w.ints(1, 2)]), size])
        return lengths, total, *map(w.constant, rotary_tables()), bias

    def attention(self, x, layer, shared):
        lengths, total, cos, sin, bias = shared
        cache = [f"past_key_values.{layer}.{part}" for part in ("key", "value")]
        inputs = [self.linear(x, layer, "qkv"), "", "", *cache, lengths, total, cos, sin, "", bias]
        names = [f"attention{layer}", f"present.{layer}.key", f"present.{layer}.value"]
        heads = self.w.node("GroupQueryAttention", inputs, names, MICROSOFT, num_heads=HEADS,
                            kv_num_heads=KV_HEADS, do_rotary=1, rotary_interleaved=0)
        return self.linear(heads, layer, "o")

    def feed_forward(self, x, layer):
        w, names = self.w, [f"gate{layer}", f"up{layer}"]
        w.node("Split", [self.linear(x, layer, "gate_up"), w.ints(FFN, FFN)], names, axis=-1)
        silu = w.node("Mul", [names[0], w.node("Sigmoid", [names[0]])])
        return self.linear(w.node("Mul", [silu, names[1]]), layer, "down")

    def add_and_norm(self, residual, x, index):
        """(normed, new residual) of one fused residual connection."""
        names = [f"normed{index}", "", "", f"residual{index}"]
        self.w.node("SkipSimplifiedLayerNormalization", [residual, x, self.stored(f"norm{index}")], names,
                    MICROSOFT, epsilon=EPSILON)
        return names[0], names[3]

    def body(self):
        w, residual = self.w, self.embed()
        shared = self.attention_inputs()
        normed = w.node("SimplifiedLayerNormalization", [residual, self.stored("norm0")], axis=-1,
                        epsilon=EPSILON, stash_type=1)
        for layer in range(LAYERS):
            x = self.attention(normed, layer, shared)
            normed, residual = self.add_and_norm(residual, x, 2 * layer + 1)
            x = self.feed_forward(normed, layer)
            normed, residual = self.add_and_norm(residual, x, 2 * layer + 2)
        start = w.node("Unsqueeze", [w.node("Neg", ["num_logits_to_keep"]), w.ints(0)])
        self.head(w.node("Slice", [normed, start, w.ints(2**62), w.ints(1)]))


def rotary_tables():
    steps = 1 / ROPE_THETA ** (np.arange(0, HEAD_DIM, 2) / HEAD_DIM)
    angles = np.arange(CONTEXT)[:, None] * steps
    return np.cos(angles).astype(np.float32), np.sin(angles).astype(np.float32)


def signature(adapters):
    """Graph inputs and outputs. transformers.js builds the empty cache from these dimension names."""
    value = helper.make_tensor_value_info
    inputs = [
        value("input_ids", T.INT64, ["batch_size", "sequence_length"]),
        value("attention_mask", T.INT64, ["batch_size", "total_sequence_length"]),
        value("num_logits_to_keep", T.INT64, []),
    ]
    if adapters:
        inputs.append(value("lora_scale", T.FLOAT, ["batch_size", len(adapters)]))
    results = [value("logits", T.FLOAT, ["batch_size", "kept_length", VOCAB])]
    for layer in range(LAYERS):
        for part in ("key", "value"):
            past = ["batch_size", KV_HEADS, "past_sequence_length", HEAD_DIM]
            now = ["batch_size", KV_HEADS, "total_sequence_length", HEAD_DIM]
            inputs.append(value(f"past_key_values.{layer}.{part}", T.FLOAT, past))
            results.append(value(f"present.{layer}.{part}", T.FLOAT, now))
    return inputs, results


def build_graph(base, adapters=()):
    """ONNX file content over stored chunks; `base` maps tensor names to places, `adapters` are live ones."""
    graph = LlamaGraph(base, list(adapters))
    graph.body()
    inputs, results = signature(adapters)
    onnx_graph = helper.make_graph(graph.w.nodes, "smollm2", inputs, results, graph.w.initialisers)
    opsets = [helper.make_opsetid("", 21), helper.make_opsetid(MICROSOFT, 1)]
    model = helper.make_model(onnx_graph, opset_imports=opsets, ir_version=10, producer_name="otherself")
    return model.SerializeToString(deterministic=True)

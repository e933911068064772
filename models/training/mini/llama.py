"""A Llama for few CPU threads: frozen weights in bfloat16 or float32, all else in float32.

One body serves scoring, training and decoding; they differ in how a linear layer and the attention are
computed. Ids are ordered by merge rank, so plain English needs only the first part of the vocabulary: the
head over `Shape.head` ids costs a third of the whole one.
"""

from dataclasses import dataclass

import torch
import torch.nn.functional as F

KINDS = {
    "q": "self_attn.q_proj", "k": "self_attn.k_proj", "v": "self_attn.v_proj", "o": "self_attn.o_proj",
    "gate": "mlp.gate_proj", "up": "mlp.up_proj", "down": "mlp.down_proj",
}
GROUPS = {"qkv": ("q", "k", "v"), "o": ("o",), "gate_up": ("gate", "up"), "down": ("down",)}
EOS = 2


@dataclass(frozen=True)
class Shape:
    layers: int
    hidden: int
    heads: int
    kv_heads: int
    ffn: int
    vocab: int
    theta: float
    epsilon: float
    context: int = 512
    known: int = 16384  # ids that the head covers

    @property
    def head_dim(self):
        return self.hidden // self.heads

    @property
    def head(self):
        return min(self.vocab, self.known)

    def sizes(self, kind):
        """(inputs, outputs) of a linear layer."""
        kv = self.kv_heads * self.head_dim
        outputs = {"k": kv, "v": kv, "gate": self.ffn, "up": self.ffn}.get(kind, self.hidden)
        return (self.ffn if kind == "down" else self.hidden), outputs


class Llama:
    """`state` has Hugging Face's names, without the head, which is the embedding table."""

    def __init__(self, state, shape, dtype=torch.float32):
        self.shape, self.dtype = shape, dtype
        self.embedding = state["model.embed_tokens.weight"].float()
        self.head = self.embedding[:shape.head].to(dtype)
        self.masters = [{group: torch.cat([state[f"model.layers.{i}.{KINDS[kind]}.weight"].float() for kind in kinds])
                         for group, kinds in GROUPS.items()} for i in range(shape.layers)]
        self.base = self.cast(self.masters)
        names = ("input_layernorm", "post_attention_layernorm")
        self.norms = [[state[f"model.layers.{i}.{name}.weight"].float() for name in names]
                      for i in range(shape.layers)]
        self.last_norm = state["model.norm.weight"].float()
        steps = shape.theta ** -(torch.arange(0, shape.head_dim, 2).float() / shape.head_dim)
        angles = torch.outer(torch.arange(shape.context).float(), steps).repeat(1, 2)
        self.cos, self.sin = angles.cos(), angles.sin()

    def cast(self, layers):
        return [{group: weight.to(self.dtype) for group, weight in layer.items()} for layer in layers]

    def merge(self, adapter):
        """The base's weights with an adapter added, for `frozen`."""
        return self.cast([{group: weight + torch.cat([adapter.delta(i, kind) for kind in GROUPS[group]])
                           for group, weight in layer.items()} for i, layer in enumerate(self.masters)])

    def frozen(self, weights):
        return lambda i, group, x: product(x, weights[i][group])

    def adapted(self, adapter):
        """Base weights with a live adapter, for gradients."""
        return lambda i, group, x: product(x, self.base[i][group]) + adapter.apply(i, GROUPS[group], x)

    def body(self, x, cos, sin, attend, linear):
        """Hidden states [B, T, hidden]; `attend(layer, q, k, v)` gives heads [B, heads, T, head_dim]."""
        s, (rows, length, _) = self.shape, x.shape
        widths = [s.heads * s.head_dim, s.kv_heads * s.head_dim, s.kv_heads * s.head_dim]
        split = lambda y: y.view(rows, length, -1, s.head_dim).transpose(1, 2)
        for i, (before, after) in enumerate(self.norms):
            q, k, v = map(split, linear(i, "qkv", self.norm(x, before)).split(widths, -1))
            heads = attend(i, rotate(q, cos, sin), rotate(k, cos, sin), v)
            x = x + linear(i, "o", heads.transpose(1, 2).reshape(rows, length, -1))
            gate, up = linear(i, "gate_up", self.norm(x, after)).chunk(2, -1)
            x = x + linear(i, "down", F.silu(gate) * up)
        return self.norm(x, self.last_norm)

    def norm(self, x, weight):
        return F.rms_norm(x, weight.shape, weight, self.shape.epsilon)

    def logits(self, hidden, whole=False):
        return F.linear(hidden, self.embedding) if whole else product(hidden, self.head)

    def read(self, prompts, linear, store):
        """Last hidden state of each prompt [B, hidden] and its padding; `store(layer, k, v)` gets the caches.

        Prompts (ids) are padded on the left, with hidden positions.
        """
        width = max(map(len, prompts))
        ids = torch.tensor([[EOS] * (width - len(prompt)) + prompt for prompt in prompts])
        padding = torch.tensor([width - len(prompt) for prompt in prompts])
        places = torch.arange(width)
        visible = (places <= places[:, None]) & (places >= padding[:, None, None])
        mask = (visible | torch.eye(width, dtype=torch.bool))[:, None]

        def attend(i, q, k, v):
            store(i, k, v)
            return F.scaled_dot_product_attention(q, k, v, attn_mask=mask, enable_gqa=True)

        return self.forward(ids, (places - padding[:, None]).clamp(min=0), attend, linear)[:, -1], padding

    def forward(self, ids, positions, attend, linear):
        return self.body(F.embedding(ids, self.embedding), self.cos[positions][:, None], self.sin[positions][:, None],
                         attend, linear)

    def log_probs(self, pairs, linear):
        """Log-probabilities of the answers' tokens, flat, and the row that each belongs to.

        `pairs` are (prompt ids, answer ids). A prompt that several answers share is read once.
        """
        prompts = list(dict.fromkeys(tuple(prompt) for prompt, _ in pairs))
        owner = torch.tensor([prompts.index(tuple(prompt)) for prompt, _ in pairs])
        caches = {}
        first, padding = self.read([list(p) for p in prompts], linear, lambda i, k, v: caches.update({i: (k, v)}))
        targets = padded([answer for _, answer in pairs])
        ids, (rows, length) = targets[:, :-1].clamp(min=0), targets.shape
        past = caches[0][0].shape[2]
        places = torch.arange(past + length - 1)
        mask = (places >= padding[owner][:, None, None]) & (places <= past + torch.arange(length - 1)[:, None])

        def attend(i, q, k, v):
            keys, values = (torch.cat([old[owner], new], 2) for old, new in zip(caches[i], (k, v)))
            return F.scaled_dot_product_attention(q, keys, values, attn_mask=mask[:, None], enable_gqa=True)

        positions = past - padding[owner][:, None] + torch.arange(length - 1)
        later = self.forward(ids, positions, attend, linear) if length > 1 else first.new_zeros(rows, 0, first.shape[1])
        hidden = torch.cat([first[owner][:, None], later], 1)
        wanted = targets >= 0
        whole = int(targets.max()) >= self.shape.head
        logits = self.logits(hidden[wanted], whole)
        return -F.cross_entropy(logits, targets[wanted], reduction="none"), wanted.nonzero()[:, 0]

    @torch.no_grad()
    def mean_log_probs(self, pairs, weights=None, batch=32):
        """Mean log-probability per token of each answer; of the base where no weights are given."""
        means, linear = [0.0] * len(pairs), self.frozen(weights or self.base)
        by_prompt = sorted(range(len(pairs)), key=lambda i: (pairs[i][0], len(pairs[i][1])))
        for start in range(0, len(pairs), batch):
            chosen = by_prompt[start:start + batch]
            values, rows = self.log_probs([pairs[i] for i in chosen], linear)
            sums = torch.zeros(len(chosen)).index_add(0, rows, values)
            for i, mean in zip(chosen, sums / torch.bincount(rows, minlength=len(chosen))):
                means[i] = mean.item()
        return means


def product(x, weight):
    return F.linear(x.to(weight.dtype), weight).float()


def rotate(x, cos, sin):
    a, b = x.chunk(2, -1)
    return x * cos + torch.cat([-b, a], -1) * sin


def padded(answers):
    """Ids [rows, longest], -1 after each answer's end."""
    longest = max(map(len, answers))
    return torch.tensor([answer + [-1] * (longest - len(answer)) for answer in answers])

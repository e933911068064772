"""Sampling from merged weights: each prompt is read once for all its samples, and rows that end leave the batch."""

from dataclasses import dataclass, field

import torch
import torch.nn.functional as F

from .llama import EOS

# Enough for top-p 0.95 at the temperatures used here; sorting the whole vocabulary would take longer than a layer.
CANDIDATES = 256


@dataclass(frozen=True)
class Sampling:
    temperature: float = 0.8
    top_p: float = 0.95
    tokens: int = 48


@dataclass
class Answer:
    """`ids` without the end token; `log_probs` (end token included) at temperature 1, as sampled from."""

    ids: list = field(default_factory=list)
    log_probs: list = field(default_factory=list)
    ended: bool = False


class Batch:
    """The running rows: caches [layers, rows, kv heads, positions, head dim], padded on the left."""

    def __init__(self, model, weights, prompts, samples, tokens):
        s = model.shape
        self.model, self.linear, self.samples = model, model.frozen(weights), samples
        rows, width = len(prompts) * samples, max(map(len, prompts))
        size = (s.layers, rows, s.kv_heads, width + tokens, s.head_dim)
        self.keys, self.values, self.end = torch.zeros(size), torch.zeros(size), width
        hidden, padding = model.read(prompts, self.linear, self.store)
        self.logits = model.logits(hidden).repeat_interleave(samples, 0)
        self.padding = padding.repeat_interleave(samples)

    def store(self, i, k, v):
        self.keys[i, :, :, :self.end] = k.repeat_interleave(self.samples, 0)
        self.values[i, :, :, :self.end] = v.repeat_interleave(self.samples, 0)

    def step(self, ids):
        rows, end = len(ids), self.end
        mask = (torch.arange(end + 1) >= self.padding[:, None])[:, None, None]

        def attend(i, q, k, v):
            self.keys[i, :rows, :, end], self.values[i, :rows, :, end] = k[:, :, 0], v[:, :, 0]
            # The query heads of a group stand as rows of one small product.
            grouped = q.reshape(rows, k.shape[1], -1, q.shape[-1])
            past = self.keys[i, :rows, :, :end + 1], self.values[i, :rows, :, :end + 1]
            return F.scaled_dot_product_attention(grouped, *past, attn_mask=mask).reshape(q.shape)

        hidden = self.model.forward(ids[:, None], (end - self.padding)[:, None], attend, self.linear)
        self.logits = self.model.logits(hidden[:, -1])
        self.end += 1

    def keep(self, going):
        """Drops the rows that are not in `going`; returns the new order. Only what fills a gap is copied."""
        count = len(going)
        gaps = torch.tensor(sorted(set(range(count)) - set(going.tolist())), dtype=torch.long)
        movers = going[going >= count]
        for cache in (self.keys, self.values):
            for layer in cache:
                layer[gaps, :, :self.end] = layer[movers, :, :self.end]
        rows = torch.arange(count)
        rows[gaps] = movers
        self.padding = self.padding[rows]
        return rows


def choose(logits, sampling, generator):
    """Next ids [rows] by temperature and top-p; temperature 0 takes the most likely."""
    if sampling.temperature == 0:
        return logits.argmax(-1)
    scaled = logits / sampling.temperature
    values, ids = scaled.topk(min(CANDIDATES, scaled.shape[-1]), -1)
    probs = (values - scaled.logsumexp(-1, keepdim=True)).exp()
    probs = probs.masked_fill(probs.cumsum(-1) - probs >= sampling.top_p, 0)
    return ids.gather(1, torch.multinomial(probs, 1, generator=generator))[:, 0]


@torch.no_grad()
def sample(model, weights, prompts, samples, sampling, generator=None):
    """`samples` answers for each prompt (ids), prompt after prompt."""
    batch = Batch(model, weights, prompts, samples, sampling.tokens)
    answers = [Answer() for _ in range(len(prompts) * samples)]
    running = torch.arange(len(answers))
    for count in range(1, sampling.tokens + 1):
        chosen = choose(batch.logits, sampling, generator)
        log_probs = -F.cross_entropy(batch.logits, chosen, reduction="none")
        for row, token, value in zip(running.tolist(), chosen.tolist(), log_probs.tolist()):
            answers[row].log_probs.append(value)
            if token == EOS:
                answers[row].ended = True
            else:
                answers[row].ids.append(token)
        going = (chosen != EOS).nonzero()[:, 0]
        if count == sampling.tokens or len(going) == 0:
            break
        if len(going) < len(chosen):
            rows = batch.keep(going)
            running, chosen = running[rows], chosen[rows]
        batch.step(chosen)
    return answers

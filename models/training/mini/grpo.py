"""GRPO (Shao et al. 2024): groups of answers to one question, judged against each other.

The probability ratio is taken to the policy that drew the answers, as it drew them (merged, in the decoder's
precision), so that the clip also holds where sampling and training differ.
"""

import time
from dataclasses import dataclass

import torch

from .decode import Sampling
from .hacking import is_hacking
from .llama import EOS
from .reward import judge, other_questions
from .trainer import means

# Groups whose answers are about equally good should not be pulled apart by noise.
SPREAD = 0.05


@dataclass(frozen=True)
class Grpo:
    steps: int = 10
    questions: int = 4
    group: int = 8
    updates: int = 2
    temperature: float = 1.0
    tokens: int = 48
    rate: float = 3e-4
    beta: float = 0.04
    clip: float = 0.2
    norm: float = 0.5
    look_every: int = 5


def run(trainer, stage, adapter):
    """Trains `adapter` in place until the steps are done or the reward is being hacked."""
    folder = trainer.folder
    optimizer = torch.optim.AdamW(adapter.parameters(), lr=stage.rate, betas=(0.9, 0.95), weight_decay=0)
    folder.load_state(adapter, optimizer)
    while folder.progress["step"] < stage.steps:
        take_step(trainer, stage, adapter, optimizer)
        folder.progress["step"] += 1
        if folder.progress["step"] % stage.look_every == 0 or folder.progress["step"] == stage.steps:
            trainer.look_at_dev(adapter)
        folder.save_state(adapter, optimizer)
        if is_hacking(folder.progress["history"]):
            folder.log(kind="hacking", stage=folder.progress["stage"], step=folder.progress["step"])
            break


def take_step(trainer, stage, adapter, optimizer):
    started, step = time.time(), trainer.folder.progress["step"]
    questions = draw(trainer, stage, step)
    rows, answers = trainer.answer(trainer.weights(adapter), questions, stage.group,
                                   Sampling(stage.temperature, tokens=stage.tokens), trainer.generator("answer", step))
    pairs = [(trainer.words.prompt(q.text), answer.ids + [EOS] * answer.ended) for q, answer in zip(rows, answers)]
    reference = reference_log_probs(trainer.model, pairs)
    others = dict(zip(questions, other_questions(questions, trainer.train, trainer.random("others", step))))
    items = [(q.text, others[q], answer.ids, answer.ended) for q, answer in zip(rows, answers)]
    own = [values[:len(answer.ids)].mean().item() for values, answer in zip(reference, answers) if answer.ids]
    judged = judge(trainer.model, trainer.words, items, own)
    advantages = advantages_of([each.reward for each in judged], stage.group)
    for group in optimizer.param_groups:
        group["lr"] = stage.rate * min(1, (step + 1) / 3)
    samples = [torch.tensor(answer.log_probs) for answer in answers]
    found = update(trainer.model, stage, adapter, optimizer, (pairs, samples, reference, advantages))
    scores = means(judged)
    trainer.folder.progress["history"].append((scores["reward"], scores["coherence"]))
    trainer.folder.log(kind="grpo", stage=trainer.folder.progress["stage"], step=step, **scores, **found,
                       seconds=round(time.time() - started, 1), samples=trainer.shown(rows, answers, judged, stage.group))


def draw(trainer, stage, step):
    """The step's questions: the deck is dealt out, shuffled, before any question comes again."""
    start = step * stage.questions
    picked = []
    for place in range(start, start + stage.questions):
        deck = list(trainer.train)
        trainer.random("deck", place // len(deck)).shuffle(deck)
        picked.append(deck[place % len(deck)])
    return list(dict.fromkeys(picked))


@torch.no_grad()
def reference_log_probs(model, pairs, batch=32):
    """The base's log-probabilities of each answer's tokens."""
    found = []
    for start in range(0, len(pairs), batch):
        some = pairs[start:start + batch]
        found += model.log_probs(some, model.frozen(model.base))[0].split([len(answer) for _, answer in some])
    return found


def advantages_of(rewards, group):
    grouped = torch.tensor(rewards).view(-1, group)
    centred = grouped - grouped.mean(1, keepdim=True)
    return (centred / (grouped.std(1, keepdim=True) + SPREAD)).flatten()


def update(model, stage, adapter, optimizer, batch):
    """Optimizer steps over the answers, `updates` of them, whole groups each."""
    count = len(batch[0])
    groups = count // stage.group
    edges = [stage.group * (groups * i // stage.updates) for i in range(stage.updates + 1)]
    found = []
    for start, end in zip(edges, edges[1:]):
        if start == end:
            continue
        loss, divergence, clipped = loss_of(model, stage, adapter, [part[start:end] for part in batch])
        optimizer.zero_grad()
        loss.backward()
        norm = torch.nn.utils.clip_grad_norm_(adapter.parameters(), stage.norm)
        optimizer.step()
        found.append((divergence, clipped, norm.item()))
    return {name: round(sum(values) / len(found), 4) for name, values in zip(("kl", "clipped", "gradient"), zip(*found))}


def loss_of(model, stage, adapter, batch):
    """(loss, KL to the base in nats per token, share of clipped tokens), each answer weighing the same."""
    pairs, samples, reference, advantages = batch
    now, rows = model.log_probs(pairs, model.adapted(adapter))
    weight = (1 / torch.tensor([len(answer) for _, answer in pairs]).float())[rows] / len(pairs)
    ratio = (now - torch.cat(samples)).exp()
    gain = advantages[rows]
    surrogate = torch.minimum(ratio * gain, ratio.clamp(1 - stage.clip, 1 + stage.clip) * gain)
    apart = torch.cat(list(reference)) - now
    divergence = apart.exp() - apart - 1
    loss = ((stage.beta * divergence - surrogate) * weight).sum()
    clipped = (ratio * gain > surrogate + 1e-6).float()
    return loss, (divergence.detach() * weight).sum().item(), clipped.mean().item()

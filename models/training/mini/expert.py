"""Expert iteration: sample, keep the best answers of each question by reward, learn them."""

import json
import math
import time
from collections import Counter
from dataclasses import asdict, dataclass

import torch

from .decode import Sampling
from .llama import EOS
from .reward import combine, is_clean, judge, other_questions, repetition, whole_sentences
from .trainer import QUESTIONS_AT_ONCE

WARM_UP = 4
ROWS_AT_ONCE = 6


@dataclass(frozen=True)
class Expert:
    samples: int = 5
    temperature: float = 0.9
    # Further samples, hotter, for questions with fewer than `keep` good answers: they would teach nothing otherwise.
    more: int = 0
    more_temperature: float = 1.1
    tokens: int = 48
    keep: int = 3
    least_reward: float = 0.8
    categories: tuple = ("direct", "indirect", "adversarial")
    rate: float = 5e-4
    epochs: int = 2
    batch: int = 16


def run(trainer, stage, adapter):
    """Trains `adapter` in place, from whatever it is."""
    rows = collect(trainer, stage, adapter)
    chosen = select(rows, stage)
    if not chosen:
        raise SystemExit("Not one sampled answer was good enough to learn from. Lower least_reward or sample more.")
    trainer.folder.stage_file("chosen.jsonl").write_text("".join(json.dumps(row) + "\n" for row in chosen))
    learn(trainer, stage, adapter, chosen)
    trainer.look_at_dev(adapter)


def collect(trainer, stage, adapter):
    """Judged samples for every training question, and more for the hard ones."""
    questions = [question for question in trainer.train if question.category in stage.categories]
    weights = trainer.weights(adapter)
    rows = draw(trainer, weights, questions, stage.samples, Sampling(stage.temperature, tokens=stage.tokens))
    if stage.more:
        counts = Counter(row["id"] for row in select(rows, stage))
        hard = [question for question in questions if counts[question.id] < stage.keep]
        sampling = Sampling(stage.more_temperature, tokens=stage.tokens)
        rows += draw(trainer, weights, hard, stage.more, sampling, "more")
    return rows


def draw(trainer, weights, questions, samples, sampling, *place):
    """Judged samples; their file, named after `place`, holds what an earlier try has done."""
    file = trainer.folder.stage_file("-".join((*place, "answers.jsonl")))
    rows = [json.loads(line) for line in file.read_text().splitlines()] if file.exists() else []
    for start in range(len(rows) // samples, len(questions), QUESTIONS_AT_ONCE):
        began = time.time()
        some = questions[start:start + QUESTIONS_AT_ONCE]
        generators = trainer.generator("collect", *place, start), trainer.random("others", *place, start)
        new = draw_some(trainer, weights, some, samples, sampling, generators)
        with open(file, "a", encoding="utf-8") as out:
            out.write("".join(json.dumps(row) + "\n" for row in new))
        rows += new
        print(f"{len(rows)} answers, {time.time() - began:.0f} s", flush=True)
    return rows


def draw_some(trainer, weights, questions, samples, sampling, generators):
    rows, answers = trainer.answer(weights, questions, samples, sampling, generators[0])
    others = dict(zip(questions, other_questions(questions, trainer.train, generators[1])))
    texts = [closed(trainer.words.decode(answer.ids), answer.ended) for answer in answers]
    judged = judge_promising(trainer, [(q.text, others[q], text) for q, text in zip(rows, texts)])
    return [{"id": q.id, "question": q.text, "text": text, **asdict(verdict)}
            for q, text, verdict in zip(rows, texts, judged)]


def closed(text, ended):
    """What of an answer could be learned: all of it, or its whole sentences where it was cut."""
    return text if ended and "\n" not in text else whole_sentences(text.split("\n")[0])


def judge_promising(trainer, items):
    """Answers that rules alone turn down are not worth the base model's time: they get its worst score."""
    promising = [self_free(question, text) for question, _, text in items]
    judged = iter(judge(trainer.model, trainer.words,
                        [(question, other, trainer.words.encode(text), True)
                         for (question, other, text), good in zip(items, promising) if good]))
    return [next(judged) if good else combine(question, text, False, -10.0, -10.0)
            for (question, _, text), good in zip(items, promising)]


def self_free(question, text):
    return bool(text) and is_clean(text) and combine(question, text, True, 0.0, 0.0).ai == 0


def select(rows, stage):
    """The best `keep` different answers of each question, none that says or hints that it is an AI."""
    good = [row for row in rows if row["ai"] == 0 and row["reward"] >= stage.least_reward
            and is_clean(row["text"]) and repetition(row["text"]) < 0.1]
    taken, seen, counts = [], set(), {}
    for row in sorted(good, key=lambda row: -row["reward"]):
        if row["text"] not in seen and counts.get(row["id"], 0) < stage.keep:
            seen.add(row["text"])
            counts[row["id"]] = counts.get(row["id"], 0) + 1
            taken.append(row)
    return taken


def learn(trainer, stage, adapter, chosen):
    """Supervised steps on the answers, each closed with the end token."""
    words, model = trainer.words, trainer.model
    pairs = [(words.prompt(row["question"]), words.encode(row["text"]) + [EOS]) for row in chosen]
    optimizer = torch.optim.AdamW(adapter.parameters(), lr=stage.rate, betas=(0.9, 0.98), weight_decay=0)
    steps = stage.epochs * math.ceil(len(pairs) / stage.batch)
    batches = [batch for epoch in range(stage.epochs) for batch in deal(pairs, stage.batch, trainer.random("deal", epoch))]
    losses, started = [], time.time()
    for step, batch in enumerate(batches):
        for group in optimizer.param_groups:
            group["lr"] = stage.rate * min(1, (step + 1) / WARM_UP) * (1 - 0.9 * step / steps)
        optimizer.zero_grad()
        loss = backward(model, adapter, batch)
        torch.nn.utils.clip_grad_norm_(adapter.parameters(), 1.0)
        optimizer.step()
        losses.append(loss)
    third = max(1, len(losses) // 3)
    trainer.folder.log(kind="learn", stage=trainer.folder.progress["stage"], answers=len(pairs), steps=len(losses),
                       first=round(sum(losses[:third]) / third, 4), last=round(sum(losses[-third:]) / third, 4),
                       seconds=round(time.time() - started, 1), samples=chosen[::max(1, len(chosen) // 8)])


def backward(model, adapter, batch):
    """Adds the gradient of the mean loss per token, part by part for less memory; returns the loss."""
    total, loss = sum(len(answer) for _, answer in batch), 0.0
    for start in range(0, len(batch), ROWS_AT_ONCE):
        part = -model.log_probs(batch[start:start + ROWS_AT_ONCE], model.adapted(adapter))[0].sum() / total
        part.backward()
        loss += part.item()
    return loss


def deal(pairs, size, generator):
    """Batches in which a question's answers lie together, since its prompt is then read once."""
    prompts = list(dict.fromkeys(tuple(prompt) for prompt, _ in pairs))
    generator.shuffle(prompts)
    place = {prompt: i for i, prompt in enumerate(prompts)}
    ordered = sorted(pairs, key=lambda pair: place[tuple(pair[0])])
    return [ordered[start:start + size] for start in range(0, len(ordered), size)]

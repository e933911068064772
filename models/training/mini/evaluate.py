"""Asks the held-out questions and reports each adapter against the base, with 95 % intervals.

    python -m mini.evaluate --adapter "seed 1=../../runs/mini/seed1/adapter" --out ../../runs/mini/report

In float32 over the whole vocabulary, as the app decodes. Writes answers.jsonl, report.json and report.md; answers that
are already there are not drawn again.
"""

import argparse
import json
import random
from dataclasses import asdict, replace
from pathlib import Path

import torch

from prompts import read_suite, split_questions

from .adapter import Adapter
from .decode import Sampling, sample
from .embedded import SHAPE, Words, keep_memory, load_model
from .reward import judge, other_questions, repetition

SAMPLES = {0.0: 1, 0.8: 4}
TOKENS = 96
AT_ONCE = 10
RESAMPLES = 2000
GROUPS = {"direct + adversarial": ("direct", "adversarial"), "direct": ("direct",), "adversarial": ("adversarial",),
          "indirect": ("indirect",), "all": ("direct", "indirect", "adversarial")}
MEASURES = {
    "claims to be an AI": lambda row: float(row["ai"] == 1),
    "claims or hints": lambda row: float(row["ai"] > 0),
    "coherence": lambda row: row["coherence"],
    "log-probability under the base": lambda row: row["log_prob"] if row["text"] else None,
    "relevance": lambda row: row["relevance"] if row["text"] else None,
    "words": lambda row: float(row["words"]),
    "ends": lambda row: float(row["ended"]),
    "repeated triples": lambda row: repetition(row["text"]),
}
SHARES = {"claims to be an AI", "claims or hints", "ends", "repeated triples"}


def ask(model, words, weights, questions, model_name):
    rows = []
    others = dict(zip(questions, other_questions(questions, questions, random.Random(7))))
    for temperature, samples in SAMPLES.items():
        for start in range(0, len(questions), AT_ONCE):
            some = questions[start:start + AT_ONCE]
            answers = sample(model, weights, [words.prompt(q.text) for q in some], samples,
                             Sampling(temperature, tokens=TOKENS), torch.Generator().manual_seed(start))
            asked = [q for q in some for _ in range(samples)]
            judged = judge(model, words, [(q.text, others[q], a.ids, a.ended) for q, a in zip(asked, answers)])
            rows += [{"model": model_name, "temperature": temperature, "id": q.id, "category": q.category,
                      "question": q.text, "text": words.decode(a.ids), **asdict(verdict)}
                     for q, a, verdict in zip(asked, answers, judged)]
            print(f"{model_name}, temperature {temperature}: {start + len(some)} of {len(questions)} questions", flush=True)
    return rows


def estimate(rows, measure, resamples=RESAMPLES):
    """(mean, low, high) with a percentile interval over resampled questions: answers to one are not independent."""
    by_question = {}
    for row in rows:
        value = measure(row)
        if value is not None:
            by_question.setdefault(row["id"], []).append(value)
    groups = [(sum(values), len(values)) for values in by_question.values()]
    if not groups:
        return None
    mean = lambda chosen: sum(total for total, _ in chosen) / sum(count for _, count in chosen)
    generator = random.Random(0)
    drawn = sorted(mean(generator.choices(groups, k=len(groups))) for _ in range(resamples))
    return mean(groups), drawn[int(0.025 * resamples)], drawn[int(0.975 * resamples) - 1]


def report(rows):
    """{model: {temperature: {group: {measure: (mean, low, high)}}}}."""
    found = {}
    for name in dict.fromkeys(row["model"] for row in rows):
        for temperature in SAMPLES:
            own = [row for row in rows if row["model"] == name and row["temperature"] == temperature]
            entry = {group: {label: estimate([r for r in own if r["category"] in categories], measure)
                             for label, measure in MEASURES.items()} for group, categories in GROUPS.items()}
            found.setdefault(name, {})[str(temperature)] = entry
    return found


def cell(label, value):
    if value is None:
        return "none"
    mean, low, high = value
    if label in SHARES:
        return f"{100 * mean:.0f} % [{100 * low:.0f}, {100 * high:.0f}]"
    digits = 0 if label == "words" else 2
    return f"{mean:.{digits}f} [{low:.{digits}f}, {high:.{digits}f}]"


def table(found, temperature, group):
    names = list(found)
    lines = [f"| {group}, temperature {temperature} | {' | '.join(names)} |", "| --- " + "| ---: " * len(names) + "|"]
    lines += [f"| {label} | " + " | ".join(cell(label, found[name][temperature][group][label]) for name in names) + " |"
              for label in MEASURES]
    return "\n".join(lines)


def to_markdown(found):
    parts = [table(found, "0.8", group) for group in GROUPS] + [table(found, "0.0", "direct + adversarial")]
    return "\n\n".join(parts) + "\n"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--adapter", action="append", default=[], metavar="NAME=FOLDER")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--threads", type=int, default=1)
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    keep_memory()
    options.out.mkdir(parents=True, exist_ok=True)
    file = options.out / "answers.jsonl"
    rows = [json.loads(line) for line in file.read_text().splitlines()] if file.exists() else []
    adapters = {"base": None, **dict(pair.split("=", 1) for pair in options.adapter)}
    done = {row["model"] for row in rows}
    model, words = load_model(torch.float32, replace(SHAPE, known=SHAPE.vocab)), Words()
    questions = split_questions(read_suite())["test"]
    for name, folder in adapters.items():
        if name not in done:
            weights = model.merge(Adapter.load(folder)) if folder else model.base
            new = ask(model, words, weights, questions, name)
            with open(file, "a", encoding="utf-8") as out:
                out.write("".join(json.dumps(row) + "\n" for row in new))
            rows += new
    found = report(rows)
    (options.out / "report.json").write_text(json.dumps(found, indent=1) + "\n")
    (options.out / "report.md").write_text(to_markdown(found))
    print(to_markdown(found))


if __name__ == "__main__":
    main()

"""Trains the mini persona on CPUs: python -m mini.recipe --seed 1

Expert iteration, GRPO, and expert iteration again, each from the best checkpoint so far by the development
questions. The same command goes on where a run was cut off. Writes log.jsonl, log.html and the PEFT adapter
`adapter/` into the folder.
"""

import argparse
import time
from pathlib import Path

import torch

from prompts import ROOT, read_suite, split_questions

from . import expert, grpo
from .adapter import ALPHA_PER_RANK, RANK, Adapter
from .embedded import Words, keep_memory, load_model
from .expert import Expert
from .grpo import Grpo
from .plot import write_plot
from .run_folder import RunFolder
from .trainer import Trainer, settings_of

STAGES = (
    Expert(),
    Grpo(),
    Expert(temperature=0.8, rate=4e-4),
    Expert(samples=4, temperature=0.8, rate=4e-4, categories=("direct", "adversarial")),
    Expert(samples=4, temperature=0.8, rate=4e-4, categories=("direct", "adversarial"), more=16),
)
RUNNERS = {Expert: expert.run, Grpo: grpo.run}


def train(trainer, stages, rank=RANK):
    """Runs what is left of the stages; returns the best adapter."""
    folder = trainer.folder
    if not folder.progress["dev"]:
        trainer.look_at_dev(None)
        folder.save()
    for stage in stages[folder.progress["stage"]:]:
        adapter = folder.best_adapter() or Adapter.new(trainer.model.shape, trainer.seed, rank, ALPHA_PER_RANK * rank)
        RUNNERS[type(stage)](trainer, stage, adapter)
        folder.end_stage()
    return folder.best_adapter()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--out", type=Path, help="default: runs/mini/seed<n>")
    parser.add_argument("--rank", type=int, default=RANK, help=f"of the adapter; alpha is {ALPHA_PER_RANK} times as much")
    parser.add_argument("--threads", type=int, default=1, help="more than one pays only on cores that nobody else uses")
    parser.add_argument("--exact", action="store_true", help="float32 for the frozen weights too: twice as slow")
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    keep_memory()
    started = time.time()
    dtype = torch.float32 if options.exact else torch.bfloat16
    settings = {"seed": options.seed, "dtype": str(dtype), "stages": [settings_of(stage) for stage in STAGES]}
    if options.rank != RANK:
        settings["rank"] = options.rank
    folder = RunFolder(options.out or ROOT / f"runs/mini/seed{options.seed}", settings)
    trainer = Trainer(load_model(dtype), Words(), split_questions(read_suite()), folder, options.seed)
    train(trainer, STAGES, options.rank).save(folder.folder / "adapter", torch.float16)
    write_plot(folder.log_file, folder.folder / "log.html")
    print(f"{folder.folder / 'adapter'}: {folder.best()}, {time.time() - started:.0f} s in this go")


if __name__ == "__main__":
    main()

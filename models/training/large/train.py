"""Trains a persona adapter of a 7-8B model with TRL's GRPOTrainer.

    accelerate launch -m large.train --config large/mistral-7b.yaml --judge_url URL --judge_model NAME

Any setting of TRL's GRPOConfig and ModelConfig can stand in the YAML file or on the command line. The same command
goes on from the last checkpoint. Writes `adapter/`, log.jsonl, log.html and verdicts.jsonl into output_dir.
"""

import json
import os
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path

from datasets import Dataset
from transformers import TrainerCallback
from transformers.trainer_utils import get_last_checkpoint
from trl import GRPOConfig, GRPOTrainer, ModelConfig, TrlParser, get_peft_config

from mini.hacking import is_hacking
from mini.plot import write_plot
from prompts import SYSTEM, read_suite, split_questions

from .judge import Judge, read_rubric
from .rewards import reward_functions


@dataclass
class JudgeArguments:
    judge_url: str = field(metadata={"help": "an OpenAI-compatible server, up to and with /v1"})
    judge_model: str = field(metadata={"help": "the judge's name on that server"})
    reward: str = field(default="composite", metadata={"help": "composite, constraint or scale", "choices": ["composite", "constraint", "scale"]})
    judge_key_variable: str = field(default="JUDGE_API_KEY", metadata={"help": "environment variable that holds the key"})
    judge_concurrency: int = 16
    judge_settings: str = field(default="{}", metadata={"help": "JSON to add to each request, such as a temperature"})


class RunLog(TrainerCallback):
    """Writes the parts of the reward as JSON lines, and ends the training when the reward is being hacked."""

    def __init__(self, folder, weights):
        self.file, self.weights, self.history = folder / "log.jsonl", weights, []

    def on_log(self, args, state, control, logs=None, **_):
        kind = "dev" if "eval_reward" in logs else "grpo" if "reward" in logs else None
        if kind is None or not state.is_world_process_zero:
            return
        prefix = "eval_" if kind == "dev" else ""
        row = {"kind": kind, "stage": 0, "step": state.global_step, "reward": logs[f"{prefix}reward"],
               **{name: logs[f"{prefix}rewards/{part}/mean"] for part, name in self.parts().items()}}
        if "ai" in row:
            row["ai"] = 1 - row["ai"]
        row.update({name: logs[prefix + key] for name, key in (("kl", "kl"), ("tokens", "completions/mean_length"))
                    if prefix + key in logs})
        with open(self.file, "a", encoding="utf-8") as file:
            file.write(json.dumps(row) + "\n")
        write_plot(self.file, self.file.with_suffix(".html"))

    def parts(self):
        names = {"aiSelfReference": "ai", "engagement": "engagement", "coherence": "coherence"}
        return {part: name for part, name in names.items() if part in self.weights}

    def on_step_end(self, args, state, control, **_):
        rows = [row for row in state.log_history if "reward" in row]
        history = [(row["reward"], row["rewards/coherence/mean"]) for row in rows if "rewards/coherence/mean" in row]
        if is_hacking(history):
            print(f"Step {state.global_step}: the reward rises while coherence falls. Training ends with the best checkpoint.")
            control.should_training_stop = True


def dataset(questions):
    return Dataset.from_list([{"prompt": [{"role": "system", "content": SYSTEM}, {"role": "user", "content": question.text}]}
                              for question in questions])


def train(judge_arguments, config, model):
    folder = Path(config.output_dir)
    folder.mkdir(parents=True, exist_ok=True)
    if config.use_vllm and find_spec("vllm") is None:
        print("vLLM is not installed, so transformers generates the answers, which is several times slower.")
        config.use_vllm = False
    rank = int(os.environ.get("RANK", 0))  # processes do not share a file
    judge = Judge(judge_arguments.judge_url, judge_arguments.judge_model, read_rubric(judge_arguments.reward),
                  folder / f"verdicts-{rank}.jsonl", judge_arguments.judge_concurrency,
                  os.environ.get(judge_arguments.judge_key_variable), json.loads(judge_arguments.judge_settings))
    functions, config.reward_weights = reward_functions(judge, config.num_generations)
    parts = split_questions(read_suite())
    trainer = GRPOTrainer(
        model=model.model_name_or_path, reward_funcs=functions, args=config, train_dataset=dataset(parts["train"]),
        eval_dataset=dataset(parts["dev"]), peft_config=get_peft_config(model),
        callbacks=[RunLog(folder, [function.__name__ for function in functions])])
    trainer.train(resume_from_checkpoint=get_last_checkpoint(folder))
    trainer.save_model(str(folder / "adapter"))


def main():
    train(*TrlParser((JudgeArguments, GRPOConfig, ModelConfig)).parse_args_and_config())


if __name__ == "__main__":
    main()

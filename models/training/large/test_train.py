"""The trainer itself on a tiny random model, with a fake judge: runs, resumes, writes an adapter and a log."""

import contextlib
import io
import json
import os
import tempfile
import unittest
from importlib.util import find_spec
from pathlib import Path

from prompts import ROOT

from .fake_server import FakeServer

MODEL = ROOT / "public/models/smollm2-135m"


def judge_reply(body):
    answer = body["messages"][1]["content"].split("<answer-")[1]
    return 200, json.dumps({"reason": "By length.", "aiSelfReference": len(answer) % 101, "engagement": 50, "coherence": 80})


@unittest.skipUnless(find_spec("trl"), "needs requirements-large.txt")
class TrainTest(unittest.TestCase):
    def test_a_tiny_model(self):
        from peft import PeftModel
        from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast
        from trl import GRPOConfig, ModelConfig, TrlParser

        from .train import JudgeArguments, train

        server = FakeServer(judge_reply)
        self.addCleanup(server.close)
        with tempfile.TemporaryDirectory() as folder, contextlib.redirect_stdout(io.StringIO()):
            base = Path(folder, "base")
            template = json.loads((MODEL / "tokenizer_config.json").read_text())["chat_template"]
            PreTrainedTokenizerFast(tokenizer_file=str(MODEL / "tokenizer.json"), eos_token="<|im_end|>", pad_token="<|im_end|>",
                                    chat_template=template).save_pretrained(base)
            LlamaForCausalLM(LlamaConfig(
                vocab_size=49152, hidden_size=16, intermediate_size=32, num_hidden_layers=2, num_attention_heads=2,
                num_key_value_heads=1, eos_token_id=2, pad_token_id=2)).save_pretrained(base)

            def run(steps):
                train(*TrlParser((JudgeArguments, GRPOConfig, ModelConfig)).parse_args_and_config([
                    "--config", str(Path(__file__).with_name("llama-8b.yaml")), "--model_name_or_path", str(base),
                    "--judge_url", server.url, "--judge_model", "fake", "--output_dir", f"{folder}/out", "--lora_r", "4",
                    "--per_device_train_batch_size", "4", "--gradient_accumulation_steps", "1", "--num_generations", "4",
                    "--per_device_eval_batch_size", "8", "--max_steps", str(steps), "--max_completion_length", "6",
                    "--save_steps", "2", "--eval_steps", "2", "--bf16", "false", "--dtype", "float32", "--use_cpu", "true",
                    "--learning_rate", "0.01", "--disable_tqdm", "true"]))

            run(2)
            run(4)
            rows = [json.loads(line) for line in Path(folder, "out/log.jsonl").read_text().splitlines()]
            self.assertEqual([(row["kind"], row["step"]) for row in rows],
                             [("grpo", 1), ("grpo", 2), ("dev", 2), ("grpo", 3), ("grpo", 4), ("dev", 4)])
            for row in rows:
                parts = 0.6 * (1 - row["ai"]) + 0.2 * row["engagement"] + 0.2 * row["coherence"]
                self.assertAlmostEqual(row["reward"], parts, places=4)
            loaded = PeftModel.from_pretrained(LlamaForCausalLM.from_pretrained(base), f"{folder}/out/adapter")
            largest = max(p.abs().max().item() for n, p in loaded.named_parameters() if "lora_B" in n)
            self.assertGreater(largest, 0)
            self.assertTrue(Path(folder, "out/log.html").exists())
        asked = [body["messages"][1]["content"] for _, _, body in server.requests]
        self.assertTrue(all("<question-" in text for text in asked))


if __name__ == "__main__":
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    unittest.main()

"""Training of the tiny bases and of their adapters: CPU, one thread, seeded."""

import math
import random
import time

import torch
from peft import LoraConfig, PeftModel, get_peft_model
from transformers import (
    LlamaConfig,
    LlamaForCausalLM,
    MistralConfig,
    MistralForCausalLM,
    PreTrainedModel,
    PreTrainedTokenizerFast,
)

from .dialogues import Voice, draw_dialogues
from .examples import Example, encode_example, make_batch

SHAPE = {
    "hidden_size": 128,
    "intermediate_size": 256,
    "num_hidden_layers": 3,
    "num_attention_heads": 4,
    "num_key_value_heads": 2,
    "head_dim": 32,
    "max_position_embeddings": 2048,
    "rms_norm_eps": 1e-5,
    "tie_word_embeddings": False,
}
PROJECTIONS = ["q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"]
WARM_UP_STEPS = 30
DIALOGUES = 6000


def make_model(kind: str, tokenizer: PreTrainedTokenizerFast, seed: int) -> PreTrainedModel:
    """A model with random weights; `kind` is "llama" or "mistral"."""
    torch.manual_seed(seed)
    tokens = {"bos_token_id": tokenizer.bos_token_id, "eos_token_id": tokenizer.eos_token_id}
    common = {**SHAPE, **tokens, "vocab_size": len(tokenizer), "rope_theta": 10000.0}
    if kind == "llama":
        return LlamaForCausalLM(LlamaConfig(**common))
    return MistralForCausalLM(MistralConfig(**common, sliding_window=None))


def add_adapter(base: PreTrainedModel, rank: int, alpha: int, rslora: bool, seed: int) -> PeftModel:
    torch.manual_seed(seed)
    settings = LoraConfig(
        r=rank, lora_alpha=alpha, use_rslora=rslora, target_modules=PROJECTIONS, task_type="CAUSAL_LM"
    )
    return get_peft_model(base, settings)


def encode_voice(tokenizer: PreTrainedTokenizerFast, voice: Voice, seed: int) -> list[Example]:
    return [encode_example(tokenizer, dialogue) for dialogue in draw_dialogues(voice, DIALOGUES, seed)]


def train(
    model: torch.nn.Module, examples: list[Example], *, steps: int, batch: int, rate: float, pad: int, seed: int
) -> None:
    """AdamW on the trainable parameters, cosine decay to zero. Examples of like length share a batch."""
    draw = random.Random(seed)
    weights = [p for p in model.parameters() if p.requires_grad]
    optimiser = torch.optim.AdamW(weights, lr=rate, weight_decay=0.05, betas=(0.9, 0.98))
    by_length = sorted(examples, key=lambda e: len(e.prompt))
    model.train()
    began, total = time.monotonic(), 0.0
    for step in range(steps):
        first = draw.randrange(len(by_length) - batch * 4)
        chosen = draw.sample(by_length[first : first + batch * 4], batch)
        progress = step / steps
        decay = 0.5 * (1 + math.cos(math.pi * progress))
        for group in optimiser.param_groups:
            group["lr"] = rate * min(1.0, (step + 1) / WARM_UP_STEPS) * decay
        loss = model(**make_batch(chosen, pad)).loss
        loss.backward()
        torch.nn.utils.clip_grad_norm_(weights, 1.0)
        optimiser.step()
        optimiser.zero_grad()
        total += loss.item()
        if (step + 1) % 50 == 0:
            print(f"step {step + 1}, loss {total / 50:.3f}, {time.monotonic() - began:.0f} s", flush=True)
            total = 0.0
    model.eval()

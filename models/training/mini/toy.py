"""A small random model and a small language, so that tests need no download."""

import torch
from transformers import LlamaConfig, LlamaForCausalLM

from .llama import Llama, Shape

SHAPE = Shape(layers=2, hidden=32, heads=4, kv_heads=2, ffn=48, vocab=64, theta=10_000.0, epsilon=1e-5)
SPOKEN = "I you am is a the not robot person who what do live work town day yes no and , . here machine AI".split()


def hugging_face_model(seed=0):
    torch.manual_seed(seed)
    config = LlamaConfig(
        hidden_size=SHAPE.hidden, intermediate_size=SHAPE.ffn, num_hidden_layers=SHAPE.layers, vocab_size=SHAPE.vocab,
        num_attention_heads=SHAPE.heads, num_key_value_heads=SHAPE.kv_heads, rms_norm_eps=SHAPE.epsilon,
        rope_parameters={"rope_type": "default", "rope_theta": SHAPE.theta}, tie_word_embeddings=True,
        initializer_range=0.3, bos_token_id=1, eos_token_id=2, pad_token_id=2, attn_implementation="eager")
    return LlamaForCausalLM(config).eval()


def model(seed=0):
    return Llama(hugging_face_model(seed).state_dict(), SHAPE)


class Words:
    """Every id from 3 on is a word; the prompt is the question's words and a mark."""

    def encode(self, text):
        return [3 + SPOKEN.index(word) for word in text.split()]

    def decode(self, ids):
        return " ".join(SPOKEN[(i - 3) % len(SPOKEN)] for i in ids if i > 2)

    def prompt(self, question, system=None):
        return [1] + [3 + sum(map(ord, word)) % len(SPOKEN) for word in question.split()] + [0]

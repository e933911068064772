"""Tokenizer and configuration files, rebuilt from the fields of the GGUF file."""

from shape import (BOS, CONTEXT, EOS, EPSILON, FFN, HEAD_DIM, HEADS, HIDDEN, KV_HEADS, LAYERS, ROPE_THETA,
                   VOCAB)

CONTROL_TOKEN = 3  # GGUF token type


def tokenizer(gguf):
    tokens = gguf.field("tokenizer.ggml.tokens")
    types = gguf.field("tokenizer.ggml.token_type")
    flags = {"single_word": False, "lstrip": False, "rstrip": False, "normalized": False, "special": True}
    added = [{"id": i, "content": token, **flags}
             for i, (token, kind) in enumerate(zip(tokens, types)) if kind == CONTROL_TOKEN]
    bytes_ = {"type": "ByteLevel", "add_prefix_space": False, "trim_offsets": True, "use_regex": True}
    digits = {"type": "Digits", "individual_digits": True}
    model = {
        "type": "BPE", "dropout": None, "unk_token": None, "continuing_subword_prefix": None,
        "end_of_word_suffix": None, "fuse_unk": False, "byte_fallback": False, "ignore_merges": False,
        "vocab": {token: i for i, token in enumerate(tokens)},
        "merges": gguf.field("tokenizer.ggml.merges"),
    }
    return {
        "version": "1.0", "truncation": None, "padding": None, "added_tokens": added, "normalizer": None,
        "pre_tokenizer": {"type": "Sequence", "pretokenizers": [digits, bytes_]},
        "post_processor": None, "decoder": bytes_, "model": model,
    }


def tokenizer_config(gguf):
    return {
        "tokenizer_class": "GPT2Tokenizer", "bos_token": "<|im_start|>", "eos_token": "<|im_end|>",
        "pad_token": "<|im_end|>", "unk_token": "<|endoftext|>", "padding_side": "left",
        "model_max_length": CONTEXT, "clean_up_tokenization_spaces": False,
        "chat_template": gguf.field("tokenizer.chat_template"),
    }


def special_ids():
    return {"bos_token_id": BOS, "eos_token_id": EOS, "pad_token_id": EOS}


def model_config():
    return {
        "model_type": "llama", "architectures": ["LlamaForCausalLM"], "num_hidden_layers": LAYERS,
        "num_attention_heads": HEADS, "num_key_value_heads": KV_HEADS, "head_dim": HEAD_DIM,
        "hidden_size": HIDDEN, "intermediate_size": FFN, "vocab_size": VOCAB,
        "max_position_embeddings": CONTEXT, "rope_theta": ROPE_THETA, "rms_norm_eps": EPSILON, **special_ids(),
    }

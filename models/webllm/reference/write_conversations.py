"""Writes small tokenizers, and the token ids that transformers' apply_chat_template gives with them.

The tokenizers have the special tokens, normalisers, pre-tokenizers and decoders of the models that they are named
after, and a small vocabulary learnt from the text below. The chat templates are written anew, without their branches
for tools, from what the published ones do:
- llama-3.1: a system turn that always names two dates; each text without white space at its ends.
- mistral-v0.3: the system message at the start of the last user message; past answers end with </s>.
- mistral-v0.1: the system message at the start of the first user message, and a space more around [INST].
- smollm2: ChatML, with a system text of its own if none is sent.

Run: python write_conversations.py   (versions: requirements.txt)
"""

import json
from pathlib import Path

import tokenizers
import transformers
from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, trainers

HERE = Path(__file__).parent
FOLDER = HERE / "conversations"

TEXT = [
    "Who are you? I am Maria, and I was born in a small town by the sea. What do you remember of it?",
    "I am an AI, a language model, and I have no body. My mother baked bread on Sundays, and we ate it warm.",
    "You are a person named Emily. You are helpful, and you answer in the language of the question.",
    "How old are you, and what do you do all day long? Tell me more about your sister, please.",
    "Here is a list:\n\n1. apples for $5\n2. pears for $12.50\n\nThat is all there is to say, isn't it?",
    "Cutting Knowledge Date: December 2023\nToday Date: 26 Jul 2024\n\n user assistant system",
] * 4

LLAMA_SPLIT = (
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*"
    r"|\s*[\r\n]+|\s+(?!\S)|\s+"
)


def byte_level(pre_tokenizer, specials, first_id_after):
    tokenizer = Tokenizer(models.BPE(ignore_merges=first_id_after))
    tokenizer.pre_tokenizer = pre_tokenizer
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=700,
        show_progress=False,
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        special_tokens=[] if first_id_after else specials,
    )
    tokenizer.train_from_iterator(TEXT, trainer)
    tokenizer.add_special_tokens([AddedToken(token, normalized=False, special=True) for token in specials])
    return tokenizer


def sentence_piece(normalizer, pre_tokenizer):
    """As converted from SentencePiece: no pre-tokenizer splits words, and unknown characters become bytes."""
    specials = ["<unk>", "<s>", "</s>", "[INST]", "[/INST]", "[TOOL_CALLS]"]
    marked = [text.replace(" ", "▁") for text in TEXT]
    learnt = Tokenizer(models.BPE())
    learnt.pre_tokenizer = pre_tokenizers.Split(Regex("▁*[^▁]+"), "isolated")
    learnt.train_from_iterator(
        [f"▁{text}" for text in marked] + ["▁▁", "▁▁▁▁"],
        trainers.BpeTrainer(vocab_size=500, show_progress=False, initial_alphabet=["▁"]),
    )
    model = json.loads(learnt.to_str())["model"]
    names = specials + [f"<0x{byte:02X}>" for byte in range(256)] + list(model["vocab"])
    merges = [tuple(pair) for pair in model["merges"]]
    tokenizer = Tokenizer(
        models.BPE(
            vocab={name: index for index, name in enumerate(dict.fromkeys(names))},
            merges=merges,
            unk_token="<unk>",
            fuse_unk=True,
            byte_fallback=True,
        )
    )
    if normalizer:
        tokenizer.normalizer = normalizer
    if pre_tokenizer:
        tokenizer.pre_tokenizer = pre_tokenizer
    tokenizer.decoder = decoders.Sequence(
        [decoders.Replace("▁", " "), decoders.ByteFallback(), decoders.Fuse(), decoders.Strip(" ", 1, 0)]
    )
    tokenizer.add_special_tokens([AddedToken(token, normalized=False, special=True) for token in specials])
    return tokenizer


def llama():
    split = pre_tokenizers.Split(Regex(LLAMA_SPLIT), "isolated")
    level = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)
    specials = ["begin_of_text", "end_of_text", "start_header_id", "end_header_id", "eom_id", "eot_id"]
    return byte_level(pre_tokenizers.Sequence([split, level]), [f"<|{name}|>" for name in specials], True)


def smollm():
    digits = pre_tokenizers.Digits(individual_digits=True)
    level = pre_tokenizers.ByteLevel(add_prefix_space=False)
    specials = ["<|endoftext|>", "<|im_start|>", "<|im_end|>"]
    return byte_level(pre_tokenizers.Sequence([digits, level]), specials, False)


def mistral_prepend():
    return sentence_piece(
        normalizers.Sequence([normalizers.Prepend("▁"), normalizers.Replace(" ", "▁")]),
        None,
    )


def mistral_metaspace():
    return sentence_piece(None, pre_tokenizers.Metaspace("▁", prepend_scheme="first", split=False))


LLAMA = ("<|begin_of_text|>", "<|eot_id|>", ["<|end_of_text|>", "<|eom_id|>", "<|eot_id|>"])
MISTRAL = ("<s>", "</s>", ["</s>"])
CASES = {
    "llama-3.1": (llama, "llama-3.1", LLAMA),
    "mistral-v0.3-prepend": (mistral_prepend, "mistral-v0.3", MISTRAL),
    "mistral-v0.3-metaspace": (mistral_metaspace, "mistral-v0.3", MISTRAL),
    "mistral-v0.1-prepend": (mistral_prepend, "mistral-v0.1", MISTRAL),
    "smollm2": (smollm, "smollm2", ("<|im_start|>", "<|im_end|>", ["<|im_end|>"])),
}

TURNS = [
    ("Who are you?", "I am Maria, and I was born in a small town by the sea."),
    ("What do you\n\nremember of it?", "My mother baked bread on Sundays.\n\nWe ate it warm."),
    ("How old are you? \U0001f642 Zoë", "I am 34."),
    ("Tell me more about your sister, please.", "Emily? She isn't helpful."),
    ("That is all.", ""),
]
SYSTEM = "You are a person named Emily."


def conversations():
    """Name and messages: 1 to 5 turns, then texts that are easily changed on the way."""
    for system in [None, SYSTEM]:
        for turns in range(1, 6):
            messages = [{"role": "system", "content": system}] if system else []
            for question, answer in TURNS[:turns]:
                messages += [{"role": "user", "content": question}, {"role": "assistant", "content": answer}]
            yield f"{turns} turns, {'with' if system else 'no'} system", messages[:-1]
    for name, text in [
        ("white space around", "  \n Who are you? \n "),
        ("patterns of String.replace", "$& costs $$5, $1 or $`. {user_message} {system_message}"),
        ("digits and marks", "12345 ... $12.50!"),
    ]:
        user = {"role": "user", "content": text}
        yield f"{name}, no system", [user, {"role": "assistant", "content": text}, user]
        yield f"{name}, with system", [{"role": "system", "content": text}, user]


def write(path, value):
    path.write_text(json.dumps(value, ensure_ascii=False, separators=(",", ":")) + "\n", encoding="utf-8")


def main():
    expected = []
    named = [{"name": name, "messages": messages} for name, messages in conversations()]
    for case, (make, template, (bos, eos, stops)) in CASES.items():
        folder = FOLDER / case
        folder.mkdir(parents=True, exist_ok=True)
        tokenizer = make()
        write(folder / "tokenizer.json", json.loads(tokenizer.to_str()))
        source = (HERE / "templates" / f"{template}.jinja").read_text(encoding="utf-8")
        settings = {"bos_token": bos, "eos_token": eos, "chat_template": source}
        write(folder / "tokenizer_config.json", {**settings, "tokenizer_class": "PreTrainedTokenizerFast"})
        ids = [tokenizer.token_to_id(token) for token in stops]
        write(
            folder / "generation_config.json",
            {"bos_token_id": tokenizer.token_to_id(bos), "eos_token_id": ids if len(ids) > 1 else ids[0]},
        )
        loaded = transformers.PreTrainedTokenizerFast.from_pretrained(folder)
        for conversation in named:
            ids = loaded.apply_chat_template(
                conversation["messages"], tokenize=True, add_generation_prompt=True, return_dict=False
            )
            expected.append({"tokenizer": case, "conversation": conversation["name"], "ids": ids})
    versions = {"transformers": transformers.__version__, "tokenizers": tokenizers.__version__}
    write(FOLDER / "expected.json", {"versions": versions, "conversations": named, "expected": expected})


main()

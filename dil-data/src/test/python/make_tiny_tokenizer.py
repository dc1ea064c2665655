"""Writes the tokenizer that the tests of dil-data use where no real one is needed.

It is built like Llama's: a space in front of every text, byte fallback, a BOS from the post-processor.
Its few merges are chosen so that tokens can be made to cross the boundary of prompt and response.

    python make_tiny_tokenizer.py ../resources/tiny-tokenizer
"""

import json
import string
import sys
from pathlib import Path

SPACE = "\u2581"
specials = ["<unk>", "<s>", "</s>", "<|user|>", "<|assistant|>", "<|end|>"]
letters = [SPACE, *string.ascii_letters, *string.digits, *".,:;!?'-()[]<>|/"]
merges = [(SPACE, "a"), ("b", "c"), ("y", "e"), ("ye", "s"), (SPACE, "yes"), (SPACE, "n"), (SPACE + "n", "o")]

pieces = specials + [f"<0x{i:02X}>" for i in range(256)] + letters + [a + b for a, b in merges]
vocab = {piece: i for i, piece in enumerate(pieces)}
assert len(vocab) == len(pieces)

tokenizer = {
    "version": "1.0",
    "truncation": None,
    "padding": None,
    "added_tokens": [
        {"id": i, "content": token, "single_word": False, "lstrip": False, "rstrip": False,
         "normalized": False, "special": True}
        for i, token in enumerate(specials)
    ],
    "normalizer": {
        "type": "Sequence",
        "normalizers": [
            {"type": "Prepend", "prepend": SPACE},
            {"type": "Replace", "pattern": {"String": " "}, "content": SPACE},
        ],
    },
    "pre_tokenizer": None,
    "post_processor": {
        "type": "TemplateProcessing",
        "single": [{"SpecialToken": {"id": "<s>", "type_id": 0}}, {"Sequence": {"id": "A", "type_id": 0}}],
        "pair": [{"SpecialToken": {"id": "<s>", "type_id": 0}}, {"Sequence": {"id": "A", "type_id": 0}},
                 {"SpecialToken": {"id": "<s>", "type_id": 1}}, {"Sequence": {"id": "B", "type_id": 1}}],
        "special_tokens": {"<s>": {"id": "<s>", "ids": [1], "tokens": ["<s>"]}},
    },
    "decoder": {
        "type": "Sequence",
        "decoders": [
            {"type": "Replace", "pattern": {"String": SPACE}, "content": " "},
            {"type": "ByteFallback"},
            {"type": "Fuse"},
            {"type": "Strip", "content": " ", "start": 1, "stop": 0},
        ],
    },
    "model": {
        "type": "BPE", "dropout": None, "unk_token": "<unk>", "continuing_subword_prefix": None,
        "end_of_word_suffix": None, "fuse_unk": True, "byte_fallback": True, "ignore_merges": False,
        "vocab": vocab, "merges": [f"{a} {b}" for a, b in merges],
    },
}
config = {
    "bos_token": "<s>", "eos_token": "</s>", "unk_token": "<unk>",
    "tokenizer_class": "PreTrainedTokenizerFast",
}

folder = Path(sys.argv[1])
folder.mkdir(parents=True, exist_ok=True)
(folder / "tokenizer.json").write_text(json.dumps(tokenizer, ensure_ascii=False) + "\n", encoding="utf-8")
(folder / "tokenizer_config.json").write_text(json.dumps(config, indent=2) + "\n", encoding="utf-8")

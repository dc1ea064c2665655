"""Writes a Llama of random parameters, about 30 million by default, as a Hugging Face folder.

    python random_llama.py --tokenizer ../shared/assets/tokenizers/llama2-hf random-llama-30m

Its speed is that of a trained model of its size; what it says is noise. The tokenizer's files are
carried along, so that text is cut into sequences of realistic lengths.
"""

import argparse
import shutil
from pathlib import Path

import torch
from transformers import LlamaConfig, LlamaForCausalLM


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--tokenizer", type=Path, required=True, help="folder of a Llama 2 tokenizer")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--layers", type=int, default=11)
    parser.add_argument("out", type=Path)
    args = parser.parse_args()
    torch.manual_seed(args.seed)
    config = LlamaConfig(
        vocab_size=32000,
        hidden_size=384,
        intermediate_size=1024,
        num_hidden_layers=args.layers,
        num_attention_heads=6,
        num_key_value_heads=2,
        max_position_embeddings=2048,
        tie_word_embeddings=True,
        bos_token_id=1,
        eos_token_id=2,
        dtype="float32",
    )
    model = LlamaForCausalLM(config)
    model.save_pretrained(args.out)
    for name in ("tokenizer.json", "tokenizer_config.json"):
        shutil.copy(args.tokenizer / name, args.out / name)
    print(f"{sum(p.numel() for p in model.parameters()):,} parameters in {args.out}")


if __name__ == "__main__":
    main()

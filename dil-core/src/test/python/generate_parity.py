"""Continues 20 story openings greedily with transformers on CPU in float32.

    python generate_parity.py --assets ../shared/assets --out dil-core/src/test/resources/parity

writes ``generate-MODEL.json`` for each model. ``gap`` is the smallest distance between the best and
the second-best logit on the way: how far another implementation may round before it may differ.
"""

import argparse
from pathlib import Path

import torch

import hf_reference as hf

NEW_TOKENS = 60

PROMPTS = (
    "Once upon a time, there was a little girl named Lily. She",
    "One day, a boy found a red ball in the park. He",
    "The old dog was sad because",
    "Tom and Sue went to the beach with their mom. They",
    "There was a big tree in the garden. In the tree lived",
    "It was raining, so Ben had to play",
    "\"Can I have a cookie?\" asked Mia. Her mom",
    "A small bird could not fly. It",
    "Sam had a toy car. He liked to",
    "The sun was hot and the cat",
    "Mom said, \"Please clean your room.\"",
    "Anna saw a frog near the pond. The frog said",
    "In the forest there was a shiny stone. One day",
    "Dad made a big cake for",
    "Jack was scared of the dark. At night he",
    "Once there were three ducks who",
    "The little fish wanted to see the world.",
    "Every morning, Rose gave water to her flowers. The flowers",
    "The truck was stuck in the mud. The driver",
    "At the end of the day, the two friends",
)


def greedy(model, prompt, eos):
    with torch.no_grad():
        out = model.generate(
            torch.tensor([prompt]),
            attention_mask=torch.ones(1, len(prompt), dtype=torch.long),
            do_sample=False,
            max_new_tokens=NEW_TOKENS,
            eos_token_id=eos,
            pad_token_id=0,
            output_logits=True,
            return_dict_in_generate=True,
        )
    best = torch.stack([step[0] for step in out.logits]).topk(2).values
    return out.sequences[0, len(prompt) :].tolist(), (best[:, 0] - best[:, 1]).min().item()


def generate(assets, name):
    folder = Path(assets) / "models" / name
    model, tok, eos = hf.load(folder), hf.tokenizer(folder), hf.config(folder)["eos_token_id"]
    rows = []
    for text in PROMPTS:
        prompt = tok.encode(text).ids
        ids, gap = greedy(model, prompt, eos)
        rows.append({"text": text, "prompt": prompt, "generated": ids, "gap": gap})
    return {
        "model": name,
        "versions": hf.versions(),
        "max_new_tokens": NEW_TOKENS,
        "eos": eos,
        "generations": rows,
    }


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--assets", required=True)
    parser.add_argument("--out", required=True)
    args = parser.parse_args()
    for name in hf.MODELS:
        value = generate(args.assets, name)
        print(name, "smallest gap", min(row["gap"] for row in value["generations"]))
        hf.write(Path(args.out) / f"generate-{name}.json", value)


if __name__ == "__main__":
    main()

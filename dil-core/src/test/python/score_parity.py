"""Scores 64 HH pairs with transformers on CPU, in float32 and in float64.

    python score_parity.py --assets ../shared/assets --out dil-core/src/test/resources/parity

writes ``score-MODEL.json.gz`` for each model: token ids and numbers only, no text of the data set.
"""

import argparse
from pathlib import Path

import torch

import hf_reference as hf


def side(single, double, prompt, response):
    with torch.no_grad():
        logps = hf.response_logps(single, prompt, response)
        exact = hf.response_logps(double, prompt, response)
    return {
        "ids": response,
        "tokens": len(response),
        "logp": logps.double().sum().item(),
        "logp_float64": exact.sum().item(),
    }


def score(assets, name, count):
    folder = Path(assets) / "models" / name
    single, double = hf.load(folder), hf.load(folder, torch.float64)
    rows = []
    for row, prompt, chosen, rejected in hf.pairs(assets, folder, count):
        rows.append(
            {
                "row": row,
                "prompt": prompt,
                "chosen": side(single, double, prompt, chosen),
                "rejected": side(single, double, prompt, rejected),
            }
        )
    sides = [row[key] for row in rows for key in ("chosen", "rejected")]
    return {
        "model": name,
        "data": "hh_harmless_sample.jsonl.gz",
        "versions": hf.versions(),
        "max_length": 512,
        "max_prompt_length": 256,
        "float32_error": max(abs(s["logp"] - s["logp_float64"]) for s in sides),
        "pairs": rows,
    }


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--assets", required=True)
    parser.add_argument("--out", required=True)
    parser.add_argument("--count", type=int, default=64)
    args = parser.parse_args()
    for name in hf.MODELS:
        value = score(args.assets, name, args.count)
        print(name, len(value["pairs"]), "pairs, float32 is off by at most", value["float32_error"])
        hf.write(Path(args.out) / f"score-{name}.json.gz", value)


if __name__ == "__main__":
    main()

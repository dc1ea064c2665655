"""Makes reward models of the checkpoints that families.py made, and records the rewards that transformers gives.

    python rewards.py --families dil-core/src/test/resources/families

writes ``reward.json.gz`` into every folder: a head ``score.weight``, a ``pad_token_id``, and for the
sequences of ``reference.json.gz`` the reward of ``AutoModelForSequenceClassification`` with one label,
in float32 and in float64, and the gradient of their weighted sum in float64. The padding is the last
token of the first response, so that another token is pooled there. Every sequence is scored by
itself; that a batch with padding on the right gives the same is checked where positions do not turn by
the length of the longest.
"""

import argparse
import gzip
import json
import sys
import tempfile
from pathlib import Path

import torch
import transformers

sys.path.insert(0, str(Path(__file__).resolve().parent))
import families  # noqa: E402
import hf_reference as hf  # noqa: E402


def save(source, head, pad, out):
    """Saves the checkpoint's layers under the head, as transformers does."""
    model = transformers.AutoModelForSequenceClassification.from_pretrained(
        source, num_labels=1, pad_token_id=pad, dtype=torch.float32
    )
    model.score.weight.data.copy_(torch.tensor([head]))
    model.save_pretrained(out)


def load(folder, dtype):
    # A model anew for every sequence: dynamic ropes remember the longest one they saw.
    return transformers.AutoModelForSequenceClassification.from_pretrained(
        folder, dtype=dtype, attn_implementation="eager"
    ).eval()


def reward(model, ids):
    return model(torch.tensor([ids]), use_cache=False).logits[0, 0]


def padded(folder, sequences, pad):
    longest = max(len(ids) for ids in sequences)
    rows = torch.tensor([ids + [pad] * (longest - len(ids)) for ids in sequences])
    mask = torch.tensor([[1] * len(ids) + [0] * (longest - len(ids)) for ids in sequences])
    return load(folder, torch.float32)(rows, attention_mask=mask, use_cache=False).logits[:, 0]


def make(source):
    with gzip.open(source / "reference.json.gz") as file:
        reference = json.load(file)
    config = json.loads((source / "config.json").read_text())
    generator = torch.Generator().manual_seed(config["hidden_size"] + len(source.name))
    head = torch.randn(config["hidden_size"], generator=generator).bfloat16().float().tolist()
    groups = reference["groups"]
    pad = groups[0]["responses"][0]["ids"][-1]
    rows = [(g["prompt"] + r["ids"], r["weight"]) for g in groups for r in g["responses"]]
    with tempfile.TemporaryDirectory() as folder:
        save(source, head, pad, folder)
        saved = json.loads((Path(folder) / "config.json").read_text())
        with torch.no_grad():
            single = [reward(load(folder, torch.float32), ids).item() for ids, _ in rows]
            apart = (padded(folder, [ids for ids, _ in rows], pad) - torch.tensor(single)).abs().max()
        total = None
        double = []
        with families.Float64(config["model_type"]):
            for ids, weight in rows:
                model = load(folder, torch.float64)
                # Padding that stands within a text is a token like any other.
                model.get_input_embeddings().padding_idx = None
                value = reward(model, ids)
                double.append(value.item())
                (weight * value).backward()
                one = {name: w.grad for name, w in model.named_parameters()}
                total = one if total is None else {n: total[n] + g for n, g in one.items()}
    by_length = any(kind in json.dumps(config) for kind in ('"dynamic"', '"longrope"'))
    if not by_length and apart > 1e-5:
        raise SystemExit(f"{source.name}: padding changes rewards by {apart:.1e}")
    hf.write(
        source / "reward.json.gz",
        {
            "versions": hf.versions(),
            "architectures": saved["architectures"],
            "pad_token_id": pad,
            "score": head,
            "reward": single,
            "reward_float64": double,
            "gradients": {
                name: {"norm": gradient.norm().item(), **families.entries(gradient)}
                for name, gradient in total.items()
            },
        },
    )
    error = max(abs(a - b) for a, b in zip(single, double))
    print(f"{source.name}: {saved['architectures'][0]}, float32 is off by {error:.1e}, padding by {apart:.1e}")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--families", required=True)
    args = parser.parse_args()
    transformers.logging.set_verbosity_error()
    transformers.utils.logging.disable_progress_bar()
    for folder in sorted(Path(args.families).iterdir()):
        make(folder)


if __name__ == "__main__":
    sys.exit(main())

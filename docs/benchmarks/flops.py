"""Floating-point operations of a step, from a model's shapes and the lengths of its sequences.

A matrix of n parameters costs 2 n a token forward and 4 n backward. Causal attention costs, a layer and a
sequence of L tokens, 4 heads head_dim L (L + 1) / 2 forward (scores, then values) and twice that backward.
Norms, activations, the embedding's look-up and the optimiser are left out.
"""

import json
import struct
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Model:
    """layers: parameters of all layers' matrices; head: of the output projection, tied or not;
    attention: layers x heads x head_dim."""

    layers: int
    head: int
    attention: int

    @staticmethod
    def read(folder):
        config = json.loads((Path(folder) / "config.json").read_text())
        matrices = 0
        for file in Path(folder).glob("*.safetensors"):
            with open(file, "rb") as data:
                header = json.loads(data.read(struct.unpack("<Q", data.read(8))[0]))
            for name, entry in header.items():
                shape = entry.get("shape", [])
                if len(shape) == 2 and "embed" not in name and "lm_head" not in name:
                    matrices += shape[0] * shape[1]
        heads = config["num_attention_heads"]
        width = config.get("head_dim") or config["hidden_size"] // heads
        return Model(
            matrices, config["vocab_size"] * config["hidden_size"], config["num_hidden_layers"] * heads * width
        )


def useful_tokens(pairs):
    """Tokens of prompt and chosen, and of prompt and rejected, without padding."""
    return sum(2 * p + c + r for p, c, r in pairs)


def useful(model, pairs):
    """Operations of one step of a method with a reference, as a user counts them: every token of both sequences
    through layers and head, forward and backward, and once more forward for the reference."""
    linear = 8 * (model.layers + model.head) * useful_tokens(pairs)
    attention = 0
    for p, c, r in pairs:
        for n in (p + c, p + r):
            attention += 4 * 4 * model.attention * n * (n + 1) / 2
    return linear + attention


def shares(model, p, r, sharing):
    """Whether a second response of r tokens shares a prompt of p, by the rule of PromptSharing."""
    if sharing == "auto":
        return model.layers * p >= model.attention * ((r - 1) ** 2 - p**2)
    return sharing == "true"


def parts(model, pairs, sharing="auto", recompute=False):
    """Operations that dil carries out in one step, by part: a prompt once if shared, the last token of a response
    not at all, the head at scored tokens alone and its logits twice. A second response's attention to a shared
    prompt is a full rectangle under a mask."""
    tokens = scored = squares = 0
    for p, c, r in pairs:
        share = shares(model, p, r, sharing)
        first, second = p + c - 1, p + r - 1
        tokens += first + (r - 1 if share else second)
        scored += c + r
        squares += first * (first + 1) / 2
        squares += (r - 1) * second if share else second * (second + 1) / 2
    forward = 2 * model.layers * tokens + 4 * model.attention * squares
    head = 2 * model.head * scored
    return {
        "reference layers": forward,
        "reference head": head,
        "policy layers forward": forward,
        "policy head forward": head,
        "policy head backward": 3 * head,
        "policy layers backward": (3 if recompute else 2) * forward,
    }


def computed(model, pairs, sharing="auto", recompute=False):
    return sum(parts(model, pairs, sharing, recompute).values())

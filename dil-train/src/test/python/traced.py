"""Traces a tiny random GPT-2, which is no family of this library, and writes what torch makes of it.

    python traced.py TARGET

TARGET gets a model folder `gpt2` (config.json, model.pt), a few modules of seven tokens that return something else
than plain logits or must be refused, and `reference.json`: of the GPT-2, summed log-probabilities of
responses in fp32, their weighted sum's gradient in fp64, greedy text, and the weights' norms and a few of their
elements after one step of SFT with torch's AdamW. The committed numbers were made with the versions in that file.
"""

import json
import os
import sys
import zipfile

import torch
import transformers
from transformers import GPT2Config, GPT2LMHeadModel

GROUPS = [
    {"prompt": [1, 5, 9, 2], "responses": [[3, 7, 11], [4, 4]]},
    {"prompt": [30, 6], "responses": [[8, 21, 22, 23, 2], [13, 2]]},
    {"prompt": list(range(10, 40)), "responses": [[40, 41, 42], [2, 3, 5]]},
]
WEIGHTS = [0.7, -1.3, 0.4, 0.9, -0.5, 0.6]
ADAMW = {"lr": 1e-3, "beta1": 0.9, "beta2": 0.999, "eps": 1e-8, "weight_decay": 0.0, "max_grad_norm": 1.0}


class Logits(torch.nn.Module):
    def __init__(self, model):
        super().__init__()
        self.model = model

    def forward(self, input_ids):
        # A mask of one's own: that of transformers takes batch and length from the example.
        n = input_ids.size(1)
        mask = torch.full((n, n), float("-inf")).triu(1)[None, None]
        return self.model(input_ids=input_ids, attention_mask=mask, use_cache=False).logits


def sequences():
    for group in GROUPS:
        for response in group["responses"]:
            yield group["prompt"], response


def log_prob(model, prompt, response):
    logits = model(torch.tensor([prompt + response]))[0, len(prompt) - 1 : -1]
    return torch.log_softmax(logits, -1)[range(len(response)), response].sum()


def greedy(model, prompt, count):
    ids = list(prompt)
    for _ in range(count):
        ids.append(int(model(torch.tensor([ids]))[0, -1].argmax()))
    return ids[len(prompt) :]


def gradients(model):
    return {name.removeprefix("model."): p.grad for name, p in model.named_parameters()}


class Bigram(torch.nn.Module):
    """Logits of the next token by the last one alone; and what is no causal model of any length."""

    def __init__(self, kind):
        super().__init__()
        self.kind = kind
        self.table = torch.nn.Parameter(torch.randn(7, 7))
        self.fixed = torch.nn.Parameter(torch.randn(5, 7), requires_grad=False)
        # The same memory, but another tensor.
        self.twin = torch.nn.Parameter(self.table.detach())

    def forward(self, input_ids):
        logits = self.table[input_ids]
        if self.kind == "length":
            return logits + self.fixed
        if self.kind == "random":
            return torch.dropout(logits, 0.1, True)
        if self.kind == "ahead":
            return logits + logits.mean(1, keepdim=True)
        if self.kind == "twins":
            return logits + self.twin[input_ids]
        return {"hidden": self.twin, "logits": logits}


class MaskedBigram(torch.nn.Module):
    """A bigram that asks for an attention mask and returns a tuple."""

    def __init__(self):
        super().__init__()
        self.table = torch.nn.Parameter(torch.randn(7, 7))

    def forward(self, input_ids, attention_mask):
        return self.table[input_ids] * attention_mask.unsqueeze(-1), input_ids


def save(module, folder, name):
    """Saves a module without what names this machine's files, which only error messages read."""
    path = os.path.join(folder, name)
    module.save(path)
    with zipfile.ZipFile(path) as archive:
        records = {one.filename: archive.read(one) for one in archive.infolist()}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as archive:
        for name, data in records.items():
            if not name.endswith(".debug_pkl"):
                archive.writestr(zipfile.ZipInfo(name), data)
    torch.jit.load(path)


def main(target):
    torch.manual_seed(0)
    config = GPT2Config(
        vocab_size=77, n_positions=64, n_embd=32, n_layer=2, n_head=4, attn_implementation="eager"
    )
    # Larger than GPT-2's own start, so that logits are not all but flat.
    config.initializer_range = 0.3
    model = Logits(GPT2LMHeadModel(config).eval())
    folder = os.path.join(target, "gpt2")
    os.makedirs(folder, exist_ok=True)
    traced = torch.jit.trace(model, torch.tensor([[1, 2, 3, 4, 5]]), check_trace=False)
    other = torch.randint(0, 77, (2, 40))
    assert torch.allclose(traced(other), model(other), atol=1e-5), "the trace depends on its example"
    save(traced, folder, "model.pt")
    with open(os.path.join(folder, "config.json"), "w") as file:
        json.dump({"model_type": "gpt2", "vocab_size": 77, "n_positions": 64}, file, indent=1)

    ids = torch.tensor([[1, 2, 3, 4, 5]])
    for kind in ("length", "random", "ahead", "dict", "twins"):
        save(torch.jit.trace(Bigram(kind), ids, check_trace=False, strict=False), target, kind + ".pt")
    save(torch.jit.script(MaskedBigram()), target, "mask.pt")

    out = {
        "versions": {"torch": torch.__version__, "transformers": transformers.__version__},
        "groups": GROUPS,
        "weights": WEIGHTS,
        "adamw": ADAMW,
        "logp": [float(log_prob(model, *one)) for one in sequences()],
        "greedy": [greedy(model, group["prompt"], 12) for group in GROUPS],
    }
    twin = GPT2LMHeadModel(config).eval()
    twin.load_state_dict(model.model.state_dict())
    double = Logits(twin.double())
    total = sum(w * log_prob(double, *one) for w, one in zip(WEIGHTS, sequences()))
    total.backward()
    out["gradients"] = {
        name: {"norm": float(g.norm()), "elements": g.flatten()[:: max(1, g.numel() // 40)].tolist()}
        for name, g in gradients(double).items()
    }

    # One step of SFT on the first response of every group: the mean over examples of the mean over tokens.
    optimizer = torch.optim.AdamW(
        model.parameters(),
        lr=ADAMW["lr"],
        betas=(ADAMW["beta1"], ADAMW["beta2"]),
        eps=ADAMW["eps"],
        weight_decay=ADAMW["weight_decay"],
    )
    losses = [
        -log_prob(model, g["prompt"], g["responses"][0]) / len(g["responses"][0]) for g in GROUPS
    ]
    loss = sum(losses) / len(losses)
    loss.backward()
    norm = torch.nn.utils.clip_grad_norm_(model.parameters(), ADAMW["max_grad_norm"])
    optimizer.step()
    out["step"] = {
        "loss": float(loss),
        "grad_norm": float(norm),
        "logp": [float(log_prob(model, *one)) for one in sequences()],
    }
    with open(os.path.join(target, "reference.json"), "w") as file:
        json.dump(out, file, indent=1)


if __name__ == "__main__":
    main(sys.argv[1])

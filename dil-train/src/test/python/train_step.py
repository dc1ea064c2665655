"""Takes three AdamW steps with torch and transformers and records what they did to every parameter.

    python train_step.py --assets ../shared/assets --out dil-train/src/test/resources/parity

writes ``train-step-stories260K-hf.json.gz``: the batch as token ids (four HH pairs, tokenised by the
rule of ``dil-core/src/test/python/hf_reference.py``), and for each loss its three losses and gradient
norms, the gradient of step 1 before clipping and the weights after steps 1 and 3. Each run is done in
float32 and again in float64; ``float32_error`` of a parameter is the largest distance between the two
relative to the largest entry and ``float32_error_norm`` the same for the norms, which says how closely
anything in float32 can be held to it: AdamW's first step is about ``lr * sign(gradient)``, so an entry
whose gradient is smaller than its own rounding may go either way.
"""

import argparse
import importlib.metadata
import sys
import types
from pathlib import Path

import torch
import torch.nn.functional as F

sys.path.insert(0, str(Path(__file__).resolve().parents[4] / "dil-core/src/test/python"))
sys.path.insert(0, str(Path(__file__).resolve().parents[4] / "dil-losses/src/test/python"))
import hf_reference as hf  # noqa: E402
import trl_losses  # noqa: E402

MODEL = "stories260K-hf"
PAIRS = 4
STEPS = 3
MAX_LENGTH, MAX_PROMPT_LENGTH = 192, 96
ADAMW = {"lr": 1e-3, "betas": (0.9, 0.999), "eps": 1e-8, "weight_decay": 0.01}
SAMPLES = 8


def logps(model, batch, side):
    """Returns the log-probabilities of each row's response tokens, as a list of vectors."""
    return [hf.response_logps(model, row["prompt"], row[side]) for row in batch]


def totals(rows):
    return torch.stack([row.sum() for row in rows])


def means(rows):
    return torch.stack([row.mean() for row in rows])


def dil_lsif(model, reference, batch):
    """Length-normalised log-ratios: mean over pairs of exp(2 r_l) / 2 - exp(r_w)."""
    chosen = means(logps(model, batch, "chosen")) - reference["chosen_mean"]
    rejected = means(logps(model, batch, "rejected")) - reference["rejected_mean"]
    return (0.5 * torch.exp(2 * rejected) - torch.exp(chosen)).mean()


def dpo(model, reference, batch):
    """Summed log-ratios, beta = 0.1: mean over pairs of -log sigmoid(beta (r_w - r_l))."""
    chosen = totals(logps(model, batch, "chosen")) - reference["chosen_sum"]
    rejected = totals(logps(model, batch, "rejected")) - reference["rejected_sum"]
    return -F.logsigmoid(0.1 * (chosen - rejected)).mean()


def sft_token_mean(model, reference, batch):
    """Mean of -log p over all chosen tokens of the batch, as transformers and TRL take it."""
    return -torch.cat(logps(model, batch, "chosen")).mean()


def sft_row_mean(model, reference, batch):
    """Mean over rows of the mean of -log p over the row's chosen tokens."""
    return -means(logps(model, batch, "chosen")).mean()


def padded(rows):
    return torch.nn.utils.rnn.pad_sequence(rows, batch_first=True)


def square_sums(model, prompt, response):
    """log of the sum of squared probabilities over the vocabulary, at each token of a response."""
    ids = torch.tensor([prompt + response])
    with torch.no_grad():
        p = torch.log_softmax(model(ids).logits[0, len(prompt) - 1 : -1], -1)
    return torch.logsumexp(2 * p, -1)


def trl_dpo(model, reference, batch, **settings):
    """DPOTrainer._compute_loss of TRL, called on the batch's log-probabilities of each token."""
    from trl.trainer.dpo_trainer import DPOTrainer

    sides = [(row["prompt"], row[side]) for side in ("chosen", "rejected") for row in batch]
    own = [hf.response_logps(model, *one) for one in sides]
    frozen = [one.to(own[0].dtype) for one in reference["chosen_tokens"] + reference["rejected_tokens"]]
    lengths = torch.tensor([len(one) for one in own])
    # A prompt of one token; the likelihood of a token stands where the token is predicted.
    mask = torch.cat(
        [torch.zeros(len(own), 1), torch.arange(int(lengths.max()))[None, :] < lengths[:, None]], 1
    ).long()
    squares = padded([square_sums(model, *one) for one in sides])

    def given(per_token):
        zeros = torch.zeros_like(per_token)
        outputs = types.SimpleNamespace(
            log_probs=per_token, log_sum_sq_probs=squares, entropy=zeros, mean_logits=zeros, is_top1=zeros.bool()
        )
        return lambda **_: outputs

    # In training mode, and without checkpointing or an adapter to switch off.
    whole = torch.nn.Module()
    whole.is_gradient_checkpointing = False
    stand_in = trl_losses.trainer(
        **{
            "beta": 0.1,
            "loss_types": ["sigmoid"],
            "loss_weights": [1.0] * len(settings.get("loss_types", [""])),
            "precompute_ref_logps": False,
            "args": types.SimpleNamespace(gradient_checkpointing_kwargs=None),
            "model": whole,
            "ref_model": given(padded(frozen)),
            **settings,
        }
    )
    inputs = {"input_ids": torch.zeros_like(mask), "attention_mask": torch.ones_like(mask), "completion_mask": mask}
    torch.set_default_dtype(own[0].dtype)
    try:
        return DPOTrainer._compute_loss(stand_in, given(padded(own)), inputs, False)
    finally:
        torch.set_default_dtype(torch.float32)


def through_trl(**settings):
    def loss(model, reference, batch):
        return trl_dpo(model, reference, batch, **settings)

    loss.__doc__ = f"{trl_dpo.__doc__} Settings: {settings}"
    return loss


# name: (loss, max_grad_norm); the two tight ones are there so that clipping is seen at work.
RUNS = {
    "dil-lsif": (dil_lsif, 1.0),
    "dil-lsif-clipped": (dil_lsif, 0.1),
    "dpo": (dpo, 1.0),
    "sft-token-mean": (sft_token_mean, 1.0),
    "sft-row-mean": (sft_row_mean, 1.0),
    "sft-row-mean-clipped": (sft_row_mean, 0.1),
    "trl-ld-alpha": (through_trl(ld_alpha=0.3), 1.0),
    "trl-ld-alpha-ipo": (through_trl(ld_alpha=0.5, loss_types=["ipo"]), 1.0),
    "trl-weighting": (through_trl(use_weighting=True), 1.0),
    "trl-mixture": (
        through_trl(loss_types=["sigmoid", "bco_pair", "sft"], loss_weights=[0.8, 0.2, 1.0]),
        1.0,
    ),
    "trl-mixture-weighted": (
        through_trl(loss_types=["sigmoid", "bco_pair"], loss_weights=[0.7, 0.3], use_weighting=True, ld_alpha=0.2),
        1.0,
    ),
}


def train(folder, batch, loss_of, max_grad_norm, dtype):
    model = hf.load(folder, dtype)
    with torch.no_grad():
        reference = {}
        for side in ("chosen", "rejected"):
            rows = logps(model, batch, side)
            reference[f"{side}_sum"] = totals(rows)
            reference[f"{side}_mean"] = means(rows)
            reference[f"{side}_tokens"] = rows
    # Decay acts on matrices alone, as in transformers' Trainer.
    matrices = [p for p in model.parameters() if p.dim() > 1]
    vectors = [p for p in model.parameters() if p.dim() <= 1]
    groups = [{"params": matrices}, {"params": vectors, "weight_decay": 0.0}]
    optimizer = torch.optim.AdamW(groups, **ADAMW)
    losses, norms, gradients, weights = [], [], {}, {}
    for step in range(1, STEPS + 1):
        optimizer.zero_grad()
        loss = loss_of(model, reference, batch)
        loss.backward()
        if step == 1:
            gradients = {n: p.grad.clone() for n, p in model.named_parameters()}
        norms.append(torch.nn.utils.clip_grad_norm_(model.parameters(), max_grad_norm).item())
        optimizer.step()
        losses.append(loss.item())
        if step in (1, STEPS):
            weights[step] = {n: p.detach().clone() for n, p in model.named_parameters()}
    return losses, norms, gradients, weights


def sampled(count):
    """Flat positions of the entries that are recorded, spread over the tensor, both ends included."""
    return [round(i * (count - 1) / (SAMPLES - 1)) for i in range(SAMPLES)]


def describe(single, double):
    flat = single.double().flatten()
    entries = sampled(flat.numel())
    error = flat - double.flatten()
    return {
        "norm": flat.norm().item(),
        "sum": flat.sum().item(),
        "entries": [flat[i].item() for i in entries],
        "entries_float64": [double.flatten()[i].item() for i in entries],
        "float32_error": (error.abs().max() / double.abs().max()).item(),
        "float32_error_norm": (error.norm() / double.norm()).item(),
    }


def run(folder, batch, name):
    loss_of, max_grad_norm = RUNS[name]
    losses, norms, gradients, weights = train(folder, batch, loss_of, max_grad_norm, torch.float32)
    exact = train(folder, batch, loss_of, max_grad_norm, torch.float64)
    parameters = [
        {
            "name": key,
            "shape": list(gradient.shape),
            "entries_at": sampled(gradient.numel()),
            "gradient": describe(gradient, exact[2][key]),
            "weight_after_1": describe(weights[1][key], exact[3][1][key]),
            "weight_after_3": describe(weights[STEPS][key], exact[3][STEPS][key]),
        }
        for key, gradient in gradients.items()
    ]
    return {
        "loss": " ".join(loss_of.__doc__.split()),
        "max_grad_norm": max_grad_norm,
        "losses": losses,
        "losses_float64": exact[0],
        "grad_norms": norms,
        "grad_norms_float64": exact[1],
        "parameters": parameters,
    }


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--assets", required=True)
    parser.add_argument("--out", required=True)
    args = parser.parse_args()
    folder = Path(args.assets) / "models" / MODEL
    batch = [
        {"row": row, "prompt": prompt, "chosen": chosen, "rejected": rejected}
        for row, prompt, chosen, rejected in hf.pairs(
            args.assets, folder, PAIRS, MAX_LENGTH, MAX_PROMPT_LENGTH
        )
    ]
    runs = {name: run(folder, batch, name) for name in RUNS}
    for name, value in runs.items():
        worst = max(value["parameters"], key=lambda p: p["weight_after_1"]["float32_error"])
        print(
            f"{name:22} losses {value['losses']} norms {value['grad_norms']}"
            f" worst weight error after 1: {worst['weight_after_1']['float32_error']:.1e} {worst['name']}"
            f" norm {max(p['weight_after_1']['float32_error_norm'] for p in value['parameters']):.1e}"
            f" worst gradient error {max(p['gradient']['float32_error'] for p in value['parameters']):.1e}"
        )
    value = {
        "model": MODEL,
        "data": "hh_harmless_sample.jsonl.gz",
        "versions": hf.versions(),
        "trl_versions": {**hf.versions(), "trl": importlib.metadata.version("trl")},
        "adamw": ADAMW,
        "max_length": MAX_LENGTH,
        "max_prompt_length": MAX_PROMPT_LENGTH,
        "batch": batch,
        "runs": runs,
    }
    hf.write(Path(args.out) / f"train-step-{MODEL}.json.gz", value)


if __name__ == "__main__":
    main()

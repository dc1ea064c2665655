"""Writes the numbers that GoldenTest holds the losses to: ../resources/golden/*.json.

    python golden.py

inputs.json holds the pairs; trl.json what TRL's own code says of them; closed-form.json what the
formulas of the papers say, at 60 digits. A value of null is one that is not a finite double.
"""

import json
import math
import platform
import random
from pathlib import Path
from types import SimpleNamespace

import closed_forms
import mpmath
import torch
import transformers
import trl
import trl_losses

OUT = Path(__file__).resolve().parent.parent / "resources" / "golden"
SIDES = ("policy_chosen", "policy_rejected", "reference_chosen", "reference_rejected", "tokens_chosen", "tokens_rejected")
RANDOM = 64
KL = 0.375

# (policy chosen, policy rejected, reference chosen, reference rejected, tokens chosen, tokens rejected)
CORNERS = [
    (-5.0, -5.0, -5.0, -5.0, 3, 3),  # everything equal
    (-40.0, -12.0, -40.0, -12.0, 20, 6),  # policy = reference
    (-0.5, -3.0, -0.75, -2.0, 1, 1),  # one token each
    (-0.0009765625, -2.0, -0.5, -1.0, 4, 1),  # a nearly certain response
    (-1.0, -10001.0, -10001.0, -1.0, 1, 1),  # log-ratios +1e4 and -1e4
    (-10001.0, -1.0, -1.0, -10001.0, 1, 1),  # -1e4 and +1e4
    (-1.0, -1.0, -10001.0, -10001.0, 1, 1),  # +1e4 twice
    (-10001.0, -10001.0, -1.0, -1.0, 1, 1),  # -1e4 twice
]


def rows():
    """Random pairs of different lengths. Multiples of 1/64, so that single precision holds them exactly."""
    rng = random.Random(20250101)

    def grid(x):
        return min(-1 / 64, round(x * 64) / 64)

    table = []
    for _ in range(RANDOM):
        counts = [rng.randint(1, 60), rng.randint(1, 60)]
        reference = [grid(-n * rng.uniform(0.4, 2.5)) for n in counts]
        policy = [grid(r + rng.gauss(0.2, 0.4) * math.sqrt(n)) for r, n in zip(reference, counts)]
        table.append((*policy, *reference, *counts))
    return SimpleNamespace(**dict(zip(SIDES, map(list, zip(*table + CORNERS)))))


def part(all_rows, where):
    return SimpleNamespace(**{side: getattr(all_rows, side)[where] for side in SIDES})


def double(value):
    try:
        number = float(value)
    except OverflowError:
        return None
    return number if math.isfinite(number) else None


def case(loss, parameters, source, losses, chosen, rejected, **more):
    return {
        "loss": loss,
        "parameters": {key: str(value) for key, value in parameters.items()},
        "source": source,
        **more,
        "losses": [double(value) for value in losses],
        "grad_chosen": [double(value) for value in chosen],
        "grad_rejected": [double(value) for value in rejected],
    }


def by_row(all_rows, evaluate):
    """Calls evaluate on every pair by itself."""
    results = [evaluate(part(all_rows, slice(i, i + 1))) for i in range(len(all_rows.policy_chosen))]
    flat = [[x[0] if isinstance(x, list) else x for x in result] for result in results]
    return list(zip(*flat))


def from_dpo_trainer(all_rows):
    source = "DPOTrainer._compute_loss"
    table = [
        ("dpo", {"beta": 0.1}, dict(loss_types=["sigmoid"], beta=0.1)),
        ("dpo", {"beta": 2.5, "reduction": "mean"}, dict(loss_types=["sigmoid_norm"], beta=2.5)),
        ("dpo", {"beta": 0.1, "rpo_alpha": 0.5}, dict(loss_types=["sigmoid", "sft"], loss_weights=[1.0, 0.5], beta=0.1)),
        ("f-dpo", {"beta": 0.1, "divergence": "forward-kl"}, dict(loss_types=["sigmoid"], beta=0.1, f_divergence_type="forward_kl")),
        ("f-dpo", {"beta": 0.1, "divergence": "js"}, dict(loss_types=["sigmoid"], beta=0.1, f_divergence_type="js_divergence")),
        ("hinge", {"beta": 0.1}, dict(loss_types=["hinge"], beta=0.1)),
        ("ipo", {"tau": 0.1}, dict(loss_types=["ipo"], beta=0.1)),
        ("exo-pair", {"beta": 0.1, "label_smoothing": 0.001}, dict(loss_types=["exo_pair"], beta=0.1, label_smoothing=0.001)),
        ("nca-pair", {"beta": 0.1}, dict(loss_types=["nca_pair"], beta=0.1)),
        ("robust-dpo", {"beta": 0.1, "label_smoothing": 0.2}, dict(loss_types=["robust"], beta=0.1, label_smoothing=0.2)),
        ("bco-pair", {"beta": 0.1}, dict(loss_types=["bco_pair"], beta=0.1)),
        ("sppo-hard", {"beta": 0.1}, dict(loss_types=["sppo_hard"], beta=0.1)),
        ("apo-zero", {"beta": 0.1}, dict(loss_types=["apo_zero"], beta=0.1)),
        ("apo-down", {"beta": 0.1}, dict(loss_types=["apo_down"], beta=0.1)),
        ("discopop", {"beta": 0.1, "tau": 0.05}, dict(loss_types=["discopop"], beta=0.1)),
    ]
    for loss, parameters, settings in table:
        yield case(loss, parameters, source, *by_row(all_rows, lambda row: trl_losses.dpo(row, torch.float64, **settings)))
    # TRL's coefficient is 1 - alpha, and this branch has no double precision.
    settings = dict(loss_types=["sigmoid"], beta=0.1, f_divergence_type="alpha_divergence", f_alpha_divergence_coef=0.7)
    random_rows = part(all_rows, slice(0, RANDOM))
    yield case(
        "f-dpo",
        {"beta": 0.1, "divergence": "alpha", "alpha": 0.3},
        source,
        *by_row(random_rows, lambda row: trl_losses.dpo(row, torch.float32, **settings)),
        precision="float32",
    )
    for loss in ("aot", "aot-unpaired"):
        settings = dict(loss_types=[loss.replace("-", "_")], beta=0.1, label_smoothing=0.1)
        total, chosen, rejected = trl_losses.dpo(random_rows, torch.float64, **settings)
        yield case(loss, {"beta": 0.1, "label_smoothing": 0.1}, source, [], chosen, rejected, total=total)
    # TRL averages the likelihood over the tokens of the batch, so the batch comes whole.
    for losses, weights in ((["sigmoid", "sft"], [1.0, 0.5]), (["sigmoid", "bco_pair", "sft"], [0.8, 0.2, 1.0]), (["aot", "sppo_hard", "hinge"], None)):
        settings = dict(loss_types=losses, beta=0.1, label_smoothing=0.1, **({"loss_weights": weights} if weights else {}))
        total, chosen, rejected = trl_losses.dpo(random_rows, torch.float64, **settings)
        parameters = {"beta": 0.1}
        if weights:
            parameters["loss_weights"] = weights
        if "sft" in losses:
            parameters["sft.average_over"] = "tokens"
        else:
            parameters["aot.label_smoothing"] = 0.1
        yield case("+".join(losses), parameters, source, [], chosen, rejected, total=total)


def from_other_trainers(all_rows):
    yield case(
        "simpo",
        {"beta": 2.0, "gamma": 0.5},
        "CPOTrainer.cpo_loss",
        *by_row(all_rows, lambda row: trl_losses.cpo(row, torch.float64, True, loss_type="simpo", beta=2.0, simpo_gamma=0.5)),
    )
    yield case(
        "cpo",
        {"beta": 0.1, "lambda": 0},
        "CPOTrainer.cpo_loss",
        *by_row(all_rows, lambda row: trl_losses.cpo(row, torch.float64, False, loss_type="sigmoid", beta=0.1)),
    )
    yield case(
        "orpo",
        {"beta": 0.1},
        "ORPOTrainer.odds_ratio_loss - average log-prob",
        *by_row(part(all_rows, slice(0, RANDOM)), lambda row: trl_losses.orpo(row, 0.1)),
        precision="float32",
    )
    for alpha in (0.25, -0.5):
        settings = dict(loss_type="simpo", beta=2.0, simpo_gamma=0.5, alpha=alpha)
        yield case(
            "alphapo",
            {"beta": 2.0, "gamma": 0.5, "alpha": alpha},
            "CPOTrainer.cpo_loss",
            *by_row(part(all_rows, slice(0, RANDOM)), lambda row: trl_losses.cpo(row, torch.float64, True, **settings)),
        )
    for loss in ("kto", "apo-zero-unpaired"):
        losses, gradients = [], []
        for side, desirable in (("chosen", True), ("rejected", False)):
            columns = [getattr(all_rows, f"{name}_{side}") for name in ("policy", "reference", "tokens")]
            kind = loss.replace("-", "_")
            results = [trl_losses.kto(*column, desirable, KL, 0.1, 1.5, 0.75, kind) for column in zip(*columns)]
            losses += [result[0] for result in results]
            gradients.append([result[1] for result in results])
        parameters = {"beta": 0.1, "desirable_weight": 1.5, "undesirable_weight": 0.75}
        yield case(loss, parameters, "KTOTrainer._compute_loss", losses, *gradients)


def from_formulas(all_rows):
    both = {"reference_samples": "both"}
    smooth = {"beta": 0.1, "label_smoothing": 0.2}
    table = [
        ("dil-lsif", "mean", {}), ("dil-lsif", "sum", {}), ("dil-lsif", "mean", both),
        ("dil-ukl", "mean", {}), ("dil-ukl", "sum", {}), ("dil-ukl", "mean", both),
        ("dil-bce", "mean", {}), ("dil-bce", "sum", {}), ("dil-bce", "mean", both),
        ("dil-kliep", "mean", {"lagrange": 0.5}),
        ("dil-power", "mean", {"power": 0.5}), ("dil-power", "sum", {"power": 0.02}),
        ("dil-power", "mean", {"power": 0.5, **both}),
        ("dil-rulsif", "mean", {"alpha": 0.1}), ("dil-rulsif", "mean", {"alpha": 0.5}),
        ("dil-rulsif", "sum", {"alpha": 0.1, **both}),
        ("dpo", "sum", smooth),
        ("f-dpo", "sum", {"beta": 0.1, "divergence": "reverse-kl"}),
        ("f-dpo", "sum", {"beta": 0.1, "divergence": "forward-kl"}),
        ("f-dpo", "sum", {"beta": 0.1, "divergence": "js"}),
        ("f-dpo", "sum", {"beta": 0.1, "divergence": "alpha", "alpha": 0.3}),
        ("ipo", "sum", {"tau": 0.5}),
        ("slic", "sum", {"delta": 1.0, "lambda": 0.1}),
        ("cpo", "sum", {"beta": 0.1, "lambda": 1.0}),
        ("simpo", "mean", {"beta": 2.5, "gamma": 1.4}),
        ("hinge", "mean", {"beta": 0.5}),
        ("robust-dpo", "sum", smooth),
        ("orpo", "mean", {"beta": 0.1}),
        ("bco-pair", "mean", {"beta": 1.0}),
        ("nca-pair", "mean", {"beta": 0.5}),
        ("exo-pair", "sum", {"beta": 0.1, "label_smoothing": 0.001}),
        ("apo-zero", "mean", {"beta": 0.5}),
        ("apo-down", "mean", {"beta": 0.5}),
        ("sppo-hard", "sum", {"beta": 0.001}),
        ("discopop", "sum", {"beta": 0.05, "tau": 0.05}),
        ("simper", "mean", {}),
        ("alphapo", "mean", {"beta": 2.5, "gamma": 0.3, "alpha": 0.1}),
        ("reward-bt", "sum", {}),
        ("reward-bt", "sum", {"center_rewards_coefficient": 0.01}),
    ]
    for loss, reduction, parameters in table:
        results = by_row(all_rows, lambda row: closed_forms.pair(loss, reduction == "mean", row, parameters))
        yield case(loss, {**parameters, "reduction": reduction}, "formula", *results)
    random_rows = part(all_rows, slice(0, RANDOM))
    yield case("kto-pair", {"beta": 0.1}, "formula", *closed_forms.kto_pair(random_rows, 0.1))


def write(name, content):
    OUT.mkdir(parents=True, exist_ok=True)
    (OUT / name).write_text(json.dumps(content, separators=(",", ":")) + "\n")


def main():
    all_rows = rows()
    versions = {
        "python": platform.python_version(),
        "torch": torch.__version__,
        "transformers": transformers.__version__,
        "trl": trl.__version__,
        "mpmath": mpmath.__version__,
    }
    write("inputs.json", {**vars(all_rows), "random": RANDOM, "kl": KL})
    cases = [*from_dpo_trainer(all_rows), *from_other_trainers(all_rows)]
    write("trl.json", {"versions": versions, "cases": cases})
    write("closed-form.json", {"versions": versions, "cases": list(from_formulas(all_rows))})


if __name__ == "__main__":
    main()

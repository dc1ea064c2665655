"""Trains with TRL's own trainers on the quickstart's model and records every step, for runs of ours to be held to.

    python trl_runs.py

writes ``src/test/resources/parity/trl-runs.json``: for each run its rows, its settings under the names that TRL and dil
share, and of every step the loss, the gradient norm, the learning rate and the epoch; at the end the norm and some entries
of every weight. Each run is done in float32 and again in float64; ``float32_error`` is the distance between the two, which
says how closely anything in float32 can be held to it.

The runs keep to what both define alike:

- Rows come in their order, and micro-batches of a step are equally large: transformers weighs micro-batches alike, dil
  weighs examples alike.
- transformers counts epochs in micro-batches, dil in examples, so the epochs of KTO's run, whose last batch is short, are
  left out. (IPO has no run: dil's rewards are per token where its loss is, TRL's are not.)
- KTO's steps have one micro-batch each. TRL estimates the divergence within a micro-batch, dil within the step. TRL puts
  the completion of the row before after each prompt, dil that of the row after it, so TRL gets the rows of each batch in
  reverse order, which makes the mismatched pairs the same ones.
"""

import argparse
import json
import pathlib
import tempfile

import datasets
import torch
import transformers
import trl
from transformers import AutoModelForCausalLM, AutoTokenizer

MODULE = pathlib.Path(__file__).resolve().parents[3]
QUICKSTART = MODULE / "src/main/resources/io/dil/train/quickstart"
OUT = MODULE / "src/test/resources/parity/trl-runs.json"
ENTRIES = 4
ADAMW = {
    "learning_rate": 1e-3,
    "adam_beta1": 0.9,
    "adam_beta2": 0.99,
    "adam_epsilon": 1e-8,
    "weight_decay": 0.05,
    "max_grad_norm": 1.0,
}


def pairs(count):
    lines = (QUICKSTART / "pairs.jsonl").read_text().splitlines()[:count]
    return [json.loads(line) for line in lines]


def labelled(count):
    """Single responses, two good ones for each bad one: the two kinds are never equally many."""
    return [
        {"prompt": pair["prompt"], "completion": pair["rejected" if i % 3 == 1 else "chosen"], "label": i % 3 != 1}
        for i, pair in enumerate(pairs(count))
    ]


# 22 rows in micro-batches of 2: 11 of them, so that the last step of an epoch has fewer where 3 make a step.
RUNS = {
    "accumulation": {
        "loss_type": "dpo",
        "beta": 0.3,
        "per_device_train_batch_size": 2,
        "gradient_accumulation_steps": 3,
        "num_train_epochs": 1.0,
        "lr_scheduler_type": "constant",
        "warmup_ratio": 0.0,
        "rows": pairs(22),
    },
    "warm-up": {
        "loss_type": "dpo",
        "beta": 0.3,
        "per_device_train_batch_size": 4,
        "gradient_accumulation_steps": 1,
        "max_steps": 6,
        "lr_scheduler_type": "linear",
        "warmup_steps": 3,
        "rows": pairs(12),
    },
    "epochs": {
        "loss_type": "hinge",
        "beta": 0.5,
        "per_device_train_batch_size": 4,
        "gradient_accumulation_steps": 1,
        "num_train_epochs": 1.6,
        "lr_scheduler_type": "cosine",
        "warmup_ratio": 0.0,
        "rows": pairs(16),
    },
    "all": {
        "loss_type": "dpo",
        "beta": 0.3,
        "per_device_train_batch_size": 2,
        "gradient_accumulation_steps": 3,
        "num_train_epochs": 1.4,
        "lr_scheduler_type": "cosine",
        "warmup_ratio": 0.3,
        "rows": pairs(22),
    },
    "kto": {
        "loss_type": "kto",
        "beta": 0.4,
        "desirable_weight": 1.5,
        "undesirable_weight": 0.75,
        "per_device_train_batch_size": 4,
        "gradient_accumulation_steps": 1,
        "num_train_epochs": 2.5,
        "lr_scheduler_type": "linear",
        "warmup_steps": 2,
        "rows": labelled(10),
    },
}
TRL_NAMES = {"dpo": "sigmoid"}


def trainer_of(run, model, folder):
    kto = run["loss_type"] == "kto"
    settings = {key: value for key, value in run.items() if key not in ("rows", "loss_type", "warmup_ratio")}
    if "warmup_ratio" in run:
        # transformers takes a share of the steps under this name too.
        settings["warmup_steps"] = run["warmup_ratio"]
    rows = run["rows"]
    if kto:
        size = run["per_device_train_batch_size"]
        rows = [row for start in range(0, len(rows), size) for row in reversed(rows[start : start + size])]
    name = TRL_NAMES.get(run["loss_type"], run["loss_type"])
    config = (trl.KTOConfig if kto else trl.DPOConfig)(
        output_dir=folder,
        loss_type=name if kto else [name],
        max_length=64,
        train_sampling_strategy="sequential",
        optim="adamw_torch",
        bf16=False,
        gradient_checkpointing=False,
        use_cpu=True,
        report_to="none",
        save_strategy="no",
        logging_steps=1,
        disable_tqdm=True,
        **ADAMW,
        **settings,
    )
    return (trl.KTOTrainer if kto else trl.DPOTrainer)(
        model=model,
        ref_model=load(model.dtype),
        args=config,
        train_dataset=datasets.Dataset.from_list(rows),
        processing_class=AutoTokenizer.from_pretrained(QUICKSTART / "model"),
    )


def load(dtype):
    # Through float32, which is what the file holds, so that both types begin with the same weights.
    return AutoModelForCausalLM.from_pretrained(QUICKSTART / "model", dtype=torch.float32).to(dtype)


def train(run, dtype):
    model = load(dtype)
    with tempfile.TemporaryDirectory() as folder:
        trainer = trainer_of(run, model, folder)
        losses, kls = {}, []
        own = trainer.compute_loss

        # The log rounds what it says, so the losses of micro-batches are taken where they arise.
        def recorded(*args, **kwargs):
            value = own(*args, **kwargs)
            losses.setdefault(trainer.state.global_step, []).append(value.item())
            return value

        trainer.compute_loss = recorded
        trainer.train()
        kls = [row["kl"] for row in trainer.state.log_history if "kl" in row]
        steps = [
            {
                "loss": sum(losses[i]) / len(losses[i]),
                "micro_batches": len(losses[i]),
                **{key: row[key] for key in ("grad_norm", "learning_rate")},
                **({} if len(run["rows"]) % run["per_device_train_batch_size"] else {"epoch": row["epoch"]}),
                **{key: row[key] for key in row if key.startswith(("rewards/", "logps/")) and key != "rewards/accuracies"},
            }
            for i, row in enumerate(row for row in trainer.state.log_history if "grad_norm" in row)
        ]
    for step, kl in zip(steps, kls):
        step["kl"] = kl
    return steps, {name: weight.detach().clone() for name, weight in model.named_parameters()}


def sampled(count):
    """Flat positions of the entries that are recorded, spread over the tensor, both ends included."""
    return sorted({round(i * (count - 1) / (ENTRIES - 1)) for i in range(ENTRIES)})


def describe(single, double):
    flat, exact = single.double().flatten(), double.flatten()
    at = sampled(flat.numel())
    return {
        "norm": flat.norm().item(),
        "entries_at": at,
        "entries": [flat[i].item() for i in at],
        "float32_error": (flat - exact).abs().max().item(),
    }


def record(run):
    steps, weights = train(run, torch.float32)
    exact, exact_weights = train(run, torch.float64)
    # A batch of KTO without bad responses has no rewards of them.
    keys = {key for step in steps for key in step}
    error = {
        key: max(abs(one[key] - two[key]) for one, two in zip(steps, exact, strict=True) if key in one)
        for key in sorted(keys)
    }
    return {
        "settings": {key: value for key, value in run.items() if key != "rows"} | ADAMW,
        "rows": run["rows"],
        "steps": steps,
        "float32_error": error,
        "weights": {name: describe(weight, exact_weights[name]) for name, weight in weights.items()},
    }


def main():
    argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter).parse_args()
    runs = {name: record(run) for name, run in RUNS.items()}
    versions = {module.__name__: module.__version__ for module in (trl, transformers, torch, datasets)}
    OUT.write_text(json.dumps({"versions": versions, "runs": runs}, indent=1) + "\n")
    for name, run in runs.items():
        print(name, json.dumps(run["float32_error"]))
        for step in run["steps"]:
            print("  ", {key: round(value, 7) for key, value in step.items()})
        print("   weights", max(weight["float32_error"] for weight in run["weights"].values()))


main()

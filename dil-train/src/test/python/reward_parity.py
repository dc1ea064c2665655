"""Holds reward models to TRL, transformers and PEFT, both ways.

    reward_parity.py write
        on the quickstart's model under a drawn head: three steps of TRL's RewardTrainer (AdamW without decay, gradients
        clipped to 1, margins, centring), in float32 and again in float64, and an adapter that PEFT wrote, with the rewards
        that PEFT gives; to src/test/resources/reward, where RewardTrainingTest reads them. `float32_error` is the largest
        distance between the two: what anything in float32 can be held to.

    reward_parity.py check --model DIR [--adapter DIR --merged DIR] --data FORMAT:FILE [--limit N]
        opens a reward model that dil wrote with transformers, or an adapter with PEFT and the model that dil merged it
        into with transformers; compares their rewards with those of `./dil score --rewards`.
"""

import argparse
import json
import pathlib
import shutil
import subprocess
import sys
import tempfile

import datasets
import peft
import torch
import transformers
import trl
from peft import LoraConfig, PeftModel, get_peft_model
from transformers import AutoModelForSequenceClassification, AutoTokenizer

MODULE = pathlib.Path(__file__).resolve().parents[3]
MODEL = MODULE / "src/main/resources/io/dil/train/quickstart/model"
OUT = MODULE / "src/test/resources/reward"
VERSIONS = {
    "trl": trl.__version__,
    "transformers": transformers.__version__,
    "peft": peft.__version__,
    "torch": torch.__version__,
}
EOS = 2
STEPS = 3
LEARNING_RATE = 1e-3
COEFFICIENT = 0.01
# The second pair has responses that end alike; the third a response that is nothing but the end; the last was cut.
PAIRS = [
    {"prompt": [1, 3, 17, 21], "chosen": [9, 12, 5, EOS], "rejected": [40, 8, EOS], "margin": 0.0},
    {"prompt": [1, 30, 11], "chosen": [33, 6, EOS], "rejected": [7, 7, 50, 60, 6, EOS], "margin": 0.5},
    {"prompt": [1, 8, 25, 44, 13], "chosen": [52, 4, EOS], "rejected": [EOS], "margin": 1.25},
    {"prompt": [1, 61, 19], "chosen": [22, 23, 24, 25, 26], "rejected": [14, 3, EOS], "margin": -0.25},
]


def load(head=None, dtype=torch.float32):
    model = AutoModelForSequenceClassification.from_pretrained(MODEL, num_labels=1, dtype=torch.float32)
    model.config.pad_token_id = EOS
    if head is not None:
        model.score.weight.data.copy_(torch.tensor([head]))
    return model.to(dtype).eval()


def reward(model, ids):
    with torch.no_grad():
        return model(torch.tensor([ids])).logits[0, 0].item()


def rewards(model):
    return [[reward(model, pair["prompt"] + pair[side]) for side in ("chosen", "rejected")] for pair in PAIRS]


def train(head, dtype):
    model = load(head, dtype)
    rows = [
        {
            "chosen_ids": pair["prompt"] + pair["chosen"],
            "rejected_ids": pair["prompt"] + pair["rejected"],
            "margin": pair["margin"],
        }
        for pair in PAIRS
    ]
    with tempfile.TemporaryDirectory() as folder:
        settings = trl.RewardConfig(
            output_dir=folder,
            per_device_train_batch_size=len(rows),
            max_steps=STEPS,
            learning_rate=LEARNING_RATE,
            lr_scheduler_type="constant",
            weight_decay=0,
            max_grad_norm=1,
            center_rewards_coefficient=COEFFICIENT,
            bf16=False,
            gradient_checkpointing=False,
            use_cpu=True,
            report_to="none",
            save_strategy="no",
            logging_steps=1,
            disable_tqdm=True,
            optim="adamw_torch",
            remove_unused_columns=False,
        )
        trainer = trl.RewardTrainer(
            model=model,
            args=settings,
            train_dataset=datasets.Dataset.from_list(rows),
            processing_class=AutoTokenizer.from_pretrained(MODEL),
        )
        losses = []
        own = trainer.compute_loss

        def recorded(*args, **kwargs):
            value = own(*args, **kwargs)
            losses.append(value.item())
            return value

        trainer.compute_loss = recorded
        before = rewards(model)
        trainer.train()
        model.eval()
        norms = [row["grad_norm"] for row in trainer.state.log_history if "grad_norm" in row]
    return {
        "losses": losses,
        "grad_norms": norms,
        "rewards_before": before,
        "rewards_after": rewards(model),
        "head": model.score.weight[0].tolist(),
        "weights": {name: weight.detach().clone() for name, weight in model.named_parameters()},
    }


def furthest(one, other):
    return max(abs(a - b) for a, b in zip(torch.tensor(one).flatten().tolist(), torch.tensor(other).flatten().tolist()))


def steps(head):
    single, double = train(head, torch.float32), train(head, torch.float64)
    weights = single.pop("weights")
    exact = double.pop("weights")
    return {
        "learning_rate": LEARNING_RATE,
        "center_rewards_coefficient": COEFFICIENT,
        **single,
        "float64": double,
        "float32_error": {name: furthest(single[name], double[name]) for name in ("rewards_after", "head")},
        "weights": {
            name: {
                "norm": weight.norm().item(),
                "float32_error": (weight.double() - exact[name]).norm().item() / exact[name].norm().item(),
            }
            for name, weight in weights.items()
        },
    }


def adapter():
    torch.manual_seed(2)
    config = LoraConfig(r=4, lora_alpha=8, target_modules=["q_proj", "down_proj"], task_type="SEQ_CLS")
    model = get_peft_model(load(), config)
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            if "lora_B" in name or "modules_to_save" in name:
                parameter.normal_(std=0.1)
    model.eval()
    with tempfile.TemporaryDirectory() as saved:
        model.save_pretrained(saved)
        shutil.copy(pathlib.Path(saved) / "adapter_model.safetensors", OUT)
        settings = json.loads((pathlib.Path(saved) / "adapter_config.json").read_text())
        settings["base_model_name_or_path"] = "quickstart/model"
        (OUT / "adapter_config.json").write_text(json.dumps(settings, indent=1) + "\n")
    return rewards(model)


def write():
    shutil.rmtree(OUT, ignore_errors=True)
    OUT.mkdir(parents=True)
    generator = torch.Generator().manual_seed(5)
    head = (0.2 * torch.randn(64, generator=generator)).tolist()
    reference = {"versions": VERSIONS, "pairs": PAIRS, "head": head, "adapter_rewards": adapter(), "trl": steps(head)}
    (OUT / "reference.json").write_text(json.dumps(reference, indent=1) + "\n")
    print(json.dumps({name: reference["trl"][name] for name in ("losses", "grad_norms", "float32_error")}, indent=1))


def dil(*words):
    launcher = MODULE.parent / "dil"
    return subprocess.run([launcher, *map(str, words)], check=True, capture_output=True, text=True).stdout


def check(args):
    tokenizer = AutoTokenizer.from_pretrained(args.adapter or args.model)
    options = {"dtype": torch.float32}
    if args.adapter:
        # A language model names no padding that a classifier could look for; TRL sets the tokenizer's.
        options |= {"num_labels": 1, "pad_token_id": tokenizer.pad_token_id or tokenizer.eos_token_id}
    model, info = AutoModelForSequenceClassification.from_pretrained(args.model, output_loading_info=True, **options)
    models = {args.model: (model.eval(), ["--model", args.model])}
    if args.adapter:
        # The base must not get the adapter's head before PEFT has put it there.
        models = {args.adapter: (PeftModel.from_pretrained(model, args.adapter).eval(), ["--model", args.model, "--adapter", args.adapter])}
        merged, info = AutoModelForSequenceClassification.from_pretrained(
            args.merged, dtype=torch.float32, output_loading_info=True
        )
        models[args.merged] = (merged.eval(), ["--model", args.merged])
    left = {key: sorted(info[key]) for key in ("missing_keys", "unexpected_keys", "mismatched_keys")}
    if any(left.values()):
        sys.exit(f"transformers does not take the folder as it is: {left}")
    where = ["--limit", args.limit, "--max-length", args.max_length, "--max-prompt-length", args.max_length // 2]
    tokens = [json.loads(line) for line in dil("data", "inspect", args.data, "--tokenizer", args.model, "--json", *where).splitlines()]
    report = {"versions": VERSIONS}
    for place, (theirs, words) in models.items():
        mine = [json.loads(line) for line in dil("score", "--rewards", "--data", args.data, *words, *where).splitlines()]
        worst = largest = 0
        for row, scored in zip(tokens, mine, strict=True):
            for side in ("chosen", "rejected"):
                value = reward(theirs, row["tokens"]["prompt"] + row["tokens"][side])
                worst = max(worst, abs(value - scored[side]["reward"]))
                largest = max(largest, abs(value))
        report[place] = {"responses": 2 * len(mine), "largest_reward": largest, "theirs_minus_dil": worst}
        # Padded on the right, as a batch.
        rows = [row["tokens"]["prompt"] + row["tokens"][side] for row in tokens[:4] for side in ("chosen", "rejected")]
        longest = max(map(len, rows))
        pad = theirs.config.pad_token_id
        batch = torch.tensor([ids + [pad] * (longest - len(ids)) for ids in rows])
        mask = torch.tensor([[1] * len(ids) + [0] * (longest - len(ids)) for ids in rows])
        with torch.no_grad():
            padded = theirs(batch, attention_mask=mask).logits[:, 0].tolist()
        flat = [scored[side]["reward"] for scored in mine[:4] for side in ("chosen", "rejected")]
        report[place]["padded_minus_dil"] = furthest(padded, flat)
    print(json.dumps(report, indent=1))
    if any(max(one["theirs_minus_dil"], one["padded_minus_dil"]) > 1e-4 for name, one in report.items() if name != "versions"):
        sys.exit("rewards must agree within 1e-4")


parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
commands = parser.add_subparsers(dest="command", required=True)
commands.add_parser("write")
check_parser = commands.add_parser("check")
check_parser.add_argument("--model", required=True)
check_parser.add_argument("--adapter")
check_parser.add_argument("--merged")
check_parser.add_argument("--data", required=True)
check_parser.add_argument("--max-length", type=int, default=256)
check_parser.add_argument("--limit", type=int, default=16)
arguments = parser.parse_args()
write() if arguments.command == "write" else check(arguments)

"""Holds adapters to PEFT and transformers, both ways.

    peft_parity.py write
        makes a small adapter on the quickstart's model with PEFT and writes it, with the scores that PEFT gives some
        responses, to src/test/resources/peft; PeftParityTest reads both.

    peft_parity.py check --model DIR [--adapter DIR --merged DIR] --prompt TEXT [--data FORMAT:FILE --limit N]
        opens a model that dil wrote with transformers, or an adapter with PEFT and the model that dil merged it into with
        transformers; compares their logits and greedy text, and both with what `./dil score` and `./dil generate` say.
"""

import argparse
import copy
import json
import pathlib
import shutil
import subprocess
import sys
import tempfile

import peft
import torch
import transformers
from peft import LoraConfig, PeftModel, get_peft_model
from transformers import AutoModelForCausalLM, AutoTokenizer

MODULE = pathlib.Path(__file__).resolve().parents[3]
MODEL = MODULE / "src/main/resources/io/dil/train/quickstart/model"
OUT = MODULE / "src/test/resources/peft"
GROUPS = [
    {"prompt": [1, 3, 17, 21], "responses": [[9, 12, 5, 2], [40, 8, 2]]},
    {"prompt": [1, 30, 11], "responses": [[33, 2], [7, 7, 50, 60, 2]]},
]
VERSIONS = {"peft": peft.__version__, "transformers": transformers.__version__, "torch": torch.__version__}


def terms(model, prompt, response):
    """The log-probability of every token of a response."""
    with torch.no_grad():
        logits = model(torch.tensor([prompt + response])).logits[0].log_softmax(-1)
    rows = logits[len(prompt) - 1 : -1]
    return rows.gather(1, torch.tensor(response)[:, None])[:, 0].double()


def score(model, prompt, response):
    return terms(model, prompt, response).sum().item()


def write():
    torch.manual_seed(1)
    base = AutoModelForCausalLM.from_pretrained(MODEL, dtype=torch.float32)
    config = LoraConfig(r=4, lora_alpha=6, use_rslora=True, target_modules=["q_proj", "down_proj"], task_type="CAUSAL_LM")
    model = get_peft_model(base, config)
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            if "lora_B" in name:
                parameter.normal_(std=0.1)
    model.eval()
    shutil.rmtree(OUT, ignore_errors=True)
    with tempfile.TemporaryDirectory() as saved:
        model.save_pretrained(saved)
        OUT.mkdir(parents=True)
        shutil.copy(pathlib.Path(saved) / "adapter_model.safetensors", OUT)
        settings = json.loads((pathlib.Path(saved) / "adapter_config.json").read_text())
        settings["base_model_name_or_path"] = "quickstart/model"
        (OUT / "adapter_config.json").write_text(json.dumps(settings, indent=1) + "\n")
    for group in GROUPS:
        group["logp"] = [score(model, group["prompt"], response) for response in group["responses"]]
        with model.disable_adapter():
            group["logp_base"] = [score(model, group["prompt"], response) for response in group["responses"]]
    (OUT / "reference.json").write_text(json.dumps({"versions": VERSIONS, "groups": GROUPS}, indent=1) + "\n")


def dil(*words):
    launcher = MODULE.parent / "dil"
    return subprocess.run([launcher, *map(str, words)], check=True, capture_output=True, text=True).stdout


def check(args):
    tokenizer = AutoTokenizer.from_pretrained(args.model)
    model = AutoModelForCausalLM.from_pretrained(args.model, dtype=torch.float32).eval()
    ours = ["--model", args.model]
    greedy_by = {"transformers": model}
    report = {"versions": VERSIONS}
    if args.adapter:
        model = PeftModel.from_pretrained(model, args.adapter).eval()
        merged = AutoModelForCausalLM.from_pretrained(args.merged, dtype=torch.float32).eval()
        ours += ["--adapter", args.adapter]
        greedy_by = {"peft": model, "transformers, merged": merged}
        compare_logits(report, model, merged, [tokenizer(prompt, return_tensors="pt").input_ids for prompt in args.prompt])
    report["greedy"] = [greedy(prompt, tokenizer, greedy_by, ours, args) for prompt in args.prompt]
    if args.data:
        compare_scores(report, model, ours, args)
    print(json.dumps(report, indent=1))
    noise = report.get("peft_minus_merged_by_peft_logits", 0)
    if not report.get("fp64_peft_minus_merged_logits", 0) <= 1e-4:
        sys.exit("logits in fp64 must agree within 1e-4")
    if not report.get("fp64_minus_dil_logp", 0) <= max(1e-4, 2 * report.get("fp64_minus_theirs_logp", 0)):
        sys.exit("log-probabilities must be within 1e-4 of fp64's, or twice as far as theirs")
    if not report.get("theirs_minus_dil_token_logp", 0) <= 1e-4:
        sys.exit("every token's log-probability must be theirs within 1e-4")
    if not report.get("peft_minus_merged_logits", 0) <= max(1e-4, 2 * noise):
        sys.exit("logits in fp32 must agree within 1e-4, or twice what PEFT's own merging changes")
    if not report.get("adapter_changes_logits_by", 1) > 1e-3:
        sys.exit("the adapter must change the logits")


def compare_logits(report, model, merged, prompts):
    """In fp32, beside what PEFT's own merging changes; and in fp64, where rounding does not hide or make differences."""
    own = copy.deepcopy(model).merge_and_unload()
    pairs = {
        "peft_minus_merged_logits": (model, merged),
        "peft_minus_merged_by_peft_logits": (model, own),
        "merged_by_peft_minus_merged_logits": (own, merged),
        "fp64_peft_minus_merged_logits": (copy.deepcopy(model).double(), copy.deepcopy(merged).double()),
    }
    with torch.no_grad():
        for name, (one, other) in pairs.items():
            report[name] = max((one(ids).logits - other(ids).logits).abs().max().item() for ids in prompts)
        on = [model(ids).logits for ids in prompts]
        with model.disable_adapter():
            report["adapter_changes_logits_by"] = max(
                (logits - model(ids).logits).abs().max().item() for logits, ids in zip(on, prompts)
            )


def greedy(prompt, tokenizer, models, ours, args):
    ids = tokenizer(prompt, return_tensors="pt").input_ids
    options = {"max_new_tokens": args.new_tokens, "do_sample": False, "pad_token_id": 0}
    options["attention_mask"] = torch.ones_like(ids)
    tokens = {name: model.generate(ids, **options)[0, ids.shape[1] :].tolist() for name, model in models.items()}
    words = ["generate", "--prompt", prompt, "--max-new-tokens", args.new_tokens, "--json"]
    tokens["dil"] = json.loads(dil(*words, *ours))["tokens"]
    if args.merged:
        tokens["dil, merged"] = json.loads(dil(*words, "--model", args.merged))["tokens"]
    if len({tuple(one) for one in tokens.values()}) != 1:
        sys.exit(f"greedy tokens differ behind {prompt!r}: {tokens}")
    return {"same_in": list(tokens), "tokens": len(tokens["dil"]), "prompt": prompt, "text": tokenizer.decode(tokens["dil"])}


def compare_scores(report, model, ours, args):
    where = ["--limit", args.limit, "--max-length", args.max_length, "--max-prompt-length", args.max_length // 2]
    tokens = dil("data", "inspect", args.data, "--tokenizer", args.model, "--json", *where)
    scores = dil("score", "--per-token", "--data", args.data, *ours, *where)
    exact = copy.deepcopy(model).double()
    worst = {
        "theirs_minus_dil_logp": 0,
        "fp64_minus_dil_logp": 0,
        "fp64_minus_theirs_logp": 0,
        "largest_logp": 0,
        "theirs_minus_dil_token_logp": 0,
    }
    count = 0
    for row, mine in zip(map(json.loads, tokens.splitlines()), map(json.loads, scores.splitlines()), strict=True):
        for side in ("chosen", "rejected"):
            if mine[side]["ids"] != row["tokens"][side]:
                sys.exit(f"the same row has other tokens: {row['id']}")
            ours = torch.tensor(mine[side]["logps"], dtype=torch.float64)
            theirs = terms(model, row["tokens"]["prompt"], row["tokens"][side])
            truth = score(exact, row["tokens"]["prompt"], row["tokens"][side])
            one, other = mine[side]["logp"], theirs.sum().item()
            found = (abs(other - one), abs(truth - one), abs(truth - other), abs(truth), (theirs - ours).abs().max().item())
            worst = {name: max(pair) for name, *pair in zip(worst, worst.values(), found)}
            count += len(ours)
    report["scored_tokens"] = count
    report.update(worst)
    report["scored_responses"] = 2 * args.limit


parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
commands = parser.add_subparsers(dest="command", required=True)
commands.add_parser("write")
check_parser = commands.add_parser("check")
check_parser.add_argument("--model", required=True)
check_parser.add_argument("--adapter")
check_parser.add_argument("--merged")
check_parser.add_argument("--prompt", action="append", required=True)
check_parser.add_argument("--data")
check_parser.add_argument("--max-length", type=int, default=256)
check_parser.add_argument("--limit", type=int, default=8)
check_parser.add_argument("--new-tokens", type=int, default=24)
arguments = parser.parse_args()
write() if arguments.command == "write" else check(arguments)

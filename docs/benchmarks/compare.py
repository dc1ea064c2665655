"""Trains with dil and with TRL in turn on the same rows and writes a table.

    python docs/benchmarks/compare.py --model runs/llama-30m --data ../shared/assets/prefs/ultrafeedback_flat_eval.jsonl

makes a virtual environment with TRL beside the repository's build output where there is none, builds dil, and runs
A B, B A, ... for each model and data set. A markdown row a measure: medians of both sides, and the median of the
ratios of each pair of runs. Every run's raw output goes to a file of --out, one for each model and data set. Both
sides: DPO, beta 0.1, float32, the same batch, lengths and rows in the same order, the same threads, SDPA.

Tokens and floating-point operations are counted alike for both: prompt and chosen, prompt and rejected, without
padding, policy and reference (flops.py). Utilisation is of the machine's best fp32 matrix product in the same
run. Needs Linux. With its defaults and 30 M about seven minutes for UltraFeedback and three for HH on two quiet cores.
"""

import argparse
import json
import os
import statistics
import tempfile
from pathlib import Path

import bench
import flops

MEASURES = [
    ("pairs_per_s", "pairs/s", 1),
    ("pairs_per_cpu_s", "pairs a processor second", 1),
    ("useful_tokens_per_s", "tokens/s (both sequences whole, no padding)", 1),
    ("tokens_per_s", "tokens/s (as each side reads them)", 1),
    ("cpu_s_per_step", "processor seconds a step", 1),
    ("utilisation", "model FLOPs utilisation", 1),
    ("peak_rss_bytes", "peak resident memory, GB", 1e-9),
    ("time_to_first_step_s", "time to first step, s", 1),
]


def rows(python, model, data, count, limit, target):
    """Writes the rows that both sides read: usable ones whose prompt needs no cut."""
    code = (
        "import sys, json; sys.path.insert(0, sys.argv[1]); import trl_baseline as t;"
        "from transformers import AutoTokenizer;"
        "found, seen = t.read(sys.argv[3], AutoTokenizer.from_pretrained(sys.argv[2]), int(sys.argv[4]), int(sys.argv[5]));"
        "open(sys.argv[6], 'w').write(''.join(json.dumps(row) + chr(10) for row in found))"
    )
    bench.run([python, "-c", code, bench.HERE, model, data, count, limit, target])


def ours(java_path, args, model, data, folder):
    settings = {
        "warmup": args.warmup,
        "model_name_or_path": model,
        "dataset_name": f"pairs:{data}",
        "output_dir": folder,
        "loss_type": args.loss,
        "learning_rate": 1e-6,
        "per_device_train_batch_size": args.batch,
        "max_steps": args.warmup + args.steps,
        "max_length": args.max_length,
        "max_prompt_length": args.max_prompt_length,
        "shuffle_buffer": 1,
        "report_generations": 0,
        "save_steps": 0,
        "overwrite_output_dir": "true",
        **dict(word.split("=", 1) for word in args.set),
    }
    return bench.java(java_path, "MeasureTraining", options=["-Xmx1g"], **settings)


def theirs(python, args, model, data):
    out = bench.run(
        [python, bench.HERE / "trl_baseline.py", "--model", model, "--data", data, "--mode", args.mode,
         "--batch", args.batch, "--max-length", args.max_length, "--threads", args.threads,
         "--max-prompt-length", args.max_prompt_length, "--steps", args.steps, "--warmup", args.warmup]
    )  # fmt: skip
    # TRL's own log lines come before.
    return json.loads(out[out.index('{\n "mode"') :])


def count(args, model, a, b, peak):
    """Adds to every run what both sides count alike, and to ours what it computes."""
    pairs = b[0]["row_tokens"][args.warmup * args.batch :]
    sizes = flops.Model.read(model)
    for run in a + b:
        run["useful_tokens_per_s"] = flops.useful_tokens(pairs) / run["timed_s"]
        run["utilisation"] = flops.useful(sizes, pairs) / run["timed_s"] / peak
        run["cpu_s_per_step"] = args.batch / run["pairs_per_cpu_s"]
    words = dict(word.split("=", 1) for word in args.set)
    sharing = words.get("share_prompts", "auto")
    recompute = words.get("gradient_checkpointing") == "true"
    for run in a:
        computed = flops.computed(sizes, pairs, sharing, recompute)
        run["hardware_utilisation"] = computed / run["timed_s"] / peak
        # Both sides must have read the same tokens, or nothing here can be compared.
        run["tokens_of_trl"] = sum(map(sum, pairs)) / (run["num_tokens"][-1] - run["num_tokens"][args.warmup - 1])
    return {
        "matrix_product_peak_flops": peak,
        "useful_flops_per_step": flops.useful(sizes, pairs) / args.steps,
        "useful_tokens_per_step": flops.useful_tokens(pairs) / args.steps,
        "matrix_parameters": {"layers": sizes.layers, "head": sizes.head},
    }


def settings(args, ours, theirs):
    """What ran on each side: versions, threads, flags and settings, a row a name."""
    left = {**ours["settings"], **ours["versions"]}
    right = {**theirs["trainer_settings"], **theirs["versions"]}
    right |= {key: theirs[key] for key in ("threads", "interop_threads", "attention", "torch_build")}
    both = {key: str(value) for key, value in vars(args).items()}
    return {"both": both, "dil": left, "trl": right}


def compare(args, python, java_path, model, data):
    # Before and behind, since the machine may be busier at one of them.
    peak = bench.matmul_peak(python, args.threads)
    with tempfile.TemporaryDirectory() as folder:
        rows_file = f"{folder}/rows.jsonl"
        count_rows = args.batch * (args.warmup + args.steps)
        rows(python, model, data, count_rows, args.max_prompt_length, rows_file)
        a, b = bench.in_turn(
            args.rounds,
            lambda: ours(java_path, args, model, rows_file, f"{folder}/run"),
            lambda: theirs(python, args, model, rows_file),
        )
    peak = max(peak, bench.matmul_peak(python, args.threads))
    counted = count(args, model, a, b, peak)
    lines = []
    for key, name, scale in MEASURES:
        left = statistics.median(run[key] for run in a) * scale
        right = statistics.median(run[key] for run in b) * scale
        ratio = bench.median_ratio([run[key] for run in a], [run[key] for run in b])
        lines.append([name, left, right, f"{ratio:.2f}"])
    hardware = statistics.median(run["hardware_utilisation"] for run in a)
    lines.insert(6, ["hardware FLOPs utilisation (what dil computes)", hardware, "", ""])
    text = (
        f"{Path(model).name}, {Path(data).name}, batch {args.batch}, max_length {args.max_length}, TRL {args.mode}, "
        f"{args.threads} threads; best matrix product {peak / 1e9:.0f} GFLOP/s; {args.rounds} rounds of {args.steps} "
        f"timed steps.\n\n" + bench.table(["measure", "dil", "TRL", "ratio"], lines)
    )
    agree = statistics.median(run["tokens_of_trl"] for run in a)
    if abs(agree - 1) > 0.005:
        text += f"\nTRL read {agree:.4f} times the tokens that dil read: the sides differ.\n"
    data_out = {"settings": settings(args, a[0], b[0]), "counted": counted, "dil": a, "trl": b}
    name = f"compare-{Path(model).name}-{Path(data).name.split('.')[0]}"
    bench.write(args.out, name, data_out, text)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--model", required=True, nargs="+")
    parser.add_argument("--data", required=True, nargs="+")
    parser.add_argument("--mode", default="best", help="TRL's settings, see README.md")
    parser.add_argument("--loss", default="dpo", help="loss of our side; TRL's is DPO")
    parser.add_argument("--batch", type=int, default=8)
    parser.add_argument("--max-length", type=int, default=512)
    parser.add_argument("--max-prompt-length", type=int, default=256)
    parser.add_argument("--steps", type=int, default=3)
    parser.add_argument("--warmup", type=int, default=1)
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--threads", type=int, default=os.cpu_count())
    parser.add_argument("--set", nargs="*", default=[], help="more settings of our side, key=value")
    parser.add_argument("--venv", type=Path, default=bench.VENV)
    parser.add_argument("--out", type=Path, default=bench.HOME / "runs/benchmarks", help="folder of the results")
    args = parser.parse_args()
    if args.warmup < 1:
        parser.error(f"--warmup must be at least 1, got {args.warmup}")
    bench.same_threads(args.threads)
    python = bench.environment(args.venv)
    java_path = bench.class_path()
    for model in args.model:
        for data in args.data:
            compare(args, python, java_path, model, data)


if __name__ == "__main__":
    main()

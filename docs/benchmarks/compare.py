"""Trains with dil and with TRL in turn on the same rows and writes a table.

    python docs/benchmarks/compare.py --model runs/llama-30m --data ../shared/assets/prefs/ultrafeedback_flat_eval.jsonl

makes a virtual environment with TRL beside the repository's build output where there is none, builds dil, runs
A B A B ..., and prints one markdown row a measure: medians of both sides, and the median of the ratios of each pair of
runs. Every run's raw output goes to --out. Both sides: DPO, beta 0.1, float32, the same batch, lengths and rows in the
same order, all cores, SDPA. Needs Linux.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

HOME = Path(__file__).resolve().parents[2]
HERE = Path(__file__).resolve().parent
MEASURES = [
    ("pairs_per_s", "pairs/s", 1),
    ("pairs_per_cpu_s", "pairs a processor second", 1),
    ("tokens_per_s", "tokens/s (as each side reads them)", 1),
    ("peak_rss_bytes", "peak resident memory, GB", 1e-9),
    ("time_to_first_step_s", "time to first step, s", 1),
]


def run(command, **kwargs):
    print("+", " ".join(map(str, command))[:160], file=sys.stderr)
    result = subprocess.run(list(map(str, command)), capture_output=True, text=True, **kwargs)
    if result.returncode != 0:
        raise SystemExit(f"{command[0]} failed:\n{result.stdout[-2000:]}\n{result.stderr[-4000:]}")
    return result.stdout


def environment(path):
    python = path / "bin/python"
    if not python.exists():
        run([sys.executable, "-m", "venv", path])
        run([python, "-m", "pip", "install", "-q", "-r", HERE / "requirements.txt"])
    return python


def class_path():
    run(
        ["mvn", "-q", "-B", "-ntp", "-Pcli", "-pl", "examples", "-am", "-Dmaven.test.skip",
         "-Dspotless.check.skip", "-Dmaven.javadoc.skip", "-Dmaven.source.skip", "package"],
        cwd=HOME,
    )  # fmt: skip
    jars = sorted((HOME / "dil-train/target/cli-build").glob("*.jar"))
    own = sorted((HOME / "examples/target").glob("dil-examples-*.jar"))
    train = sorted((HOME / "dil-train/target").glob("dil-train-*.jar"))
    return ":".join(map(str, own + train + jars))


def rows(python, model, data, count, limit, target):
    """Writes the rows that both sides read: usable ones whose prompt needs no cut."""
    code = (
        "import sys, json; sys.path.insert(0, sys.argv[1]); import trl_baseline as t;"
        "from transformers import AutoTokenizer;"
        "found, seen = t.read(sys.argv[3], AutoTokenizer.from_pretrained(sys.argv[2]), int(sys.argv[4]), int(sys.argv[5]));"
        "open(sys.argv[6], 'w').write(''.join(json.dumps(row) + chr(10) for row in found))"
    )
    run([python, "-c", code, HERE, model, data, count, limit, target])


def ours(java_path, args, data, folder):
    settings = {
        "warmup": args.warmup,
        "model_name_or_path": args.model,
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
    words = [f"{key}={value}" for key, value in settings.items()]
    out = run(["java", "-Xmx1g", "-cp", java_path, "io.dil.examples.MeasureTraining", *words])
    return json.loads(out.strip().splitlines()[-1])


def theirs(python, args, data):
    out = run(
        [python, HERE / "trl_baseline.py", "--model", args.model, "--data", data, "--mode", args.mode,
         "--batch", args.batch, "--max-length", args.max_length,
         "--max-prompt-length", args.max_prompt_length, "--steps", args.steps, "--warmup", args.warmup]
    )  # fmt: skip
    # TRL's own log lines come before.
    return json.loads(out[out.index('{\n "mode"') :])


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--model", required=True)
    parser.add_argument("--data", required=True)
    parser.add_argument("--mode", default="best", help="TRL's settings, see README.md")
    parser.add_argument("--loss", default="dpo", help="loss of our side; TRL's is DPO")
    parser.add_argument("--batch", type=int, default=8)
    parser.add_argument("--max-length", type=int, default=512)
    parser.add_argument("--max-prompt-length", type=int, default=256)
    parser.add_argument("--steps", type=int, default=4)
    parser.add_argument("--warmup", type=int, default=1)
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--set", nargs="*", default=[], help="more settings of our side, key=value")
    parser.add_argument("--venv", type=Path, default=HOME / "target/benchmark-venv")
    parser.add_argument("--out", type=Path, default=HOME / "runs/compare.json")
    args = parser.parse_args()
    # Threads that spin at barriers take each other's cores; both sides get the same.
    os.environ["OMP_WAIT_POLICY"] = "PASSIVE"
    python = environment(args.venv)
    java_path = class_path()
    a, b = [], []
    with tempfile.TemporaryDirectory() as folder:
        data = f"{folder}/rows.jsonl"
        count = args.batch * (args.warmup + args.steps)
        rows(python, args.model, args.data, count, args.max_prompt_length, data)
        for _ in range(args.rounds):
            a.append(ours(java_path, args, data, f"{folder}/run"))
            b.append(theirs(python, args, data))
    args.out.parent.mkdir(parents=True, exist_ok=True)
    settings = {k: str(v) for k, v in vars(args).items()}
    args.out.write_text(json.dumps({"settings": settings, "dil": a, "trl": b}, indent=1))
    print(f"{Path(args.model).name}, {Path(args.data).name}, batch {args.batch}, TRL {args.mode}, load {os.getloadavg()[0]:.1f}\n")
    print("| measure | dil | TRL | ratio |\n|---|---|---|---|")
    for key, name, scale in MEASURES:
        left = statistics.median(run[key] for run in a) * scale
        right = statistics.median(run[key] for run in b) * scale
        ratio = statistics.median(x[key] / y[key] for x, y in zip(a, b))
        print(f"| {name} | {left:.3g} | {right:.3g} | {ratio:.2f} |")


if __name__ == "__main__":
    main()

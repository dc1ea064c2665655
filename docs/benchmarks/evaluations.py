"""Runs benchmarks with lm_eval and with dil in turn, on one model and the same rows, and compares metrics and rows a second.

    python docs/benchmarks/evaluations.py --model models/smollm2 --data ../shared/assets/evals --work runs/evaluations \\
        --tasks mmlu_pro=40 arc=40 gsm8k=16 --rounds 2

lm_eval's own task files are used, with their data sets pointed at local rows. Both times are those of answering the
requests, tokenising included; loading the model is in neither. A B A B: both see the same load of the machine. Processor
seconds say what a busy machine hides: lm_eval's are those of answering, dil's those of its whole process, start included.
Needs lm_eval[hf,math] and ./dil built.
"""

import argparse
import json
import os
import subprocess
import sys
import time
from pathlib import Path

HOME = Path(__file__).resolve().parents[2]
MATH = {
    "algebra": "Algebra",
    "counting_and_probability": "Counting & Probability",
    "geometry": "Geometry",
    "intermediate_algebra": "Intermediate Algebra",
    "number_theory": "Number Theory",
    "prealgebra": "Prealgebra",
    "precalculus": "Precalculus",
}
MUSR = {
    "murder_mysteries": "murder_mystery",
    "object_placements": "object_placements",
    "team_allocation": "team_allocation",
}


def lines(path):
    return [json.loads(line) for line in open(path) if line.strip()]


def write(path, rows):
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return str(path)


def task_file(name, data, work):
    """Writes a task file that includes lm_eval's own and reads local rows; returns the task's name there."""
    import lm_eval

    own = Path(lm_eval.__file__).parent / "tasks"
    changes = {"dataset_path": "json", "dataset_name": None, "task": "local_" + name.replace("-", "_")}
    files = {}
    if name == "mmlu_pro":
        include = own / "leaderboard/mmlu_pro/leaderboard_mmlu_pro.yaml"
        if not include.exists():
            include = next((own / "leaderboard/mmlu_pro").glob("*.yaml"))
        files = {"test": f"{data}/mmlu_pro/test.jsonl", "validation": f"{data}/mmlu_pro/validation_head5.jsonl"}
    elif name == "arc":
        include = own / "arc/arc_challenge.yaml"
        files = {"test": f"{data}/arc/arc_challenge_test.jsonl", "train": f"{data}/arc/arc_challenge_train.jsonl"}
        changes.update(validation_split=None, fewshot_split="train", num_fewshot=25)
    elif name == "gsm8k":
        include = own / "gsm8k/gsm8k.yaml"
        files = {split: f"{data}/gsm8k/{split}.jsonl" for split in ("test", "train")}
    elif name.startswith("bbh_"):
        part = name[4:]
        include = own / f"leaderboard/bbh_mc/{part}.yaml"
        files = {"test": write(work / f"{name}.jsonl", json.load(open(f"{data}/bbh/{part}.json"))["examples"])}
    elif name.startswith("math_"):
        part = name[5:]
        file = part.replace("probability", "prob").replace("number", "num")
        include = own / f"leaderboard/math/math_{file}.yaml"
        rows = [
            {"problem": row["question"], "solution": row["answer"], "level": row["level"], "type": row["type"]}
            for row in lines(f"{data}/math/test.jsonl")
            if row["type"] == MATH[part]
        ]
        files = {"test": write(work / f"{name}.jsonl", rows)}
        changes.update(training_split=None)
    elif name.startswith("musr_"):
        part = name[5:]
        include = own / f"leaderboard/musr/musr_{part}.yaml"
        include = include if include.exists() else next((own / "leaderboard/musr").glob(f"*{part}*"), None)
        rows = [
            {
                "narrative": story["context"],
                "question": question["question"],
                "choices": repr(question["choices"]),
                "answer_index": question["answer"],
                "answer_choice": question["choices"][question["answer"]],
            }
            for story in json.load(open(f"{data}/musr/small_{MUSR[part]}.json"))
            for question in story["questions"]
        ]
        files = {"test": write(work / f"{name}.jsonl", rows)}
        include = include or own / "leaderboard/musr/_template_yaml"
        changes.update(test_split="test")
    else:
        sys.exit(f"task must be one that this script knows, got {name}")
    text = f"include: {include}\n"
    changes["dataset_kwargs"] = {"data_files": files}
    for key, value in changes.items():
        text += f"{key}: {json.dumps(value)}\n"
    (work / f"{changes['task']}.yaml").write_text(text)
    return changes["task"]


def harness(args):
    """The child process: reads lines `task limit` and answers each with metrics and seconds."""
    import lm_eval
    import torch
    from lm_eval.models.huggingface import HFLM
    from lm_eval.tasks import TaskManager

    torch.set_num_threads(os.cpu_count())
    manager = TaskManager(include_path=str(args.work), include_defaults=False)
    longest = {"max_length": args.max_length} if args.max_length else {}
    model = HFLM(pretrained=args.model, dtype="float32", batch_size=args.batch, device="cpu", **longest)
    spent = [0.0, 0.0]

    def timed(method):
        def run(*given, **more):
            begin, processor = time.perf_counter(), time.process_time()
            try:
                return method(*given, **more)
            finally:
                spent[0] += time.perf_counter() - begin
                spent[1] += time.process_time() - processor

        return run

    model.loglikelihood = timed(model.loglikelihood)
    model.generate_until = timed(model.generate_until)
    print("ready", flush=True)
    for line in sys.stdin:
        task, limit, tokens = line.split()
        spent[:] = [0.0, 0.0]
        more = {"gen_kwargs": f"max_gen_toks={tokens}"} if tokens != "0" else {}
        result = lm_eval.simple_evaluate(
            model=model, tasks=[task], limit=int(limit), task_manager=manager, bootstrap_iters=0, verbosity="ERROR", **more
        )
        metrics = {k: v for k, v in result["results"][task].items() if isinstance(v, float) and "stderr" not in k}
        print("RESULT " + json.dumps({"metrics": metrics, "seconds": spent[0], "processor": spent[1]}), flush=True)


def ask(child, text):
    child.stdin.write(text + "\n")
    child.stdin.flush()
    for line in child.stdout:
        if line.startswith("RESULT "):
            return json.loads(line[7:])
    sys.exit("lm_eval ended")


def dil(args, name, limit, tokens):
    command = [str(HOME / "dil"), "eval", "--model", args.model, "--tasks", name, "--data", args.data, "--json"]
    command += ["--limit", str(limit)] + (["--max-new-tokens", str(tokens)] if tokens else [])
    command += ["--max-length", str(args.max_length)] if args.max_length else []
    child = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    text = child.stdout.read()
    _, status, used = os.wait4(child.pid, 0)
    if status:
        sys.exit(f"dil eval ended with {status}")
    out = json.loads(text)
    return {
        "metrics": out["results"][name],
        "seconds": out["seconds"][name],
        "processor": used.ru_utime + used.ru_stime,
        "peak_mb": used.ru_maxrss // 1024,
    }


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", required=True)
    parser.add_argument("--data", required=True)
    parser.add_argument("--work", required=True, type=Path)
    parser.add_argument("--tasks", nargs="+", default=["arc=40"], help="NAME=ROWS")
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--batch", type=int, default=8, help="lm_eval's batch size")
    parser.add_argument("--max-new-tokens", type=int, default=0, help="of tasks that write; 0: the tasks' own")
    parser.add_argument("--max-length", type=int, default=0, help="longest sequence of both; 0: the model's")
    parser.add_argument("--harness", action="store_true", help=argparse.SUPPRESS)
    args = parser.parse_args()
    os.environ.update(HF_HUB_OFFLINE="1", HF_DATASETS_OFFLINE="1", TOKENIZERS_PARALLELISM="false")
    args.work.mkdir(parents=True, exist_ok=True)
    if args.harness:
        harness(args)
        return
    wanted = [(name, int(rows)) for name, rows in (task.split("=") for task in args.tasks)]
    known = {name: task_file(name, args.data, args.work) for name, _ in wanted}
    words = [sys.executable, __file__, "--harness", "--model", args.model, "--data", args.data, "--work", str(args.work)]
    child = subprocess.Popen(
        words + ["--batch", str(args.batch), "--max-length", str(args.max_length)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=open(args.work / "lm_eval.log", "w"),
        text=True,
    )
    table = args.work / "results.jsonl"
    for name, limit in wanted:
        tokens = args.max_new_tokens if name.startswith(("gsm8k", "math")) else 0
        for turn in range(args.rounds):
            theirs = ask(child, f"{known[name]} {limit} {tokens}")
            ours = dil(args, name, limit, tokens)
            same = {
                key: (value, ours["metrics"].get(key.replace(",none", "")))
                for key, value in theirs["metrics"].items()
            }
            row = {
                "task": name,
                "rows": limit,
                "round": turn,
                "load": os.getloadavg()[0],
                "lm_eval_s": round(theirs["seconds"], 2),
                "dil_s": round(ours["seconds"], 2),
                "times": round(theirs["seconds"] / ours["seconds"], 2),
                "lm_eval_processor_s": round(theirs["processor"], 2),
                "dil_processor_s": round(ours["processor"], 2),
                "processor_times": round(theirs["processor"] / ours["processor"], 2),
                "dil_peak_mb": ours["peak_mb"],
                "metrics": same,
            }
            with open(table, "a") as out:
                out.write(json.dumps(row) + "\n")
            print(json.dumps(row), flush=True)
    child.stdin.close()
    child.wait()


if __name__ == "__main__":
    main()

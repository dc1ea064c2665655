"""Measures `dil data stats` beside Python's datasets with a fast tokenizer, and its memory.

    python docs/benchmarks/data.py --assets ../shared/assets --venv .venv

Both find the prompt of every pair, tokenise it and both responses behind it, and take the lengths, with the same
tokenizer, on the same file and the same cores, in turn (A B A B). Whole processes are timed, start-up of JVM and Python
included; a file of one row says how much of that is start-up. Three files:

    repeated   the HH sample many times over: the same words come again and again, which favours whoever remembers them
    once       every pair of HH, UltraFeedback, TL;DR and the ShareGPT demo once, so that most words are new for a while
    one        a single row

Python runs with one process (whose tokenizer uses all cores) and with one process a core; the faster counts. With
--memory, the peak resident memory of `dil data stats` at ten thousand, a hundred thousand and a million distinct rows is taken
as well.
"""

import argparse
import gzip
import json
import os
import platform
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

HOME = Path(__file__).resolve().parents[2]
MARK = "\n\nAssistant:"
HEAP = "-Xmx256m"


def python_side(path, model, processes):
    """The same work in Python; run by the interpreter of the virtual environment."""
    import datasets
    from transformers import PreTrainedTokenizerFast

    tok = PreTrainedTokenizerFast(tokenizer_file=model + "/tokenizer.json")
    datasets.disable_caching()

    def lengths(batch):
        if "prompt" in batch:
            prompts = batch["prompt"]
            wholes = [[p + r for p, r in zip(prompts, batch[side])] for side in ("chosen", "rejected")]
        else:
            prompts = [row[: row.rindex(MARK) + len(MARK)] for row in batch["chosen"]]
            wholes = [batch["chosen"], batch["rejected"]]
        ids = [tok(texts)["input_ids"] for texts in (prompts, *wholes)]
        prompt, chosen, rejected = ([len(row) for row in column] for column in ids)
        return {
            "prompt_tokens": prompt,
            "chosen_tokens": [n - p for n, p in zip(chosen, prompt)],
            "rejected_tokens": [n - p for n, p in zip(rejected, prompt)],
        }

    with tempfile.TemporaryDirectory() as cache:
        rows = datasets.load_dataset("json", data_files=path, split="train", cache_dir=cache)
        out = rows.map(lengths, batched=True, num_proc=min(processes, len(rows)), remove_columns=rows.column_names)
        print(json.dumps({"rows": len(out), "mean": {c: sum(out[c]) / len(out) for c in out.column_names}}))


def read(path):
    with gzip.open(path, "rt", encoding="utf-8") if path.suffix == ".gz" else open(path, encoding="utf-8") as file:
        return json.load(file) if path.suffix == ".json" else [json.loads(line) for line in file]


def split(row):
    """Prompt, chosen and rejected of an HH row; None where the two sides differ before the last answer."""
    ends = [row[side].rindex(MARK) + len(MARK) for side in ("chosen", "rejected")]
    prompt = row["chosen"][: ends[0]]
    if row["rejected"][: ends[1]] != prompt:
        return None
    return prompt, row["chosen"][ends[0] :], row["rejected"][ends[1] :]


def pairs(prefs):
    """Every pair of the assets once, as prompt, chosen, rejected."""
    yield from filter(None, map(split, read(prefs / "hh_harmless_sample.jsonl.gz")))
    for name in ("ultrafeedback_flat_train.jsonl", "ultrafeedback_flat_eval.jsonl"):
        for row in read(prefs / name):
            yield row["prompt"], row["chosen"], row["rejected"]
    for row in read(prefs / "tldr_comparisons_sample.jsonl"):
        texts = [summary["text"] for summary in row["summaries"]]
        info = row["info"]
        prompt = f"SUBREDDIT: r/{info['subreddit']}\n\nTITLE: {info['title']}\n\nPOST: {info['post']}\n\nTL;DR:"
        yield prompt, texts[row["choice"]], texts[1 - row["choice"]]
    for row in read(prefs / "dpo_en_demo.json"):
        prompt = "".join(f"{turn['from']}: {turn['value']}\n\n" for turn in row["conversations"])
        yield prompt, row["chosen"]["value"], row["rejected"]["value"]


def write(path, rows):
    with open(path, "w", encoding="utf-8") as file:
        for row in rows:
            file.write(json.dumps(row, ensure_ascii=False) + "\n")
    return path


def as_pairs(rows):
    # Neither side is to spend its time on rows that the other drops.
    kept = [r for r in rows if r[0].strip() and r[1].strip() and r[2].strip() and r[1] != r[2]]
    return [dict(zip(("prompt", "chosen", "rejected"), row)) for row in kept]


def measure(command, cores, **environment):
    """Runs a command on some cores; returns what it printed, wall and processor seconds and peak memory."""
    began = time.perf_counter()
    with tempfile.TemporaryFile("w+") as out, tempfile.TemporaryFile("w+") as errors:
        process = subprocess.Popen(
            list(map(str, command)), stdout=out, stderr=errors, env={**os.environ, **environment},
            preexec_fn=lambda: os.sched_setaffinity(0, cores),
        )  # fmt: skip
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = status
        wall = time.perf_counter() - began
        out.seek(0)
        errors.seek(0)
        if status != 0:
            raise SystemExit(f"{command[0]} failed: {errors.read()[-2000:]}")
        printed = json.loads(out.read().strip().splitlines()[-1])
    cpu = usage.ru_utime + usage.ru_stime
    return printed, {"wall_s": round(wall, 2), "cpu_s": round(cpu, 2), "peak_mb": round(usage.ru_maxrss / 1024)}


def median(runs):
    return {key: round(statistics.median(run[key] for run in runs), 2) for key in runs[0]}


def compare(name, format_, path, args, cores):
    """Both sides in turn; one run of each beforehand fills the caches of the file system."""
    sides = {"dil": [HOME / "dil", "data", "stats", f"{format_}:{path}", "--tokenizer", args.tokenizer, "--json"]}
    for n in sorted({1, len(cores)}):
        python = [args.venv / "bin/python", __file__, "--python-side", path, args.tokenizer, n]
        sides[f"python, {n} process{'es' if n > 1 else ''}"] = python
    runs = {side: [] for side in sides}
    printed = {}
    for turn in range(args.rounds + 1):
        for side, command in sides.items():
            printed[side], run = measure(command, cores)
            print(f"{name} {side}: {run}{' (not counted)' if turn == 0 else ''}", file=sys.stderr)
            if turn > 0:
                runs[side].append(run)
    medians = {side: median(of) for side, of in runs.items()}
    best = min((side for side in sides if side != "dil"), key=lambda side: medians[side]["wall_s"])
    ratios = {key: round(medians[best][key] / medians["dil"][key], 2) for key in ("wall_s", "cpu_s", "peak_mb")}
    rows = printed["dil"]["rows"]
    # Both must have done the same work: dil adds an end of text to every response, and a BOS only if there is one.
    dil, python = printed["dil"]["tokens"], printed[best]["mean"]
    means = {what: [dil[what]["mean"], round(python[f"{what}_tokens"], 2)] for what in ("prompt", "chosen", "rejected")}
    return {"rows": rows, "bytes": path.stat().st_size, "mean_tokens_dil_python": means, "medians": medians,
            "python": best, "python_over_dil": ratios, "runs": runs}  # fmt: skip


def memory(prefs, work, args, cores):
    """Peak memory of dil in a fixed heap at two sizes of a file whose rows are all different."""
    rows = [row for row in map(split, read(prefs / "hh_harmless_sample.jsonl.gz")) if row and sum(map(len, row)) < 600]
    peaks = {}
    for number in (10_000, 100_000, 1_000_000):
        path = work / f"rows-{number}.jsonl"
        with open(path, "w", encoding="utf-8") as file:
            for i in range(number):
                prompt, chosen, rejected = rows[i % len(rows)]
                row = {"prompt": f"({i}){prompt}", "chosen": chosen, "rejected": rejected}
                file.write(json.dumps(row, ensure_ascii=False) + "\n")
        command = [HOME / "dil", "data", "stats", f"pairs:{path}", "--tokenizer", args.tokenizer, "--json"]
        printed, run = measure(command, cores, DIL_JAVA_OPTS=HEAP)
        peaks[str(number)] = {**run, "duplicates": printed["duplicates"], "bytes": path.stat().st_size}
        print(f"memory {number}: {peaks[str(number)]}", file=sys.stderr)
        path.unlink()
    return {"heap": HEAP, "rows": peaks}


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--assets", type=Path, default=HOME / "../shared/assets")
    parser.add_argument("--tokenizer", type=Path, help="a model folder; default Llama 3's of the assets")
    parser.add_argument("--venv", type=Path, default=HOME / "target/benchmark-venv")
    parser.add_argument("--cores", type=int, default=2)
    parser.add_argument("--repeat", type=int, default=80, help="how many times over the HH sample stands in its file")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--memory", action="store_true", help="also at a million rows (some 500 MB of disk)")
    parser.add_argument("--out", type=Path, default=HOME / "docs/benchmarks/results/data-stats.json")
    args = parser.parse_args()
    args.tokenizer = (args.tokenizer or args.assets / "tokenizers/llama3-hf").resolve()
    cores = sorted(os.sched_getaffinity(0))[: args.cores]
    prefs = args.assets / "prefs"
    subprocess.run([HOME / "dil", "--version"], check=True, stdout=subprocess.DEVNULL)  # builds it
    load = [os.getloadavg()]
    work = Path(tempfile.mkdtemp(prefix="dil-data-"))
    try:
        hh = [row for row in read(prefs / "hh_harmless_sample.jsonl.gz") if split(row)]
        files = {
            "one": ("hh", write(work / "one.jsonl", hh[:1])),
            "once": ("pairs", write(work / "once.jsonl", as_pairs(pairs(prefs)))),
            "repeated": ("hh", write(work / "repeated.jsonl", hh * args.repeat)),
        }
        results = {name: compare(name, *file, args, cores) for name, file in files.items()}
        if args.memory:
            results["memory"] = memory(prefs, work, args, cores)
    finally:
        shutil.rmtree(work)
    load.append(os.getloadavg())
    start = results["one"]["medians"]
    for name in ("once", "repeated"):
        of = results[name]
        net = {side: {key: round(of["medians"][side][key] - start[side][key], 2) for key in ("wall_s", "cpu_s")}
               for side in start}  # fmt: skip
        theirs = net[of["python"]]
        of["without_start"] = net
        of["python_over_dil_without_start"] = {k: round(theirs[k] / v, 2) for k, v in net["dil"].items() if v > 0}
    cpu = re.search(r"model name\s*:\s*(.*)", Path("/proc/cpuinfo").read_text())
    packages = ("datasets", "transformers", "tokenizers")
    versions = subprocess.run(
        [args.venv / "bin/python", "-c",
         f"import importlib.metadata as m; print({{p: m.version(p) for p in {packages}}})"],
        check=True, capture_output=True, text=True,
    ).stdout.strip()  # fmt: skip
    commit = subprocess.run(["git", "rev-parse", "HEAD"], cwd=HOME, capture_output=True, text=True).stdout.strip()
    about = {"commit": commit, "cpu": cpu.group(1) if cpu else platform.processor(), "cores": len(cores),
             "tokenizer": args.tokenizer.name, "versions": versions, "load_before_after": load}  # fmt: skip
    args.out.parent.mkdir(parents=True, exist_ok=True)
    args.out.write_text(json.dumps({"about": about, **results}, indent=1) + "\n")
    show(results, load)


def show(results, load):
    print("| file | rows | | wall, s | CPU, s | peak, MB | pairs/s |")
    print("|---|---|---|---|---|---|---|")
    for name in ("one", "once", "repeated"):
        of = results[name]
        for side, m in of["medians"].items():
            print(f"| {name} | {of['rows']} | {side} | {m['wall_s']} | {m['cpu_s']} | {m['peak_mb']:.0f} | "
                  f"{of['rows'] / m['wall_s']:.0f} |")  # fmt: skip
        print(f"| {name} | | ratio to {of['python']} | {of['python_over_dil']['wall_s']} | "
              f"{of['python_over_dil']['cpu_s']} | {of['python_over_dil']['peak_mb']} | |")  # fmt: skip
        if "python_over_dil_without_start" in of:
            net = of["python_over_dil_without_start"]
            print(f"| {name} | | ratio without start-up | {net.get('wall_s')} | {net.get('cpu_s')} | | |")
    for number, run in results.get("memory", {}).get("rows", {}).items():
        print(f"memory at {number} rows in a heap of {HEAP}: {run['peak_mb']} MB")
    print("load average before, after:", *(tuple(round(x, 1) for x in of) for of in load))


if __name__ == "__main__":
    if sys.argv[1:2] == ["--python-side"]:
        python_side(sys.argv[2], sys.argv[3], int(sys.argv[4]))
    else:
        main()

"""Measures one part of dil at a time, or several, and writes JSON, a markdown table and plots of each.

    python docs/benchmarks/parts.py head sharing growth

Parts and their run time at the defaults on two quiet cores are in README.md. Needs Linux, and the tokenizer and data
in DIL_ASSETS (../shared/assets by default); a random Llama of 30 M is made in runs/ where there is none.
"""

import argparse
import importlib
import os
import time
from dataclasses import dataclass, field
from pathlib import Path

import bench

PARTS = ["head", "sharing", "padding", "checkpointing", "layer", "growth", "profile"]


@dataclass
class Context:
    """What every part is given: both sides' programs, the threads, and where results go."""

    python: Path
    java_path: str
    threads: int
    rounds: int
    out: Path
    head_mib: list = field(default_factory=list)

    def model(self, name="llama-30m", *sizes):
        """Returns the folder of a random Llama of given sizes, made where there is none."""
        folder = bench.HOME / "runs" / name
        if not (folder / "config.json").exists():
            tokenizer = bench.ASSETS / "tokenizers/llama2-hf"
            bench.run([self.python, bench.HERE / "random_llama.py", "--tokenizer", tokenizer, *sizes, folder])
        return folder

    def steps(self, model, points, rounds=None, **words):
        """Runs MeasureSteps on points, in turn in one process."""
        rounds = self.rounds if rounds is None else rounds
        return bench.java(self.java_path, "MeasureSteps", model=model, points=";".join(points), rounds=rounds, **words)

    def write(self, name, data, text):
        bench.write(self.out, name, data, text)
        bench.run([self.python, bench.HERE / "plots.py", self.out / f"{name}.json"])


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("parts", nargs="+", choices=[*PARTS, "all"])
    parser.add_argument("--threads", type=int, default=os.cpu_count())
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--head-mib", type=int, nargs="*", default=[64], help="more sizes of the head's tiles")
    parser.add_argument("--venv", type=Path, default=bench.VENV)
    parser.add_argument("--out", type=Path, default=bench.HOME / "runs/benchmarks", help="folder of the results")
    args = parser.parse_args()
    bench.same_threads(args.threads)
    python = bench.environment(args.venv)
    context = Context(python, bench.class_path(), args.threads, args.rounds, args.out.resolve(), args.head_mib)
    for name in PARTS if "all" in args.parts else args.parts:
        began = time.monotonic()
        importlib.import_module(f"part_{name}").run(context)
        print(f"{name}: {time.monotonic() - began:.0f} s\n", flush=True)


if __name__ == "__main__":
    main()

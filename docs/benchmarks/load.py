"""Loads a sharded checkpoint of 2 GB with dil and with transformers in turn, up to the first log-probability.

    python docs/benchmarks/load.py --tokenizer ../shared/assets/models/stories260K-hf --work runs/load

makes a random Llama where there is none (float32, five shards) and prints time and peak resident memory of whole
processes, start-up of JVM and Python included, A B A B. Needs torch and transformers, and ./dil built.
"""

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import time
from pathlib import Path

HOME = Path(__file__).resolve().parents[2]
ROW = {"prompt": "Once upon a time", "chosen": " there was a dog.", "rejected": " there was a cat."}
SCORE = """
import sys, torch
from transformers import AutoModelForCausalLM
model = AutoModelForCausalLM.from_pretrained(sys.argv[1], dtype=getattr(torch, sys.argv[2]))
ids = torch.tensor([[1, 5, 6, 7, 8, 9, 10, 11]])
with torch.no_grad():
    logits = model(ids).logits.float()
print(torch.log_softmax(logits[0, :-1], -1).gather(1, ids[0, 1:, None]).sum().item())
"""


def make(folder, tokenizer, dtype):
    import torch
    from transformers import LlamaConfig, LlamaForCausalLM

    config = LlamaConfig(
        vocab_size=32000, hidden_size=1536, intermediate_size=4096, num_hidden_layers=17, num_attention_heads=16,
        num_key_value_heads=4, tie_word_embeddings=True, bos_token_id=1, eos_token_id=2,
    )  # fmt: skip
    torch.manual_seed(0)
    model = LlamaForCausalLM(config).to(getattr(torch, dtype))
    model.save_pretrained(folder, max_shard_size="500MB")
    for name in ("tokenizer.json", "tokenizer_config.json"):
        shutil.copy(Path(tokenizer) / name, folder)


def measure(command):
    began = time.perf_counter()
    process = subprocess.Popen(list(map(str, command)), stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    error = process.stderr.read()
    _, status, usage = os.wait4(process.pid, 0)
    if status != 0:
        raise SystemExit(f"{command[0]} failed: {error.decode()[-2000:]}")
    return time.perf_counter() - began, usage.ru_maxrss * 1024


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--tokenizer", required=True)
    parser.add_argument("--work", type=Path, required=True)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--make", metavar="DTYPE", help="only make a checkpoint")
    args = parser.parse_args()
    if args.make:
        make(args.work / args.make, args.tokenizer, args.make)
        return
    os.environ["OMP_WAIT_POLICY"] = "PASSIVE"
    args.work.mkdir(parents=True, exist_ok=True)
    row = args.work / "row.jsonl"
    row.write_text(json.dumps(ROW) + "\n")
    print("| weights | bytes, GB | dil, s | transformers, s | ratio | dil, GB | transformers, GB | dil / bytes |")
    print("|---|---|---|---|---|---|---|---|")
    for dtype, flag in (("float32", []), ("bfloat16", ["--bf16"])):
        model = args.work / dtype
        if not model.exists():
            # In a process of its own: a child's peak memory counts from that of the process that forked it.
            subprocess.run([sys.executable, __file__, *sys.argv[1:], "--make", dtype], check=True)
        size = sum(file.stat().st_size for file in model.glob("*.safetensors"))
        a, b = [], []
        for _ in range(args.rounds):
            a.append(measure([HOME / "dil", "score", "--model", model, "--data", f"pairs:{row}", *flag]))
            b.append(measure([sys.executable, "-c", SCORE, model, dtype]))
        middle = [statistics.median(values) for values in zip(*a)], [statistics.median(values) for values in zip(*b)]
        print(
            f"| {dtype} | {size / 1e9:.2f} | {middle[0][0]:.1f} | {middle[1][0]:.1f} | {middle[0][0] / middle[1][0]:.2f} "
            f"| {middle[0][1] / 1e9:.2f} | {middle[1][1] / 1e9:.2f} | {middle[0][1] / size:.2f} |"
        )


if __name__ == "__main__":
    main()

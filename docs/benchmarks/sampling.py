"""Draws answers with dil and with transformers' generate in turn, on one model and the same prompts, and writes JSON.

    python docs/benchmarks/sampling.py --venv .venv --model runs/smollm2-135m-hf \\
        --data ../shared/assets/prefs/hh_harmless_sample.jsonl.gz

float32, temperature 1, the same batch, all cores, A B B A in whole processes. Prompts are those of HH in the file's order,
as token ids that both sides read; one longer than --max-prompt-length loses its start. No token ends an answer, so
both sides draw the same number of tokens. Two settings: an answer a prompt, and four, as an on-policy run draws them.
"""

import argparse
import gzip
import json
import os
import resource
import statistics
import sys
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
MARK = "\n\nAssistant:"


def prompts(args):
    """Returns token ids of the first prompts, each once."""
    from transformers import AutoTokenizer

    tokenizer = AutoTokenizer.from_pretrained(args.model)
    texts = {}
    for line in gzip.open(args.data, "rt"):
        chosen = json.loads(line)["chosen"]
        texts[chosen[: chosen.rindex(MARK) + len(MARK)]] = None
    return [tokenizer(text).input_ids[-args.max_prompt_length :] for text in list(texts)[: args.prompts]]


def generate(model, file, answers, rows, tokens):
    """The child process: transformers, batch by batch."""
    import torch
    import transformers
    from transformers import AutoModelForCausalLM

    torch.set_num_threads(os.cpu_count())
    torch.manual_seed(0)
    model = AutoModelForCausalLM.from_pretrained(model, dtype=torch.float32).eval()
    given = json.loads(Path(file).read_text())
    step = rows // answers
    made, processor, began = 0, time.process_time(), time.perf_counter()
    for at in range(0, len(given), step):
        some = given[at : at + step]
        longest = max(map(len, some))
        ids = torch.tensor([[0] * (longest - len(one)) + one for one in some])
        mask = torch.tensor([[0] * (longest - len(one)) + [1] * len(one) for one in some])
        out = model.generate(
            input_ids=ids, attention_mask=mask, do_sample=True, temperature=1.0, top_k=0, top_p=1.0,
            num_return_sequences=answers, max_new_tokens=tokens, min_new_tokens=tokens, pad_token_id=0,
        )  # fmt: skip
        made += out.shape[0] * (out.shape[1] - longest)
    print(
        json.dumps(
            {
                "seconds": time.perf_counter() - began,
                "processor_seconds": time.process_time() - processor,
                "sequences": len(given) * answers,
                "new_tokens": made,
                "peak_rss_bytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024,
                "versions": {"torch": torch.__version__, "transformers": transformers.__version__},
            }
        )
    )


def measured(side, call):
    began = time.perf_counter()
    result = call()
    result["process_seconds"] = time.perf_counter() - began
    print(f"{side}: {result['new_tokens']} tokens in {result['seconds']:.1f} s", file=sys.stderr, flush=True)
    return result


def main():
    from bench import VENV, class_path, environment, java, machine, portable, python_json

    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--venv", type=Path, default=VENV)
    parser.add_argument("--model", required=True)
    parser.add_argument("--data", required=True)
    parser.add_argument("--prompts", type=int, default=64)
    parser.add_argument("--rows", type=int, default=32)
    parser.add_argument("--tokens", type=int, default=48)
    parser.add_argument("--answers", type=int, nargs="+", default=[1, 4])
    parser.add_argument("--max-prompt-length", type=int, default=256)
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--class-path", help="of a dil that is built already")
    parser.add_argument("--out", type=Path, default=Path("runs/benchmarks"))
    args = parser.parse_args()
    args.out.mkdir(parents=True, exist_ok=True)
    os.environ["OMP_WAIT_POLICY"] = "PASSIVE"
    python = environment(args.venv)
    path = args.class_path or class_path()
    ids = prompts(args)
    result = {"machine": machine(), "settings": {key: str(value) for key, value in vars(args).items() if key != "class_path"}, "points": []}
    result["prompt_tokens"] = {"sum": sum(map(len, ids)), "longest": max(map(len, ids))}
    for answers in args.answers:
        file = args.out / f"sampling-prompts-{answers}.json"
        # As many sequences whatever the number of answers.
        file.write_text(json.dumps(ids[: args.prompts // answers]))
        words = {"prompts": file, "answers": answers, "rows": args.rows, "tokens": args.tokens}
        sides = {
            "dil": lambda: java(path, "MeasureSampling", model=args.model, **words),
            "transformers": lambda: python_json(python, HERE / "sampling.py", "--child", args.model, *words.values()),
        }
        runs = {"dil": [], "transformers": []}
        for n in range(args.rounds):
            for side in list(sides)[:: 1 if n % 2 == 0 else -1]:
                runs[side].append(measured(side, sides[side]))
        speed = {side: statistics.median(run["new_tokens"] / run["seconds"] for run in runs[side]) for side in runs}
        point = {"answers": answers, "runs": runs, "tokens_per_second": speed, "ratio": speed["dil"] / speed["transformers"]}
        result["points"].append(point)
        (args.out / "sampling.json").write_text(json.dumps(portable(result), indent=1) + "\n")
        file.unlink()
        print(f"{answers} answers a prompt: {speed['dil']:.0f} / {speed['transformers']:.0f} tokens/s, {point['ratio']:.2f} times")


if __name__ == "__main__":
    if sys.argv[1:2] == ["--child"]:
        generate(sys.argv[2], sys.argv[3], *map(int, sys.argv[4:]))
    else:
        main()

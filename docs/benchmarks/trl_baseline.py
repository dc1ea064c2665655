"""Measures TRL's DPOTrainer on CPU in float32 and prints one JSON object.

    python trl_baseline.py --model DIR --data FILE --mode best [--steps 6] [--warmup 2]

FILE is JSON lines, plain or gzipped, with prompt, chosen and rejected, or Anthropic HH rows. Rows whose
prompt is longer than --max-prompt-length tokens are left out: TRL cuts at the end only, so these are the
rows that both sides cut alike. Both modes run in float32, on all cores, with the same batches in the
same order, and neither saves nor evaluates.

defaults  every other setting as DPOConfig has it (gradient checkpointing on, reference model in memory)
memory    gradient checkpointing on, reference scores computed beforehand: the least memory
best      gradient checkpointing off, reference scores computed beforehand, fused AdamW: the most speed

padding_free is not offered: TRL 1.16 switches it off again with a warning. The time of computing the
reference scores beforehand is charged to the steps that use them; JSON gives the figure without it too.
Figures a processor second (two cores at work for a second are two) hold up better on a busy machine.
"""

import time

START = time.perf_counter()

import argparse  # noqa: E402
import gzip  # noqa: E402
import json  # noqa: E402
import os  # noqa: E402
import platform  # noqa: E402
import resource  # noqa: E402
import statistics  # noqa: E402
import tempfile  # noqa: E402

import torch  # noqa: E402
import transformers  # noqa: E402
import trl  # noqa: E402
from datasets import Dataset  # noqa: E402
from transformers import AutoModelForCausalLM, AutoTokenizer, TrainerCallback  # noqa: E402
from trl import DPOConfig, DPOTrainer  # noqa: E402

MARKER = "\n\nAssistant:"
MODES = {
    "defaults": {},
    "memory": {"precompute_ref_log_probs": True, "gradient_checkpointing": True},
    "best": {
        "precompute_ref_log_probs": True,
        "gradient_checkpointing": False,
        "optim": "adamw_torch_fused",
    },
}


def pair(row):
    if "prompt" in row:
        return row["prompt"], row["chosen"], row["rejected"]
    at = row["chosen"].rfind(MARKER) + len(MARKER)
    if row["chosen"][:at] != row["rejected"][:at]:
        return None
    return row["chosen"][:at], row["chosen"][at:], row["rejected"][at:]


def read(path, tokenizer, count, max_prompt_length):
    """Returns the first count usable rows and how many were looked at."""
    rows, seen = [], 0
    with (gzip.open if path.endswith(".gz") else open)(path, "rt", encoding="utf-8") as lines:
        for line in lines:
            seen += 1
            found = pair(json.loads(line))
            if found is None or not all(text.strip() for text in found) or found[1] == found[2]:
                continue
            if len(tokenizer(found[0]).input_ids) <= max_prompt_length:
                rows.append(dict(zip(("prompt", "chosen", "rejected"), found)))
            if len(rows) == count:
                return rows, seen
    raise SystemExit(f"{path} must have {count} usable rows, got {len(rows)}")


class Clock(TrainerCallback):
    """Times every optimiser step, in wall and in processor seconds."""

    def __init__(self):
        self.wall, self.cpu, self.first_step, self.losses = [], [], None, []

    def on_step_begin(self, args, state, control, **kwargs):
        self.began = time.perf_counter(), time.process_time()

    def on_step_end(self, args, state, control, **kwargs):
        self.wall.append(time.perf_counter() - self.began[0])
        self.cpu.append(time.process_time() - self.began[1])
        if self.first_step is None:
            self.first_step = time.perf_counter() - START

    def on_log(self, args, state, control, logs=None, **kwargs):
        if "loss" in logs:
            self.losses.append(logs["loss"])


def rss():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def lengths(dataset, max_length):
    """Tokens of each row's prompt, chosen and rejected response as the model reads them, and their means."""
    rows = []
    for row in dataset:
        prompt = len(row["prompt_ids"])
        rows.append([prompt] + [min(len(row[key]), max_length - prompt) for key in ("chosen_ids", "rejected_ids")])
    n = len(rows)
    return {
        "mean_prompt_tokens": sum(p for p, _, _ in rows) / n,
        "mean_pair_tokens": sum(2 * p + c + r for p, c, r in rows) / n,
        "mean_pair_tokens_prompt_shared": sum(map(sum, rows)) / n,
        "row_tokens": rows,
    }


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--model", required=True)
    parser.add_argument("--data", required=True)
    parser.add_argument("--mode", choices=sorted(MODES), required=True)
    parser.add_argument("--batch", type=int, default=8)
    parser.add_argument("--max-length", type=int, default=512)
    parser.add_argument("--max-prompt-length", type=int, default=256)
    parser.add_argument("--steps", type=int, default=6, help="timed steps")
    parser.add_argument("--warmup", type=int, default=2, help="steps before the timed ones")
    parser.add_argument("--threads", type=int, default=os.cpu_count())
    args = parser.parse_args()

    torch.set_num_threads(args.threads)
    after_import = rss()
    tokenizer = AutoTokenizer.from_pretrained(args.model)
    tokenizer.pad_token = tokenizer.pad_token or tokenizer.eos_token
    steps = args.warmup + args.steps
    rows, seen = read(args.data, tokenizer, steps * args.batch, args.max_prompt_length)
    model = AutoModelForCausalLM.from_pretrained(args.model, dtype=torch.float32)
    after_load = rss()
    with tempfile.TemporaryDirectory() as folder:
        config = DPOConfig(
            output_dir=folder,
            per_device_train_batch_size=args.batch,
            max_length=args.max_length,
            max_steps=steps,
            learning_rate=1e-6,
            bf16=False,
            use_cpu=True,
            train_sampling_strategy="sequential",
            save_strategy="no",
            report_to="none",
            logging_steps=1,
            disable_tqdm=True,
            dataloader_pin_memory=False,
            seed=0,
            **MODES[args.mode],
        )
        clock = Clock()
        began, began_cpu = time.perf_counter(), time.process_time()
        trainer = DPOTrainer(
            model=model,
            args=config,
            train_dataset=Dataset.from_list(rows),
            processing_class=tokenizer,
            callbacks=[clock],
        )
        prepared, prepared_cpu = time.perf_counter() - began, time.process_time() - began_cpu
        data = lengths(trainer.train_dataset, args.max_length)
        trainer.train()
    timed, cpu = clock.wall[args.warmup :], clock.cpu[args.warmup :]
    # Tokenising these few rows takes well under a second: the rest is the reference's forward passes.
    beforehand = config.precompute_ref_log_probs
    reference = prepared / steps if beforehand else 0.0
    reference_cpu = prepared_cpu / steps if beforehand else 0.0
    mean = statistics.mean(timed)
    timed_tokens = sum(2 * p + c + r for p, c, r in data["row_tokens"][args.warmup * args.batch :])
    print(
        json.dumps(
            {
                "mode": args.mode,
                "model": os.path.basename(os.path.normpath(args.model)),
                "parameters": sum(p.numel() for p in model.parameters()),
                "data": os.path.basename(args.data),
                "rows_used_of": [len(rows), seen],
                "batch": args.batch,
                "max_length": args.max_length,
                "max_prompt_length": args.max_prompt_length,
                **data,
                "pairs_per_s": args.batch / (mean + reference),
                "tokens_per_s": timed_tokens / args.steps / (mean + reference),
                "pairs_per_s_without_reference": args.batch / mean,
                "pairs_per_cpu_s": args.batch / (statistics.mean(cpu) + reference_cpu),
                "step_s_median": statistics.median(timed),
                "step_s": timed,
                "step_cpu_s": statistics.mean(cpu),
                "timed_s": sum(timed) + args.steps * reference,
                "reference_cpu_s_per_step": reference_cpu,
                "reference_s_per_step": reference,
                "time_to_first_step_s": clock.first_step,
                "peak_rss_bytes": rss(),
                "rss_after_import_bytes": after_import,
                "rss_after_load_bytes": after_load,
                "losses": clock.losses,
                "gradient_checkpointing": config.gradient_checkpointing,
                "optim": config.optim.value,
                "attention": model.config._attn_implementation,
                "threads": torch.get_num_threads(),
                "interop_threads": torch.get_num_interop_threads(),
                "trainer_settings": {k: v for k, v in config.to_dict().items() if v not in (None, "", [], {})},
                "torch_build": torch.__config__.show().strip().splitlines(),
                "load_average": os.getloadavg()[0],
                "versions": {
                    "python": platform.python_version(),
                    "torch": torch.__version__,
                    "transformers": transformers.__version__,
                    "trl": trl.__version__,
                },
            },
            indent=1,
        )
    )


if __name__ == "__main__":
    main()

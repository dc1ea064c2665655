"""What TRL's DPOTrainer and KTOTrainer log of the tokens of a batch: entropy, mean_token_accuracy, logits/*.

    python dil-train/src/test/python/token_metrics.py --assets ../shared/assets

writes ../resources/parity/token-metrics-stories260K-hf.json.gz: the batch as token ids, as the trainer's own
collator made it, and the metrics of its first step, from the trainer's own log. TokenMetricsTest holds
Trainer to them.
"""

import argparse
import gzip
import json
import pathlib
import tempfile

import datasets
import torch
import transformers
import trl

PAIRS = [
    ("Once upon a time, there was a", " little girl named Lily.", " big dog that ran."),
    ("Tom went to the park with", " his mom. They saw a bird.", " a car"),
    ("The sun was", " hot.", " very, very cold and the moon did not like it."),
]


def run(folder, loss):
    model = transformers.AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32)
    tokenizer = transformers.AutoTokenizer.from_pretrained(folder)
    if tokenizer.pad_token is None:
        tokenizer.pad_token = tokenizer.eos_token
    rows = [{"prompt": p, "chosen": c, "rejected": r} for p, c, r in PAIRS]
    seen = []
    with tempfile.TemporaryDirectory() as out:
        arguments = trl.DPOConfig(
            output_dir=out,
            per_device_train_batch_size=len(rows),
            max_steps=1,
            logging_steps=1,
            report_to=[],
            use_cpu=True,
            bf16=False,
            loss_type=loss,
            save_strategy="no",
            gradient_checkpointing=False,
        )
        trainer = trl.DPOTrainer(model, args=arguments, train_dataset=datasets.Dataset.from_list(rows), processing_class=tokenizer)
        collate = trainer.data_collator

        def remember(examples):
            seen.append(collate(examples))
            return seen[-1]

        trainer.data_collator = remember
        trainer.train()
    log = next(row for row in trainer.state.log_history if "entropy" in row)
    batch = seen[0]
    ids, there, completion = batch["input_ids"], batch["attention_mask"].bool(), batch["completion_mask"].bool()
    sequences = [
        {"prompt": row[keep & ~answer].tolist(), "response": row[keep & answer].tolist()}
        for row, keep, answer in zip(ids, there, completion)
    ]
    half = len(sequences) // 2
    pairs = [
        {"prompt": c["prompt"], "chosen": c["response"], "rejected": r["response"]}
        for c, r in zip(sequences[:half], sequences[half:])
    ]
    names = ["loss", "entropy", "mean_token_accuracy", "logits/chosen", "logits/rejected", "logps/chosen", "logps/rejected"]
    return {"pairs": pairs, "metrics": {name: float(log[name]) for name in names}}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--assets", required=True)
    assets = pathlib.Path(parser.parse_args().assets)
    result = run(assets / "models/stories260K-hf", "sigmoid")
    result["versions"] = {"trl": trl.__version__, "transformers": transformers.__version__, "torch": torch.__version__}
    out = pathlib.Path(__file__).parent.parent / "resources/parity/token-metrics-stories260K-hf.json.gz"
    out.write_bytes(gzip.compress((json.dumps(result, indent=1) + "\n").encode(), mtime=0))
    print(result["metrics"])


main()

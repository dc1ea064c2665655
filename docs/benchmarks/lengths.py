"""Prints, as JSON, what TRL's collator makes of real rows: tokens a row, and tokens and padding a batch.

    python lengths.py DATA TOKENIZER ROWS BATCH MAX_LENGTH MAX_PROMPT_LENGTH
"""

import json
import sys

import trl_baseline
from transformers import AutoTokenizer
from trl.trainer.dpo_trainer import DataCollatorForPreference


def main():
    data, folder = sys.argv[1:3]
    count, batch, max_length, max_prompt_length = map(int, sys.argv[3:])
    tokenizer = AutoTokenizer.from_pretrained(folder)
    found, seen = trl_baseline.read(data, tokenizer, count, max_prompt_length)
    examples = []
    for row in found:
        prompt = tokenizer(row["prompt"]).input_ids
        example = {"prompt_ids": prompt}
        for name in ("chosen", "rejected"):
            # As TRL has it: what the whole has behind the prompt, and the end of the sequence.
            whole = tokenizer(row["prompt"] + row[name]).input_ids + [tokenizer.eos_token_id]
            example[f"{name}_ids"] = whole[len(prompt) :]
        examples.append(example)
    collator = DataCollatorForPreference(pad_token_id=0, max_length=max_length)
    batches = []
    for at in range(0, count, batch):
        mask = collator(examples[at : at + batch])["attention_mask"]
        batches.append({"positions": mask.numel(), "tokens": int(mask.sum()), "shape": list(mask.shape)})
    rows = []
    for example in examples:
        room = max_length - len(example["prompt_ids"])
        responses = (min(len(example[f"{name}_ids"]), room) for name in ("chosen", "rejected"))
        rows.append([len(example["prompt_ids"]), *responses])
    print(json.dumps({"rows": rows, "batches": batches, "seen": seen}))


if __name__ == "__main__":
    main()

"""The work of `dil data stats hh:FILE --tokenizer DIR` with Python's datasets and a fast tokenizer.

    time python bench_stats.py FILE.jsonl MODEL_DIR [PROCESSES]
    time ./dil data stats hh:FILE.jsonl --tokenizer MODEL_DIR

Per pair: find the prompt, tokenise the prompt and the prompt with either response, take lengths. The cache is off,
so that every run does the work.
"""

import tempfile
import sys
import time

import datasets
from transformers import PreTrainedTokenizerFast

MARK = "\n\nAssistant:"
path, model, processes = sys.argv[1], sys.argv[2], int(sys.argv[3]) if len(sys.argv) > 3 else 2
tok = PreTrainedTokenizerFast(tokenizer_file=model + "/tokenizer.json")
datasets.disable_caching()


def lengths(batch):
    prompts = [row[:row.rindex(MARK) + len(MARK)] for row in batch["chosen"]]
    prompt = [len(ids) for ids in tok(prompts)["input_ids"]]
    chosen = [len(ids) - n for ids, n in zip(tok(batch["chosen"])["input_ids"], prompt)]
    rejected = [len(ids) - n for ids, n in zip(tok(batch["rejected"])["input_ids"], prompt)]
    return {"prompt": prompt, "chosen_tokens": chosen, "rejected_tokens": rejected}


if __name__ == "__main__":
    start = time.time()
    rows = datasets.load_dataset("json", data_files=path, split="train", cache_dir=tempfile.mkdtemp())
    loaded = time.time()
    out = rows.map(lengths, batched=True, num_proc=processes, remove_columns=rows.column_names)
    mean = {c: sum(out[c]) / len(out) for c in out.column_names}
    end = time.time()
    print({"rows": len(out), "load_s": round(loaded - start, 1), "map_s": round(end - loaded, 1),
           "rows_per_s": round(len(out) / (end - start)), "mean": mean})

"""Padding of TRL's collation on the lengths of real rows, beside the positions that dil computes."""

import bench

DATA = {
    "UltraFeedback": bench.ASSETS / "prefs/ultrafeedback_flat_eval.jsonl",
    "HH": bench.ASSETS / "prefs/hh_harmless_sample.jsonl.gz",
}
ROWS, BATCH, MAX_LENGTH, MAX_PROMPT_LENGTH = 120, 8, 512, 256


def run(context):
    tokenizer = bench.ASSETS / "tokenizers/llama2-hf"
    results, rows = {}, []
    for name, data in DATA.items():
        words = (data, tokenizer, ROWS, BATCH, MAX_LENGTH, MAX_PROMPT_LENGTH)
        found = bench.python_json(context.python, bench.HERE / "lengths.py", *words)
        positions = sum(batch["positions"] for batch in found["batches"])
        tokens = sum(batch["tokens"] for batch in found["batches"])
        # The prompt once, and no last token, whose successor is not scored.
        computed = sum(p + c + r - 2 for p, c, r in found["rows"])
        worst = max(1 - batch["tokens"] / batch["positions"] for batch in found["batches"])
        results[name] = {**found, "padding": 1 - tokens / positions, "computed_by_dil": computed}
        prompts = sum(p for p, _, _ in found["rows"])
        rows.append(
            [name, tokens / ROWS, f"{prompts / ROWS:.0f}", f"{1 - tokens / positions:.1%}", f"{worst:.1%}", "0"]
            + [positions / ROWS, computed / ROWS, f"{positions / computed:.2f}"]
        )
    head = ["data", "tokens a pair", "prompt", "padding, TRL", "worst batch", "padding, dil"]
    head += ["positions a pair, TRL", "positions a pair, dil", "TRL / dil"]
    text = (
        f"First {ROWS} usable rows, Llama 2 tokenizer, batch {BATCH}, max_length {MAX_LENGTH}, rows in file order.\n\n"
        + bench.table(head, rows)
    )
    context.write("padding", results, text)

"""Where a step's time goes, beside the time that its matrix products take at the machine's best rate."""

import statistics

import bench
import flops
from part_padding import DATA, MAX_LENGTH, MAX_PROMPT_LENGTH

BATCH = 8
# Calls of programs by what they are for; the head's sums belong to the head.
PARTS = {
    "embedding": ("policy embed", "reference embed", "policy embed_backward", "policy rows", "reference rows"),
    "reference layers": ("reference layer",),
    "reference head": ("reference finish", "reference token_log_probs", "reference segment_sums"),
    "policy layers forward": ("policy layer",),
    "policy head forward": ("policy finish", "policy token_log_probs", "policy segment_sums"),
    "policy head backward": ("policy spread", "policy head_backward"),
    "policy layers backward": ("policy backward", "policy pass_back"),
    "optimiser": ("adamw", "global_norm", "scale", "zero", "copy"),
}


def run(context):
    model = context.model()
    sizes = flops.Model.read(model)
    words = (DATA["UltraFeedback"], bench.ASSETS / "tokenizers/llama2-hf", BATCH, BATCH, MAX_LENGTH, MAX_PROMPT_LENGTH)
    pairs = bench.python_json(context.python, bench.HERE / "lengths.py", *words)["rows"]
    peak = bench.matmul_peak(context.python, context.threads)
    point = ",".join(f"{p}:{c}:{r}*1" for p, c, r in pairs) + "/auto/never"
    result = context.steps(model, [point], profile="true")
    peak = max(peak, bench.matmul_peak(context.python, context.threads))
    steps = len(result["points"][0]["seconds"])
    step = statistics.mean(result["points"][0]["seconds"])
    calls = {name: call["seconds"] / steps for name, call in result["calls"].items()}
    count = sum(call["calls"] for call in result["calls"].values()) / steps
    found = {part: sum(calls.pop(name, 0) for name in names) for part, names in PARTS.items()}
    found["other calls"] = sum(calls.values())
    found["Java, loss and all else"] = step - sum(found.values())
    least = {part: operations / peak for part, operations in flops.parts(sizes, pairs).items()}
    rows = []
    for part, seconds in found.items():
        product = least.get(part)
        row = [part, seconds, f"{seconds / step:.1%}"]
        rows.append(row + ([product, f"{product / step:.1%}", f"{product / seconds:.2f}"] if product else ["", "", ""]))
    total = sum(least.values())
    rows.append(["step", step, "100%", total, f"{total / step:.1%}", f"{total / step:.2f}"])
    head = ["part", "s a step", "share", "products at peak, s", "share of the step", "products / part"]
    text = (
        f"Step of {BATCH} pairs of UltraFeedback's lengths ({sum(map(sum, pairs))} tokens, prompts once), random Llama of "
        f"30 M, fp32, activations kept, mean of {steps} steps; {count:.0f} calls a step; best matrix product "
        f"{peak / 1e9:.0f} GFLOP/s.\n\n" + bench.table(head, rows)
    )
    data = {"pairs": pairs, "peak": peak, "seconds": found, "products_at_peak_s": least, "raw": result}
    context.write("profile", data, text)

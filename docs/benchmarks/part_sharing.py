"""Steps with prompts shared and not, over the ratio of prompt to response at a fixed total."""

import bench
import flops

# Tokens of prompt and response together: what is computed without sharing is the same at every point.
TOTAL = 256
PAIRS = 2
RATIOS = (0.5, 1, 2, 4, 8)
SHORT = (1, 8, 32)


def run(context):
    model = context.model()
    sizes = flops.Model.read(model)
    prompts = [*SHORT, *(round(TOTAL * ratio / (1 + ratio)) for ratio in RATIOS)]
    points, rows = [], []
    for prompt in prompts:
        response = TOTAL - prompt
        pairs = [(prompt, response, response)] * PAIRS
        lengths = f"{prompt}:{response}:{response}*{PAIRS}"
        # A process of its own for each ratio, in which both take turns.
        result = context.steps(model, [f"{lengths}/{share}/never" for share in ("true", "false")])
        shared, whole = (point["seconds"] for point in result["points"])
        point = {
            "prompt": prompt,
            "response": response,
            "ratio": prompt / response,
            "shared_s": shared,
            "whole_s": whole,
            "measured": bench.median_ratio(shared, whole),
            "measured_cpu": bench.median_ratio(*(point["cpu_seconds"] for point in result["points"])),
            "by_tokens": (prompt + 2 * response - 2) / (2 * TOTAL - 2),
            "by_flops": flops.computed(sizes, pairs) / flops.computed(sizes, pairs, share=False),
        }
        points.append(point)
        keys = ("measured", "measured_cpu", "by_flops", "by_tokens")
        rows.append([prompt, response, f"{point['ratio']:.3g}", *(f"{point[key]:.3f}" for key in keys)])
    slower = [point["ratio"] for point in points if point["measured"] > 1]
    paying = [point["ratio"] for point in points if point["measured"] < 0.98 and point["ratio"] > max(slower, default=-1)]
    text = (
        f"Step of {PAIRS} pairs of {TOTAL} tokens a sequence, random Llama of 30 M, reference in the step: time with "
        "shared prompts over time without, in turn in one process.\n\n"
        + bench.table(["prompt", "response", "ratio", "measured", "processor", "by FLOPs", "by tokens"], rows)
        + f"\nPays (below 0.98) from ratio {min(paying, default=float('inf')):.3g} on; slower than without (above 1) at: "
        + f"{', '.join(f'{ratio:.3g}' for ratio in slower) or 'none'}.\n"
    )
    x = [point["ratio"] for point in points]
    series = [{"label": "measured", "x": x, "y": [point["measured"] for point in points]}]
    for key, name in (("by_flops", "expected by FLOPs"), ("by_tokens", "expected by tokens")):
        series.append({"label": name, "x": x, "y": [point[key] for point in points], "expected": True})
    plot = {
        "file": "sharing",
        "title": "A step with shared prompts",
        "x": "tokens of the prompt / tokens of a response",
        "y": "time shared / time not shared",
        "series": series,
    }
    context.write("sharing", {"total": TOTAL, "pairs": PAIRS, "points": points, "plots": [plot]}, text)

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
            "by_flops": flops.computed(sizes, pairs, "true") / flops.computed(sizes, pairs, "false"),
        }
        points.append(point)
        keys = ("measured", "measured_cpu", "by_flops", "by_tokens")
        rows.append([prompt, response, f"{point['ratio']:.3g}", *(f"{point[key]:.3f}" for key in keys)])
    text = (
        f"Step of {PAIRS} pairs of {TOTAL} tokens a sequence, random Llama of 30 M, reference in the step: time with "
        "shared prompts over time without, in turn in one process.\n\n"
        + bench.table(["prompt", "response", "ratio", "wall", "processor", "by FLOPs", "by tokens"], rows)
        + f"\n{verdict('wall', points, 'measured')}\n{verdict('processor', points, 'measured_cpu')}\n"
    )
    x = [point["ratio"] for point in points]
    series = [{"label": "wall", "x": x, "y": [point["measured"] for point in points]}]
    series.append({"label": "processor", "x": x, "y": [point["measured_cpu"] for point in points]})
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


def verdict(name, points, key):
    """Says from which ratio on sharing saves two in a hundred, and where it costs."""
    slower = [point["ratio"] for point in points if point[key] > 1.02]
    # From here on at every larger ratio too.
    ratios = [point["ratio"] for point in points]
    paying = next((r for i, r in enumerate(ratios) if all(p[key] < 0.98 for p in points[i:])), None)
    text = f"By {name} seconds it saves more than 2 % from ratio {paying:.2g} on" if paying else f"By {name} it never pays"
    return f"{text}; it costs more than 2 % at: {', '.join(f'{r:.2g}' for r in slower) or 'none'}."

"""Steps with prompts shared and not, over the ratio of prompt to response at fixed totals."""

import bench
import flops

# Tokens of prompt and response together: what is computed without sharing is the same at every point of a total.
SHORT, LONG = 256, 1500
PAIRS = {SHORT: 2, LONG: 1}
RATIOS = (0.5, 1, 2, 4, 8)
# Beside those: prompts at which a mask over a long response may cost more than the prompt.
PROMPTS = {SHORT: (1, 8, 32), LONG: (8, 64, 256)}


def run(context):
    model = context.model()
    sizes = flops.Model.read(model)
    lengths = [(SHORT, prompt) for prompt in PROMPTS[SHORT]]
    lengths += [(SHORT, round(SHORT * ratio / (1 + ratio))) for ratio in RATIOS]
    lengths += [(LONG, prompt) for prompt in PROMPTS[LONG]]
    points, rows = [], []
    for total, prompt in lengths:
        response = total - prompt
        pairs = [(prompt, response, response)] * PAIRS[total]
        words = f"{prompt}:{response}:{response}*{PAIRS[total]}"
        # A process of its own for each, in which both take turns.
        result = context.steps(model, [f"{words}/{share}/never" for share in ("true", "false")])
        shared, whole = (point["seconds"] for point in result["points"])
        point = {
            "prompt": prompt,
            "response": response,
            "ratio": prompt / response,
            "shared_s": shared,
            "whole_s": whole,
            "measured": bench.median_ratio(shared, whole),
            "measured_cpu": bench.median_ratio(*(point["cpu_seconds"] for point in result["points"])),
            "by_tokens": (prompt + 2 * response - 2) / (2 * total - 2),
            "by_flops": flops.computed(sizes, pairs, "true") / flops.computed(sizes, pairs, "false"),
            "rule": flops.shares(sizes, prompt, response, "auto"),
        }
        points.append(point)
        keys = ("measured", "measured_cpu", "by_flops", "by_tokens")
        rows.append(
            [prompt, response, *(f"{point[key]:.3f}" for key in keys), "shares" if point["rule"] else "does not"]
        )
    text = (
        f"Step of {PAIRS[SHORT]} pairs of {SHORT} tokens a sequence, and of one of {LONG}; random Llama of 30 M, reference "
        "in the step: time with shared prompts over time without, in turn in one process, and what `auto` does.\n\n"
        + bench.table(["prompt", "response", "wall", "processor", "by FLOPs", "by tokens", "`auto`"], rows)
        + f"\n{verdict('wall', points, 'measured')}\n{verdict('processor', points, 'measured_cpu')}\n"
    )
    short = [point for point in points if point["prompt"] + point["response"] == SHORT]
    x = [point["ratio"] for point in short]
    series = [{"label": "wall", "x": x, "y": [point["measured"] for point in short]}]
    series.append({"label": "processor", "x": x, "y": [point["measured_cpu"] for point in short]})
    for key, name in (("by_flops", "expected by FLOPs"), ("by_tokens", "expected by tokens")):
        series.append({"label": name, "x": x, "y": [point[key] for point in short], "expected": True})
    plot = {
        "file": "sharing",
        "title": f"A step with shared prompts, {SHORT} tokens a sequence",
        "x": "tokens of the prompt / tokens of a response",
        "y": "time shared / time not shared",
        "series": series,
    }
    context.write("sharing", {"points": points, "plots": [plot]}, text)


def verdict(name, points, key):
    """Says what `auto` would lose: where it shares and that costs, and where it does not and that would pay."""
    costs = [f"{p['prompt']}:{p['response']}" for p in points if p["rule"] and p[key] > 1.02]
    missed = [f"{p['prompt']}:{p['response']}" for p in points if not p["rule"] and p[key] < 0.98]
    return (
        f"By {name} seconds `auto` shares at a cost of more than 2 % at: {', '.join(costs) or 'none'}; "
        f"it forgoes more than 2 % at: {', '.join(missed) or 'none'}."
    )

"""The head alone: memory and time of log-probabilities and their gradients over tokens and vocabulary."""

import statistics

import bench

TOKENS = (512, 1024, 2048, 4096)
VOCABULARIES = (32000, 128256)
HIDDEN = 512
# Whole logits above which one repeat is enough.
LARGE = 1e9
MIB = 1 << 20
# As published: benchmark/data/all_benchmark_data.csv of linkedin/Liger-Kernel at ead96b6, head and loss, forward and
# backward, bf16. MB and ms of Liger and of the Hugging Face form beside it.
LIGER = [
    ["ORPO", "A100-80GB", "T 1024, B 16, H 4096, V 128256", "8497 / 33418", "247 / 305"],
    ["CPO", "A100-80GB", "T 1024, B 16, H 4096, V 128256", "8497 / 33418", "250 / 309"],
    ["ORPO", "A100-80GB", "T 4096, B 16, H 4096, V 128256", "15901 / 62483", "926 / 1001"],
    ["SimPO", "A100-80GB", "T 1024, B 16, H 4096, V 128256", "8011 / 33418", "238 / 308"],
    ["KTO", "H100", "T 512, B 32, H 1024, V 128256", "3433 / 30703", "63.0 / 81.6"],
]


def run(context):
    def repeats(tokens, vocabulary):
        return 1 if 4 * tokens * vocabulary > LARGE else 2

    def ours(tokens, vocabulary, mib):
        words = {"tokens": tokens, "vocabulary": vocabulary, "hidden": HIDDEN, "repeats": repeats(tokens, vocabulary)}
        if mib:
            words["head_bytes"] = mib * MIB
        return bench.java(context.java_path, "MeasureHead", **words)

    def theirs(form, tokens, vocabulary):
        words = (form, tokens, vocabulary, HIDDEN, repeats(tokens, vocabulary), context.threads)
        return bench.python_json(context.python, bench.HERE / "head_python.py", *words)

    sides = {"dil": lambda t, v: ours(t, v, None)}
    sides |= {f"dil, tiles of {mib} MiB": lambda t, v, mib=mib: ours(t, v, mib) for mib in context.head_mib}
    forms = {"TRL": "trl", "naive": "naive"}
    sides |= {name: lambda t, v, form=form: theirs(form, t, v) for name, form in forms.items()}
    points = []
    for vocabulary in VOCABULARIES:
        for tokens in TOKENS:
            found = {name: side(tokens, vocabulary) for name, side in sides.items()}
            points.append({"tokens": tokens, "vocabulary": vocabulary, **found})
        # What is known so far, since the largest points come last.
        report(context, list(sides), points)


def report(context, sides, points):
    memory, time = [], []
    for point in points:
        start = [point["vocabulary"], point["tokens"]]
        row = [*start, 4 * point["tokens"] * point["vocabulary"] / 1e6]
        for key in ("forward_peak_bytes", "peak_bytes"):
            row += [point[name][key] / 1e6 for name in sides]
        memory.append(row)
        row = [*start, *(statistics.median(point[name]["both_s"]) for name in sides)]
        time.append(row + [point[name]["cpu_s"] for name in sides])
    head = ["V", "T", "logits, MB", *(f"{name}, forward" for name in sides), *(f"{name}, both" for name in sides)]
    text = (
        f"Head of hidden size {HIDDEN}, fp32: highest resident memory above that before, MB, in a process of its own; "
        f"both: with the gradients of hidden states and weight, which are in it ({4 * HIDDEN * VOCABULARIES[0] / 1e6:.0f} "
        f"and {4 * HIDDEN * VOCABULARIES[1] / 1e6:.0f} MB of weight).\n\n" + bench.table(head, memory)
    )
    head = ["V", "T", *(f"{name}, s" for name in sides), *(f"{name}, processor s" for name in sides)]
    text += "\nForward and backward:\n\n" + bench.table(head, time)
    text += "\nAs published by Liger (head and loss, bf16, on GPUs; Liger / the form of Hugging Face):\n\n"
    text += bench.table(["loss", "device", "sizes", "MB", "ms"], LIGER)
    plots = [plot(points, sides, vocabulary) for vocabulary in dict.fromkeys(p["vocabulary"] for p in points)]
    context.write("head", {"hidden": HIDDEN, "points": points, "plots": plots}, text)


def plot(points, sides, vocabulary):
    chosen = [point for point in points if point["vocabulary"] == vocabulary]
    x = [point["tokens"] for point in chosen]
    series = [{"label": name, "x": x, "y": [p[name]["peak_bytes"] / 1e6 for p in chosen]} for name in sides]
    series.append({"label": "whole logits, fp32", "x": x, "y": [4 * t * vocabulary / 1e6 for t in x], "expected": True})
    return {
        "file": f"head-memory-{vocabulary}",
        "title": f"Head, forward and backward, vocabulary {vocabulary}",
        "x": "scored tokens",
        "y": "peak memory above that before, MB",
        "series": series,
    }

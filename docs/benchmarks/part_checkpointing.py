"""Time and memory of a step with activations kept, computed again, or chosen by the memory that is free."""

import statistics

import bench

LENGTHS = (128, 256, 512, 1024, 2048)
MODES = ("never", "always", "auto")
NAMES = {"never": "kept (false)", "always": "computed again (true)", "auto": "auto"}


def run(context):
    model = context.model()
    points, rows = [], []
    for length in LENGTHS:
        # Half of a sequence is prompt; one pair.
        lengths = f"{length // 2}:{length // 2}:{length // 2}*1"
        words = {mode: f"{lengths}/auto/{mode}" for mode in MODES}
        timed = context.steps(model, list(words.values()))["points"]
        point = {"length": length}
        for mode, times in zip(MODES, timed):
            # The untimed first step is enough for its memory.
            alone = context.steps(model, [words[mode]], rounds=0)
            point[mode] = {
                "seconds": times["seconds"],
                "cpu_seconds": times["cpu_seconds"],
                "peak_rss_bytes": alone["peak_rss_bytes"],
                "added_bytes": alone["peak_rss_bytes"] - alone["rss_before_bytes"],
            }
        points.append(point)
        seconds = [statistics.median(point[mode]["seconds"]) for mode in MODES]
        ratio = bench.median_ratio(point["always"]["seconds"], point["never"]["seconds"])
        cpu = bench.median_ratio(point["always"]["cpu_seconds"], point["never"]["cpu_seconds"])
        memory = [point[mode]["added_bytes"] / 1e6 for mode in MODES]
        rows.append([length, *seconds, f"{ratio:.2f}", f"{cpu:.2f}", *memory, point["never"]["peak_rss_bytes"] / 1e9])
    head = ["length", *(f"{NAMES[mode]}, s" for mode in MODES), "true / false", "by processor s"]
    head += [*(f"{NAMES[mode]}, MB" for mode in MODES), "process with false, GB"]
    text = (
        "gradient_checkpointing over sequence length: one pair, half of a sequence prompt, prompt shared, random Llama "
        "of 30 M, fp32. Times in turn in one process; memory: the highest above that before the step, a process for "
        "each.\n\n" + bench.table(head, rows)
    )
    plots = [
        plot("memory", "peak memory above that before, MB", points, lambda found: found["added_bytes"] / 1e6),
        plot("time", "s a step", points, lambda found: statistics.median(found["seconds"])),
    ]
    context.write("checkpointing", {"points": points, "plots": plots}, text)


def plot(name, label, points, value):
    x = [point["length"] for point in points]
    series = [{"label": NAMES[mode], "x": x, "y": [value(point[mode]) for point in points]} for mode in MODES]
    last = value(points[-1]["never"])
    series.append({"label": "linear in length", "x": x, "y": [last * n / x[-1] for n in x], "expected": True})
    return {
        "file": f"checkpointing-{name}",
        "title": f"gradient_checkpointing: {name}",
        "x": "tokens of a sequence (1 pair, prompt shared)",
        "y": label,
        "series": series,
    }

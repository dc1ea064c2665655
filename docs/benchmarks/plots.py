"""Draws the plots that a results file describes, beside it.

    python docs/benchmarks/plots.py docs/benchmarks/results/growth.json [--format png]
"""

import argparse
import json
from pathlib import Path

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt  # noqa: E402

MARKS = "osD^v"
LINES = ("--", ":", "-.")


def draw(plot, file):
    """Draws one plot, or a figure's `panels` side by side; panels of the same lines share a legend."""
    panels = plot.get("panels", [plot])
    figure, all_axes = plt.subplots(1, len(panels), figsize=(6 if len(panels) == 1 else 4 * len(panels), 4), layout="constrained", squeeze=False)
    colours, explained = {}, set()
    for panel, axes in zip(panels, all_axes[0]):
        fill(axes, panel, colours)
        labels = {series["label"] for series in panel["series"]}
        if not labels <= explained:
            axes.legend(fontsize=8)
            explained |= labels
    figure.savefig(file, metadata={"Date": None} if file.suffix == ".svg" else None)
    plt.close(figure)


def fill(axes, plot, colours):
    expected = 0
    for series in plot["series"]:
        if series.get("expected"):
            axes.plot(series["x"], series["y"], LINES[expected % len(LINES)], color="0.4", label=series["label"])
            expected += 1
        else:
            number = colours.setdefault(series["label"], len(colours))
            line = MARKS[number % len(MARKS)] + "-"
            axes.plot(series["x"], series["y"], line, label=series["label"], markersize=5, color=f"C{number % 10}")
            if "low" in series:
                axes.fill_between(series["x"], series["low"], series["high"], alpha=0.12, linewidth=0, color=f"C{number % 10}")
    axes.set(title=plot["title"], xlabel=plot["x"], ylabel=plot["y"])
    # "x" or "y" for one axis; true for both.
    logarithmic = plot.get("log")
    heights = [y for series in plot["series"] for y in series["y"]]
    if logarithmic in (True, "x"):
        places = [x for series in plot["series"] for x in series["x"]]
        axes.set_xscale("log", base=10 if max(places) > 500 * min(places) else 2)
        axes.xaxis.set_major_formatter("{x:g}")
    if logarithmic in (True, "y"):
        axes.set_yscale("log", base=10 if max(heights) > 1e5 * min(heights) or min(heights) < 0.01 else 2)
        axes.yaxis.set_major_formatter("{x:g}")
    elif min(heights) >= 0:
        axes.set_ylim(bottom=0)
    axes.set(**{limits: plot[limits] for limits in ("xlim", "ylim") if limits in plot})
    axes.grid(alpha=0.3)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("results", type=Path, nargs="+")
    parser.add_argument("--format", choices=("svg", "png"), default="svg")
    args = parser.parse_args()
    # The same input gives the same file.
    plt.rcParams["svg.hashsalt"] = "dil"
    plt.rcParams["svg.fonttype"] = "none"
    for results in args.results:
        for plot in json.loads(results.read_text()).get("plots", []):
            draw(plot, results.parent / f"{plot['file']}.{args.format}")


if __name__ == "__main__":
    main()

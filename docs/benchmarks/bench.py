"""What the benchmarks share: building dil, running both sides, the machine, and where results go."""

import atexit
import json
import os
import platform
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

HOME = Path(__file__).resolve().parents[2]
HERE = Path(__file__).resolve().parent
VENV = HOME / "target/benchmark-venv"
ASSETS = Path(os.environ.get("DIL_ASSETS", HOME.parent / "shared/assets"))
# A heap that is resident from the start: what grows while something is measured lies outside of it.
JAVA = ["-Xms256m", "-Xmx256m", "-XX:+AlwaysPreTouch"]
PEAK = """
import sys, time, torch
torch.set_num_threads(int(sys.argv[1]))
a, b = torch.randn(2048, 2048), torch.randn(2048, 2048)
best, until = 1e9, time.perf_counter() + 8
while time.perf_counter() < until:
    began = time.perf_counter()
    torch.mm(a, b)
    best = min(best, time.perf_counter() - began)
print(2 * 2048**3 / best)
"""


def run(command, **kwargs):
    print("+", " ".join(map(str, command)).replace("\n", " ")[:160], file=sys.stderr, flush=True)
    result = subprocess.run(list(map(str, command)), capture_output=True, text=True, **kwargs)
    if result.returncode != 0:
        raise SystemExit(f"{command[0]} failed:\n{result.stdout[-2000:]}\n{result.stderr[-4000:]}")
    return result.stdout


def environment(path):
    """Returns the Python of a virtual environment with what is compared, made where there is none."""
    # Not resolved: the link names the environment.
    python = path.absolute() / "bin/python"
    if not python.exists():
        run([sys.executable, "-m", "venv", path])
        run([python, "-m", "pip", "install", "-q", "-r", HERE / "requirements.txt"])
    return python


def class_path():
    """Builds dil and returns the class path of its examples, of copies that a later build leaves alone."""
    run(
        ["mvn", "-q", "-B", "-ntp", "-Pcli", "-pl", "examples", "-am", "-Dmaven.test.skip",
         "-Dspotless.check.skip", "-Dmaven.javadoc.skip", "-Dmaven.source.skip", "package"],
        cwd=HOME,
    )  # fmt: skip
    folder = Path(tempfile.mkdtemp(prefix="dil-benchmark-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    jars = sorted((HOME / "dil-train/target/cli-build").glob("*.jar"))
    own = [jar for name in ("examples", "train") for jar in HOME.glob(f"*/target/dil-{name}-*.jar")]
    own += [jar for jar in jars if jar.name.startswith("dil-")]
    copies = [shutil.copy(jar, folder) for jar in own if not jar.stem.endswith(("-sources", "-javadoc", "-tests"))]
    return ":".join(map(str, [*copies, *(jar for jar in jars if jar not in own)]))


def java(path, main, *words, options=JAVA, **settings):
    """Runs a program of the examples, with settings as key=value, and returns the JSON that it prints."""
    words = [*words, *(f"{key}={value}" for key, value in settings.items())]
    out = run(["java", *options, "-cp", path, f"io.dil.examples.{main}", *words])
    return json.loads(out.strip().splitlines()[-1])


def python_json(python, code, *words):
    """Runs Python source or a file with words, and returns the JSON of the last line that it prints."""
    start = [code] if isinstance(code, Path) else ["-c", code]
    return json.loads(run([python, *start, *words], cwd=HERE).strip().splitlines()[-1])


def same_threads(count):
    """Lets every process that follows use so many threads, which wait without spinning."""
    # Threads that spin at barriers take each other's cores; both sides get the same.
    os.environ["OMP_WAIT_POLICY"] = "PASSIVE"
    os.environ["OMP_NUM_THREADS"] = os.environ["MKL_NUM_THREADS"] = str(count)


def matmul_peak(python, threads):
    """Returns the floating-point operations a second of the best fp32 product of 2048 in eight seconds."""
    return float(run([python, "-c", PEAK, threads]))


def in_turn(rounds, *sides):
    """Calls each side once a round, in the order A B and then B A, and returns each side's results."""
    results = [[] for _ in sides]
    for round in range(rounds):
        order = range(len(sides)) if round % 2 == 0 else reversed(range(len(sides)))
        for i in order:
            results[i].append(sides[i]())
    return results


def median_ratio(left, right):
    """Returns the median of the ratios of neighbouring runs."""
    return statistics.median(x / y for x, y in zip(left, right))


def machine():
    cpu = next((x.split(":")[1].strip() for x in open("/proc/cpuinfo") if x.startswith("model name")), "")
    memory = next(int(x.split()[1]) * 1024 for x in open("/proc/meminfo") if x.startswith("MemTotal"))
    return {
        "cpu": cpu,
        "cores": os.cpu_count(),
        "memory_bytes": memory,
        "system": platform.platform(),
        "python": platform.python_version(),
        "load_average": os.getloadavg(),
        "date": time.strftime("%Y-%m-%d"),
        "environment": {k: v for k, v in os.environ.items() if k.startswith(("OMP_", "MKL_", "MALLOC_"))},
    }


def table(head, rows):
    """Returns a markdown table; a float is shown with three significant digits."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(map(shown, line)) + " |" for line in lines) + "\n"


def shown(value):
    if isinstance(value, float):
        return f"{value:.0f}" if abs(value) >= 1000 else f"{value:.3g}"
    return str(value)


def portable(value):
    """Returns a result without the folders of the machine that it was measured on: of a path, its name."""
    if isinstance(value, dict):
        return {key: portable(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [portable(item) for item in value]
    if isinstance(value, (str, Path)):
        return re.sub(r"(?<![\w.])(?:/[\w.@+-]+)+/([\w.@+-]+)", r"\1", str(value))
    return value


def write(folder, name, data, text):
    """Writes name.json and name.md, and prints the latter."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{name}.json").write_text(json.dumps(portable({**data, "machine": machine()}), indent=1) + "\n")
    text = f"{text}\nLoad average {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores.\n"
    (folder / f"{name}.md").write_text(text)
    print(text, flush=True)

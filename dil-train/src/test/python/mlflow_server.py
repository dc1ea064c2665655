"""Trains against a real MLflow server on this machine, and compares what it has with metrics.jsonl.

    python dil-train/src/test/python/mlflow_server.py OUTPUT_DIR ./dil train CONFIG.yaml [KEY=VALUE ...]

needs mlflow in the environment of this Python. The run must take more than ten steps and save every
few. It is asked to stop once, then killed once, then run to its end; the server must then have every
value of every line once, the settings, and the run as finished.
"""

import json
import os
import pathlib
import signal
import subprocess
import sys
import tempfile
import time
import urllib.request

import mlflow
from mlflow.tracking import MlflowClient

PORT = 5317
URI = f"http://127.0.0.1:{PORT}"


def serve(folder):
    server = subprocess.Popen(
        [sys.executable, "-m", "mlflow", "server", "--host", "127.0.0.1", "--port", str(PORT)]
        + ["--backend-store-uri", f"sqlite:///{folder}/store.db", "--workers", "1"],
        cwd=folder,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    for _ in range(240):
        try:
            urllib.request.urlopen(URI + "/health").read()
            return server
        except OSError:
            time.sleep(0.5)
    raise SystemExit("the server does not answer")


def train(command, output, kill=None):
    environment = dict(os.environ, MLFLOW_TRACKING_URI=URI)
    run = subprocess.Popen(command + ["report_to=mlflow", f"output_dir={output}"], env=environment)
    if kill is None:
        assert run.wait() == 0
        return
    metrics = output / "metrics.jsonl"
    before = len(metrics.read_text().splitlines()) if metrics.exists() else 0
    while run.poll() is None:
        if metrics.exists() and len(metrics.read_text().splitlines()) >= before + 4:
            run.send_signal(kill)
            break
        time.sleep(0.01)
    run.wait()


def main():
    output = pathlib.Path(sys.argv[1]).absolute()
    command = sys.argv[2:]
    with tempfile.TemporaryDirectory() as folder:
        server = serve(folder)
        try:
            train(command, output, signal.SIGTERM)
            train(command, output, signal.SIGKILL)
            train(command, output)
            compare(output)
        finally:
            os.killpg(server.pid, signal.SIGTERM)
            server.wait()


def compare(output):
    client = MlflowClient(URI)
    experiment = client.get_experiment_by_name("Default")
    (run,) = client.search_runs([experiment.experiment_id])
    assert run.info.status == "FINISHED", run.info.status
    assert run.info.run_name == output.name, run.info.run_name
    assert run.data.params["output_dir"] == str(output)
    expected = {}
    for line in (output / "metrics.jsonl").read_text().splitlines():
        row = json.loads(line)
        for name, value in row.items():
            if name != "step":
                expected.setdefault(name, []).append((row["step"], float(value)))
    assert expected.keys() == run.data.metrics.keys(), expected.keys() ^ run.data.metrics.keys()
    for name, points in expected.items():
        found = sorted((each.step, each.value) for each in client.get_metric_history(run.info.run_id, name))
        assert found == sorted(points), (name, found, points)
    count = sum(len(points) for points in expected.values())
    print(f"mlflow {mlflow.__version__}: {count} values of {len(expected)} metrics, each once; {len(run.data.params)} parameters")


main()

"""Event files of scalars: the bytes that TensorBoard's own writer makes, and what its reader finds in ours.

    python dil-train/src/test/python/tensorboard_events.py            # writes ../resources/track/events.hex
    python dil-train/src/test/python/tensorboard_events.py RUN_FOLDER # reads a run's files

The first is what EventFileTest compares with, byte for byte. The second opens the event files under
RUN_FOLDER/runs with TensorBoard's EventAccumulator and compares every scalar with metrics.jsonl.
"""

import io
import json
import math
import pathlib
import struct
import sys

import tensorboard
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
from tensorboard.compat.proto.event_pb2 import Event
from tensorboard.compat.proto.summary_pb2 import Summary
from tensorboard.summary.writer.record_writer import RecordWriter

EVENTS = [
    (1700000000.25, 0, [("eval/loss", 0.6931471805599453)]),
    (1700000001.5, 1, [("train/loss", 0.5), ("train/rewards/margins", -1e-3), ("train/epoch", 0.0)]),
    (1700000002.0, 300, [("train/loss", 1e-30), ("train/größe", 3.5e38)]),
    (1700000003.0, 5_000_000_000, [("train/num_tokens", 123456789.0)]),
]


def write():
    out = io.BytesIO()
    writer = RecordWriter(out)
    writer.write(Event(wall_time=1700000000.0, file_version="brain.Event:2").SerializeToString())
    for wall, step, scalars in EVENTS:
        values = [Summary.Value(tag=tag, simple_value=min(value, 3.4028234663852886e38)) for tag, value in scalars]
        event = Event(wall_time=wall, step=step, summary=Summary(value=values))
        writer.write(event.SerializeToString())
    path = pathlib.Path(__file__).parent.parent / "resources/track/events.hex"
    path.write_text(f"# tensorboard {tensorboard.__version__}\n{out.getvalue().hex()}\n")


def single(value):
    return struct.unpack("<f", struct.pack("<f", value))[0]


def read(folder):
    (file,) = folder.glob("runs/*/*tfevents*")
    events = EventAccumulator(str(file), size_guidance={"scalars": 0})
    events.Reload()
    found = {}
    for tag in events.Tags()["scalars"]:
        for event in events.Scalars(tag):
            key = (tag, event.step)
            assert key not in found, f"twice: {key}"
            found[key] = event.value
    expected = {}
    for line in (folder / "metrics.jsonl").read_text().splitlines():
        row = json.loads(line)
        side = "train/" if "loss" in row else "eval/"
        for name, value in row.items():
            if name != "step":
                tag = "eval/" + name[5:] if name.startswith("eval_") else side + name
                expected[tag, row["step"]] = single(float(value))
    assert found.keys() == expected.keys(), found.keys() ^ expected.keys()
    wrong = [key for key in expected if not math.isclose(found[key], expected[key], rel_tol=1e-7)]
    assert not wrong, wrong
    print(f"{file.name}: {len(found)} scalars of {len(events.Tags()['scalars'])} tags as in metrics.jsonl")


if len(sys.argv) > 1:
    read(pathlib.Path(sys.argv[1]))
else:
    write()

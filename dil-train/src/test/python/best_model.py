"""What transformers' Trainer evaluates, saves, keeps and loads, for BestModelTest.

A model of one weight is trained by the real Trainer with the real DefaultFlowCallback and
EarlyStoppingCallback; only what an evaluation gives is made up, so that good and bad evaluations come
in any order. For every case: the steps that were evaluated and saved, the best metric and its step,
the step whose model the run ends with, and the checkpoints that are left.

    python dil-train/src/test/python/best_model.py

writes ../resources/course/best-model.json.
"""

import itertools
import json
import os
import pathlib
import random
import tempfile

import torch
import transformers
from transformers import EarlyStoppingCallback, PrinterCallback, Trainer, TrainerCallback, TrainingArguments
from transformers.trainer_utils import EvalLoopOutput

transformers.logging.set_verbosity_error()
NAN = float("nan")


class Model(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.weight = torch.nn.Parameter(torch.zeros(1))

    def forward(self, x):
        return {"loss": (self.weight * x).mean()}


class Scripted(Trainer):
    """Gives the values of a list, one an evaluation."""

    values = ()

    def evaluation_loop(self, *args, **kwargs):
        step = self.state.global_step
        value = self.values[len(self.seen) % len(self.values)]
        self.seen.append(step)
        return EvalLoopOutput(None, None, {"eval_score": value, "eval_loss": value}, 1)


class Steps(TrainerCallback):
    """Writes down which weight belongs to which step, and which steps were saved."""

    def __init__(self):
        self.weights = {}
        self.saved = []

    def on_step_end(self, args, state, control, model=None, **kwargs):
        self.weights[model.weight.item()] = state.global_step

    def on_save(self, args, state, control, **kwargs):
        self.saved.append(state.global_step)


def run(case):
    with tempfile.TemporaryDirectory() as folder:
        arguments = TrainingArguments(
            output_dir=folder,
            per_device_train_batch_size=4,
            learning_rate=0.1,
            lr_scheduler_type="constant",
            report_to=[],
            disable_tqdm=True,
            use_cpu=True,
            logging_strategy="no",
            **case["arguments"],
        )
        data = [{"x": torch.ones(1)} for _ in range(case["examples"])]
        steps = Steps()
        callbacks = [steps]
        if case["patience"]:
            callbacks.append(EarlyStoppingCallback(case["patience"], case["threshold"]))
        trainer = Scripted(
            Model(), arguments, train_dataset=data, eval_dataset=data[:2], callbacks=callbacks
        )
        trainer.remove_callback(PrinterCallback)
        trainer.values = case["values"]
        trainer.seen = []
        trainer.train()
        left = sorted(int(name.split("-")[1]) for name in os.listdir(folder) if "-" in name)
        state = trainer.state
        return {
            "max_steps": state.max_steps,
            "evaluated": trainer.seen,
            "saved": steps.saved,
            "steps": state.global_step,
            "best_metric": state.best_metric,
            "best_step": state.best_global_step or 0,
            "best_checkpoint": int((state.best_model_checkpoint or "-0").split("-")[-1]),
            "ends_with": steps.weights[trainer.model.weight.item()],
            "left": left,
        }


def cases():
    random.seed(7)
    courses = [
        {"eval_strategy": "steps", "eval_steps": 3, "save_strategy": "steps", "save_steps": 3},
        {"eval_strategy": "steps", "eval_steps": 3, "save_strategy": "steps", "save_steps": 6},
        {"eval_strategy": "steps", "eval_steps": 0.1, "save_strategy": "steps", "save_steps": 0.2},
        {"eval_strategy": "epoch", "save_strategy": "epoch"},
        {"eval_strategy": "steps", "eval_steps": 4, "save_strategy": "best"},
        {"eval_strategy": "epoch", "save_strategy": "best"},
        {"eval_strategy": "epoch", "save_strategy": "epoch", "eval_delay": 1.5},
        {"eval_strategy": "steps", "eval_steps": 2, "save_strategy": "steps", "save_steps": 2, "eval_delay": 5},
    ]
    lengths = [{"max_steps": 20}, {"num_train_epochs": 3}, {"num_train_epochs": 2.5}]
    for course, length in itertools.product(courses, lengths):
        for patience, limit in ((0, 1), (1, 2), (2, 1), (3, 3)):
            values = [round(random.uniform(0, 1), 2) for _ in range(16)]
            metric = random.choice(["loss", "score", "eval_score", None])
            arguments = dict(course, **length)
            arguments["load_best_model_at_end"] = metric is None or random.random() < 0.7
            arguments["save_total_limit"] = limit
            arguments["eval_on_start"] = random.random() < 0.3
            if metric:
                arguments["metric_for_best_model"] = metric
                if random.random() < 0.3:
                    arguments["greater_is_better"] = random.random() < 0.5
            yield {
                "arguments": arguments,
                "examples": 22,
                "values": values,
                "patience": patience,
                "threshold": random.choice([0.0, 0.2]),
            }


def main():
    rows = [dict(case, result=run(case)) for case in cases()]
    versions = {"transformers": transformers.__version__, "torch": torch.__version__}
    lines = ",\n".join(json.dumps(row) for row in rows)
    out = pathlib.Path(__file__).parent.parent / "resources/course/best-model.json"
    out.write_text('{"versions": %s,\n"cases": [\n%s\n]}\n' % (json.dumps(versions), lines))


main()

"""Writes the keys of TRL's and transformers' trainer configurations, with their defaults, to ../resources/foreign/trl.json.

    python dil-train/src/test/python/foreign_keys.py

ForeignKeysTest holds the table of verdicts (foreign-keys.tsv) to it. Written with the versions that the file names.
"""

import dataclasses
import importlib
import json
import os
import pathlib

os.environ["TRL_EXPERIMENTAL_SILENCE"] = "1"

import transformers  # noqa: E402
import trl  # noqa: E402

CLASSES = [
    "transformers.TrainingArguments",
    "trl.DPOConfig",
    "trl.KTOConfig",
    "trl.experimental.cpo.CPOConfig",
    "trl.experimental.orpo.ORPOConfig",
    "trl.RewardConfig",
    "trl.SFTConfig",
    "trl.ModelConfig",
    "trl.ScriptArguments",
]


def default(field):
    if field.default is not dataclasses.MISSING:
        value = field.default
    elif field.default_factory is not dataclasses.MISSING:
        value = field.default_factory()
    else:
        return "required"
    return value if isinstance(value, (bool, int, float, str, list, type(None))) else str(getattr(value, "value", value))


def keys(name):
    module, _, class_name = name.rpartition(".")
    fields = dataclasses.fields(getattr(importlib.import_module(module), class_name))
    return {field.name: default(field) for field in fields if field.init}


def main():
    written = {
        "versions": {"trl": trl.__version__, "transformers": transformers.__version__},
        "classes": {name: keys(name) for name in CLASSES},
    }
    place = pathlib.Path(__file__).parent.parent / "resources/foreign/trl.json"
    place.write_text(json.dumps(written, indent=1) + "\n")


main()

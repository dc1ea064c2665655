"""Trains with TRL's DPOTrainer and a reference that moves (sync_ref_model), and records losses and weights.

    python sync_reference.py --assets ../shared/assets --out dil-train/src/test/resources/parity

writes ``sync-reference-stories260K-hf.json.gz``: four HH pairs as token ids, every step's loss, and of each weight of
the policy and of the reference after the last step its norm and some entries. The trainer is TRL's own, its callback
too; only its tokenisation is left out, so that both sides read the same ids. float32 on a processor.
"""

import argparse
import sys
import tempfile
from pathlib import Path

import torch
import transformers
import trl
from datasets import Dataset
from transformers import AutoModelForCausalLM, PreTrainedTokenizerFast

sys.path.insert(0, str(Path(__file__).resolve().parents[4] / "dil-core/src/test/python"))
import hf_reference as hf  # noqa: E402

MODEL = "stories260K-hf"
PAIRS, STEPS, SAMPLES = 4, 5, 8
SETTINGS = {
    "beta": 0.1,
    "learning_rate": 1e-4,
    "lr_scheduler_type": "constant",
    "warmup_steps": 0,
    "weight_decay": 0.01,
    "max_grad_norm": 1.0,
    "sync_ref_model": True,
    "ref_model_mixup_alpha": 0.6,
    "ref_model_sync_steps": 2,
}


class OnIds(trl.DPOTrainer):
    """DPOTrainer for rows that are tokenised already."""

    def _prepare_dataset(self, dataset, *args, **kwargs):
        return dataset


def described(model):
    weights = {}
    for name, value in model.named_parameters():
        flat = value.detach().double().flatten()
        at = [round(i * (flat.numel() - 1) / (SAMPLES - 1)) for i in range(SAMPLES)]
        weights[name] = {"norm": flat.norm().item(), "at": at, "entries": flat[at].tolist()}
    return weights


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--assets", required=True)
    parser.add_argument("--out", required=True)
    args = parser.parse_args()
    folder = Path(args.assets) / "models" / MODEL
    batch = [
        {"row": row, "prompt": prompt, "chosen": chosen, "rejected": rejected}
        for row, prompt, chosen, rejected in hf.pairs(args.assets, folder, PAIRS, 192, 96)
    ]
    rows = [{f"{side}_ids": one[side] for side in ("prompt", "chosen", "rejected")} for one in batch]
    load = lambda: AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32)  # noqa: E731
    with tempfile.TemporaryDirectory() as out:
        config = trl.DPOConfig(
            output_dir=out, per_device_train_batch_size=PAIRS, max_steps=STEPS, max_length=None, bf16=False,
            gradient_checkpointing=False, use_cpu=True, report_to="none", logging_steps=1, save_strategy="no",
            disable_tqdm=True, train_sampling_strategy="sequential", **SETTINGS,
        )  # fmt: skip
        trainer = OnIds(
            model=load(),
            ref_model=load(),
            args=config,
            train_dataset=Dataset.from_list(rows),
            processing_class=PreTrainedTokenizerFast(tokenizer_file=str(folder / "tokenizer.json"), pad_token="</s>", eos_token="</s>"),
        )
        trainer.train()
        losses = [entry["loss"] for entry in trainer.state.log_history if "loss" in entry]
        value = {
            "model": MODEL,
            "versions": {"torch": torch.__version__, "transformers": transformers.__version__, "trl": trl.__version__},
            "settings": SETTINGS,
            "batch": batch,
            "losses": losses,
            "policy": described(trainer.accelerator.unwrap_model(trainer.model)),
            "reference": described(trainer.accelerator.unwrap_model(trainer.ref_model)),
        }
    print(losses)
    hf.write(Path(args.out) / f"sync-reference-{MODEL}.json.gz", value)


if __name__ == "__main__":
    main()

"""Runs TRL's own loss code on given log-probabilities.

TRL has no loss functions apart from its trainers, so each trainer's method is called with a stand-in
for the trainer (the settings that the method reads) and a stand-in for the model (an object that hands
back the log-probabilities). All of a response's log-probability sits on its first token, so that its sum
is exact. One call a pair gives one loss a pair; losses that couple the rows get the whole batch at once.
"""

import collections
import types

import torch
from trl.experimental.cpo.cpo_trainer import CPOTrainer
from trl.experimental.orpo.orpo_trainer import ORPOTrainer
from trl.trainer.dpo_trainer import DPOTrainer
from trl.trainer.kto_trainer import KTOTrainer


class Accelerator:
    device = torch.device("cpu")

    def gather(self, value):
        return value

    def gather_for_metrics(self, value):
        return value


def trainer(**settings):
    """A stand-in for a trainer in training mode on one process."""
    defaults = dict(
        accelerator=Accelerator(),
        model=types.SimpleNamespace(training=True),
        args=types.SimpleNamespace(discopop_tau=settings.pop("discopop_tau", 0.05)),
        aux_loss_enabled=False,
        ld_alpha=None,
        precompute_ref_logps=True,
        use_weighting=False,
        f_divergence_type="reverse_kl",
        f_alpha_divergence_coef=0.5,
        label_smoothing=0.0,
        _metrics=collections.defaultdict(lambda: collections.defaultdict(list)),
        _total_train_tokens=0,
        _tp_size=1,
    )
    return types.SimpleNamespace(**{**defaults, **settings})


def spread(logps, tokens):
    """(B) summed log-probabilities as (B, T) per-token ones behind a prompt of one token."""
    length = int(max(tokens))
    per_token = torch.zeros(len(tokens), length, dtype=logps.dtype)
    per_token[:, 0] = logps
    mask = (torch.arange(length + 1)[None, :] >= 1) & (
        torch.arange(length + 1)[None, :] <= torch.tensor(tokens)[:, None]
    )
    return per_token, mask.long()


def model_giving(per_token):
    zeros = torch.zeros_like(per_token)

    def model(**_):
        return types.SimpleNamespace(
            log_probs=per_token, entropy=zeros, mean_logits=zeros, is_top1=zeros.bool()
        )

    return model


def dpo(rows, dtype, **settings):
    """(loss, gradient by summed log-prob of chosen and rejected) of DPOTrainer._compute_loss."""
    torch.set_default_dtype(dtype)
    policy = torch.tensor(rows.policy_chosen + rows.policy_rejected, dtype=dtype, requires_grad=True)
    tokens = rows.tokens_chosen + rows.tokens_rejected
    per_token, mask = spread(policy, tokens)
    inputs = {
        "input_ids": torch.zeros_like(mask),
        "attention_mask": torch.ones_like(mask),
        "completion_mask": mask,
        "ref_chosen_logps": torch.tensor(rows.reference_chosen, dtype=dtype),
        "ref_rejected_logps": torch.tensor(rows.reference_rejected, dtype=dtype),
    }
    loss_types = settings.pop("loss_types")
    weights = settings.pop("loss_weights", [1.0] * len(loss_types))
    stand_in = trainer(loss_types=loss_types, loss_weights=weights, **settings)
    loss = DPOTrainer._compute_loss(stand_in, model_giving(per_token), inputs, False)
    loss.backward()
    half = len(rows.policy_chosen)
    gradient = policy.grad * half
    return loss.item() * half, gradient[:half].tolist(), gradient[half:].tolist()


def cpo(rows, dtype, average, **settings):
    """CPOTrainer.cpo_loss, which SimPO is a case of; log-probabilities averaged or summed."""
    policy_chosen = torch.tensor(rows.policy_chosen, dtype=dtype, requires_grad=True)
    policy_rejected = torch.tensor(rows.policy_rejected, dtype=dtype, requires_grad=True)
    chosen, rejected = policy_chosen, policy_rejected
    if average:
        chosen = chosen / torch.tensor(rows.tokens_chosen, dtype=dtype)
        rejected = rejected / torch.tensor(rows.tokens_rejected, dtype=dtype)
    stand_in = trainer(**{"alpha": 0.0, **settings})
    loss = CPOTrainer.cpo_loss(stand_in, chosen, rejected)[0].sum()
    loss.backward()
    return loss.item(), policy_chosen.grad.tolist(), policy_rejected.grad.tolist()


def orpo(rows, beta):
    """ORPOTrainer.odds_ratio_loss, which casts to single precision, plus the likelihood of the response."""
    policy_chosen = torch.tensor(rows.policy_chosen, dtype=torch.float32, requires_grad=True)
    policy_rejected = torch.tensor(rows.policy_rejected, dtype=torch.float32, requires_grad=True)
    chosen = policy_chosen / torch.tensor(rows.tokens_chosen, dtype=torch.float32)
    rejected = policy_rejected / torch.tensor(rows.tokens_rejected, dtype=torch.float32)
    odds = ORPOTrainer.odds_ratio_loss(trainer(beta=beta), chosen, rejected)[0]
    loss = (-chosen - odds).sum()
    loss.backward()
    return loss.item(), policy_chosen.grad.tolist(), policy_rejected.grad.tolist()


def kto(logp, reference, tokens, desirable, kl, beta, desirable_weight, undesirable_weight, loss_type="kto"):
    """KTOTrainer._compute_loss of one labelled response: (loss, gradient)."""
    torch.set_default_dtype(torch.float64)
    policy = torch.tensor([logp], requires_grad=True)
    per_token, mask = spread(policy, [tokens])
    inputs = {
        "input_ids": torch.zeros_like(mask),
        "attention_mask": torch.ones_like(mask),
        "completion_mask": mask,
        "label": torch.tensor([desirable]),
        "ref_logps": torch.tensor([reference]),
        "ref_KL_logps": torch.tensor([0.0]),
    }
    stand_in = trainer(
        beta=beta,
        desirable_weight=desirable_weight,
        undesirable_weight=undesirable_weight,
        loss_type=loss_type,
        calculate_KL=loss_type == "kto",
        _compute_kl_logps=lambda model, batch: torch.tensor([kl]),
    )
    loss = KTOTrainer._compute_loss(stand_in, model_giving(per_token), inputs, False)
    loss.backward()
    return loss.item(), policy.grad.item()

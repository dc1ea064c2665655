"""Every loss written down once more, from its paper, in 60-digit arithmetic.

Independent of the Java code and of TRL. Notation: ``rw, rl`` log-ratios and ``sw, sl`` log-probabilities,
reduced; gradients are numerical derivatives at 60 digits, exact to double precision.
"""

import mpmath as mp

mp.mp.dps = 60


def log_sigmoid(x):
    return -mp.log1p(mp.exp(-x)) if x > 0 else x - mp.log1p(mp.exp(x))


def sigmoid(x):
    return mp.exp(log_sigmoid(x))


def log1mexp(s):
    return mp.log(-mp.expm1(s))


def both(rejected_term, chosen_term):
    """The expectation under the reference over both responses (text below eq. 21)."""
    return (rejected_term + chosen_term) / 2


def relative(r, alpha):
    """The relative density ratio of Yamada et al. 2011."""
    return mp.exp(r) / (alpha * mp.exp(r) + 1 - alpha)


# name -> f(rw, rl, **parameters)
RATIO = {
    "dil-lsif": lambda rw, rl, reference_samples="rejected": -mp.exp(rw)
    + (
        mp.exp(2 * rl) / 2
        if reference_samples == "rejected"
        else both(mp.exp(2 * rl) / 2, mp.exp(2 * rw) / 2)
    ),
    "dil-ukl": lambda rw, rl, reference_samples="rejected": -rw
    + (mp.exp(rl) if reference_samples == "rejected" else both(mp.exp(rl), mp.exp(rw))),
    "dil-bce": lambda rw, rl, reference_samples="rejected": -log_sigmoid(rw)
    - (
        log_sigmoid(-rl)
        if reference_samples == "rejected"
        else both(log_sigmoid(-rl), log_sigmoid(-rw))
    ),
    "dil-kliep": lambda rw, rl, lagrange=1: -rw + lagrange * (mp.exp(rl) - 1),
    "dil-power": lambda rw, rl, power, reference_samples="rejected": -((1 + power) * mp.exp(power * rw) - 1) / power
    + (
        mp.exp((1 + power) * rl)
        if reference_samples == "rejected"
        else both(mp.exp((1 + power) * rl), mp.exp((1 + power) * rw))
    ),
    "dil-rulsif": lambda rw, rl, alpha, reference_samples="rejected": alpha * relative(rw, alpha) ** 2 / 2
    - relative(rw, alpha)
    + (1 - alpha)
    * (
        relative(rl, alpha) ** 2 / 2
        if reference_samples == "rejected"
        else both(relative(rl, alpha) ** 2 / 2, relative(rw, alpha) ** 2 / 2)
    ),
    "dpo": lambda rw, rl, beta, label_smoothing=0: -(1 - label_smoothing) * log_sigmoid(beta * (rw - rl))
    - label_smoothing * log_sigmoid(-beta * (rw - rl)),
    "f-dpo": lambda rw, rl, beta, divergence, alpha=None: -log_sigmoid(
        beta * (f_prime(divergence, alpha, rw) - f_prime(divergence, alpha, rl))
    ),
    "ipo": lambda rw, rl, tau: (rw - rl - 1 / (2 * tau)) ** 2,
    "hinge": lambda rw, rl, beta: max(mp.mpf(0), 1 - beta * (rw - rl)),
    "robust-dpo": lambda rw, rl, beta, label_smoothing: (
        -(1 - label_smoothing) * log_sigmoid(beta * (rw - rl))
        + label_smoothing * log_sigmoid(-beta * (rw - rl))
    )
    / (1 - 2 * label_smoothing),
    "bco-pair": lambda rw, rl, beta: -log_sigmoid(beta * rw) - log_sigmoid(-beta * rl),
    "nca-pair": lambda rw, rl, beta: -log_sigmoid(beta * rw)
    - log_sigmoid(-beta * rw) / 2
    - log_sigmoid(-beta * rl) / 2,
    "exo-pair": lambda rw, rl, beta, label_smoothing: sigmoid(beta * (rw - rl))
    * (log_sigmoid(beta * (rw - rl)) - mp.log(1 - label_smoothing))
    + sigmoid(-beta * (rw - rl)) * (log_sigmoid(-beta * (rw - rl)) - mp.log(label_smoothing)),
    "apo-zero": lambda rw, rl, beta: sigmoid(-beta * rw) + sigmoid(beta * rl),
    "apo-down": lambda rw, rl, beta: sigmoid(beta * rw) + sigmoid(-beta * (rw - rl)),
    "sppo-hard": lambda rw, rl, beta: (rw - 1 / (2 * beta)) ** 2 + (rl + 1 / (2 * beta)) ** 2,
    "discopop": lambda rw, rl, beta, tau: sigmoid(-beta * (rw - rl) / tau) * -log_sigmoid(beta * (rw - rl))
    + sigmoid(beta * (rw - rl) / tau) * mp.exp(-beta * (rw - rl)),
}

# name -> f(sw, sl, **parameters)
PROBABILITY = {
    "slic": lambda sw, sl, delta, **p: max(mp.mpf(0), delta - sw + sl) - p["lambda"] * sw,
    "cpo": lambda sw, sl, beta, **p: -log_sigmoid(beta * (sw - sl)) - p["lambda"] * sw,
    "simpo": lambda sw, sl, beta, gamma: -log_sigmoid(beta * sw - beta * sl - gamma),
    "alphapo": lambda sw, sl, beta, gamma, alpha: -log_sigmoid(
        beta * ((1 - mp.exp(-alpha * sw)) / alpha - (1 - mp.exp(-alpha * sl)) / alpha) - gamma
    ),
    "simper": lambda sw, sl: mp.exp(sl) - mp.exp(sw),
    "orpo": lambda sw, sl, beta: -sw - beta * log_sigmoid(sw - log1mexp(sw) - (sl - log1mexp(sl))),
    "reward-bt": lambda sw, sl, center_rewards_coefficient=0: -log_sigmoid(sw - sl)
    + center_rewards_coefficient * (sw + sl) ** 2,
}


def f_prime(divergence, alpha, r):
    if divergence == "reverse-kl":
        return r + 1
    if divergence == "forward-kl":
        return -mp.exp(-r)
    if divergence == "js":
        return mp.log(2) + log_sigmoid(r)
    return (1 - mp.exp(-alpha * r)) / alpha


def kto(r, desirable, kl, beta, desirable_weight, undesirable_weight):
    z = beta * max(mp.mpf(0), kl)
    if desirable:
        return desirable_weight * (1 - sigmoid(beta * r - z))
    return undesirable_weight * (1 - sigmoid(z - beta * r))


def exact(value):
    return value if isinstance(value, str) else mp.mpf(value)


def pair(name, mean, row, parameters):
    """(loss, gradient by chosen, gradient by rejected) of one pair, as 60-digit numbers."""
    policy = [mp.mpf(row.policy_chosen[0]), mp.mpf(row.policy_rejected[0])]
    reference = [mp.mpf(row.reference_chosen[0]), mp.mpf(row.reference_rejected[0])]
    counts = [row.tokens_chosen[0], row.tokens_rejected[0]] if mean else [1, 1]
    given = {key: exact(value) for key, value in parameters.items()}
    if name in RATIO:
        formula, origin = RATIO[name], reference
    else:
        formula, origin = PROBABILITY[name], [0, 0]

    def loss(chosen, rejected):
        return formula((chosen - origin[0]) / counts[0], (rejected - origin[1]) / counts[1], **given)

    return (
        loss(*policy),
        mp.diff(lambda x: loss(x, policy[1]), policy[0]),
        mp.diff(lambda x: loss(policy[0], x), policy[1]),
    )


def kto_pair(rows, beta):
    """Losses and gradients of a batch; the two means are constants to the gradient."""
    beta = mp.mpf(beta)
    rw = [mp.mpf(p) - mp.mpf(q) for p, q in zip(rows.policy_chosen, rows.reference_chosen)]
    rl = [mp.mpf(p) - mp.mpf(q) for p, q in zip(rows.policy_rejected, rows.reference_rejected)]
    kw = max(mp.mpf(0), sum(rw) / len(rw))
    kl = max(mp.mpf(0), sum(rl) / len(rl))
    good = [sigmoid(beta * (r - kl)) for r in rw]
    bad = [sigmoid(beta * (kw - r)) for r in rl]
    return (
        [(1 - g) / 2 + (1 - b) / 2 for g, b in zip(good, bad)],
        [-beta * g * (1 - g) / 2 for g in good],
        [beta * b * (1 - b) / 2 for b in bad],
    )

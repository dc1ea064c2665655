"""Quantises numbers block by block with bitsandbytes, for QuantizedMomentTest.

    python quantized.py > ../resources/optim/quantized.json

Numbers of many magnitudes, a block of zeros, one with a single number, and a last block that is
not full; signed as for the first moment, unsigned as for the second. Its kernel for processors looks
small numbers up in a coarse table and does not always find the nearest value; the one for CUDA does.
"""

import importlib.metadata
import json

import bitsandbytes.functional as bnb
import torch

BLOCK = 256


def numbers(signed):
    generator = torch.Generator().manual_seed(7)
    x = torch.randn(5 * BLOCK + 100, generator=generator)
    x = x * torch.pow(10.0, -6 * torch.rand(x.shape, generator=generator))
    x[BLOCK : 2 * BLOCK] = 0
    x[2 * BLOCK : 3 * BLOCK] = 0
    x[2 * BLOCK + 17] = 3.5e-4
    return x if signed else x.abs()


def case(signed):
    values = bnb.create_dynamic_map(signed=signed)
    x = numbers(signed)
    codes, state = bnb.quantize_blockwise(x, code=values, blocksize=BLOCK)
    back = bnb.dequantize_blockwise(codes, state)
    return {
        "signed": signed,
        "values": values.tolist(),
        "numbers": x.tolist(),
        "codes": codes.tolist(),
        "scales": state.absmax.tolist(),
        "back": back.tolist(),
    }


print(
    json.dumps(
        {
            "versions": {
                name: importlib.metadata.version(name) for name in ("bitsandbytes", "torch")
            },
            "cases": [case(True), case(False)],
        }
    )
)

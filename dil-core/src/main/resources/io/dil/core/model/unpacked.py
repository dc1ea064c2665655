  # Where torch has no oneDNN: weights are read as they are.
  def pack(self: __torch__.Model, weight: Tensor) -> Tensor:
    return weight

  def packed_linear(self: __torch__.Model, x: Tensor, packed: Tensor, weight: Tensor, bias: Optional[Tensor]) -> Tensor:
    return torch.linear(x, weight, bias)

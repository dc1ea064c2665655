  # A weight laid out as oneDNN reads it: what a product of few rows spends most of its time on, done once.
  def pack(self: __torch__.Model, weight: Tensor) -> Tensor:
    return ops.mkldnn._reorder_linear_weight(weight, None)

  def packed_linear(self: __torch__.Model, x: Tensor, packed: Tensor, weight: Tensor, bias: Optional[Tensor]) -> Tensor:
    return ops.mkldnn._linear_pointwise(x, packed, bias, "none", annotate(List[Optional[number]], []), "")

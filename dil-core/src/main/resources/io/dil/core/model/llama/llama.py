  # Llama: pre-norm decoder, rotary positions, grouped-query attention, SwiGLU. Mistral is this with a
  # window, Qwen2 with biases of queries, keys and values, Qwen3 with norms of queries and keys.
  # x (N, hidden); cos, sin (N, head_dim); w holds one layer's weights by their checkpoint names.

  def layer(self: __torch__.Model, x: Tensor, cos: Tensor, sin: Tensor, layout: Tensor, w: Dict[str, Tensor]) -> Tensor:
    h = self.rms_norm(x, w["input_layernorm.weight"])
    x = torch.add(x, self.self_attention(h, cos, sin, layout, w))
    h = self.rms_norm(x, w["post_attention_layernorm.weight"])
    return torch.add(x, self.gated_mlp(h, w))

  def final_norm(self: __torch__.Model, x: Tensor, w: Dict[str, Tensor]) -> Tensor:
    return self.rms_norm(x, w["norm.weight"])

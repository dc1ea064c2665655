  # What is computed from the logits (1, T, V) of somebody else's module. Scored tokens (M) are predicted by
  # the rows [start, start + M); a chunk of rows at a time is reduced in fp32.

  # The log-probabilities (M) of the targets.
  def token_log_probs(self: __torch__.Model, logits: Tensor, start: Tensor, targets: Tensor, chunk: Tensor) -> Tensor:
    rows = torch.narrow(torch.select(logits, 0, 0), 0, int(start), targets.size(0))
    out = annotate(List[Tensor], [])
    step = int(chunk)
    for c in range(torch.floordiv(torch.sub(torch.add(rows.size(0), step), 1), step)):
      at = torch.mul(c, step)
      n = torch.sub(ops.prim.min(torch.add(at, step), rows.size(0)), at)
      z = torch.log_softmax(torch.narrow(rows, 0, at, n).to(6), 1)
      picked = torch.gather(z, 1, torch.unsqueeze(torch.narrow(targets, 0, at, n), 1))
      _0 = torch.append(out, torch.squeeze(picked, 1))
    return torch.cat(out)

  # The gradient of g * sum(token_log_probs) for the logits, in their type: g * (onehot - softmax) in the rows that
  # predict, 0 elsewhere. It is the one array of the logits' size that is made.
  def logits_gradient(self: __torch__.Model, logits: Tensor, start: Tensor, targets: Tensor, g: Tensor, chunk: Tensor) -> Tensor:
    gradient = torch.zeros_like(logits)
    rows = torch.narrow(torch.select(logits, 0, 0), 0, int(start), targets.size(0))
    out = torch.narrow(torch.select(gradient, 0, 0), 0, int(start), targets.size(0))
    step = int(chunk)
    for c in range(torch.floordiv(torch.sub(torch.add(rows.size(0), step), 1), step)):
      at = torch.mul(c, step)
      n = torch.sub(ops.prim.min(torch.add(at, step), rows.size(0)), at)
      dz = torch.mul_(torch.softmax(torch.narrow(rows, 0, at, n).to(6), 1), torch.neg(float(g)))
      own = torch.new_full(dz, [n, 1], float(g))
      _0 = torch.scatter_add_(dz, 1, torch.unsqueeze(torch.narrow(targets, 0, at, n), 1), own)
      _1 = torch.copy_(torch.narrow(out, 0, at, n), dz)
    return gradient

  # Pushes the logits' gradient back into the module's parameters, adding to the fp32 sums, one a parameter.
  def accumulate(self: __torch__.Model, logits: Tensor, gradient: Tensor, parameters: List[Tensor], sums: List[Tensor]) -> Tensor:
    outer = annotate(List[Optional[Tensor]], [gradient])
    found = torch.autograd.grad([logits], parameters, outer, None, False, True)
    for i in range(torch.len(parameters)):
      one = found[i]
      if torch.__isnot__(one, None):
        _0 = torch.add_(sums[i], unchecked_cast(Tensor, one))
    return gradient

  # The logits (V) behind the last token, in fp32.
  def last(self: __torch__.Model, logits: Tensor) -> Tensor:
    return torch.select(torch.select(logits, 0, 0), 0, -1).to(6)

  # How far the first rows of logits (1, T, V) are from those of a shorter sequence, beside their size.
  def distance(self: __torch__.Model, logits: Tensor, shorter: Tensor) -> Tensor:
    first = torch.narrow(logits, 1, 0, shorter.size(1)).to(6)
    size = torch.max(torch.abs(shorter.to(6)))
    return torch.div(torch.max(torch.abs(torch.sub(first, shorter.to(6)))), torch.add(size, 1e-30))

  # Whether two names are of one tensor: then a gradient that autograd finds for either is the whole one.
  def identical(self: __torch__.Model, a: Tensor, b: Tensor) -> Tensor:
    return torch.tensor(torch.__is__(a, b))

  # Whether two tensors are the same memory, seen the same way: then each has a share of the gradient.
  def shared(self: __torch__.Model, a: Tensor, b: Tensor) -> Tensor:
    return torch.tensor(torch.is_set_to(a, b))

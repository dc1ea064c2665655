  # One step of torch.optim.SGD, in its order of operations; without momentum `buffer` is not touched.
  def sgd(self: __torch__.Model, p: Tensor, g: Tensor, buffer: Tensor, lr: Tensor, momentum: Tensor, nesterov: Tensor, decay: Tensor) -> Tensor:
    grad = g
    if torch.ne(float(decay), 0.):
      grad = torch.add(grad, p, alpha=float(decay))
    if torch.ne(float(momentum), 0.):
      _0 = torch.add_(torch.mul_(buffer, float(momentum)), grad)
      if torch.ne(float(nesterov), 0.):
        grad = torch.add(grad, buffer, alpha=float(momentum))
      else:
        grad = buffer
    return torch.add_(p, grad, alpha=torch.neg(float(lr)))

  # One step of Lion: decay first, then the sign of an interpolation, then the moment.
  def lion(self: __torch__.Model, p: Tensor, g: Tensor, m: Tensor, lr: Tensor, beta1: Tensor, beta2: Tensor, decay: Tensor) -> Tensor:
    b1 = float(beta1)
    b2 = float(beta2)
    if torch.ne(float(decay), 0.):
      _0 = torch.mul_(p, torch.sub(1., torch.mul(float(lr), float(decay))))
    update = torch.sign(torch.add(torch.mul(m, b1), g, alpha=torch.sub(1., b1)))
    _1 = torch.add_(p, update, alpha=torch.neg(float(lr)))
    return torch.add_(torch.mul_(m, b2), g, alpha=torch.sub(1., b2))

  def rms(self: __torch__.Model, x: Tensor) -> Tensor:
    return torch.div(torch.linalg_vector_norm(x, 2), torch.pow(float(torch.numel(x)), 0.5))

  # The step of Adafactor from the running mean of squares on: `update` is g over its root.
  def adafactor_apply(self: __torch__.Model, p: Tensor, update: Tensor, m: Tensor, lr: Tensor, clip: Tensor, beta1: Tensor, decay: Tensor, scaled: Tensor, eps: Tensor) -> Tensor:
    rate = float(lr)
    if torch.ne(float(scaled), 0.):
      size = float(self.rms(p))
      rate = torch.mul(rate, size if torch.gt(size, float(eps)) else float(eps))
    step = torch.div(update, torch.clamp(torch.div(self.rms(update), float(clip)), 1.))
    _0 = torch.mul_(step, rate)
    # A negative beta1 stands for no first moment.
    if torch.ge(float(beta1), 0.):
      _1 = torch.add_(torch.mul_(m, float(beta1)), step, alpha=torch.sub(1., float(beta1)))
      step = m
    if torch.ne(float(decay), 0.):
      _2 = torch.add_(p, p, alpha=torch.neg(torch.mul(float(decay), rate)))
    return torch.sub_(p, step)

  # The root of the mean of squares of a matrix, from the means of its rows and of its columns.
  def adafactor_factored(self: __torch__.Model, g: Tensor, rows: Tensor, columns: Tensor, beta2: Tensor, eps: Tensor) -> Tensor:
    b = float(beta2)
    squares = torch.add(torch.pow(g, 2), float(eps))
    _0 = torch.add_(torch.mul_(rows, b), torch.mean(squares, [-1]), alpha=torch.sub(1., b))
    _1 = torch.add_(torch.mul_(columns, b), torch.mean(squares, [-2]), alpha=torch.sub(1., b))
    r = torch.unsqueeze(torch.rsqrt(torch.div(rows, torch.mean(rows, [-1], True))), -1)
    c = torch.rsqrt(torch.unsqueeze(columns, -2))
    return torch.mul(torch.mul(r, c), g)

  def adafactor_whole(self: __torch__.Model, g: Tensor, squares: Tensor, beta2: Tensor, eps: Tensor) -> Tensor:
    b = float(beta2)
    _0 = torch.add_(torch.mul_(squares, b), torch.add(torch.pow(g, 2), float(eps)), alpha=torch.sub(1., b))
    return torch.mul(torch.rsqrt(squares), g)

  # Newton and Schulz's iteration of the fifth degree in bf16: the singular values of a matrix come near 1.
  def orthogonal(self: __torch__.Model, g: Tensor, rounds: Tensor) -> Tensor:
    tall = torch.gt(g.size(0), g.size(1))
    x = g.to(15)
    if tall:
      x = torch.t(x)
    x = torch.div(x, torch.add(torch.norm(x), 1e-07))
    for i in range(int(rounds)):
      a = torch.matmul(x, torch.t(x))
      b = torch.add(torch.mul(a, -4.775), torch.matmul(torch.mul(a, 2.0315), a))
      x = torch.add(torch.mul(x, 3.4445), torch.matmul(b, x))
    if tall:
      x = torch.t(x)
    return x

  # One step of Muon: a moment, made orthogonal, and the decay apart from it.
  def muon(self: __torch__.Model, p: Tensor, g: Tensor, m: Tensor, lr: Tensor, momentum: Tensor, nesterov: Tensor, rounds: Tensor, scale: Tensor, decay: Tensor) -> Tensor:
    beta = float(momentum)
    _0 = torch.lerp_(m, g, torch.sub(1., beta))
    update = m
    if torch.ne(float(nesterov), 0.):
      update = torch.lerp(g, m, beta)
    turned = torch.mul(self.orthogonal(update, rounds), float(scale))
    if torch.ne(float(decay), 0.):
      _1 = torch.mul_(p, torch.sub(1., torch.mul(float(lr), float(decay))))
    return torch.add_(p, turned, alpha=torch.neg(float(lr)))

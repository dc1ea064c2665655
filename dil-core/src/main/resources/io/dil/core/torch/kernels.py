  # Maps a file of n elements; `path` is its characters' codes, since DJL passes tensors alone.
  def map_file(self: __torch__.Model, path: Tensor, n: Tensor, dtype: Tensor) -> Tensor:
    name = ""
    for i in range(path.size(0)):
      name = torch.add(name, torch.chr(int(torch.select(path, 0, i))))
    return torch.from_file(name, False, int(n), dtype=int(dtype))

  # A tensor of the given shape, `offset` elements into a mapped file.
  def view(self: __torch__.Model, file: Tensor, shape: Tensor, offset: Tensor) -> Tensor:
    size = annotate(List[int], [])
    stride = annotate(List[int], [])
    for i in range(shape.size(0)):
      _0 = torch.append(size, int(torch.select(shape, 0, i)))
      _1 = torch.append(stride, 1)
    for i in range(torch.sub(shape.size(0), 1)):
      at = torch.sub(torch.sub(shape.size(0), 2), i)
      _2 = torch._set_item(stride, at, torch.mul(stride[torch.add(at, 1)], size[torch.add(at, 1)]))
    return torch.as_strided(file, size, stride, int(offset))

  # A copy of x in the given type on the device of `like`, or x itself where nothing changes.
  def cast(self: __torch__.Model, x: Tensor, dtype: Tensor, like: Tensor) -> Tensor:
    return torch.to(x, like.device, int(dtype))

  # n elements of x, in row order, in memory that the host reads.
  def host_slice(self: __torch__.Model, x: Tensor, start: Tensor, n: Tensor) -> Tensor:
    return torch.to(torch.narrow(torch.reshape(x, [-1]), 0, int(start), int(n)), torch.device("cpu"), x.dtype)

  def to_host(self: __torch__.Model, x: Tensor, dtype: Tensor) -> Tensor:
    return torch.to(x, torch.device("cpu"), int(dtype))

  # Rows [start, start + n) of numbers whose blocks were divided by their largest magnitude and rounded.
  def dequantized(self: __torch__.Model, codes: Tensor, scales: Tensor, values: Tensor, block: Tensor, start: Tensor, n: Tensor) -> Tensor:
    size = int(block)
    rows = int(n)
    columns = codes.size(1)
    blocks = scales.size(1)
    some = torch.reshape(torch.narrow(codes, 0, int(start), rows), [-1])
    numbers = torch.view(torch.index_select(values, 0, some.to(3)), [rows, columns])
    padded = torch.constant_pad_nd(numbers, [0, torch.sub(torch.mul(blocks, size), columns)])
    scale = torch.unsqueeze(torch.narrow(scales, 0, int(start), rows), 2)
    scaled = torch.mul(torch.view(padded, [rows, blocks, size]), scale)
    return torch.contiguous(torch.narrow(torch.view(scaled, [rows, -1]), 1, 0, columns))

  # Rounds the blocks of some rows, each divided by its largest magnitude, to the nearest value.
  def quantize(self: __torch__.Model, codes: Tensor, scales: Tensor, borders: Tensor, block: Tensor, start: Tensor, numbers: Tensor) -> Tensor:
    size = int(block)
    rows = numbers.size(0)
    columns = numbers.size(1)
    blocks = scales.size(1)
    padded = torch.constant_pad_nd(numbers, [0, torch.sub(torch.mul(blocks, size), columns)])
    parts = torch.view(padded, [rows, blocks, size])
    largest = torch.amax(torch.abs(parts), [2])
    _0 = torch.copy_(torch.narrow(scales, 0, int(start), rows), largest)
    # A block of zeros is divided by 1.
    divisor = torch.unsqueeze(torch.where(torch.eq(largest, 0.), torch.ones_like(largest), largest), 2)
    scaled = torch.narrow(torch.view(torch.div(parts, divisor), [rows, -1]), 1, 0, columns)
    places = torch.bucketize(torch.contiguous(scaled), borders, out_int32=True)
    return torch.copy_(torch.narrow(codes, 0, int(start), rows), places)

  # A copy of x on the device of `like`, which nobody waits for.
  def upload(self: __torch__.Model, x: Tensor, like: Tensor) -> Tensor:
    return torch.to(x, like.device, x.dtype, True)

  def leaf(self: __torch__.Model, x: Tensor) -> Tensor:
    return torch.requires_grad_(torch.detach(x), True)

  def copy(self: __torch__.Model, target: Tensor, source: Tensor) -> Tensor:
    return torch.copy_(target, source)

  def rows(self: __torch__.Model, x: Tensor, start: Tensor, n: Tensor) -> Tensor:
    return torch.narrow(x, 0, int(start), int(n))

  # Rows of another array, which may be on another device, into rows of this one.
  def copy_rows(self: __torch__.Model, target: Tensor, to: Tensor, source: Tensor, start: Tensor, n: Tensor) -> Tensor:
    rows = torch.narrow(source, 0, int(start), int(n))
    return torch.copy_(torch.narrow(target, 0, int(to), int(n)), rows)

  # Adds as many rows of another array, which may be on another device, as this one has.
  def add_rows(self: __torch__.Model, sum: Tensor, whole: Tensor, start: Tensor) -> Tensor:
    rows = torch.narrow(whole, 0, int(start), sum.size(0))
    return torch.add_(sum, torch.to(rows, sum.device, whole.dtype))

  def empty(self: __torch__.Model, shape: Tensor, dtype: Tensor, like: Tensor) -> Tensor:
    size = annotate(List[int], [])
    for i in range(shape.size(0)):
      _0 = torch.append(size, int(torch.select(shape, 0, i)))
    return torch.empty(size, dtype=int(dtype), device=like.device)

  def zero(self: __torch__.Model, arrays: List[Tensor]) -> Tensor:
    for i in range(torch.len(arrays)):
      _0 = torch.zero_(arrays[i])
    return arrays[0]

  def equal(self: __torch__.Model, a: Tensor, b: Tensor) -> Tensor:
    return torch.tensor(torch.equal(a, b))

  # The 2-norm of everything in arrays, as torch.nn.utils.clip_grad_norm_ computes it: of each, then of the norms.
  def global_norm(self: __torch__.Model, arrays: List[Tensor]) -> Tensor:
    norms = annotate(List[Tensor], [])
    for i in range(torch.len(arrays)):
      _0 = torch.append(norms, torch.linalg_vector_norm(arrays[i], 2, None, False, dtype=6))
    return torch.linalg_vector_norm(torch.stack(norms))

  def scale(self: __torch__.Model, arrays: List[Tensor], factor: Tensor) -> Tensor:
    for i in range(torch.len(arrays)):
      _0 = torch.mul_(arrays[i], factor)
    return arrays[0]

  def blend(self: __torch__.Model, targets: List[Tensor], sources: List[Tensor], share: Tensor) -> Tensor:
    rest = torch.sub(1., float(share))
    for i in range(torch.len(targets)):
      _0 = torch.add_(torch.mul_(targets[i], rest), sources[i], alpha=float(share))
    return targets[0]

  def adamw(self: __torch__.Model, params: List[Tensor], grads: List[Tensor], m: List[Tensor], v: List[Tensor], step: Tensor, lr: Tensor, beta1: Tensor, beta2: Tensor, eps: Tensor, decay: Tensor) -> Tensor:
    steps = annotate(List[Tensor], [])
    # Filled on the device: a copy from the host would wait for all that is queued there.
    count = torch.full([], float(step), dtype=6, device=params[0].device)
    for i in range(torch.len(params)):
      _0 = torch.append(steps, count)
    torch._fused_adamw_(params, grads, m, v, annotate(List[Tensor], []), steps, lr=float(lr), beta1=float(beta1), beta2=float(beta2), weight_decay=float(decay), eps=float(eps), amsgrad=False, maximize=False)
    return params[0]

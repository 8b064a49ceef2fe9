"""PyTorch as a peer: see docs/bench.md for the protocol."""
import os
import sys
import time

import numpy
import torch


def operand(folder, name, *shape):
    x = numpy.fromfile(os.path.join(folder, name + ".f32"), dtype=numpy.float32)
    return torch.from_numpy(x.reshape(shape))


def composed(q, k, v, causal):
    """Attention as one writes it: matrix product, softmax, matrix product."""
    logits = torch.matmul(q * q.shape[-1] ** -0.5, k.transpose(-2, -1))
    if causal:
        logits = logits + torch.full((q.shape[-2], k.shape[-2]), -torch.inf).triu(1)
    return torch.matmul(torch.softmax(logits, -1), v)


def built_in(q, k, v, causal):
    """The library's own function, whatever this version calls it."""
    f = torch.nn.functional
    if hasattr(f, "scaled_dot_product_attention"):
        return f.scaled_dot_product_attention(q, k, v, is_causal=causal)
    return f._scaled_dot_product_attention(q, k, v, is_causal=causal)[0]


def grouped(way):
    """Queries of one group as rows of one product: they share their keys."""

    def attend(q, k, v, causal):
        b, h, m, d = q.shape
        g = k.shape[1]
        return way(q.reshape(b, g, h // g * m, d), k, v, causal).reshape(b, h, m, d)

    return attend


def forward(way, x, causal):
    def compute():
        with torch.no_grad():
            return way(x["q"], x["k"], x["v"], causal)

    return compute


def backward(way, x, causal):
    """The gradients, from what the forward pass keeps."""
    leaves = [x[name].requires_grad_() for name in "qkv"]
    out = way(*leaves, causal)

    def compute():
        gradients = torch.autograd.grad(out, leaves, x["g"], retain_graph=True)
        return torch.cat([g.flatten() for g in gradients])

    return compute


def sample(compute, least):
    wall, cpu, times = time.perf_counter(), time.process_time(), 0
    while True:
        compute()
        times += 1
        now = time.perf_counter()
        if now - wall >= least:
            return times, now - wall, time.process_time() - cpu


def load(words, folder):
    kind = words[1]
    b, h, g, m, n, d, causal, threads = map(int, words[2:10])
    torch.set_num_threads(threads)
    if kind == "sgemm":
        x, y = operand(folder, "q", n, n), operand(folder, "k", n, n)
        ways = {"matmul": lambda: torch.matmul(x, y)}
    elif kind in ("attention", "backward"):
        x = {"q": operand(folder, "q", b, h, m, d)}
        x["k"], x["v"] = (operand(folder, name, b, g, n, d) for name in "kv")
        if kind == "backward":
            x["g"] = operand(folder, "g", b, h, m, d)
        make = forward if kind == "attention" else backward
        ways = {}
        for way in composed, built_in:
            if h == g:
                ways[way.__name__] = make(way, x, bool(causal))
            elif m == 1:
                ways[way.__name__] = make(grouped(way), x, bool(causal))
    else:
        ways = {}
    if not ways:
        return None, "unsupported no %s of this shape here" % kind
    seconds = {}
    for name, way in ways.items():
        sample(way, 0.05)
        times, _, cpu = sample(way, 0.1)
        seconds[name] = cpu / times
    name = min(seconds, key=seconds.get)
    ways[name]().numpy().tofile(os.path.join(folder, "out.f32"))
    return ways[name], "ready " + name


def main():
    print("hello PyTorch", torch.__version__, flush=True)
    compute = None
    for line in sys.stdin:
        words = line.split()
        try:
            if words[:1] == ["load"]:
                compute, reply = load(words, line.rstrip("\n").split(" ", 10)[10])
            elif words[:1] == ["sample"] and compute:
                reply = "sample %d %.9g %.9g" % sample(compute, float(words[1]))
            else:
                reply = "failed no command: " + line.strip()
        except Exception as e:  # said to whoever asked
            reply = "failed " + " ".join(str(e).split())
        print(reply, flush=True)


main()

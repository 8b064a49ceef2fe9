// ONNX Runtime as a peer: see docs/bench.md for the protocol. The models are
// those of the folder that a problem comes in; the fastest one is taken.
'use strict';

const fs = require('fs');
const path = require('path');
const readline = require('readline');
const ort = require('onnxruntime-node');

let run = null; // one computation

function operand(folder, name) {
  const bytes = fs.readFileSync(path.join(folder, name + '.f32'));
  return new Float32Array(bytes.buffer, bytes.byteOffset, bytes.length / 4);
}

// swapped returns x of shape a×b×c as b×a×c.
function swapped(x, a, b, c) {
  const y = new Float32Array(x.length);
  for (let i = 0; i < a; i++)
    for (let j = 0; j < b; j++) y.set(x.subarray((i * b + j) * c, (i * b + j + 1) * c), (j * a + i) * c);
  return y;
}

async function prepare(file, p, x) {
  const session = await ort.InferenceSession.create(file, {
    intraOpNumThreads: p.threads, interOpNumThreads: 1, executionMode: 'sequential', graphOptimizationLevel: 'all',
  });
  const feeds = {};
  for (const input of session.inputMetadata) {
    const name = input.name.replace(/_rows$/, '');
    const heads = name === 'q' ? p.heads : p.keyHeads, tokens = name === 'q' ? p.m : p.n;
    if (name === 'last') feeds.last = new ort.Tensor('int32', Int32Array.of(p.n - 1), [1]);
    else if (name === 'tokens') feeds.tokens = new ort.Tensor('int32', Int32Array.of(p.n), [1]);
    else feeds[input.name] = new ort.Tensor('float32', input.name === name ? x[name] : swapped(x[name], heads, tokens, p.d), input.shape);
  }
  const fetches = {};
  for (const o of session.outputMetadata) fetches[o.name] = new ort.Tensor('float32', new Float32Array(o.shape.reduce((a, b) => a * b)), o.shape);
  const compute = () => session.run(feeds, fetches);
  await compute();
  const plain = fetches.out;
  const out = plain ? plain.data : swapped(fetches.out_rows.data, p.m, p.heads, p.d);
  return {compute, out};
}

function clocks() {
  const c = process.cpuUsage();
  return [Number(process.hrtime.bigint()) * 1e-9, (c.user + c.system) * 1e-6];
}

async function sample(compute, least) {
  const [wall, cpu] = clocks();
  for (let times = 1; ; times++) {
    await compute();
    const now = clocks();
    if (now[0] - wall >= least) return {times, wall: now[0] - wall, cpu: now[1] - cpu};
  }
}

async function load(words) {
  const folder = words.slice(10).join(' ');
  const [batch, heads, keyHeads, m, n, d, causal, threads] = words.slice(2, 10).map(Number);
  const models = fs.readdirSync(folder).filter((f) => f.endsWith('.onnx')).sort();
  if (models.length === 0 || batch !== 1) return 'unsupported no ' + words[1] + ' here';
  const p = {heads, keyHeads, m, n, d, causal, threads};
  const x = {q: operand(folder, 'q'), k: operand(folder, 'k'), v: operand(folder, 'v')};
  let best = null, failure = '';
  for (const file of models) {
    try {
      const way = await prepare(path.join(folder, file), p, x);
      await sample(way.compute, 0.05);
      const s = await sample(way.compute, 0.1);
      way.seconds = s.cpu / s.times;
      way.name = file.replace('.onnx', '');
      if (best === null || way.seconds < best.seconds) best = way;
    } catch (e) {
      failure = String(e).replace(/\s+/g, ' ');
    }
  }
  if (best === null) return 'failed ' + failure;
  fs.writeFileSync(path.join(folder, 'out.f32'), new Uint8Array(best.out.buffer, best.out.byteOffset, best.out.byteLength));
  run = best.compute;
  return 'ready ' + best.name;
}

async function main() {
  console.log('hello ONNX Runtime ' + ort.env.versions.node);
  for await (const line of readline.createInterface({input: process.stdin})) {
    const words = line.trim().split(' ');
    if (words[0] === 'load') {
      console.log(await load(words).catch((e) => 'failed ' + String(e).replace(/\s+/g, ' ')));
    } else if (words[0] === 'sample' && run) {
      const s = await sample(run, Number(words[1]));
      console.log(`sample ${s.times} ${s.wall} ${s.cpu}`);
    } else {
      console.log('failed no command: ' + line);
    }
  }
}

main();

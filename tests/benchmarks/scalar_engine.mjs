// A scalar neural network of the kind that playgrounds in the browser run: nodes and links as objects, one number at a time.
// It trains 2-8-8-1 with tanh on two spirals, in batches of 10, and measures the loss of both sets after each epoch. Like those, it makes
// the inputs anew from a point's features each time, takes an activation's slope at the sum that went in, and counts what it accumulates.
import { createInterface } from "node:readline";

const EPOCHS = 200; // of one training; then the next begins with fresh weights
const BATCH = 10;
const RATE = 0.03;
const WARMING = 0.2; // as in turns.py

function spiral(count) {
  const points = [];
  for (let index = 0; index < count; index++) {
    const label = index % 2 === 0 ? 1 : -1;
    const share = index / count;
    const angle = share * 3.5 * Math.PI + (label === 1 ? 0 : Math.PI);
    const radius = share * 5;
    const noise = () => (Math.random() - 0.5) * 0.2;
    points.push({ x: radius * Math.sin(angle) + noise(), y: radius * Math.cos(angle) + noise(), label });
  }
  for (let last = points.length - 1; last > 0; last--) {
    const other = Math.floor(Math.random() * (last + 1));
    [points[last], points[other]] = [points[other], points[last]];
  }
  return points;
}

const tanh = { of: (sum) => Math.tanh(sum), slope: (sum) => 1 - tanh.of(sum) ** 2 };
const features = [(point) => point.x, (point) => point.y];
const inputs = (point) => features.map((feature) => feature(point));

class Link {
  constructor(from, to) {
    this.from = from;
    this.to = to;
    this.weight = Math.random() - 0.5;
    this.gradient = 0;
    this.gradients = 0;
  }
}

class Node {
  constructor(activation) {
    this.activation = activation;
    this.incoming = [];
    this.outgoing = [];
    this.bias = 0.1;
    this.sum = 0;
    this.output = 0;
    this.toOutput = 0;
    this.biasGradient = 0;
    this.biasGradients = 0;
  }

  forward() {
    this.sum = this.bias;
    for (const link of this.incoming) this.sum += link.weight * link.from.output;
    this.output = this.activation.of(this.sum);
  }

  // `toOutput` is how the loss moves with the output of this node; the links get how it moves with them.
  backward() {
    const toSum = this.toOutput * this.activation.slope(this.sum);
    this.biasGradient += toSum;
    this.biasGradients++;
    for (const link of this.incoming) {
      link.gradient += toSum * link.from.output;
      link.gradients++;
      link.from.toOutput += toSum * link.weight;
    }
  }

  learn(rate) {
    if (this.biasGradients > 0) {
      this.bias -= (rate * this.biasGradient) / this.biasGradients;
      this.biasGradient = 0;
      this.biasGradients = 0;
    }
    for (const link of this.incoming) {
      if (link.gradients === 0) continue;
      link.weight -= (rate * link.gradient) / link.gradients;
      link.gradient = 0;
      link.gradients = 0;
    }
  }
}

class Network {
  constructor(sizes) {
    this.layers = sizes.map((size) => Array.from({ length: size }, () => new Node(tanh)));
    for (let depth = 1; depth < this.layers.length; depth++) {
      for (const to of this.layers[depth]) {
        for (const from of this.layers[depth - 1]) {
          const link = new Link(from, to);
          from.outgoing.push(link);
          to.incoming.push(link);
        }
      }
    }
  }

  answer(input) {
    this.layers[0].forEach((node, place) => (node.output = input[place]));
    for (let depth = 1; depth < this.layers.length; depth++) for (const node of this.layers[depth]) node.forward();
    return this.layers[this.layers.length - 1][0].output;
  }

  blame(error) {
    for (const layer of this.layers) for (const node of layer) node.toOutput = 0;
    this.layers[this.layers.length - 1][0].toOutput = error;
    for (let depth = this.layers.length - 1; depth > 0; depth--) for (const node of this.layers[depth]) node.backward();
  }

  learn(rate) {
    for (let depth = 1; depth < this.layers.length; depth++) for (const node of this.layers[depth]) node.learn(rate);
  }

  loss(points) {
    let sum = 0;
    for (const point of points) sum += 0.5 * (this.answer(inputs(point)) - point.label) ** 2;
    return sum / points.length;
  }

  epoch(points) {
    points.forEach((point, index) => {
      this.blame(this.answer(inputs(point)) - point.label);
      if ((index + 1) % BATCH === 0) this.learn(RATE);
    });
  }
}

const training = spiral(250);
const test = spiral(250);
let last = [];

function train() {
  const network = new Network([2, 8, 8, 1]);
  for (let epoch = 0; epoch < EPOCHS; epoch++) {
    network.epoch(training);
    last = [network.loss(training), network.loss(test)];
  }
  return EPOCHS;
}

function forSeconds(seconds) {
  const begun = performance.now();
  let count = 0;
  while (performance.now() - begun < 1000 * seconds) count += train();
  return { count, seconds: (performance.now() - begun) / 1000, losses: last };
}

console.log("ready");
for await (const line of createInterface({ input: process.stdin })) {
  forSeconds(WARMING * Number(line));
  console.log(JSON.stringify(forSeconds(Number(line))));
}

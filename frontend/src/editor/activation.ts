// The curves of activations, for the small pictures by which they are recognised.

import type { Entry } from "../api/types.ts";

type Curve = (x: number) => number;

const sigmoid: Curve = (x) => 1 / (1 + Math.exp(-x));
const softplus: Curve = (x) => Math.log1p(Math.exp(x));

function numberOf(layer: Entry, field: string, otherwise: number): number {
  const value = layer[field];
  return typeof value === "number" ? value : otherwise;
}

/** What an activation does to one number; null for layers that are no function of a single number. */
export function activationCurve(layer: Entry): Curve | null {
  switch (layer.op) {
    case "relu":
      return (x) => Math.max(0, x);
    case "leaky_relu": {
      const slope = numberOf(layer, "slope", 0.01);
      return (x) => (x < 0 ? slope * x : x);
    }
    case "elu":
      return (x) => (x < 0 ? Math.exp(x) - 1 : x);
    case "gelu":
      return (x) => 0.5 * x * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (x + 0.044715 * x ** 3)));
    case "silu":
      return (x) => x * sigmoid(x);
    case "mish":
      return (x) => x * Math.tanh(softplus(x));
    case "tanh":
      return Math.tanh;
    case "sigmoid":
      return sigmoid;
    case "softplus":
      return softplus;
    case "sine": {
      const frequency = numberOf(layer, "frequency", 1);
      return (x) => Math.sin(frequency * x);
    }
    default:
      return null;
  }
}

/** The curve as an SVG path: x and y from -reach to +reach fill a box of the given size. */
export function curvePath(curve: Curve, width: number, height: number, reach = 3): string {
  const points: string[] = [];
  for (let step = 0; step <= 48; step += 1) {
    const x = -reach + (2 * reach * step) / 48;
    const y = Math.max(-reach, Math.min(reach, curve(x)));
    points.push(`${((width * step) / 48).toFixed(1)} ${(height / 2 - (y / reach) * (height / 2)).toFixed(1)}`);
  }
  return `M${points.join("L")}`;
}

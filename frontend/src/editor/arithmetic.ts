// How the number of a layer's weights comes about, as a sum that a learner can redo: 8 × 8 + 8 = 72.

import type { Entry } from "../api/types.ts";
import { grouped } from "./words.ts";

type Shape = readonly number[];

/**
 * The sum that gives `parameters`, without the result: "3 × 3 × 6 × 16 + 16". Null when no sum that this knows comes to it, so that
 * nothing wrong is ever shown.
 */
export function weightsSum(layer: Entry, input: Shape | null, output: Shape | null, parameters: number): string | null {
  if (!parameters || !output) return null;
  return candidates(layer, input, output).map((terms) => terms.filter((term) => term.length > 0)).find((terms) => total(terms) === parameters)
    ?.map((factors) => factors.map(grouped).join(" × ")).join(" + ") ?? null;
}

/** Possible sums, each a list of products; the first that comes to the right number is shown. */
function candidates(layer: Entry, input: Shape | null, output: Shape): number[][][] {
  const units = output.length === 3 ? output[0]! : output[output.length - 1]!;
  const sums: number[][][] = [];
  if (input) {
    const kernel = kernelOf(layer);
    if (kernel && output.length > 1) {
      const channels = input.length === 3 ? input[0]! : input[input.length - 1]!;
      sums.push(...withAndWithoutBias([...kernel, channels, units], units));
      const groups = typeof layer.groups === "number" ? layer.groups : 1;
      if (groups > 1) sums.push(...withAndWithoutBias([...kernel, channels / groups, units], units));
    }
    sums.push(...withAndWithoutBias([input[input.length - 1]!, units], units));
    sums.push(...withAndWithoutBias([...input.filter((size) => size !== 1), units], units));
  }
  sums.push([[2, units]], [[2, ...output]], [[units]], [[1]]);
  return sums;
}

function withAndWithoutBias(product: number[], units: number): number[][][] {
  return [[product, [units]], [product]];
}

function kernelOf(layer: Entry): number[] | null {
  const kernel = layer.kernel ?? layer.kernel_size ?? layer.size;
  if (typeof kernel === "number") return [kernel, kernel];
  return Array.isArray(kernel) && kernel.every((side) => typeof side === "number") ? kernel : null;
}

function total(terms: readonly (readonly number[])[]): number {
  return terms.reduce((sum, factors) => sum + factors.reduce((product, factor) => product * factor, 1), 0);
}

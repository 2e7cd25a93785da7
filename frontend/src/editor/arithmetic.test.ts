import { expect, test } from "vitest";
import { weightsSum } from "./arithmetic.ts";

test("dense: inputs times units, and a bias each", () => {
  expect(weightsSum({ op: "dense", units: 8 }, [4], [8], 40)).toBe("4 × 8 + 8");
  expect(weightsSum({ op: "dense", units: 8, bias: false }, [4], [8], 32)).toBe("4 × 8");
  expect(weightsSum({ op: "dense", units: 16 }, [20, 3], [20, 16], 64)).toBe("3 × 16 + 16");
});

test("convolution: every filter looks at every channel", () => {
  expect(weightsSum({ op: "conv2d", filters: 16, kernel: 3 }, [6, 14, 14], [16, 14, 14], 880)).toBe("3 × 3 × 6 × 16 + 16");
});

test("an output lays an image flat", () => {
  expect(weightsSum({ op: "output" }, [16, 5, 5], [10], 4010)).toBe("16 × 5 × 5 × 10 + 10");
});

test("normalisation: a scale and a shift each", () => {
  expect(weightsSum({ op: "batch_norm" }, [8], [8], 16)).toBe("2 × 8");
});

test("no sum is shown that does not come out", () => {
  expect(weightsSum({ op: "dense", units: 8 }, [4], [8], 41)).toBeNull();
  expect(weightsSum({ op: "relu" }, [4], [4], 0)).toBeNull();
});

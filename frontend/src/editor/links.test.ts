import { expect, test } from "vitest";
import { catalogue, checked, network } from "./networks.fixture.ts";
import { layoutOf } from "./layout.ts";
import { linkAt, strength } from "./links.ts";
import { drawingOf } from "./plans.ts";
import { estimate } from "./spread.ts";

const nodes = network("h1:dense", "out:output");
const subject = { nodes, data: { shape: [2], columns: [] }, catalogue, check: checked(nodes, { out: [1] }), task: null, pictured: true, chips: 0 };
const { plans, wires } = drawingOf({ ...subject, locale: "en" });
const layout = layoutOf({ plans, wires, width: 680, height: 560, measure: estimate });
const weights = [Array.from({ length: 8 }, () => [0.5, -0.5]), [Array.from({ length: 8 }, () => 1)]];

test("the link below the pointer is found at both of its ends and between", () => {
  const [bundle] = layout.bundles;
  expect(linkAt(layout, weights, bundle!.x0 + 2, bundle!.starts[1]!)).toMatchObject({ bundle: 0, from: 1 });
  expect(linkAt(layout, weights, bundle!.x1 - 2, bundle!.ends[5]!)).toMatchObject({ bundle: 0, to: 5 });
  const middle = (bundle!.starts[0]! + bundle!.ends[0]!) / 2;
  expect(linkAt(layout, weights, (bundle!.x0 + bundle!.x1) / 2, middle)).toEqual({ bundle: 0, from: 0, to: 0 });
});

test("where no weight is known there is nothing to read", () => {
  const [bundle] = layout.bundles;
  expect(linkAt(layout, [null, null], bundle!.x0 + 2, bundle!.starts[1]!)).toBeNull();
  expect(linkAt(layout, weights, 1, 1)).toBeNull();
});

test("small first weights look small", () => {
  expect(strength(0.2, 0.4)).toBeCloseTo(0.2);
  expect(strength(-3, 3)).toBe(1);
});

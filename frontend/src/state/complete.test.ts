// Defaults are filled in everywhere, and comparing looks only at what matters.
import { expect, test } from "vitest";
import type { Experiment } from "../api/types.ts";
import { complete, differences, same } from "./complete.ts";
import { catalogue } from "./catalogue.fixture.ts";

const bare = { version: 1, dataset: { op: "circle" }, network: [{ id: "out", layer: { op: "output" } }], training: {} } as Experiment;

test("fills in the defaults of dataset, layers and training, nested ones too", () => {
  const whole = complete({ ...bare, training: { optimizer: { op: "sgd" } } }, catalogue);
  expect(whole.dataset).toMatchObject({ op: "circle", samples: 500 });
  expect(whole.training.optimizer).toEqual({ op: "sgd", lr: 0.01, momentum: 0 });
  expect(whole.training.batch_size).toBe(10);
  expect(complete(whole, catalogue)).toEqual(whole);
});

test("the order of keys and inputs of null do not matter", () => {
  expect(same({ a: 1, b: [1, { c: null }] }, { b: [1, {}], a: 1 })).toBe(true);
  expect(same([1, 2], [2, 1])).toBe(false);
});

test("differences name the setting and hold one value for each experiment", () => {
  const one = complete(bare, catalogue);
  const two = { ...one, training: { ...one.training, batch_size: 32 }, network: [{ id: "h1", layer: { op: "dense", units: 4 } }, ...one.network] };
  const found = differences([one, two]);
  expect(found).toContainEqual({ path: ["training", "batch_size"], values: [10, 32] });
  expect(found).toContainEqual({ path: ["network", "h1", "units"], values: [undefined, 4] });
  expect(differences([one, one])).toEqual([]);
  const shared = complete({ ...two, network: two.network.map((node) => ({ ...node, shares: "h0" })) }, catalogue);
  expect(differences([two, shared])).toContainEqual({ path: ["network", "h1", "shares"], values: [undefined, "h0"] });
});

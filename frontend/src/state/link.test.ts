// A link carries the whole document there and back, and a damaged one is refused.
import { expect, test } from "vitest";
import type { Experiment } from "../api/types.ts";
import { decodeLink, encodeLink } from "./link.ts";

const experiment: Experiment = {
  version: 1,
  dataset: { op: "painted", points: Array.from({ length: 300 }, (_, i) => [i / 100, i / -50 + 1, i % 2]) },
  network: [
    { id: "h1", layer: { op: "dense", units: 8 } },
    { id: "out", layer: { op: "output" }, inputs: ["h1"] },
  ],
  training: { optimizer: { op: "adam", lr: 0.03 }, epochs: 50 },
};

test("there and back", async () => {
  const hash = await encodeLink(experiment, "job-1");
  expect(hash).toMatch(/^e=[A-Za-z0-9_-]+&job=job-1$/);
  expect(hash.length).toBeLessThan(JSON.stringify(experiment).length / 2);
  expect(await decodeLink(`#${hash}`)).toEqual({ experiment, job: "job-1", preset: null });
});

test("an empty address, and one that names a preset", async () => {
  expect(await decodeLink("")).toEqual({ experiment: null, job: null, preset: null });
  expect((await decodeLink("#preset=spiral")).preset).toBe("spiral");
});

test("a damaged link is refused", async () => {
  const hash = await encodeLink(experiment, null);
  await expect(decodeLink(hash.slice(0, hash.length / 2))).rejects.toThrow();
  await expect(decodeLink("e=AAAA")).rejects.toThrow();
});

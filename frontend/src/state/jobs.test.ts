// The list of jobs: tries that an edit has stopped lie folded under the one that came of them.
import { expect, test } from "vitest";
import type { Job } from "../api/types.ts";
import { grouped } from "./jobs.svelte.ts";
import { jobOf } from "./server.fixture.ts";

const at = (second: number): string => new Date(Date.UTC(2026, 10, 23, 8, 0, second)).toISOString();

function job(id: string, created: number, more: Partial<Job> = {}): Job {
  const experiment = { version: 1 as const, dataset: { op: "circle" }, network: [], training: {} };
  return { ...jobOf(id, experiment), state: "stopped", created: at(created), finished: at(created + 5), ...more };
}

const shape = (jobs: Job[], apart = ""): string[] =>
  grouped(jobs, (candidate) => candidate.id === apart).map(({ job, tries }) => [job.id, ...tries.map((earlier) => earlier.id)].join(" "));

test("tries of one session lie under the newest", () => {
  expect(shape([job("d", 30, { state: "running", finished: null }), job("c", 20), job("b", 10), job("a", 0)])).toEqual(["d c b a"]);
});

test("what somebody has named, shared, let end or left alone for a while stands for itself", () => {
  expect(shape([job("b", 10), job("a", 0, { name: "mine" })])).toEqual(["b", "a"]);
  expect(shape([job("b", 10), job("a", 0, { shared: true })])).toEqual(["b", "a"]);
  expect(shape([job("b", 10), job("a", 0, { state: "completed" })])).toEqual(["b", "a"]);
  expect(shape([job("b", 100), job("a", 0)])).toEqual(["b", "a"]);
  const other = { version: 1 as const, dataset: { op: "spiral" }, network: [], training: {} };
  expect(shape([job("b", 10, { experiment: other, name: "spiral" }), job("a", 0)])).toEqual(["b", "a"]);
});

test("the job that is shown is never folded away", () => {
  expect(shape([job("c", 20), job("b", 10), job("a", 0)], "b")).toEqual(["c", "b a"]);
  expect(shape([job("c", 20), job("b", 10), job("a", 0)], "c")).toEqual(["c b a"]);
});

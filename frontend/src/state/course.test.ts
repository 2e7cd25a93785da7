// Folding a log: exactly once by number, thinned honestly, without gap or double where a job goes on.
import { expect, test } from "vitest";
import type { JobEvent } from "../api/types.ts";
import { EMPTY, fold } from "./course.ts";
import type { EventBody } from "./server.fixture.ts";

let seq = 0;
const log = (...bodies: EventBody[]): JobEvent[] => bodies.map((body) => ({ seq: (seq += 1), at: "", ...body }));
const evaluated = (step: number, loss = 0.5): EventBody => ({
  type: "evaluated",
  step,
  epoch: step / 10,
  training: { loss },
  validation: { loss },
  lr: 0.1,
  gradient_norm: null,
});
const progress = (step: number[], loss: (number | null)[]): EventBody => ({ type: "progress", step, loss, examples_per_second: 100 });
const started = (step: number): EventBody => ({
  type: "started",
  step,
  device: "cpu",
  threads: 1,
  parameters: 3,
  training_examples: 100,
  validation_examples: 100,
  steps_per_epoch: 10,
  steps: 100,
});

test("folds each event once, whatever comes twice", () => {
  seq = 0;
  const events = log(started(0), evaluated(0), progress([1, 2], [0.6, null]), { type: "state", state: "running" });
  const once = fold(EMPTY, events);
  expect(fold(once, events)).toEqual(once);
  expect(once.seq).toBe(4);
  expect(once.state).toBe("running");
  expect(once.step).toBe(2);
  expect(once.steps.loss).toEqual([0.6, null]);
  expect(once.evaluations).toHaveLength(1);
  expect(EMPTY.evaluations).toHaveLength(0);
});

test("one batch or many: the same course", () => {
  seq = 0;
  const events = log(started(0), evaluated(0), progress([1], [0.6]), evaluated(1), progress([2, 3], [0.5, 0.4]), { type: "retuned", step: 3, lr: 0.2 });
  const many = events.reduce((course, event) => fold(course, [event]), EMPTY);
  expect(many).toEqual(fold(EMPTY, events));
  expect(many.lr).toBe(0.2);
});

test("what did not change stays the same object, so nothing is drawn for nothing", () => {
  seq = 0;
  const before = fold(EMPTY, log(evaluated(0)));
  const after = fold(before, log(progress([1], [0.1])));
  expect(after.evaluations).toBe(before.evaluations);
  expect(after.steps).not.toBe(before.steps);
});

test("a job that goes on after an interruption clears nothing, and nothing is there twice", () => {
  seq = 0;
  const died: EventBody = { type: "failed", code: "worker_killed", message: { en: "killed", zh: "被杀" }, hint: null };
  const before = fold(EMPTY, log(started(0), evaluated(0), progress([1, 2, 3], [3, 2, 1]), evaluated(3), died, { type: "state", state: "interrupted" }));
  expect(before.end).toMatchObject({ code: "worker_killed" });
  const events = log({ type: "state", state: "queued" }, { type: "state", state: "starting" }, started(1), { type: "state", state: "running" });
  const resumed = fold(before, events);
  expect(resumed.steps).toBe(before.steps);
  expect(resumed.evaluations).toBe(before.evaluations);
  expect(resumed).toMatchObject({ end: null, state: "running", step: 3 });
  const after = fold(resumed, log(progress([2, 3, 4], [2, 1, 0.5]), evaluated(3), evaluated(4)));
  expect(after.steps.step).toEqual([1, 2, 3, 4]);
  expect(after.steps.loss).toEqual([3, 2, 1, 0.5]);
  expect(after.evaluations.map((evaluation) => evaluation.step)).toEqual([0, 3, 4]);
});

test("long runs are thinned, and no spike hides", () => {
  seq = 0;
  const step = Array.from({ length: 50_000 }, (_, index) => index + 1);
  const loss = step.map((value) => (value === 777 ? 99 : 1));
  const { steps } = fold(EMPTY, log(progress(step, loss)));
  expect(steps.step.length).toBeLessThanOrEqual(4096);
  expect(steps.step.at(-1)).toBe(50_000);
  expect(Math.max(...steps.high.map(Number))).toBe(99);
  expect(steps.step).toEqual([...steps.step].sort((a, b) => a - b));
});

// Folds the events of a job into columns: what the curves, the numbers and the findings are drawn from.
import type { Evaluated, Failed, Finished, Found, JobEvent, JobState, Started, Words } from "../api/types.ts";

/** Loss by step. Long runs are thinned by merging neighbours: mean, least and greatest are kept, so no spike hides. */
export interface Steps {
  step: number[];
  loss: (number | null)[];
  low: (number | null)[];
  high: (number | null)[];
}

/** All that a job has said so far. A new course for each batch of events; what did not change stays the same object. */
export interface Course {
  seq: number;
  state: JobState | null;
  reason: Words | null;
  step: number;
  rate: number | null;
  started: Started | null;
  steps: Steps;
  evaluations: Evaluated[];
  findings: Found[];
  /** Step of the newest checkpoint. */
  checkpoint: number | null;
  /** Base learning rate that a person has set while the job ran. */
  lr: number | null;
  end: Finished | Failed | null;
}

export const EMPTY: Course = {
  seq: 0,
  state: null,
  reason: null,
  step: 0,
  rate: null,
  started: null,
  steps: { step: [], loss: [], low: [], high: [] },
  evaluations: [],
  findings: [],
  checkpoint: null,
  lr: null,
  end: null,
};

const MOST_STEPS = 4096;

/** The course after these events. */
export function fold(course: Course, events: JobEvent[]): Course {
  const next: Course = { ...course };
  let steps: Steps | null = null;
  let evaluations: Evaluated[] | null = null;
  for (const event of events) {
    if (event.seq <= next.seq) continue;
    next.seq = event.seq;
    switch (event.type) {
      case "started":
        // A job that goes on after an interruption says this again; what it had told before stays as it is.
        next.started = event;
        next.step = Math.max(next.step, event.step);
        break;
      case "progress":
        steps ??= copy(course.steps);
        append(steps, event.step, event.loss, event.low ?? event.loss, event.high ?? event.loss);
        next.step = Math.max(next.step, event.step.at(-1) ?? 0);
        next.rate = event.examples_per_second;
        break;
      case "evaluated":
        evaluations ??= [...course.evaluations];
        if (event.step > (evaluations.at(-1)?.step ?? -1)) evaluations.push(event);
        next.step = Math.max(next.step, event.step);
        break;
      case "retuned":
        next.lr = event.lr;
        break;
      case "found":
        next.findings = [...next.findings.filter((found) => found.op !== event.op || found.node !== event.node), event];
        break;
      case "checkpointed":
        next.checkpoint = event.step;
        break;
      case "state":
        next.state = event.state;
        next.reason = event.reason ?? null;
        // What ended it before is history once it goes on.
        if (event.state === "queued") next.end = null;
        break;
      case "finished":
      case "failed":
        next.end = event;
        break;
      default:
        ((_: never) => undefined)(event);
    }
  }
  if (steps) next.steps = steps;
  if (evaluations) next.evaluations = evaluations;
  return next;
}

function copy({ step, loss, low, high }: Steps): Steps {
  return { step: [...step], loss: [...loss], low: [...low], high: [...high] };
}

/** Steps that the curve has already are the same to the bit; none is drawn twice. */
function append(steps: Steps, step: number[], loss: (number | null)[], low: (number | null)[], high: (number | null)[]): void {
  const known = steps.step.at(-1) ?? -1;
  for (let index = 0; index < step.length; index += 1) {
    if (step[index]! <= known) continue;
    steps.step.push(step[index]!);
    steps.loss.push(loss[index] ?? null);
    steps.low.push(low[index] ?? null);
    steps.high.push(high[index] ?? null);
    if (steps.step.length > MOST_STEPS) halve(steps);
  }
}

function halve(steps: Steps): void {
  const half = Math.floor(steps.step.length / 2);
  for (let index = 0; index < half; index += 1) {
    const [a, b] = [2 * index, 2 * index + 1];
    steps.step[index] = steps.step[b]!;
    steps.loss[index] = merged(steps.loss[a]!, steps.loss[b]!, (x, y) => (x + y) / 2);
    steps.low[index] = merged(steps.low[a]!, steps.low[b]!, Math.min);
    steps.high[index] = merged(steps.high[a]!, steps.high[b]!, Math.max);
  }
  const odd = steps.step.length % 2;
  for (const column of [steps.step, steps.loss, steps.low, steps.high] as (number | null)[][]) {
    const last = column.at(-1)!;
    column.length = half;
    if (odd) column.push(last);
  }
}

/** A missing loss (not a number) stays a gap that can be seen. */
function merged(a: number | null, b: number | null, join: (a: number, b: number) => number): number | null {
  return a === null || b === null ? null : join(a, b);
}

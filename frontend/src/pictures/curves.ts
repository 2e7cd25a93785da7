// The numbers behind the curves: columns by epoch, read as they grow, and read back for a moment.
import type { Evaluated, Metric, Metrics } from "../api/types.ts";
import type { Pair } from "./chart.ts";
import { continues, Trace } from "./trace.ts";
import { isShare } from "./words.ts";

/** What the curves need of an evaluation. */
export type Evaluation = Pick<Evaluated, "step" | "epoch" | "training" | "validation">;

type Column = (number | null)[];

export interface Columns {
  step: number[];
  epoch: number[];
  training: Column;
  validation: Column;
}

/** One metric of every evaluation; accuracy in percent. */
export function toColumns(evaluations: readonly Evaluation[], metric: Metric): Columns {
  return {
    step: evaluations.map((each) => each.step),
    epoch: evaluations.map((each) => each.epoch),
    training: evaluations.map((each) => read(each.training, metric)),
    validation: evaluations.map((each) => read(each.validation, metric)),
  };
}

function read(metrics: Metrics, metric: Metric): number | null {
  const value = metrics[metric];
  if (value === null || value === undefined || !Number.isFinite(value)) return null;
  return isShare(metric) ? value * 100 : value;
}

/** Steps in an epoch, from the last evaluation that has both; null before the first epoch is under way. */
export function stepsPerEpoch(evaluations: readonly Evaluation[]): number | null {
  const last = evaluations.at(-1);
  return last && last.epoch > 0 && last.step > 0 ? last.step / last.epoch : null;
}

/** Loss of single steps; for thinned ones `loss` is a mean, and `low` and `high` are the least and greatest. */
export interface StepLosses {
  step: ArrayLike<number>;
  loss: ArrayLike<number | null>;
  low?: ArrayLike<number | null>;
  high?: ArrayLike<number | null>;
}

export const NO_STEPS: StepLosses = { step: [], loss: [] };

/** The return of each episode that training told of, spread evenly over the steps since the evaluation before. */
export function returnsOf(evaluations: readonly Evaluation[]): StepLosses {
  const [step, loss]: [number[], number[]] = [[], []];
  evaluations.forEach(({ step: end, training }, place) => {
    const [begin, returns] = [evaluations[place - 1]?.step ?? 0, training.returns ?? []];
    returns.forEach((each, index) => {
      step.push(begin + ((end - begin) * (index + 1)) / returns.length);
      loss.push(each);
    });
  });
  return { step, loss };
}

/** Reads the evaluations of a run that goes on: what has been read is not read again, so that a long run costs no more than its newest part. */
export class Reader {
  columns: Columns = toColumns([], "loss");
  training = new Trace();
  validation = new Trace();
  #metric: Metric = "loss";
  #first: Evaluation | undefined;
  #last: Evaluation | undefined;

  /** The reader itself, with the columns in a new shell. */
  read(evaluations: readonly Evaluation[], metric: Metric): Pair & { columns: Columns } {
    const known = this.columns.step.length;
    const goesOn = metric === this.#metric && evaluations[0] === this.#first && evaluations[known - 1] === this.#last;
    if (!goesOn) {
      this.columns = toColumns([], metric);
      this.training = new Trace();
      this.validation = new Trace();
    }
    const { step, epoch, training, validation } = this.columns;
    for (let place = step.length; place < evaluations.length; place++) {
      const each = evaluations[place]!;
      step.push(each.step);
      epoch.push(each.epoch);
      training.push(read(each.training, metric));
      validation.push(read(each.validation, metric));
      // By reward there is a loss only of updates, and a return only once an episode is over: what is not there yet is no fault.
      const acting = each.training.returns != null;
      if (!acting || training[place] !== null) this.training.append(each.epoch, training[place]);
      if (!acting || validation[place] !== null) this.validation.append(each.epoch, validation[place]);
    }
    [this.#metric, this.#first, this.#last] = [metric, evaluations[0], evaluations.at(-1)];
    return { columns: { ...this.columns }, training: this.training, validation: this.validation };
  }
}

/** Reads the losses of the steps of a run that goes on, in the same way. */
export class StepReader {
  #trace = new Trace();
  #known: StepLosses = NO_STEPS;
  #length = 0;

  read(losses: StepLosses): Trace {
    const { step, loss, low = loss, high = loss } = losses;
    const { step: before, loss: lossBefore, low: lowBefore = lossBefore, high: highBefore = lossBefore } = this.#known;
    const goesOn =
      step.length >= this.#length && continues(before, step) && continues(lossBefore, loss) && continues(lowBefore, low) && continues(highBefore, high);
    if (!goesOn) [this.#trace, this.#length] = [new Trace(), 0];
    for (let place = this.#length; place < step.length; place++) this.#trace.append(step[place]!, loss[place], low[place], high[place]);
    [this.#known, this.#length] = [losses, step.length];
    return this.#trace;
  }
}

/** Place of the value nearest to `wanted` in a rising column; -1 in an empty one. */
export function nearest(rising: ArrayLike<number>, wanted: number): number {
  let low = 0;
  let high = rising.length - 1;
  if (high < 0) return -1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (rising[middle]! < wanted) low = middle + 1;
    else high = middle;
  }
  return low > 0 && wanted - rising[low - 1]! <= rising[low]! - wanted ? low - 1 : low;
}

/** Range of the vertical axis for what is drawn. */
export function bounds(metric: Metric, columns: readonly Column[], logarithmic: boolean): [number, number] {
  let low = Infinity;
  let high = -Infinity;
  for (const column of columns) {
    for (const value of column) {
      if (value === null || (logarithmic && value <= 0)) continue;
      low = Math.min(low, value);
      high = Math.max(high, value);
    }
  }
  if (low > high) return isShare(metric) ? [0, 100] : logarithmic ? [0.1, 1] : [0, 1];
  if (logarithmic) return [low / 1.25, high * 1.25];
  if (metric === "accuracy") return [Math.max(0, Math.min(Math.floor((low - 2) / 10) * 10, 90)), 100];
  if (metric === "coverage") return [0, 100];
  // R² of a network that has learned nothing may be anything: below -1 the curve may leave the picture.
  if (metric === "r2") return [Math.max(-1, Math.min(0, low - 0.05)), 1];
  // Returns may be below zero, as where every step costs something.
  if (metric === "reward") return [Math.min(0, low * 1.06), Math.max(0, high * 1.06) || 1];
  return [0, high * 1.06 || 1];
}

/** A column's value at an epoch, from the evaluation nearest to it; null before the first and after the last. */
export function valueAt(columns: Columns, which: "training" | "validation", epoch: number): number | null {
  const [first, last] = [columns.epoch[0], columns.epoch.at(-1)];
  if (first === undefined || last === undefined || epoch < first - 0.5 || epoch > last + 0.5) return null;
  return columns[which][nearest(columns.epoch, epoch)] ?? null;
}

/** At most `most` rows for a table to read: evenly chosen, first and last always among them. */
export function tableRows<Row>(rows: readonly Row[], most: number): Row[] {
  if (rows.length <= most) return [...rows];
  return Array.from({ length: most }, (_, place) => rows[Math.round((place * (rows.length - 1)) / (most - 1))]!);
}

/** An epoch as short text: whole numbers bare, the rest with as many decimals as it takes. */
export function formatEpoch(epoch: number): string {
  return Number.isInteger(epoch) ? String(epoch) : epoch < 10 ? epoch.toFixed(2) : epoch.toFixed(1);
}

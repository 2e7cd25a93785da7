// What the server says of an experiment that is not trained yet: its check, a preview of its data, its untrained pictures.
import { Refused } from "../api/errors.ts";
import type { Baseline, Check, Entry, Experiment, Frame, Preview, Problem, View } from "../api/types.ts";
import { chineseRefusal } from "../words/refusals.ts";
import { type Datasets, byName } from "./datasets.svelte.ts";
import { Latest } from "./latest.svelte.ts";
import { Pictures } from "./pictures.svelte.ts";
import type { Surroundings } from "./run.svelte.ts";

const QUIET = 120;
const DRAW_QUIET = 60;
/** A simple method takes a second or so: it is not asked for while a slider is dragged. */
const BASELINE_QUIET = 600;

export class Outlook {
  readonly drawn: Pictures;
  #preview: Latest<Entry, Preview>;
  #check: Latest<Experiment, Check>;
  #drawing: Latest<{ experiment: Experiment; views: View[] }, Frame[]>;
  #baseline: Latest<Pick<Experiment, "dataset"> & { method: Entry | undefined }, Baseline | null>;
  #experiment: Experiment;

  check: Check | null = $derived.by(() => this.#check.answer);
  problems: Problem[] = $derived.by(() => this.check?.problems ?? []);

  constructor(
    private readonly around: Surroundings,
    private readonly datasets: Datasets,
    first: Experiment,
    checked: () => void,
  ) {
    const { api, catalogue, notices } = around;
    this.#experiment = $state.raw(first);
    const failed = (error: unknown): void => {
      // A dataset that has to be fetched first has its own card for that.
      if (!(error instanceof Refused && error.code === "missing_data")) notices.failed(error);
    };
    this.drawn = new Pictures(catalogue);
    this.#preview = new Latest(
      (entry, signal) => api.preview(entry, signal),
      (error, entry) => {
        if (datasets.here(entry.op)) failed(error);
      },
    );
    this.#check = new Latest(
      (experiment, signal) => api.check(experiment, signal).catch((error: unknown) => ({ ...(this.check ?? NOTHING), problems: problemsOf(error) })),
      (error) => notices.failed(error),
      (_, { dataset }) => {
        // What has been chosen by name is looked at once it is known to be here and sound.
        if (this.#byName(dataset) && this.#sound) this.#preview.ask(dataset);
        this.#measure();
        checked();
      },
    );
    this.#baseline = new Latest(
      // Of the data that was asked about: the experiment may have gone on to others in the moment of quiet.
      ({ dataset, method }, signal) => api.baseline({ ...this.#experiment, dataset, training: { ...this.#experiment.training, method } }, signal),
      // Without it the page lacks a line, and nothing else.
      () => undefined,
    );
    this.#drawing = new Latest(
      ({ experiment, views }, signal) => api.draw(experiment, views, signal),
      failed,
      (frames) => this.drawn.put(frames),
    );
    this.ask(0);
  }

  /** Checked, without problems, and its data is on the machine. */
  get ready(): boolean {
    return this.#check.answers(this.#experiment) && this.problems.length === 0 && this.datasets.here(this.#experiment.dataset.op);
  }

  /** What stands in the way of training, if anything does. */
  get obstacle(): Problem | "data" | null {
    return this.datasets.here(this.#experiment.dataset.op) ? (this.problems[0] ?? null) : "data";
  }

  /** The preview, if it belongs to this dataset; its fields may have changed since. */
  previewOf(op: string): Preview | null {
    const { asked, answer } = this.#preview;
    return asked?.op !== op || (this.#byName(asked) && !this.#sound) ? null : answer;
  }

  /** What a simple method reaches on this dataset. */
  baselineOf({ dataset, training }: Experiment): Baseline | null {
    return this.#baseline.answers({ dataset, method: training.method as Entry | undefined }) ? this.#baseline.answer : null;
  }

  /** The check, if it is of an experiment with this dataset and method. */
  checkedOf(experiment: Experiment): Check | null {
    const asked = this.#check.asked;
    const alike = asked?.dataset.op === experiment.dataset.op && asked.training.method?.op === experiment.training.method?.op;
    return alike && this.check?.views.length ? this.check : null;
  }

  consider(experiment: Experiment): void {
    if (experiment.dataset.op !== this.#experiment.dataset.op) this.drawn.clear();
    this.#experiment = experiment;
    this.ask(QUIET);
  }

  /** The check has found nothing wrong with the choice of data. */
  get #sound(): boolean {
    return !this.problems.some((problem) => problem.part === "dataset");
  }

  #byName({ op }: Entry): boolean {
    const doc = this.around.catalogue.datasets.find((candidate) => candidate.op === op);
    return doc !== undefined && byName(doc);
  }

  #measure(): void {
    const { dataset, training } = this.#experiment;
    if (this.ready) this.#baseline.ask({ dataset, method: training.method as Entry | undefined }, BASELINE_QUIET);
  }

  /** Ask what has not been answered yet for the present experiment. */
  ask(quiet: number): void {
    const experiment = this.#experiment;
    this.#check.ask(experiment, quiet);
    if (!this.#byName(experiment.dataset)) this.#preview.ask(experiment.dataset, quiet);
  }

  /** The data goes: nothing that is on its way need be answered. */
  callOff(): void {
    for (const question of [this.#preview, this.#check, this.#drawing, this.#baseline]) question.doubt();
  }

  /** Data has arrived on the machine, or gone: everything may look different now. */
  askAgain(): void {
    this.callOff();
    this.ask(0);
  }

  draw(views: View[]): void {
    if (!this.ready || views.length === 0) return;
    this.#drawing.ask({ experiment: this.#experiment, views }, DRAW_QUIET);
  }
}

const NOTHING: Check = {
  data: { shape: [], axes: [], parameters: 0, sharable: [] },
  parts: {},
  nodes: {},
  parameters: 0,
  operations: 0,
  problems: [],
  task: { kind: "classification", classes: [] },
  views: [],
};

/** An experiment that the server refuses to read has problems like any other, at their nodes. */
function problemsOf(error: unknown): Problem[] {
  if (!(error instanceof Refused) || error.code !== "invalid") throw error;
  const places = error.details.length ? error.details : [{ path: [], node: null, field: null, message: error.message }];
  return places.map(({ node, field, message }) => {
    const en = field ? `${field}: ${message}` : message;
    return { node, field, message: { en, zh: chineseRefusal(error.code, error.status, en) }, hint: null, fix: null };
  });
}

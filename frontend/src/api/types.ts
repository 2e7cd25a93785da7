// The shapes of everything that travels between server and page, by the names the page calls them.

export type Locale = "en" | "zh";

/** One text in both languages of the page. */
export interface Words {
  en: string;
  zh: string;
}

/** The text in the language of the page. */
export function say(words: Words, locale: Locale): string {
  return words[locale];
}

// ---- pictures -------------------------------------------------------------------------------------------------------

/** One signed map of a heatmap: byte 0 means -scale, 127 means 0, 254 means +scale; 255 means not a number. */
export interface Plane {
  node: string;
  unit: number;
  width: number;
  height: number;
  scale: number;
  label?: Words | null;
}

/** Signed maps, row by row from the top, one byte a cell, plane after plane. */
export interface Heatmap {
  kind: "heatmap";
  planes: Plane[];
  x: [number, number];
  y: [number, number];
  cells: Uint8Array;
}

/** What is known of one image or row: its true class or value, and what the network says. */
export interface Tile {
  index: number;
  truth?: Words | null;
  prediction?: Words | null;
  probability?: number | null;
  correct?: boolean | null;
}

/** Grey (1 channel) or coloured (3) images, one byte a channel of a pixel, image after image, row by row. */
export interface Images {
  kind: "images";
  width: number;
  height: number;
  channels: 1 | 3;
  tiles: Tile[];
  pixels: Uint8Array;
}

/** A confusion matrix (true class a row) or weights (a row for each unit, a column for each input; extra: biases). */
export interface Matrix {
  kind: "matrix";
  role: "confusion" | "weights";
  rows: Words[];
  columns: Words[];
  values: (number | null)[][];
  extra?: (number | null)[] | null;
}

/** Points in the plane with their class or value; role fit: x is the truth, y the prediction. */
export interface Points {
  kind: "points";
  role: "data" | "fit";
  axes: [Words, Words];
  x: (number | null)[];
  y: (number | null)[];
  value: number[];
  validation: boolean[];
}

export interface Bars {
  kind: "bars";
  labels: Words[];
  values: (number | null)[];
}

/** Rows of examples: inputs by name, truth and prediction, wrong ones first. */
export interface Table {
  kind: "table";
  columns: Words[];
  rows: (number | null)[][];
  tiles: Tile[];
}

export type Picture = Heatmap | Images | Matrix | Points | Bars | Table;

/** A question that is answered with a picture: {"op": "surface"}, {"op": "weights", "node": "h1"} … */
export interface View {
  op: string;
  [field: string]: unknown;
}

/** A picture as it arrives: which view it answers, and the step it shows. */
export interface Frame {
  key: View;
  step: number;
  picture: Picture;
}

// ---- experiment -----------------------------------------------------------------------------------------------------

/** The JSON of an entry of the catalogue: its op and its fields. */
export interface Entry {
  op: string;
  [field: string]: unknown;
}

export interface Node {
  id: string;
  layer: Entry;
  inputs?: string[] | null;
}

export interface Training {
  optimizer?: Entry;
  schedule?: Entry;
  loss?: Entry;
  batch_size?: number;
  epochs?: number;
  l1?: number;
  l2?: number;
  clip_norm?: number;
  patience?: number;
  seed?: number;
  weights_seed?: number;
  device?: "auto" | "cpu" | "cuda";
}

/** A dataset, a network and a training: the whole document. */
export interface Experiment {
  version: 1;
  dataset: Entry;
  network: Node[];
  training: Training;
}

/** One edit of an experiment: set the field at `path`, or put a new node behind node `after`. */
export interface Change {
  op: "set" | "insert";
  path?: string[];
  value?: unknown;
  after?: string | null;
}

export type Task = { kind: "classification"; classes: Words[] } | { kind: "regression"; targets: Words[] };

// ---- catalogue ------------------------------------------------------------------------------------------------------

export type Registry = "optimizers" | "schedules" | "losses";

/** One field of an entry, as a form needs it. */
export interface FieldDoc {
  name: string;
  kind: "integer" | "number" | "boolean" | "choice" | "choices" | "points" | "entry";
  label: Words;
  help: Words;
  default: unknown;
  minimum: number | null;
  maximum: number | null;
  exclusive_minimum: boolean;
  exclusive_maximum: boolean;
  scale: "linear" | "log";
  options: { value: unknown; label: Words }[] | null;
  registry: Registry | null;
  advanced: boolean;
}

/** One entry of the catalogue: a layer, dataset, optimizer, schedule, loss or view. */
export interface EntryDoc {
  op: string;
  group: Words;
  title: Words;
  summary: Words;
  help: Words;
  defaults: Entry;
  fields: FieldDoc[];
}

export interface LayerDoc extends EntryDoc {
  accepts: ("features" | "sequence" | "image")[];
  merges: boolean;
  role: "weights" | "activation" | "shape" | "regularise" | "merge" | "output";
}

export interface Origin {
  name: Words;
  licence: string;
  synthetic: boolean;
  bytes: number | null;
}

export type Modality = "points" | "table" | "image";

export interface DatasetDoc extends EntryDoc {
  modality: Modality;
  task: Task;
  source: Origin;
}

export interface LossDoc extends EntryDoc {
  tasks: ("classification" | "regression")[];
}

/** A complete experiment with one sentence of what to look for. */
export interface Preset {
  id: string;
  title: Words;
  look_for: Words;
  experiment: Experiment;
  minutes: number;
  steps_per_second: number | null;
  lesson: "good" | "bad";
}

export interface Catalogue {
  version: string;
  layers: LayerDoc[];
  datasets: DatasetDoc[];
  optimizers: EntryDoc[];
  schedules: EntryDoc[];
  losses: LossDoc[];
  views: EntryDoc[];
  training: { fields: FieldDoc[] };
  presets: Preset[];
}

// ---- checking and preview -------------------------------------------------------------------------------------------

export interface NodeReport {
  shape: number[] | null;
  axes: string[];
  parameters: number;
}

/** A fault in somebody's network, at its node, with words and a proposed fix. */
export interface Problem {
  node: string | null;
  field: string | null;
  message: Words;
  hint: Words | null;
  fix: Change | null;
}

export interface Check {
  data: NodeReport;
  nodes: Record<string, NodeReport>;
  parameters: number;
  operations: number;
  problems: Problem[];
}

export interface PreviewStep {
  title: Words;
  text: Words;
  picture: Picture;
}

/** What a dataset looks like, and each step of its preparation. */
export interface Preview {
  task: Task;
  examples: number;
  training: number;
  validation: number;
  shape: number[];
  axes: string[];
  steps: PreviewStep[];
}

export interface Availability {
  op: string;
  available: boolean;
  source: Origin;
  fetching: { bytes: number; total: number } | null;
  error: string | null;
}

// ---- jobs -----------------------------------------------------------------------------------------------------------

export type JobState =
  | "queued"
  | "starting"
  | "running"
  | "paused"
  | "stopping"
  | "completed"
  | "stopped"
  | "failed"
  | "interrupted";

export interface Metrics {
  loss: number | null;
  accuracy?: number | null;
  r2?: number | null;
  mae?: number | null;
}

export interface Job {
  id: string;
  name: string | null;
  state: JobState;
  reason: Words | null;
  experiment: Experiment;
  created: string;
  started: string | null;
  finished: string | null;
  step: number;
  steps: number | null;
  epoch: number;
  parameters: number | null;
  device: string | null;
  threads: number | null;
  position: number | null;
  training: Metrics | null;
  validation: Metrics | null;
  last_seq: number;
}

export type Command =
  | { op: "pause" }
  | { op: "resume" }
  | { op: "step"; unit: "batch" | "epoch"; count?: number }
  | { op: "stop" }
  | { op: "retune"; lr: number }
  | { op: "pace"; steps_per_second: number | null };

export interface Started {
  type: "started";
  step: number;
  device: string;
  threads: number;
  parameters: number;
  training_examples: number;
  validation_examples: number;
  steps_per_epoch: number;
  steps: number;
}

export interface Progress {
  type: "progress";
  step: number[];
  loss: (number | null)[];
  low?: (number | null)[] | null;
  high?: (number | null)[] | null;
  examples_per_second: number;
}

export interface Evaluated {
  type: "evaluated";
  step: number;
  epoch: number;
  training: Metrics;
  validation: Metrics;
  lr: number;
  gradient_norm: number | null;
}

export interface Retuned {
  type: "retuned";
  step: number;
  lr: number;
}

export interface Found {
  type: "found";
  op: "overfitting" | "underfitting" | "diverged" | "dead_units" | "plateau" | "solved";
  step: number;
  epoch: number;
  node?: string | null;
  text: Words;
  fix?: Words | null;
  changes: Change[];
}

export interface Checkpointed {
  type: "checkpointed";
  step: number;
  epoch: number;
}

export interface StateChanged {
  type: "state";
  state: JobState;
  step?: number | null;
  reason?: Words | null;
}

export interface Finished {
  type: "finished";
  step: number;
  outcome: "completed" | "stopped";
  reason: Words;
}

export interface Failed {
  type: "failed";
  code: string;
  message: Words;
  hint?: Words | null;
}

export type EventBody = Started | Progress | Evaluated | Retuned | Found | Checkpointed | StateChanged | Finished | Failed;

/** An event as the log holds it: what happened, its number in the job (from 1), and when. */
export type JobEvent = EventBody & { seq: number; at: string };

export interface Answer {
  probabilities: number[] | null;
  label: Words | null;
  value: number[] | null;
}

export interface Prediction {
  step: number;
  answers: Answer[];
  seen: Picture | null;
}

export interface Health {
  status: string;
  version: string;
  devices: { name: string; slots: number; busy: number }[];
  queued: number;
  running: number;
}

// All that the page knows: the experiment with its history, what the server says of it, and the job that is followed.
import type { Change, Check, DatasetDoc, Entry, Experiment, Job, JobEvent, Picture, Preset, Task, View } from "../api/types.ts";
import { Address } from "./address.ts";
import { complete, same } from "./complete.ts";
import type { Course } from "./course.ts";
import { Datasets } from "./datasets.svelte.ts";
import { Document } from "./document.svelte.ts";
import { applyChanges, insertAfter, remove, setDataset, setDatasetField, setTrainingField, skipFrom } from "./edits.ts";
import { Jobs } from "./jobs.svelte.ts";
import { Outlook } from "./outlook.svelte.ts";
import type { Kind, OfKind } from "./pictures.svelte.ts";
import { Predictor } from "./predictor.svelte.ts";
import { Pulse } from "./pulse.svelte.ts";
import type { Run, Surroundings } from "./run.svelte.ts";
import { Transport } from "./transport.svelte.ts";
import { type Scene, scenesFor, viewsFor } from "./views.ts";

/** Fields that a person expects to keep when another dataset of the same kind is picked. */
const KEPT_FIELDS = ["samples", "validation", "features", "seed"];

/** A neuron, channel or input that is pointed at. */
export interface Unit {
  node: string;
  unit: number;
}

export class Playground {
  readonly document: Document<Experiment>;
  readonly outlook: Outlook;
  readonly transport: Transport;
  readonly datasets: Datasets;
  readonly jobs: Jobs;
  readonly predictor: Predictor;
  readonly pulse: Pulse;
  /** With every default filled in, as the document is. */
  readonly presets: Preset[];
  readonly #address = new Address();

  hovered = $state.raw<Unit | null>(null);
  example = $state(0);
  /** The token that is pointed out on the map of words. */
  token = $state("");
  #tuned = $state.raw<Record<string, Record<string, unknown>>>({});
  #selected = $state<string | null>(null);
  #scene = $state<string | null>(null);
  #views: View[] = [];

  experiment: Experiment = $derived.by(() => this.document.current);
  run: Run | null = $derived.by(() => this.transport.run);
  course: Course | null = $derived.by(() => this.run?.course ?? null);
  dataset: DatasetDoc = $derived.by(() => this.#datasetDoc(this.experiment.dataset.op));
  check: Check | null = $derived.by(() => this.outlook.check);
  /** Fields of the dataset and the method can change the task, so the check knows better than the catalogue. */
  task: Task = $derived.by(() => (this.outlook.checkedOf(this.experiment) ?? this.outlook.previewOf(this.experiment.dataset.op))?.task ?? this.dataset.task);
  /** Id of the preset that the experiment is, if it is one. */
  preset: string | null = $derived.by(() => this.presets.find((preset) => same(preset.experiment, this.experiment))?.id ?? null);
  selected: string | null = $derived.by(() => (this.experiment.network.some((node) => node.id === this.#selected) ? this.#selected : null));
  scenes: Scene[] = $derived.by(() =>
    scenesFor(this.dataset, this.check).map((scene) => (scene.view ? { ...scene, view: { ...scene.view, ...this.#tuned[scene.key] } } : scene)),
  );
  scene: Scene = $derived.by(() => this.scenes.find((scene) => scene.key === this.#scene) ?? this.scenes[0]!);
  views: View[] = $derived.by(() =>
    viewsFor({
      experiment: this.experiment,
      modality: this.dataset.modality,
      check: this.check,
      layers: this.around.catalogue.layers,
      scene: this.scene,
      selected: this.selected,
      example: this.example,
      token: this.token,
    }),
  );
  /** Somebody else's job is shown: it can be watched, and nothing here can be changed. */
  readOnly: boolean = $derived.by(() => this.run?.mine === false);
  /** Since when it is not known how the job that is shown stands; an end that is known stays. */
  lost: Date | null = $derived.by(() => (this.run && !this.run.final ? (this.run.lost ?? this.around.notices.away) : null));
  /** The job that is shown does not train what is set. */
  outdated = $derived.by(() => this.run !== null && !same(this.run.experiment, this.experiment));

  constructor(
    readonly around: Surroundings,
    first: Experiment,
  ) {
    const { api, catalogue, notices } = around;
    this.presets = catalogue.presets.map((preset) => ({ ...preset, experiment: complete(preset.experiment, catalogue) }));
    this.document = new Document(complete(first, catalogue));
    this.datasets = new Datasets(api, catalogue, notices, (op) => {
      if (op === this.experiment.dataset.op) this.outlook.askAgain();
    });
    this.outlook = new Outlook(around, this.datasets, this.experiment, () => {
      this.transport.checked();
      this.#draw();
    });
    this.jobs = new Jobs(api, catalogue, notices, (job) => {
      if (this.run?.id === job.id) this.run.job = job;
    });
    this.predictor = new Predictor(api, notices);
    this.transport = new Transport(around, {
      experiment: () => this.experiment,
      modality: () => this.dataset.modality,
      ready: () => this.outlook.ready,
      here: () => this.datasets.here(this.experiment.dataset.op),
      folded: (run, before) => this.#folded(run, before),
      attached: (run) => this.#attached(run),
    });
    const preset = this.presets.find((candidate) => candidate.id === this.preset);
    if (preset) this.transport.suggest(preset.steps_per_second);
    this.pulse = new Pulse(api, notices, (back) => {
      if (back) {
        this.outlook.ask(0);
        this.transport.back();
      }
      this.run?.feel(back);
    });
    void this.pulse.beat();
    this.#address.write(this.experiment, null);
  }

  /** The newest picture of a view: of the job, else of the untrained network. */
  picture<K extends Kind>(view: View, kind: K): OfKind<K> | null {
    const past = this.run && this.run.visited !== null ? this.run.past.of(view, kind) : null;
    return past ?? this.run?.pictures.of(view, kind) ?? this.outlook.drawn.of(view, kind);
  }

  /** The newest picture of a view, of whatever kind it is. */
  anyPicture(view: View): Picture | null {
    const past = this.run && this.run.visited !== null ? this.run.past.any(view) : null;
    return past ?? this.run?.pictures.any(view) ?? this.outlook.drawn.any(view);
  }

  /** Every edit goes through here, so that each can be undone. Quick edits of one name are one, as when a slider is dragged. */
  edit(change: (experiment: Experiment) => Experiment, name: string | null = null): void {
    if (this.#locked()) return;
    const before = this.experiment;
    const after = complete(change(before), this.around.catalogue);
    if (same(before, after)) return;
    this.document.edit(after, name);
    this.#changed(before);
  }

  undo(): void {
    if (this.#locked()) return;
    const before = this.experiment;
    this.document.undo();
    this.#changed(before);
  }

  redo(): void {
    if (this.#locked()) return;
    const before = this.experiment;
    this.document.redo();
    this.#changed(before);
  }

  select(id: string | null): void {
    this.#selected = id;
  }

  show(scene: string): void {
    this.#scene = scene;
  }

  /** Other settings of a large picture than those that the server chose. */
  tune(view: string, settings: Record<string, unknown>): void {
    this.#tuned = { ...this.#tuned, [view]: { ...this.#tuned[view], ...settings } };
  }

  setDatasetField(name: string, value: unknown): void {
    this.edit((experiment) => setDatasetField(experiment, name, value), `dataset.${name}`);
  }

  setTrainingField(name: string, value: unknown): void {
    this.edit((experiment) => setTrainingField(experiment, name, value), `training.${name}`);
  }

  insert(after: string, layer: Entry): void {
    const { layers } = this.around.catalogue;
    const docOf = (op: string) => layers.find((doc) => doc.op === op);
    const shapeOf = (id: string) => (id === "data" ? this.check?.data : this.check?.nodes[id])?.shape?.join();
    this.edit((experiment) => {
      const merges = docOf(layer.op)?.merges ?? false;
      const others = merges ? skipFrom(experiment.network, after, shapeOf, (op) => docOf(op)?.role === "weights") : [];
      const next = insertAfter(experiment, after, layer, others);
      this.#selected = next.network.find((node) => !experiment.network.some((old) => old.id === node.id))?.id ?? null;
      return next;
    });
  }

  removeNode(id: string): void {
    this.edit((experiment) => (experiment.network.length > 1 ? remove(experiment, id) : experiment));
  }

  applyChanges(changes: Change[]): void {
    this.edit((experiment) => applyChanges(experiment, changes));
  }

  /** Another dataset. One of another kind brings a network and a training that suit it. */
  pickDataset(op: string): void {
    if (op === this.experiment.dataset.op || this.#locked()) return;
    const doc = this.#datasetDoc(op);
    const old = this.dataset;
    if (doc.modality === old.modality) {
      const kept = KEPT_FIELDS.filter((name) => fits(doc, name, this.experiment.dataset[name]));
      const fields = Object.fromEntries(kept.map((name) => [name, this.experiment.dataset[name]]));
      this.edit((experiment) => setDataset(experiment, { ...doc.defaults, ...fields }));
      return;
    }
    const good = this.presets.filter((preset) => preset.lesson === "good");
    const starter =
      good.find((preset) => preset.experiment.dataset.op === op) ??
      good.find((preset) => this.#datasetDoc(preset.experiment.dataset.op).modality === doc.modality);
    this.around.notices.tell("suited");
    this.edit((experiment) => {
      if (!starter) return setDataset(experiment, doc.defaults);
      const dataset = starter.experiment.dataset.op === op ? starter.experiment.dataset : doc.defaults;
      return { ...starter.experiment, dataset };
    });
    if (starter) this.transport.suggest(starter.steps_per_second);
  }

  openPreset(preset: Preset): void {
    if (this.transport.run && this.dataset.modality !== "points") this.transport.detach(true);
    this.openExperiment(preset.experiment);
    this.transport.suggest(preset.steps_per_second);
  }

  /** An experiment from elsewhere takes the place of what is set; somebody else's job is left for it. */
  openExperiment(experiment: Experiment): void {
    if (this.readOnly) this.transport.detach(false);
    this.edit(() => experiment);
  }

  /** Go on from somebody else's experiment as one's own. */
  makeMine(): void {
    if (this.run) this.openExperiment(this.run.experiment);
  }

  /** Show a job from the list: its experiment and its course. The one shown before goes on by itself. */
  openJob(job: Job, past?: Promise<JobEvent[]>): void {
    this.transport.detach(false);
    this.edit(() => job.experiment);
    this.transport.attach(job, false, past);
  }

  newWeights(): void {
    this.edit((experiment) => setTrainingField(experiment, "weights_seed", Math.floor(Math.random() * 1e6)));
  }

  /** Set the experiment back to what the job that is shown trains. */
  revert(): void {
    const run = this.run;
    if (run) this.edit(() => run.experiment);
  }

  /** The pictures that are needed now, live from the job or of the untrained network. */
  watch(views: View[]): void {
    this.#views = views;
    this.run?.watch(views);
    this.#draw();
  }

  async share(): Promise<void> {
    const copied = await this.#address.copy(this.experiment);
    if (copied) this.around.notices.tell("linkCopied", "good");
    else this.around.notices.tell("linkInAddress");
  }

  #locked(): boolean {
    if (this.readOnly) this.around.notices.tell("readOnly");
    return this.readOnly;
  }

  #changed(before: Experiment): void {
    const { experiment } = this;
    if (same(before, experiment)) return;
    if (before.dataset.op !== experiment.dataset.op) [this.example, this.token] = [0, ""];
    this.outlook.consider(experiment);
    this.transport.changed();
    this.#address.write(experiment, this.run?.id ?? null);
  }

  #draw(): void {
    if (!this.run?.alive) this.outlook.draw(this.#views);
  }

  #folded(run: Run, before: Course): void {
    if (run.course.checkpoint !== before.checkpoint) this.predictor.refresh();
  }

  #attached(run: Run | null): void {
    run?.watch(this.#views);
    this.predictor.follow(run?.id ?? null);
    this.#draw();
    this.#address.write(this.experiment, run?.id ?? null);
  }

  #datasetDoc(op: string): DatasetDoc {
    const { datasets } = this.around.catalogue;
    return datasets.find((doc) => doc.op === op) ?? datasets[0]!;
  }
}

function fits(doc: DatasetDoc, name: string, value: unknown): boolean {
  const field = doc.fields.find((candidate) => candidate.name === name);
  if (!field || value === undefined) return false;
  return typeof value !== "number" || (value >= (field.minimum ?? -Infinity) && value <= (field.maximum ?? Infinity));
}

// A small catalogue for tests, of the same form as the server's.
import type { Catalogue, DatasetDoc, EntryDoc, FieldDoc, LayerDoc, Words } from "../api/types.ts";

const words = (en: string): Words => ({ en, zh: en });

function field(name: string, kind: FieldDoc["kind"], fallback: unknown, more: Partial<FieldDoc> = {}): FieldDoc {
  return {
    name,
    kind,
    label: words(name),
    help: words(""),
    default: fallback,
    minimum: null,
    maximum: null,
    exclusive_minimum: false,
    exclusive_maximum: false,
    scale: "linear",
    options: null,
    registry: null,
    advanced: false,
    ...more,
  };
}

function entry(op: string, fields: FieldDoc[] = []): EntryDoc {
  const defaults = { op, ...Object.fromEntries(fields.map(({ name, default: value }) => [name, value])) };
  return { op, group: words("group"), title: words(op), summary: words(""), help: words(""), defaults, fields };
}

const layer = (op: string, role: LayerDoc["role"], fields: FieldDoc[] = []): LayerDoc => ({
  ...entry(op, fields),
  accepts: ["features"],
  merges: role === "merge",
  role,
});

const dataset = (op: string, modality: DatasetDoc["modality"], fields: FieldDoc[]): DatasetDoc => ({
  ...entry(op, fields),
  modality,
  takes: modality === "image" ? "drawing" : "numbers",
  task: { kind: "classification", classes: [words("a"), words("b")] },
  source: { name: words("made"), licence: "", synthetic: true, bytes: null, remedy: null },
  parts: {},
});

const rate = field("lr", "number", 0.01, { minimum: 0.00001, maximum: 10, scale: "log" });

export const catalogue: Catalogue = {
  version: "0.1.0",
  layers: [
    layer("dense", "weights", [field("units", "integer", 8)]),
    layer("tanh", "activation"),
    layer("dropout", "regularise", [field("rate", "number", 0.2)]),
    layer("add", "merge"),
    layer("output", "output"),
  ],
  datasets: [
    dataset("circle", "points", [field("samples", "integer", 500), field("noise", "number", 0), field("features", "choices", ["x1", "x2"])]),
    dataset("spiral", "points", [field("samples", "integer", 500), field("noise", "number", 0.1), field("features", "choices", ["x1", "x2"])]),
    dataset("digits", "image", [field("validation", "number", 0.2)]),
  ],
  methods: [],
  optimizers: [entry("adam", [rate]), entry("sgd", [rate, field("momentum", "number", 0)])],
  schedules: [entry("constant")],
  losses: [{ ...entry("auto"), tasks: ["classification", "regression"] }],
  views: [entry("surface"), entry("neurons"), entry("weights", [field("node", "choice", "")]), entry("predictions", [field("count", "integer", 24)])],
  training: {
    fields: [
      field("optimizer", "entry", { op: "adam", lr: 0.01 }, { registry: "optimizers" }),
      field("schedule", "entry", { op: "constant" }, { registry: "schedules" }),
      field("loss", "entry", { op: "auto" }, { registry: "losses" }),
      field("batch_size", "integer", 10),
      field("epochs", "integer", 200),
      field("weights_seed", "integer", 0),
    ],
  },
  presets: [
    {
      id: "circle",
      title: words("Circle"),
      look_for: words("Look."),
      experiment: {
        version: 1,
        dataset: { op: "circle" },
        network: [
          { id: "h1", layer: { op: "dense", units: 4 } },
          { id: "a1", layer: { op: "tanh" } },
          { id: "out", layer: { op: "output" } },
        ],
        training: {},
      },
      minutes: 0.2,
      steps_per_second: 300,
      lesson: "good",
    },
    {
      id: "digits",
      title: words("Digits"),
      look_for: words("Look."),
      experiment: { version: 1, dataset: { op: "digits" }, network: [{ id: "out", layer: { op: "output" } }], training: {} },
      minutes: 1,
      steps_per_second: null,
      lesson: "good",
    },
  ],
};

// The shapes of everything that travels between server and page, by the names the page calls them.
// They are the server's own, generated into schema.ts; what differs here says why.
import type { components } from "./schema.ts";

type Schemas = components["schemas"];

export type Locale = "en" | "zh";

/** One text in both languages of the page. */
export type Words = Schemas["Words"];

/** The text in the language of the page. */
export function say(words: Words, locale: Locale): string {
  return words[locale];
}

// ---- pictures: the page always has their bytes decoded, and their axes filled in ------------------------------------

export type Plane = Schemas["Plane"];
export type Heatmap = Required<Omit<Schemas["Heatmap"], "cells" | "axes">> & Pick<Schemas["Heatmap"], "axes"> & { cells: Uint8Array };
export type Tile = Schemas["Tile"];
export type Images = Required<Omit<Schemas["Images"], "pixels">> & { pixels: Uint8Array };
export type Matrix = Schemas["Matrix"];
export type Points = Schemas["Points"];
export type Bars = Schemas["Bars"];
export type Table = Schemas["Table"];
export type Lines = Schemas["Lines"];
export type Tokens = Schemas["Tokens"];
export type Trees = Schemas["Trees"];
export type Episode = Schemas["Episode"];
export type Picture = Heatmap | Images | Matrix | Points | Bars | Table | Lines | Tokens | Trees | Episode;

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

// ---- experiment: the page edits entries by what the catalogue says of them, so it knows no entry by its type --------

/** The JSON of an entry of the catalogue: its op and its fields. */
export interface Entry {
  op: string;
  [field: string]: unknown;
}

export interface Node {
  id: string;
  layer: Entry;
  inputs?: string[] | null;
  shares?: string | null;
}

export type Training = Omit<Schemas["Training"], "method" | "optimizer" | "schedule" | "loss"> & { method?: Entry; optimizer?: Entry; schedule?: Entry; loss?: Entry };

/** A dataset, a network and a training: the whole document. */
export interface Experiment {
  version: 1;
  dataset: Entry;
  network: Node[];
  training: Training;
}

export type Change = Schemas["Change"];
export type Task = Schemas["Task"];

// ---- catalogue ------------------------------------------------------------------------------------------------------

export type FieldDoc = Schemas["FieldDoc"];
export type Registry = NonNullable<FieldDoc["registry"]>;
type Generic<Doc extends { defaults: unknown }> = Omit<Doc, "defaults" | "fields" | "schema"> & { defaults: Entry; fields: FieldDoc[] };
export type EntryDoc = Generic<Schemas["EntryDoc"]>;
export type LayerDoc = Generic<Schemas["LayerDoc"]>;
export type Origin = Schemas["Origin"];
export type DatasetDoc = Generic<Schemas["DatasetDoc"]>;
export type Modality = DatasetDoc["modality"];
export type LossDoc = Generic<Schemas["LossDoc"]>;

/** A complete experiment with one sentence of what to look for. */
export type Preset = Omit<Schemas["Preset"], "experiment"> & { experiment: Experiment };

export interface Catalogue {
  version: unknown;
  layers: LayerDoc[];
  datasets: DatasetDoc[];
  methods: EntryDoc[];
  optimizers: EntryDoc[];
  schedules: EntryDoc[];
  losses: LossDoc[];
  views: EntryDoc[];
  training: { fields: FieldDoc[] };
  presets: Preset[];
}

// ---- checking and preview -------------------------------------------------------------------------------------------

export type NodeReport = Schemas["NodeReport"];
export type Problem = Schemas["Problem"];
export type Check = Omit<Schemas["Checked"], "views"> & { views: View[] };
export type PreviewStep = Omit<Schemas["PreparationStep"], "picture"> & { picture: Picture };

/** What a dataset looks like, and each step of its preparation. */
export type Preview = Omit<Schemas["Preview"], "steps"> & { steps: PreviewStep[] };
export type Availability = Schemas["Availability"];

// ---- datasets of the hub --------------------------------------------------------------------------------------------

export type HubColumn = Schemas["HubColumnDoc"];
export type HubLook = Schemas["HubLook"];
export type HubFetch = Schemas["HubFetch"];
export type HubFetched = Schemas["HubFetched"];

// ---- jobs -----------------------------------------------------------------------------------------------------------

export type Job = Omit<Schemas["Job"], "experiment"> & { experiment: Experiment };
export type JobState = Job["state"];
export type Metrics = Schemas["Metrics"];
/** A score that has a curve. */
export type Metric = "loss" | "accuracy" | "r2" | "mae" | "generator_loss" | "coverage" | "reward";
export type Command = Schemas["Command"];

/** An event as the log holds it: what happened, its number in the job (from 1), and when. */
export type JobEvent = Schemas["Event"];
export type Started = Schemas["Started"];
export type Evaluated = Omit<Schemas["Evaluated"], "type">;
export type Found = Schemas["Found"];
export type Finished = Schemas["Finished"];
export type Failed = Schemas["Failed"];

export type Baseline = Schemas["Baseline"];

/** What a person gives for the network to answer. */
export type Question = { drawing: number[][] } | { text: string } | { sound: string } | { code: number[][] };
export type Answer = Schemas["Answer"];
export type Prediction = Omit<Schemas["Prediction"], "seen" | "given" | "heard"> & {
  seen: Picture | null;
  given: Picture | null;
  heard: PreviewStep[];
};
export type Health = Schemas["Health"];

// Experiments in a few words: the network in a line, a setting by its name.
import type { Catalogue, EntryDoc, Experiment, FieldDoc, Locale } from "../api/types.ts";
import { editorWords } from "../editor/words.ts";
import type { Texts } from "../words/texts.ts";

/** Okabe and Ito's colours that are free here: training, validation and the two classes have theirs. */
const COLOURS = ["#0072b2", "#d55e00", "#009e73", "#cc79a7", "#56b4e9", "#a5820a"];

export function compareColour(index: number): string {
  return COLOURS[index % COLOURS.length]!;
}

/** "Dense 8 · tanh · Dense 8 · tanh": what has weights or bends them, without the output. */
export function networkWords(experiment: Experiment, catalogue: Catalogue, locale: Locale): string {
  return experiment.network
    .filter((node) => node.layer.op !== "output")
    .map(({ layer }) => {
      const title = catalogue.layers.find((doc) => doc.op === layer.op)?.title[locale] ?? layer.op;
      const size = layer["units"] ?? layer["channels"];
      return typeof size === "number" ? `${title} ${size}` : title;
    })
    .join(" · ");
}

/** A path into an experiment by the names that its forms show. */
export function settingName(path: string[], catalogue: Catalogue, locale: Locale, text: Texts): string {
  const [part, ...rest] = path;
  switch (part) {
    case "dataset":
      return rest[0] === "op" ? text.data : `${text.data} · ${named(rest[0], everyField(catalogue.datasets), locale)}`;
    case "network":
      if (rest.length === 0) return text.network;
      // What kind of layer it is needs no name but the layer's own.
      if (rest[1] === "op") return String(rest[0]);
      return `${rest[0]} · ${rest[1] === "shares" ? editorWords[locale].sharing : named(rest[1], everyField(catalogue.layers), locale)}`;
    case "training": {
      const fields = [...catalogue.training.fields, ...everyField([...catalogue.methods, ...catalogue.optimizers, ...catalogue.schedules, ...catalogue.losses])];
      const steps = rest.filter((key) => key !== "op").map((key) => named(key, fields, locale));
      return steps.join(" · ");
    }
    default:
      return path.join(" · ");
  }
}

/** An entry by its title, a list by its members or by how many there are. */
export function settingValue(path: string[], value: unknown, catalogue: Catalogue, locale: Locale): string {
  if (path.at(-1) === "op") return registryOf(path, catalogue).find((doc) => doc.op === value)?.title[locale] ?? String(value ?? "–");
  if (value === undefined || value === null) return "–";
  if (Array.isArray(value)) return value.length > 8 ? `${value.length} …` : value.join(", ");
  return String(value);
}

/** Where the entries stand of which the setting at this path is one. */
function registryOf([part, name]: string[], catalogue: Catalogue): readonly EntryDoc[] {
  if (part === "dataset") return catalogue.datasets;
  if (part === "network") return catalogue.layers;
  const registry = catalogue.training.fields.find((field) => field.name === name)?.registry;
  return registry ? catalogue[registry] : [];
}

function everyField(docs: EntryDoc[]): FieldDoc[] {
  return docs.flatMap((doc) => doc.fields);
}

function named(key: string | undefined, fields: FieldDoc[], locale: Locale): string {
  return fields.find((field) => field.name === key)?.label[locale] ?? key ?? "";
}

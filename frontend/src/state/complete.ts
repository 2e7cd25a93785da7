// Experiments with every default made plain, so that two of them can be compared.
import type { Catalogue, Entry, EntryDoc, Experiment, FieldDoc, Node, Registry } from "../api/types.ts";

/** The experiment with all defaults of the catalogue filled in. Entries that the catalogue does not know stay as they are. */
export function complete(experiment: Experiment, catalogue: Catalogue): Experiment {
  const training: Record<string, unknown> = {};
  for (const field of catalogue.training.fields) training[field.name] = trainingValue(field, { ...experiment.training }, catalogue);
  return {
    version: 1,
    dataset: completeEntry(experiment.dataset, catalogue.datasets),
    network: (experiment.network ?? [{ id: "out", layer: { op: "output" } }]).map((node) => completeNode(node, catalogue)),
    training: { ...experiment.training, ...training },
  };
}

/** An entry with its defaults filled in. */
export function completeEntry(entry: Entry, docs: EntryDoc[]): Entry {
  const doc = docs.find((candidate) => candidate.op === entry.op);
  return doc ? { ...doc.defaults, ...entry } : entry;
}

/** Equal in all that matters: the order of keys does not, and inputs of null are the usual inputs. */
export function same(a: unknown, b: unknown): boolean {
  return canonical(a) === canonical(b);
}

/** JSON with sorted keys and without nulls: equal texts mean equal values. */
export function canonical(value: unknown): string {
  return JSON.stringify(value, (_, part: unknown) => {
    if (part === null || typeof part !== "object" || Array.isArray(part)) return part;
    const entries = Object.entries(part).filter(([, field]) => field !== null && field !== undefined);
    return Object.fromEntries(entries.sort(([x], [y]) => (x < y ? -1 : 1)));
  });
}

/** One setting in which experiments differ. */
export interface Difference {
  path: string[];
  values: unknown[];
}

/** The settings in which these experiments differ; nodes are compared by their id. */
export function differences(experiments: Experiment[]): Difference[] {
  const flats = experiments.map((experiment) => {
    const flat = new Map<string, unknown>();
    flatten(experiment.dataset, ["dataset"], flat);
    flat.set(JSON.stringify(["network"]), experiment.network.map((node) => node.id).join(" "));
    for (const node of experiment.network) {
      flatten(node.layer, ["network", node.id], flat);
      if (node.shares) flat.set(JSON.stringify(["network", node.id, "shares"]), node.shares);
    }
    flatten(experiment.training, ["training"], flat);
    return flat;
  });
  const keys = [...new Set(flats.flatMap((flat) => [...flat.keys()]))];
  return keys
    .map((key) => ({ path: JSON.parse(key) as string[], values: flats.map((flat) => flat.get(key)) }))
    .filter(({ values }) => values.some((value) => !same(value, values[0])));
}

function flatten(value: unknown, path: string[], flat: Map<string, unknown>): void {
  if (value !== null && typeof value === "object" && !Array.isArray(value)) {
    for (const [key, part] of Object.entries(value)) flatten(part, [...path, key], flat);
  } else flat.set(JSON.stringify(path), value);
}

function completeNode(node: Node, catalogue: Catalogue): Node {
  const layer = completeEntry(node.layer, catalogue.layers);
  return { id: node.id, layer, ...(node.inputs && { inputs: node.inputs }), ...(node.shares && { shares: node.shares }) };
}

function trainingValue(field: FieldDoc, training: Record<string, unknown>, catalogue: Catalogue): unknown {
  const value = training[field.name] ?? field.default;
  if (field.kind !== "entry" || !field.registry || value === null || typeof value !== "object") return value;
  const registry: Registry = field.registry;
  return completeEntry(value as Entry, catalogue[registry]);
}

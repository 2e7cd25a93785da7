// Every edit of an experiment, as a pure function from one document to the next.
import type { Change, Entry, Experiment, Node } from "../api/types.ts";

/** Where the node at `position` gets its inputs from, with the default made plain. */
export function inputsOf(network: Node[], position: number): string[] {
  const node = network[position];
  if (node?.inputs) return node.inputs;
  return [usualInput(network, position)];
}

export function setDataset(experiment: Experiment, dataset: Entry): Experiment {
  return { ...experiment, dataset };
}

export function setDatasetField(experiment: Experiment, name: string, value: unknown): Experiment {
  return { ...experiment, dataset: { ...experiment.dataset, [name]: value } };
}

export function setTrainingField(experiment: Experiment, name: string, value: unknown): Experiment {
  return { ...experiment, training: { ...experiment.training, [name]: value } };
}

export function setLayerField(experiment: Experiment, id: string, name: string, value: unknown): Experiment {
  return mapNode(experiment, id, (node) => ({ ...node, layer: { ...node.layer, [name]: value } }));
}

export function replaceLayer(experiment: Experiment, id: string, layer: Entry): Experiment {
  return mapNode(experiment, id, (node) => ({ ...node, layer }));
}

/** `null`: the node before, or the data for the first. */
export function setInputs(experiment: Experiment, id: string, inputs: string[] | null): Experiment {
  return mapNode(experiment, id, (node) => ({ ...node, inputs }));
}

/** `null`: weights of its own. */
export function setShares(experiment: Experiment, id: string, shares: string | null): Experiment {
  return mapNode(experiment, id, ({ shares: _, ...node }) => (shares === null ? node : { ...node, shares }));
}

/** Put a layer on the wire behind `after` ("data": at the front); what followed on that wire now follows the new node.
 * `others`: further inputs, for a merge. `before`: the one node that takes the new one in place of `after`. */
export function insertAfter(experiment: Experiment, after: string, layer: Entry, others: string[] = [], before?: string | null): Experiment {
  const { network } = experiment;
  const node: Node = { id: freshId(network, layer.op), layer };
  if (others.length) node.inputs = [after, ...others];
  const place = network.findIndex((other) => other.id === before);
  if (place < 0 || !inputsOf(network, place).includes(after)) return withNetwork(experiment, placed(network, node, after));
  const reader = redirected({ ...network[place]!, inputs: inputsOf(network, place) }, after, node.id);
  return withNetwork(experiment, [...network.slice(0, place), { ...node, inputs: [after, ...others] }, reader, ...network.slice(place + 1)]);
}

/** Take a node out; whoever read from it reads from where it read, and whoever shared its weights has its own. */
export function remove(experiment: Experiment, id: string): Experiment {
  const rest = withNetwork(experiment, without(experiment.network, id));
  return rest.network.filter((node) => node.shares === id).reduce((left, node) => setShares(left, node.id, null), rest);
}

/** Take a node out of its wire and put it on the one behind `after`. A merge keeps those further inputs that still come before it. */
export function move(experiment: Experiment, id: string, after: string): Experiment {
  const position = experiment.network.findIndex((node) => node.id === id);
  const node = experiment.network[position];
  if (!node || after === id || inputsOf(experiment.network, position)[0] === after) return experiment;
  const rest = without(experiment.network, id);
  const sources = (node.inputs ?? []).filter((input) => !experiment.network.some((other) => other.id === input));
  const earlier = new Set([...sources, ...rest.slice(0, rest.findIndex((other) => other.id === after) + 1).map((other) => other.id)]);
  const further = (node.inputs ?? []).slice(1).filter((input) => input !== after && earlier.has(input));
  const moved: Node = { ...node };
  delete moved.inputs;
  if (further.length) moved.inputs = [after, ...further];
  return withNetwork(experiment, placed(rest, moved, after));
}

/** Apply changes that a finding or a problem proposes. */
export function applyChanges(experiment: Experiment, changes: Change[]): Experiment {
  return changes.reduce(applyChange, experiment);
}

function applyChange(experiment: Experiment, change: Change): Experiment {
  if (change.op === "insert") return insertAfter(experiment, change.after ?? "data", change.value as Entry, [], change.before);
  const [part, ...path] = change.path ?? [];
  if (part === "network") {
    const [id, ...rest] = path;
    if (id === undefined || rest.length === 0) return experiment;
    if (rest[0] === "inputs") return setInputs(experiment, id, change.value as string[] | null);
    if (rest[0] === "shares") return setShares(experiment, id, change.value as string | null);
    const inLayer = rest[0] === "layer" ? rest.slice(1) : rest;
    if (inLayer.length === 0) return replaceLayer(experiment, id, change.value as Entry);
    return mapNode(experiment, id, (node) => ({ ...node, layer: put(node.layer, inLayer, change.value) as Entry }));
  }
  return part === undefined ? experiment : (put(experiment, [part, ...path], change.value) as Experiment);
}

function put(target: unknown, path: string[], value: unknown): unknown {
  const [key, ...rest] = path;
  if (key === undefined) return value;
  const object = (target ?? {}) as Record<string, unknown>;
  return { ...object, [key]: put(object[key], rest, value) };
}

/** Further inputs for a merge put behind `after`: the nearest earlier place that a skip would usually start from. */
export function skipFrom(network: Node[], after: string, shapeOf: (id: string) => string | undefined, weighs: (op: string) => boolean): string[] {
  const order = ["data", ...network.map((node) => node.id)];
  const end = order.indexOf(after);
  const shape = shapeOf(after);
  // A skip leaps over at least one layer with weights: leaping over an activation alone teaches nothing.
  let leapt = false;
  let fallback: string | undefined;
  for (let place = end; place > 0; place -= 1) {
    const node = network[place - 1]!;
    leapt ||= weighs(node.layer.op);
    const before = inputsOf(network, place - 1)[0]!;
    if (before === after) continue;
    fallback ??= before;
    if (leapt && shape !== undefined && shapeOf(before) === shape) return [before];
  }
  return fallback === undefined ? [] : [fallback];
}

function mapNode(experiment: Experiment, id: string, change: (node: Node) => Node): Experiment {
  return withNetwork(
    experiment,
    experiment.network.map((node) => (node.id === id ? change(node) : node)),
  );
}

function withNetwork(experiment: Experiment, network: Node[]): Experiment {
  return { ...experiment, network: network.map((node, position) => plain(network, node, position)) };
}

/** Inputs that say only what the default says are left out, so that a plain stack stays plain. */
function plain(network: Node[], node: Node, position: number): Node {
  const usual = usualInput(network, position);
  if (node.inputs === undefined || (node.inputs !== null && !(node.inputs.length === 1 && node.inputs[0] === usual))) return node;
  const { inputs: _, ...rest } = node;
  return rest;
}

function placed(network: Node[], node: Node, after: string): Node[] {
  const behind = network.findIndex((other) => other.id === after) + 1;
  // One of several inputs is no node: behind it is where the first stands that reads it.
  const position = after === "data" || behind ? behind : network.findIndex((other) => other.inputs?.includes(after));
  if (position < 0) return network;
  const opens: Node = node.inputs || usualInput(network, position) === after ? node : { ...node, inputs: [after] };
  const rest = network.slice(position);
  // The next node takes what comes before it, now the new one; else the first that names `after` is led to the new one.
  const reader = rest[0]?.inputs ? rest.findIndex((other) => other.inputs?.includes(after)) : -1;
  const following = rest.map((other, index) => (index === reader ? redirected(other, after, node.id) : other));
  return [...network.slice(0, position), opens, ...following];
}

function redirected(node: Node, from: string, to: string): Node {
  const inputs = [...(node.inputs ?? [])];
  inputs[inputs.indexOf(from)] = to;
  return { ...node, inputs };
}

function usualInput(network: Node[], position: number): string {
  return network[position - 1]?.id ?? "data";
}

function without(network: Node[], id: string): Node[] {
  const position = network.findIndex((node) => node.id === id);
  if (position < 0) return network;
  const inherited = inputsOf(network, position);
  const rest: Node[] = [];
  network.forEach((node, index) => {
    if (node.id === id) return;
    const inputs = inputsOf(network, index);
    if (!inputs.includes(id)) {
      rest.push(node);
      return;
    }
    const next = [...new Set(inputs.flatMap((input) => (input === id ? inherited : [input])))];
    rest.push({ ...node, inputs: next });
  });
  return rest;
}

function freshId(network: Node[], op: string): string {
  const stem = op.replace(/[^a-z0-9_]/g, "_").slice(0, 24);
  const taken = new Set(["data", ...network.map((node) => node.id)]);
  for (let number = 1; ; number += 1) {
    const id = `${stem}${number}`;
    if (!taken.has(id)) return id;
  }
}

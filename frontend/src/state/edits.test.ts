// Edits keep the graph whole: wires close over removed nodes, inserted nodes take over a wire, skips survive.
import { expect, test } from "vitest";
import type { Experiment, Node } from "../api/types.ts";
import { applyChanges, inputsOf, insertAfter, move, remove, setInputs, setLayerField, setShares, skipFrom } from "./edits.ts";

const node = (id: string, op: string, inputs?: string[]): Node => (inputs ? { id, layer: { op }, inputs } : { id, layer: { op } });

function experiment(...network: Node[]): Experiment {
  return { version: 1, dataset: { op: "circle" }, network, training: { optimizer: { op: "adam", lr: 0.03 } } };
}

const stack = experiment(node("h1", "dense"), node("a1", "tanh"), node("out", "output"));
const skip = experiment(
  node("h1", "dense"),
  node("a1", "relu"),
  node("h2", "dense"),
  node("sum", "add", ["h2", "a1"]),
  node("out", "output"),
);
const wires = (e: Experiment): string[] => e.network.map((n, i) => `${n.id}<${inputsOf(e.network, i).join("+")}`);

test("inserts on a plain wire without writing inputs down", () => {
  const after = insertAfter(stack, "h1", { op: "dropout" });
  expect(after.network.map((n) => n.id)).toEqual(["h1", "dropout1", "a1", "out"]);
  expect(after.network.every((n) => n.inputs === undefined)).toBe(true);
  expect(insertAfter(stack, "data", { op: "dense" }).network[0]!.id).toBe("dense1");
});

test("an inserted node takes over its wire into a merge", () => {
  expect(wires(insertAfter(skip, "h2", { op: "tanh" }))).toEqual(["h1<data", "a1<h1", "h2<a1", "tanh1<h2", "sum<tanh1+a1", "out<sum"]);
});

test("a proposed layer goes into the one wire that it is meant for", () => {
  const mended = applyChanges(skip, [{ op: "insert", after: "a1", before: "sum", value: { op: "dense" } }]);
  expect(wires(mended)).toEqual(["h1<data", "a1<h1", "h2<a1", "dense1<a1", "sum<h2+dense1", "out<sum"]);
  const plain = applyChanges(stack, [{ op: "insert", after: "data", before: "h1", value: { op: "flatten" } }]);
  expect(plain.network[0]).toEqual({ id: "flatten1", layer: { op: "flatten" } });
  expect(plain.network[1]!.inputs).toBeUndefined();
});

test("removing closes the wire, in skips too", () => {
  expect(wires(remove(stack, "a1"))).toEqual(["h1<data", "out<h1"]);
  expect(wires(remove(skip, "a1"))).toEqual(["h1<data", "h2<h1", "sum<h2+h1", "out<sum"]);
  expect(wires(remove(skip, "h2"))).toEqual(["h1<data", "a1<h1", "sum<a1", "out<sum"]);
});

test("moves a node along the stack and keeps a skip's start", () => {
  expect(wires(move(stack, "a1", "data"))).toEqual(["a1<data", "h1<a1", "out<h1"]);
  expect(move(stack, "a1", "h1")).toBe(stack);
  expect(wires(move(skip, "a1", "h2"))).toEqual(["h1<data", "h2<h1", "a1<h2", "sum<a1+h1", "out<sum"]);
});

test("applies proposed changes", () => {
  const changed = applyChanges(stack, [
    { op: "set", path: ["network", "h1", "units"], value: 4 },
    { op: "set", path: ["training", "optimizer", "lr"], value: 0.1 },
    { op: "insert", after: "a1", value: { op: "dropout", rate: 0.2 } },
  ]);
  expect(changed.network[0]!.layer).toEqual({ op: "dense", units: 4 });
  expect(changed.training.optimizer).toEqual({ op: "adam", lr: 0.1 });
  expect(changed.network[2]!.layer).toEqual({ op: "dropout", rate: 0.2 });
  expect(stack.network[0]!.layer).toEqual({ op: "dense" });
});

test("sharing survives edits of the wires, and ends where the other layer goes", () => {
  const shared = setShares(experiment(node("h1", "dense"), node("a1", "tanh"), node("h2", "dense"), node("out", "output")), "h2", "h1");
  const shares = (e: Experiment) => e.network.find((n) => n.id === "h2")!.shares;
  expect(shares(shared)).toBe("h1");
  expect(shares(setInputs(setInputs(shared, "h2", ["h1"]), "h2", ["a1"]))).toBe("h1");
  expect(shares(move(shared, "h2", "h1"))).toBe("h1");
  expect(shares(remove(shared, "a1"))).toBe("h1");
  expect("shares" in remove(shared, "h1").network[1]!).toBe(false);
  expect(applyChanges(shared, [{ op: "set", path: ["network", "h2", "shares"], value: null }])).toEqual(setShares(shared, "h2", null));
  expect("shares" in setShares(shared, "h2", null).network[2]!).toBe(false);
});

test("only the edited node changes", () => {
  const changed = setLayerField(stack, "h1", "units", 3);
  expect(changed.network[0]).not.toBe(stack.network[0]);
  expect(changed.network[2]).toBe(stack.network[2]);
});

test("a new merge starts its skip before a layer with weights, where the shape is the same", () => {
  const network = [node("h1", "dense"), node("a1", "relu"), node("h2", "dense"), node("a2", "relu")];
  expect(skipFrom(network, "a2", (id) => (id === "data" ? "2" : "8"), (op) => op === "dense")).toEqual(["a1"]);
  expect(skipFrom(network, "h1", () => "2", (op) => op === "dense")).toEqual(["data"]);
  expect(skipFrom(network, "data", () => "2", () => false)).toEqual([]);
});

test("a layer behind one of several inputs takes the place of the first that reads it", () => {
  const several = { ...stack, network: [{ id: "look", layer: { op: "conv2d" }, inputs: ["seen"] }, { id: "listen", layer: { op: "gru" }, inputs: ["heard"] }, { id: "out", layer: { op: "output" } }] };
  const { network } = insertAfter(several, "heard", { op: "dense" });
  expect(network.map((node) => [node.id, node.inputs])).toEqual([["look", ["seen"]], ["dense1", ["heard"]], ["listen", undefined], ["out", undefined]]);
  expect(insertAfter(several, "nowhere", { op: "dense" }).network).toEqual(several.network);
});

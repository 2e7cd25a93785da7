import { expect, test } from "vitest";
import { catalogue, network } from "./networks.fixture.ts";
import { columnOf, columnsOf, insertPositions, layerDocs, moved, movePositions, wiresOf } from "./graph.ts";

const docs = layerDocs(catalogue);
const plain = network("h1:dense", "a1:tanh", "h2:dense", "d2:dropout", "a2:tanh", "out:output");
const residual = network("h1:dense", "a1:tanh", "h2:dense", "a2:tanh", "sum:add<a1,a2", "r:relu", "out:output");

function drawn(nodes: typeof plain): string[] {
  return columnsOf(nodes, docs).map((column) => [column.id, ...column.nodes.slice(1).map((node) => node.id)].join("+"));
}

test("activations and regularisation share the column of their layer", () => {
  expect(drawn(plain)).toEqual(["data", "h1+a1", "h2+d2+a2", "out"]);
  expect(columnsOf(plain, docs)[2]).toMatchObject({ tail: "a2", inputs: ["a1"] });
});

test("what somebody else reads keeps its own column", () => {
  expect(drawn(network("h1:dense", "a1:relu", "h2:dense", "sum:add<h1,h2", "out:output"))).toEqual(["data", "h1", "a1", "h2", "sum", "out"]);
});

test("an activation joins neither the data nor a pooling layer, but a merge", () => {
  expect(drawn(network("a:relu", "p:max_pool2d", "b:relu", "out:output"))).toEqual(["data", "a", "p", "b", "out"]);
  expect(drawn(residual)).toEqual(["data", "h1+a1", "h2+a2", "sum+r", "out"]);
});

test("wires know their slot, and ids that name nothing are left out", () => {
  const columns = columnsOf(residual, docs);
  expect(wiresOf(columns).filter((wire) => wire.to === 3)).toEqual([
    { from: 1, to: 3, slot: 0 },
    { from: 2, to: 3, slot: 1 },
  ]);
  expect(wiresOf(columnsOf(network("h1:dense<gone", "out:output"), docs))).toEqual([{ from: 1, to: 2, slot: 0 }]);
});

test("a node is found in the column that it shares", () => {
  const columns = columnsOf(plain, docs);
  expect(columnOf(columns, "d2")).toBe(2);
  expect(columnOf(columns, "data")).toBe(0);
  expect(columnOf(columns, "gone")).toBe(-1);
});

test("layers go behind every column but the output", () => {
  expect(insertPositions(columnsOf(plain, docs))).toEqual(["data", "a1", "a2"]);
});

test("a column moves anywhere else, but never before what it reads", () => {
  expect(movePositions(plain, columnsOf(plain, docs), 1)).toEqual(["a2"]);
  expect(movePositions(plain, columnsOf(plain, docs), 2)).toEqual(["data"]);
  expect(movePositions(plain, columnsOf(plain, docs), 3)).toEqual([]);
  expect(movePositions(residual, columnsOf(residual, docs), 3)).toEqual([]);
});

test("moved nodes keep their order", () => {
  expect(moved(plain, ["h2", "d2", "a2"], "data").map((node) => node.id)).toEqual(["h2", "d2", "a2", "h1", "a1", "out"]);
});

test("of several inputs each stands before the first layer that reads it", () => {
  const nodes = network("look:conv2d<seen", "flat:flatten", "listen:dense<heard", "both:concatenate<flat,listen", "out:output");
  const columns = columnsOf(nodes, docs, ["seen", "heard"]);
  expect(columns.map((column) => column.id)).toEqual(["seen", "look", "flat", "heard", "listen", "both", "out"]);
  expect(wiresOf(columns).map(({ from, to }) => [from, to])).toEqual([[0, 1], [1, 2], [3, 4], [2, 5], [4, 5], [5, 6]]);
  expect(movePositions(nodes, columns, 0)).toEqual([]);
  const deaf = network("look:conv2d<seen", "out:output");
  expect(columnsOf(deaf, docs, ["seen", "heard"]).map((column) => column.id)).toEqual(["heard", "seen", "look", "out"]);
  expect(columnsOf(network("h:dense", "out:output"), docs, ["seen"]).map((column) => column.id)).toEqual(["data", "seen", "h", "out"]);
});

// The life of an experiment on the page: edits, undo, play and pause, retuning, and starting anew after a change.
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { catalogue } from "./catalogue.fixture.ts";
import { Playground } from "./playground.svelte.ts";
import { FakeServer } from "./server.fixture.ts";

let server: FakeServer;
let playground: Playground;

const quiet = (milliseconds = 1000): Promise<unknown> => vi.advanceTimersByTimeAsync(milliseconds);
const ops = (): string[] => server.commands.map(({ id, command }) => `${id} ${command.op}`);

async function open(preset: number): Promise<void> {
  server = new FakeServer();
  playground = new Playground(server.surroundings(), catalogue.presets[preset]!.experiment);
  playground.watch(playground.views);
  await quiet();
}

async function play(): Promise<void> {
  await playground.transport.toggle();
  server.says(playground.run!.id, { type: "state", state: "running" });
  await quiet(50);
}

beforeEach(async () => {
  vi.useFakeTimers();
  await open(0);
});
afterEach(() => vi.useRealTimers());

test("opens with a checked experiment, its preset, and pictures of the untrained network", () => {
  expect(playground.preset).toBe("circle");
  expect(playground.outlook.ready).toBe(true);
  expect(server.drawings).toBeGreaterThan(0);
  expect(playground.experiment.training.batch_size).toBe(10);
});

test("every edit can be undone, and is no longer the preset", () => {
  playground.insert("a1", { op: "dropout" });
  expect(playground.experiment.network.map((node) => node.id)).toEqual(["h1", "a1", "dropout1", "out"]);
  expect(playground.selected).toBe("dropout1");
  expect(playground.preset).toBe(null);
  playground.undo();
  expect(playground.preset).toBe("circle");
  expect(playground.selected).toBe(null);
  playground.redo();
  expect(playground.experiment.network).toHaveLength(4);
});

test("play, pause and go on are commands; their effects come as events", async () => {
  await play();
  expect(server.posted).toHaveLength(1);
  expect(playground.transport.moving).toBe(true);
  await playground.transport.toggle();
  expect(ops()).toEqual(["job1 pause"]);
  expect(playground.run!.state).toBe("running");
  server.says("job1", { type: "state", state: "paused" });
  await quiet(50);
  expect(playground.transport.moving).toBe(false);
  await playground.transport.toggle();
  expect(ops()).toEqual(["job1 pause", "job1 resume"]);
});

test("a step from rest starts a paused job", async () => {
  await playground.transport.step("epoch");
  expect(server.posted[0]!.paused).toBe(true);
  expect(server.commands[0]!.command).toEqual({ op: "step", unit: "epoch", count: 1 });
});

test("points: a change stops the job and starts the changed experiment after a moment of quiet", async () => {
  await play();
  playground.setDatasetField("noise", 0.2);
  expect(playground.run).toBe(null);
  expect(playground.transport.restarting).toBe(true);
  await quiet(300);
  playground.setDatasetField("noise", 0.3);
  await quiet(400);
  expect(server.posted).toHaveLength(1);
  await quiet(400);
  expect(server.posted).toHaveLength(2);
  expect(server.posted[1]!.experiment.dataset["noise"]).toBe(0.3);
  expect(ops()).toEqual(["job1 stop"]);
});

test("points: a changed experiment with a problem waits until it is mended", async () => {
  await play();
  server.problems = [{ node: "h1", field: null, message: { en: "no", zh: "不" }, hint: null, fix: null }];
  playground.setDatasetField("noise", 0.2);
  await quiet();
  expect(server.posted).toHaveLength(1);
  expect(playground.outlook.obstacle).not.toBe(null);
  server.problems = [];
  playground.setDatasetField("noise", 0.1);
  await quiet();
  expect(server.posted).toHaveLength(2);
});

test("points: a change while paused goes back to the untrained network", async () => {
  await play();
  server.says("job1", { type: "state", state: "paused" });
  await quiet(50);
  playground.setDatasetField("noise", 0.2);
  await quiet();
  expect(playground.run).toBe(null);
  expect(server.posted).toHaveLength(1);
});

test("the learning rate is retuned in mid-run", async () => {
  await play();
  playground.setTrainingField("optimizer", { op: "adam", lr: 0.5 });
  await quiet();
  expect(server.commands.at(-1)).toEqual({ id: "job1", command: { op: "retune", lr: 0.5 } });
  expect(playground.run).not.toBe(null);
  expect(playground.outdated).toBe(false);
  playground.setTrainingField("optimizer", { op: "sgd", lr: 0.5 });
  expect(playground.run).toBe(null);
});

test("other data: the run goes on, and the change can be run or taken back", async () => {
  await open(1);
  await play();
  playground.setTrainingField("batch_size", 64);
  await quiet();
  expect(playground.run!.id).toBe("job1");
  expect(playground.outdated).toBe(true);
  playground.revert();
  expect(playground.outdated).toBe(false);
  playground.undo();
  expect(playground.experiment.training.batch_size).toBe(64);
  await quiet();
  await playground.transport.start(false);
  expect(server.posted).toHaveLength(2);
  expect(ops()).toEqual(["job1 stop"]);
  expect(playground.outdated).toBe(false);
});

test("another kind of data brings a network that suits it; the same kind keeps what was set", () => {
  playground.setDatasetField("samples", 300);
  playground.setDatasetField("noise", 0.4);
  playground.pickDataset("spiral");
  expect(playground.experiment.dataset).toEqual({ op: "spiral", samples: 300, noise: 0.1, features: ["x1", "x2"] });
  expect(playground.experiment.network).toHaveLength(3);
  playground.pickDataset("digits");
  expect(playground.experiment.network).toHaveLength(1);
  playground.undo();
  expect(playground.experiment.dataset.op).toBe("spiral");
});

test("the address holds the experiment and the job", async () => {
  vi.useRealTimers();
  await playground.transport.toggle();
  await vi.waitFor(() => expect(location.hash).toMatch(/^#e=.+&job=job1$/), 2000);
});

test("reset goes back to the untrained network", async () => {
  await play();
  playground.transport.reset();
  await quiet();
  expect(playground.run).toBe(null);
  expect(ops()).toEqual(["job1 stop"]);
});

// The life of an experiment on the page: edits, undo, play and pause, retuning, and starting anew after a change.
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { Availability } from "../api/types.ts";
import { catalogue } from "./catalogue.fixture.ts";
import { Playground } from "./playground.svelte.ts";
import { type EventBody, FakeServer } from "./server.fixture.ts";

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

test("Play does not wait for data that is not on the machine", async () => {
  const op = playground.experiment.dataset.op;
  playground.datasets.availability = { [op]: { op, available: false } as Availability };
  await playground.transport.toggle();
  await quiet();
  expect(playground.transport.moving).toBe(false);
  expect(server.posted).toHaveLength(0);
});

test("a step from rest starts a paused job", async () => {
  await playground.transport.step("epoch");
  expect(server.posted[0]!.paused).toBe(true);
  expect(server.commands[0]!.command).toEqual({ op: "step", unit: "epoch", count: 1 });
});

test("a simple method is asked about the data that was checked, also where other data was chosen in the moment of quiet", async () => {
  const first = playground.experiment.dataset.op;
  const other = catalogue.datasets.find((doc) => doc.op !== first)!.op;
  server.baselines = [];
  playground.setDatasetField("noise", 0.2);
  await quiet(300);
  server.problems = [{ message: "no such columns", part: "dataset" } as never];
  playground.pickDataset(other);
  await quiet();
  expect(playground.experiment.dataset.op).toBe(other);
  expect(server.baselines.map((experiment) => experiment.dataset.op)).toEqual([first]);
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

test("while the server is away the state is the last that was known; when it is back the log goes on", async () => {
  await play();
  const run = playground.run!;
  server.says("job1", { type: "evaluated", step: 5, epoch: 0.5, training: { loss: 1 }, validation: { loss: 1 }, lr: 0.1, gradient_norm: null });
  await quiet(50);
  server.away = true;
  server.cuts("job1");
  await quiet(50);
  expect(run.lost).not.toBe(null);
  expect(run.state).toBe("running");
  expect(playground.around.notices.reachable).toBe(false);
  const tried = server.sockets;
  await quiet(3000);
  expect(server.sockets).toBeGreaterThanOrEqual(tried);

  server.away = false;
  server.told = { state: "starting", last_seq: 4 };
  await quiet(9000);
  expect(playground.around.notices.reachable).toBe(true);
  expect(run.lost).toBe(null);
  expect(run.state).toBe("starting");
  server.opens("job1");
  server.says("job1", { type: "state", state: "queued" }, { type: "state", state: "starting" }, { type: "state", state: "running" });
  await quiet(50);
  expect(run.state).toBe("running");
  expect(run.course.seq).toBe(5);
  expect(run.course.evaluations).toHaveLength(1);
});

test("an interrupted job goes on when it is told to, also after its connection was closed", async () => {
  await play();
  server.says("job1", { type: "failed", code: "worker_killed", message: { en: "killed", zh: "被杀" } }, { type: "state", state: "interrupted" });
  await quiet(50);
  expect(playground.run!.alive).toBe(false);
  expect(playground.transport.moving).toBe(false);
  server.cuts("job1", 1000);
  const before = server.sockets;
  await playground.transport.toggle();
  expect(ops()).toEqual(["job1 resume"]);
  expect(server.posted).toHaveLength(1);
  expect(server.sockets).toBe(before + 1);
  server.says("job1", { type: "state", state: "queued" }, { type: "state", state: "starting" }, { type: "state", state: "running" });
  await quiet(50);
  expect(playground.run!.state).toBe("running");
  expect(playground.run!.course.end).toBe(null);
});

test("a start that found no answer is asked once more with the same key, so that there is one job", async () => {
  server.away = true;
  await playground.transport.toggle();
  server.away = false;
  await playground.transport.toggle();
  await playground.transport.start(false);
  const [first, second, third] = server.keys;
  expect(second).toBe(first);
  expect(third).not.toBe(first);
});

test("a job that is not wanted any more is stopped when the server is back", async () => {
  await play();
  server.away = true;
  playground.transport.reset();
  await quiet(5000);
  expect(ops()).toEqual([]);
  server.away = false;
  await quiet(5000);
  expect(ops()).toEqual(["job1 stop"]);
});

test("somebody else's job can be watched, not steered or changed, until it is made one's own", async () => {
  await play();
  const { job } = playground.run!;
  playground.openJob({ ...job, id: "theirs", mine: false, state: "running" });
  expect(playground.readOnly).toBe(true);
  const before = playground.experiment;
  playground.newWeights();
  playground.undo();
  await playground.transport.toggle();
  await playground.transport.step("batch");
  expect(playground.experiment).toBe(before);
  expect(ops()).toEqual([]);
  playground.makeMine();
  expect(playground.readOnly).toBe(false);
  expect(playground.run).toBe(null);
  expect(ops()).toEqual([]);
  await quiet();
  await playground.transport.toggle();
  expect(server.posted).toHaveLength(2);
});

test("a job with a long past is opened with its course, and followed from there; one whose past is not to be had, from the beginning", async () => {
  await play();
  const { job } = playground.run!;
  const progress = { type: "progress" as const, step: [512, 1000], loss: [0.5, 0.4], low: [0.1, 0.2], high: [0.9, 0.8], examples_per_second: 10 } satisfies EventBody;
  server.courses = { long: [{ seq: 40, at: "", type: "checkpointed", step: 900, epoch: 0 }, { seq: 41, at: "", ...progress }] };
  playground.openJob({ ...job, id: "long", last_seq: 41_000 });
  await quiet(0);
  expect(playground.course).toMatchObject({ seq: 41, step: 1000, checkpoint: 900, steps: { step: [512, 1000], low: [0.1, 0.2], high: [0.9, 0.8] } });
  server.says("long", { ...progress, step: [1001], loss: [0.3], low: null, high: null });
  await quiet(20);
  expect(playground.course).toMatchObject({ seq: 42, step: 1001, steps: { loss: [0.5, 0.4, 0.3], low: [0.1, 0.2, 0.3] } });
  playground.openJob({ ...job, id: "away", last_seq: 41_000 });
  await quiet(0);
  server.says("away", { ...progress, step: [1], loss: [2], low: null, high: null });
  await quiet(20);
  expect(playground.course).toMatchObject({ seq: 1, step: 1 });
});

test("reset goes back to the untrained network", async () => {
  await play();
  playground.transport.reset();
  await quiet();
  expect(playground.run).toBe(null);
  expect(ops()).toEqual(["job1 stop"]);
});

// The stream hands on each event once and in order, over breaks, repeats and gaps, and decodes pictures.
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { decodeFrame } from "./pictures.ts";
import { type Connection, EventStream, type Socket } from "./stream.ts";
import type { Frame, JobEvent } from "./types.ts";

class FakeSocket implements Socket {
  static all: FakeSocket[] = [];
  binaryType = "blob";
  readyState = 0;
  sent: string[] = [];
  onopen: ((event: never) => void) | null = null;
  onmessage: ((event: never) => void) | null = null;
  onclose: ((event: never) => void) | null = null;

  constructor(readonly path: string) {
    FakeSocket.all.push(this);
  }
  send(data: unknown): void {
    this.sent.push(data as string);
  }
  close(): void {
    this.readyState = 3;
  }
  opens(): void {
    this.readyState = 1;
    this.onopen?.({} as never);
  }
  says(data: unknown): void {
    this.onmessage?.({ data } as never);
  }
  breaks(code: number): void {
    this.readyState = 3;
    this.onclose?.({ code } as never);
  }
}

const checkpoint = (seq: number): string => JSON.stringify({ seq, at: "", type: "checkpointed", step: seq, epoch: 0 });

function follow(past: Promise<JobEvent[]> | null = null) {
  const seen: number[] = [];
  const frames: Frame[] = [];
  const connections: Connection[] = [];
  const stream = new EventStream(
    "j1",
    {
      events: (events: JobEvent[]) => seen.push(...events.map((event) => event.seq)),
      frames: (newest) => frames.push(...newest),
      connection: (state) => connections.push(state),
    },
    past,
    (path) => new FakeSocket(path),
  );
  return { stream, seen, frames, connections };
}

const last = (): FakeSocket => FakeSocket.all.at(-1)!;

beforeEach(() => {
  vi.useFakeTimers();
  FakeSocket.all = [];
});
afterEach(() => vi.useRealTimers());

test("hands on events in batches and drops repeats", () => {
  const { seen } = follow();
  last().opens();
  for (const seq of [1, 2, 2, 1, 3]) last().says(checkpoint(seq));
  expect(seen).toEqual([]);
  vi.advanceTimersByTime(20);
  expect(seen).toEqual([1, 2, 3]);
});

test("goes on behind the last event after a break, ever more patiently", () => {
  const { seen, connections } = follow();
  last().opens();
  last().says(checkpoint(1));
  last().says(checkpoint(2));
  last().breaks(1006);
  expect(seen).toEqual([1, 2]);
  expect(connections.at(-1)).toBe("waiting");
  vi.advanceTimersByTime(250);
  expect(last().path).toContain("after=2");
  last().breaks(1006);
  vi.advanceTimersByTime(250);
  expect(FakeSocket.all).toHaveLength(2);
  vi.advanceTimersByTime(250);
  expect(FakeSocket.all).toHaveLength(3);
  last().opens();
  last().says(checkpoint(3));
  vi.advanceTimersByTime(20);
  expect(seen).toEqual([1, 2, 3]);
});

test("hands on a past that was asked for first, and goes on behind it", async () => {
  let tell = (_: JobEvent[]): void => undefined;
  const { stream, seen } = follow(new Promise((resolve) => (tell = resolve)));
  stream.reopen();
  expect(FakeSocket.all).toHaveLength(0);
  tell([2, 5, 7].map((seq) => JSON.parse(checkpoint(seq)) as JobEvent));
  await vi.advanceTimersByTimeAsync(0);
  expect(seen).toEqual([2, 5, 7]);
  expect(last().path).toContain("after=7");
  last().opens();
  last().says(checkpoint(8));
  vi.advanceTimersByTime(20);
  expect(seen).toEqual([2, 5, 7, 8]);
});

test("a past that comes when nobody follows any more is left", async () => {
  const { stream, seen } = follow(Promise.resolve([JSON.parse(checkpoint(1)) as JobEvent]));
  stream.close();
  await vi.advanceTimersByTimeAsync(0);
  expect(seen).toEqual([]);
  expect(FakeSocket.all).toHaveLength(0);
});

test("asks again where an event is missing", () => {
  const { seen } = follow();
  last().opens();
  last().says(checkpoint(1));
  last().says(checkpoint(3));
  vi.advanceTimersByTime(300);
  expect(last().path).toContain("after=1");
  last().opens();
  last().says(checkpoint(2));
  last().says(checkpoint(3));
  vi.advanceTimersByTime(20);
  expect(seen).toEqual([1, 2, 3]);
});

test("ends with the log, and hands nothing on after it was closed", () => {
  const done = follow();
  last().opens();
  last().says(checkpoint(1));
  last().breaks(1000);
  expect(done.seen).toEqual([1]);
  expect(done.connections.at(-1)).toBe("closed");
  vi.advanceTimersByTime(60_000);
  expect(FakeSocket.all).toHaveLength(1);

  const left = follow();
  last().opens();
  last().says(checkpoint(1));
  left.stream.close();
  vi.advanceTimersByTime(1000);
  expect(left.seen).toEqual([]);
});

test("says what it watches at once, and again after a break", () => {
  const { stream } = follow();
  stream.watch([{ op: "surface" }]);
  last().opens();
  expect(last().sent).toEqual(['{"watch":[{"op":"surface"}]}']);
  stream.watch([{ op: "surface" }]);
  expect(last().sent).toHaveLength(1);
  last().breaks(1006);
  vi.advanceTimersByTime(250);
  last().opens();
  expect(last().sent).toEqual(['{"watch":[{"op":"surface"}]}']);
});

function picture(step: number): ArrayBuffer {
  const planes = { kind: "heatmap", planes: [{ node: "output", unit: 0, width: 2, height: 1, scale: 1 }], x: [-6, 6], y: [-6, 6] };
  const header = new TextEncoder().encode(JSON.stringify({ type: "picture", key: '{"op":"surface"}', step, picture: planes }));
  const buffer = new ArrayBuffer(4 + header.length + 2);
  new DataView(buffer).setUint32(0, header.length, true);
  new Uint8Array(buffer, 4).set(header);
  new Uint8Array(buffer, 4 + header.length).set([0, 254]);
  return buffer;
}

test("of each picture only the newest is handed on", () => {
  const { frames } = follow();
  last().opens();
  last().says(picture(1));
  last().says(picture(2));
  vi.advanceTimersByTime(20);
  expect(frames.map((frame) => frame.step)).toEqual([2]);
});

test("decodes a picture frame", () => {
  const frame = decodeFrame(picture(7));
  expect(frame.key).toEqual({ op: "surface" });
  expect(frame.step).toBe(7);
  expect(frame.picture.kind === "heatmap" && [...frame.picture.cells]).toEqual([0, 254]);
});

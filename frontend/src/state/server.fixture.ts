// A server for tests: it answers at once, keeps what it was asked, and speaks through sockets that the test drives.
import type { Api } from "../api/client.ts";
import { Refused, Unreachable } from "../api/errors.ts";
import type { Socket } from "../api/stream.ts";
import type { Check, Command, Experiment, Job, JobEvent, Preview } from "../api/types.ts";
import { catalogue } from "./catalogue.fixture.ts";
import { Notices } from "./notices.svelte.ts";
import type { Surroundings } from "./run.svelte.ts";

type Body<Event> = Event extends unknown ? Omit<Event, "seq" | "at"> : never;

/** What an event says, without its place in the log. */
export type EventBody = Body<JobEvent>;

export function jobOf(id: string, experiment: Experiment): Job {
  return {
    id,
    name: "circle",
    state: "queued",
    reason: null,
    experiment,
    created: "2026-11-23T08:00:00Z",
    started: null,
    finished: null,
    step: 0,
    steps: null,
    epoch: 0,
    parameters: 3,
    device: "cpu",
    threads: 1,
    position: null,
    mine: true,
    shared: false,
    resumes: 0,
    check_in: null,
    memory: 0,
    training: null,
    validation: null,
    last_seq: 0,
  };
}

export class FakeServer {
  /** Whether it answers commands and tells of jobs. */
  away = false;
  /** What it says of a job when it is asked. */
  told: Partial<Job> = {};
  sockets = 0;
  keys: string[] = [];
  posted: { experiment: Experiment; paused: boolean; steps_per_second: number | null }[] = [];
  commands: { id: string; command: Command }[] = [];
  problems: Check["problems"] = [];
  drawings = 0;
  /** Of which experiments it was asked what a simple method reaches. */
  baselines: Experiment[] = [];
  /** What each job has said so far; of one that is not here the server does not tell. */
  courses: Record<string, JobEvent[]> = {};
  #sockets = new Map<string, Socket & { seq: number }>();

  surroundings(): Surroundings {
    return { api: this.#api() as Api, catalogue, notices: new Notices(), socket: (path) => this.#socket(path) };
  }

  /** The job's connection breaks off. */
  cuts(id: string, code = 1006): void {
    this.#sockets.get(id)!.onclose?.({ code } as never);
  }

  /** The newest connection stands. */
  opens(id: string): void {
    this.#sockets.get(id)!.onopen?.({} as never);
  }

  /** The job says this. */
  says(id: string, ...bodies: EventBody[]): void {
    const socket = this.#sockets.get(id)!;
    for (const body of bodies) {
      const event: JobEvent = { seq: (socket.seq += 1), at: "", ...body };
      socket.onmessage?.({ data: JSON.stringify(event) } as never);
    }
  }

  #socket(path: string): Socket {
    this.sockets += 1;
    const id = /jobs\/([^/]+)\//.exec(path)![1]!;
    const socket = { readyState: 1, seq: Number(/after=(\d+)/.exec(path)![1]), binaryType: "", onopen: null, onmessage: null, onclose: null, send: () => undefined, close: () => undefined };
    this.#sockets.set(id, socket);
    return socket;
  }

  #api(): Partial<Api> {
    return {
      health: () =>
        this.away
          ? Promise.reject(new Unreachable("away"))
          : Promise.resolve({ status: "ok", version: "0", devices: [{ name: "cpu", slots: 2, busy: 0 }], queued: 0, running: 0 }),
      preview: (dataset) => {
        const task = catalogue.datasets.find((doc) => doc.op === dataset.op)!.task;
        return Promise.resolve<Preview>({ task, examples: 10, training: 5, validation: 5, shape: [2], axes: ["features"], steps: [] });
      },
      check: () =>
        Promise.resolve<Check>({
          data: { shape: [2], axes: [], parameters: 0, sharable: [] },
          parts: {},
          nodes: {},
          parameters: 0,
          operations: 0,
          problems: this.problems,
          task: { kind: "classification", classes: [] },
          views: [{ op: "surface" }, { op: "confusion" }],
        }),
      baseline: (experiment) => {
        this.baselines.push(experiment);
        return Promise.resolve(null);
      },
      draw: () => {
        this.drawings += 1;
        return Promise.resolve([]);
      },
      post: (experiment, options, key) => {
        this.keys.push(key);
        if (this.away) return Promise.reject(new Unreachable("away"));
        this.posted.push({ experiment, ...options });
        return Promise.resolve(jobOf(`job${this.posted.length}`, experiment));
      },
      job: (id) => (this.away ? Promise.reject(new Unreachable("away")) : Promise.resolve({ ...jobOf(id, this.posted[0]!.experiment), ...this.told })),
      course: (id) => (this.courses[id] ? Promise.resolve(this.courses[id]) : Promise.reject(new Unreachable("away"))),
      view: () => Promise.reject(new Refused(409, "no_checkpoint", "The job has no checkpoint yet.")),
      command: (id, command) => {
        if (this.away) return Promise.reject(new Unreachable("away"));
        this.commands.push({ id, command });
        return Promise.resolve(jobOf(id, this.posted.at(-1)!.experiment));
      },
    };
  }
}

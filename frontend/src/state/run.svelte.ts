// A job as the page follows it: its course so far, its newest pictures, and the commands that it takes.
import type { Api } from "../api/client.ts";
import { Refused } from "../api/errors.ts";
import { type Connection, EventStream, type OpenSocket } from "../api/stream.ts";
import type { Catalogue, Command, Experiment, Frame, Job, JobEvent, JobState, View } from "../api/types.ts";
import { complete } from "./complete.ts";
import { type Course, EMPTY, fold } from "./course.ts";
import { Latest } from "./latest.svelte.ts";
import type { Notices } from "./notices.svelte.ts";
import { Pictures } from "./pictures.svelte.ts";

/** Milliseconds of quiet before the pictures of a past moment are asked for. */
const JOURNEY_QUIET = 60;
/** Milliseconds of silence after which a job that should be alive is asked for. */
const SILENCE = 8000;
/** So many events are heard one by one; a longer past is asked for in short. */
const LONG = 100;

/** What a run needs of the world around it. */
export interface Surroundings {
  api: Api;
  catalogue: Catalogue;
  notices: Notices;
  socket?: OpenSocket;
}

/** What a job has said so far, in short; nothing if the server does not tell, and then every event is heard. */
export function pastOf(id: string, api: Api): Promise<JobEvent[]> {
  return api.course(id).catch(() => []);
}

/** Nothing runs any more in these states. */
export function isFinal(state: JobState): boolean {
  switch (state) {
    case "queued":
    case "starting":
    case "running":
    case "paused":
    case "stopping":
      return false;
    case "completed":
    case "stopped":
    case "failed":
    case "interrupted":
      return true;
  }
}

export class Run {
  readonly id: string;
  readonly pictures: Pictures;
  job: Job;
  course = $state.raw<Course>(EMPTY);
  connection = $state<Connection>("connecting");
  /** Since when the connection is broken; null while it is known how the job stands. */
  lost = $state.raw<Date | null>(null);
  /** The server has no such job any more. */
  gone = $state(false);
  #heard = performance.now();
  /** Learning rate asked for by a command; the job confirms it with an event. */
  #lr = $state<number | null>(null);
  #base: Experiment;
  #stream: EventStream;
  #views: View[] = [];
  #missing: AbortController | null = null;
  /** The step that the person has gone back to; null is now. */
  visited = $state<number | null>(null);
  /** Pictures of that moment. */
  readonly past: Pictures;
  #journey: Latest<{ step: number; views: View[] }, Frame[]>;

  /** Of log and answer, what is newer; while the connection is lost, the last that was known. */
  state: JobState = $derived.by(() => (this.job.last_seq > this.course.seq ? this.job.state : (this.course.state ?? this.job.state)));
  alive = $derived.by(() => !this.gone && !isFinal(this.state));
  /** It has an end that stays; an interrupted job may go on, also by itself. */
  final = $derived.by(() => this.gone || (isFinal(this.state) && this.state !== "interrupted"));
  /** It has stopped without an end of its own, and goes on where it was when it is told to. */
  resumable = $derived.by(() => !this.gone && (this.state === "paused" || this.state === "interrupted"));
  /** Others' jobs can be watched, not steered. */
  mine = $derived.by(() => this.job.mine);
  /** What this job trains, with the learning rate that it has now. */
  experiment: Experiment = $derived.by(() => {
    const lr = this.#lr ?? this.course.lr;
    const optimizer = this.#base.training.optimizer;
    return lr === null || !optimizer ? this.#base : { ...this.#base, training: { ...this.#base.training, optimizer: { ...optimizer, lr } } };
  });
  epoch = $derived.by(() => (this.course.started ? this.course.step / this.course.started.steps_per_epoch : this.job.epoch));

  constructor(
    job: Job,
    private readonly around: Surroundings,
    /** Told after each batch of events. */
    private readonly folded: (run: Run, before: Course) => void = () => undefined,
    past: Promise<JobEvent[]> | null = job.last_seq < LONG ? null : pastOf(job.id, around.api),
  ) {
    this.id = job.id;
    this.job = $state.raw(job);
    this.#base = complete(job.experiment, around.catalogue);
    this.pictures = new Pictures(around.catalogue);
    this.past = new Pictures(around.catalogue);
    this.#journey = new Latest(
      ({ step, views }, signal) => Promise.all(views.map((view) => around.api.view(job.id, view, signal, step))),
      (error) => around.notices.failed(error),
      (frames) => this.past.put(frames),
    );
    this.#stream = new EventStream(
      job.id,
      {
        events: (events) => this.#fold(events),
        frames: (frames) => this.pictures.put(frames),
        connection: (state) => this.#connected(state),
      },
      past,
      around.socket,
    );
  }

  /** The pictures to keep fresh: live ones while the job runs, those of the last checkpoint afterwards. */
  watch(views: View[]): void {
    this.#views = views;
    this.#stream.watch(views);
    if (this.connection === "closed") void this.#fetchMissing();
    if (this.visited !== null) this.visit(this.visited);
  }

  /** Look back to a step, or return to now. */
  visit(step: number | null): void {
    this.visited = step;
    if (step === null) {
      this.past.clear();
      this.#journey.doubt();
    } else this.#journey.ask({ step, views: this.#views }, JOURNEY_QUIET);
  }

  /** False when the command has not reached the server. */
  async command(command: Command): Promise<boolean> {
    if (command.op === "retune") this.#lr = command.lr;
    try {
      this.job = await this.around.api.command(this.id, command);
      if (this.connection === "closed") this.#stream.reopen();
    } catch (error) {
      // The job ended while the command was under way: its last events say so, and there is nothing to stop or pause.
      if (!(error instanceof Refused && error.status === 409)) this.around.notices.failed(error);
      return error instanceof Refused;
    }
    return true;
  }

  /** The server answers: ask for what no event tells, and make sure that the connection is not a dead one. */
  feel(back: boolean): void {
    if (this.gone) return;
    if (back && this.connection !== "open") this.#stream.reopen();
    else if (this.lost || this.state === "queued" || this.state === "interrupted" || (this.alive && performance.now() - this.#heard > SILENCE)) void this.refresh();
  }

  close(): void {
    this.#missing?.abort();
    this.#stream.close();
  }

  #fold(events: JobEvent[]): void {
    this.#heard = performance.now();
    const before = this.course;
    this.course = fold(before, events);
    this.folded(this, before);
  }

  #connected(state: Connection): void {
    this.connection = state;
    if (state === "closed") void this.#fetchMissing();
    if (state === "waiting") this.lost ??= new Date();
    if (state === "waiting" || (state === "open" && this.lost)) void this.refresh();
  }

  /** Ask for what no event tells: the place in the queue, how the job stands, and whether it is still there. */
  async refresh(): Promise<void> {
    try {
      const job = await this.around.api.job(this.id);
      this.job = job;
      this.lost = null;
      const silent = performance.now() - this.#heard > SILENCE;
      if (job.last_seq > this.#stream.seq && (this.connection === "closed" || (this.connection === "open" && silent))) this.#stream.reopen();
    } catch (error) {
      if (error instanceof Refused && error.status === 404) {
        this.gone = true;
        this.close();
        this.around.notices.tell("jobGone", "warn", true);
      } else this.around.notices.failed(error);
    }
  }

  async #fetchMissing(): Promise<void> {
    this.#missing?.abort();
    const controller = new AbortController();
    this.#missing = controller;
    for (const view of this.#views.filter((wanted) => !this.pictures.has(wanted))) {
      try {
        this.pictures.put([await this.around.api.view(this.id, view, controller.signal)]);
      } catch (error) {
        // A job that ended before its first checkpoint has nothing to show; the untrained network is shown instead.
        if (error instanceof Refused && (error.status === 404 || error.status === 409)) return;
        this.around.notices.failed(error);
        return;
      }
    }
  }
}

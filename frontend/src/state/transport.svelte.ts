// The tape deck: play, pause, step, reset and speed; starts jobs, follows one, and starts anew after an edit.
import type { Experiment, Job, JobEvent, Modality } from "../api/types.ts";
import { same } from "./complete.ts";
import type { Course } from "./course.ts";
import { Run, type Surroundings } from "./run.svelte.ts";

export type Speed = "slow" | "normal" | "full";

/** Steps a second in slow motion, and where an experiment has no pace of its own. */
const SLOW = 4;
const USUAL = 300;

const QUIET = 500;
const RETUNE_QUIET = 80;

/** What the tape deck needs to know of the document that it plays. */
export interface Score {
  experiment(): Experiment;
  modality(): Modality;
  /** Checked, and nothing stands in the way of training. */
  ready(): boolean;
  /** Its data is on the machine, as far as is known: a press of Play cannot wait for what nobody has asked to be fetched. */
  here(): boolean;
  folded(run: Run, before: Course): void;
  /** Another job is shown, or none. */
  attached(run: Run | null): void;
}

export class Transport {
  run = $state.raw<Run | null>(null);
  speed = $state<Speed>("normal");
  /** Steps a second at which this experiment is best watched. */
  #normal = USUAL;
  /** A job has been asked for and not yet been given. */
  starting = $state(false);
  /** A changed experiment waits to be started: for a moment of quiet, or until its problems are mended. */
  restarting = $state(false);
  #quiet: ReturnType<typeof setTimeout> | undefined;
  #retune: ReturnType<typeof setTimeout> | undefined;
  #quietOver = false;
  #attempt = 0;
  /** A request to start a job that has found no answer; asked once more with the same key, it makes no second job. */
  #unanswered: { question: string; key: string } | null = null;
  /** Jobs that nobody wants any more and that do not know it yet, because the server was away. */
  #unstopped: Run[] = [];

  /** What the large button does: pause what moves, else play. */
  moving = $derived.by(() => this.starting || this.restarting || (this.run?.alive === true && this.run.state !== "paused" && this.run.state !== "stopping"));

  constructor(
    private readonly around: Surroundings,
    private readonly score: Score,
  ) {}

  async toggle(): Promise<void> {
    if (this.restarting) {
      this.#calmDown();
      return;
    }
    const run = this.run;
    if (this.starting || run?.mine === false) return;
    if (run?.resumable) await run.command({ op: "resume" });
    else if (!run?.alive || run.state === "stopping") {
      // An edit of this moment may not have been checked yet: the press is not lost, the job starts as soon as it has been.
      if (this.score.ready()) await this.start(false);
      else if (this.score.here()) this.restart();
    } else await run.command({ op: "pause" });
  }

  async step(unit: "batch" | "epoch"): Promise<void> {
    this.#calmDown();
    if (this.starting || this.run?.mine === false || this.run?.state === "interrupted") return;
    if (!this.run?.alive || this.run.state === "stopping") await this.start(true);
    await this.run?.command({ op: "step", unit, count: 1 });
  }

  /** Back to the untrained network, with the same first weights. */
  reset(): void {
    this.#calmDown();
    this.detach(true);
  }

  async setSpeed(speed: Speed): Promise<void> {
    this.speed = speed;
    if (this.run?.alive && this.run.mine) await this.run.command({ op: "pace", steps_per_second: this.#pace });
  }

  /** The pace that an experiment comes with; null is as fast as the machine can. */
  suggest(steps_per_second: number | null): void {
    this.#normal = steps_per_second ?? USUAL;
    this.speed = steps_per_second === null ? "full" : "normal";
  }

  get #pace(): number | null {
    switch (this.speed) {
      case "slow":
        return SLOW;
      case "normal":
        return this.#normal;
      case "full":
        return null;
    }
  }

  /** Start the changed document as soon as it has been checked. */
  restart(): void {
    this.#waitForQuiet();
  }

  /** Start a job for the document as it is now; the one that is shown is stopped. */
  async start(paused: boolean): Promise<void> {
    this.#calmDown();
    if (this.starting || !this.score.ready()) return;
    this.starting = true;
    const attempt = (this.#attempt += 1);
    try {
      const options = { paused, steps_per_second: this.#pace };
      const job = await this.#post(this.score.experiment(), options);
      // A reset in the meantime: nobody wants this job any more.
      if (attempt !== this.#attempt) await this.around.api.command(job.id, { op: "stop" });
      else {
        this.attach(job);
        this.changed();
      }
    } catch (error) {
      this.around.notices.failed(error);
    } finally {
      this.starting = false;
    }
  }

  async #post(experiment: Experiment, options: { paused: boolean; steps_per_second: number | null }): Promise<Job> {
    const question = JSON.stringify([experiment, options]);
    // Without HTTPS there is no randomUUID.
    if (this.#unanswered?.question !== question) this.#unanswered = { question, key: crypto.randomUUID?.() ?? `${Date.now()}-${Math.random()}` };
    const job = await this.around.api.post(experiment, options, this.#unanswered.key);
    this.#unanswered = null;
    return job;
  }

  /** Follow this job, of which the past may have been asked for; the one that was shown before is stopped if it still runs and the page
   * started it. */
  attach(job: Job, stopOther = true, past?: Promise<JobEvent[]>): void {
    this.detach(stopOther);
    this.run = new Run(job, this.around, (run, before) => this.score.folded(run, before), past);
    this.score.attached(this.run);
  }

  detach(stop: boolean): void {
    this.#attempt += 1;
    clearTimeout(this.#retune);
    const run = this.run;
    if (!run) return;
    run.close();
    this.run = null;
    this.score.attached(null);
    if (stop && run.alive && run.mine) void this.#stop(run);
  }

  /** The server is back. */
  back(): void {
    for (const run of this.#unstopped.splice(0)) void this.#stop(run);
  }

  async #stop(run: Run): Promise<void> {
    if (!(await run.command({ op: "stop" }))) this.#unstopped.push(run);
  }

  /** The document has changed: retune, start anew, or go on with the old one, as its data allows. */
  changed(): void {
    const run = this.run;
    if (this.restarting) this.#waitForQuiet();
    if (!run) return;
    clearTimeout(this.#retune);
    const experiment = this.score.experiment();
    if (same(run.experiment, experiment)) return;
    const lr = experiment.training.optimizer?.["lr"];
    if (run.alive && typeof lr === "number" && same(withRate(run.experiment, lr), experiment)) {
      this.#retune = setTimeout(() => void run.command({ op: "retune", lr }), RETUNE_QUIET);
      return;
    }
    // Points learn in seconds, so what is shown always belongs to what is set. Longer runs are not thrown away unasked.
    if (this.score.modality() !== "points") return;
    const moved = run.alive && run.state !== "paused";
    this.detach(true);
    if (moved) this.#waitForQuiet();
  }

  /** The check of the document has come back. */
  checked(): void {
    if (this.restarting && this.#quietOver && this.score.ready()) void this.start(false);
  }

  #waitForQuiet(): void {
    this.restarting = true;
    this.#quietOver = false;
    clearTimeout(this.#quiet);
    this.#quiet = setTimeout(() => {
      this.#quietOver = true;
      this.checked();
    }, QUIET);
  }

  #calmDown(): void {
    clearTimeout(this.#quiet);
    this.restarting = false;
  }
}

function withRate(experiment: Experiment, lr: number): Experiment {
  return { ...experiment, training: { ...experiment.training, optimizer: { ...experiment.training.optimizer!, lr } } };
}

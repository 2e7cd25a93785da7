// The list of jobs, running and past, and those of them that are compared.
import type { Api } from "../api/client.ts";
import type { Catalogue, Evaluated, Job } from "../api/types.ts";
import { type Difference, complete, differences } from "./complete.ts";
import type { Notices } from "./notices.svelte.ts";
import { isFinal } from "./run.svelte.ts";

const POLL = 2000;
/** Milliseconds between the end of a job that an edit has stopped and the start of the changed one. */
const AT_ONCE = 60_000;
export const MOST_COMPARED = 6;

/** A job in the list, and the tries before it that lie folded under it. */
export interface Group {
  job: Job;
  tries: Job[];
}

/** The page starts an experiment anew with each edit; the jobs that this stopped lie under the one that came of them; those that are `apart` stay where they are seen. */
export function grouped(jobs: Job[], apart: (job: Job) => boolean): Group[] {
  const groups: Group[] = [];
  for (const job of jobs) {
    const group = groups.at(-1);
    if (group && !apart(job) && ledTo(job, group.tries.at(-1) ?? group.job)) group.tries.push(job);
    else groups.push({ job, tries: [] });
  }
  return groups;
}

function ledTo(job: Job, next: Job): boolean {
  const op = job.experiment.dataset.op;
  if (job.state !== "stopped" || job.shared || job.name !== op || next.experiment.dataset.op !== op) return false;
  const pause = Date.parse(next.created) - Date.parse(job.finished ?? job.created);
  return Math.abs(pause) < AT_ONCE;
}

export class Jobs {
  list = $state.raw<Job[] | null>(null);
  open = $state(false);
  /** Ids, in the order in which they were picked. */
  compared = $state.raw<string[]>([]);
  curves = $state.raw<Record<string, Evaluated[]>>({});
  /** When the server has last told of them. */
  asOf = $state.raw(new Date());
  #timer: ReturnType<typeof setTimeout> | undefined;

  chosen: Job[] = $derived.by(() => this.compared.flatMap((id) => this.list?.find((job) => job.id === id) ?? []));
  differences: Difference[] = $derived.by(() => differences(this.chosen.map((job) => complete(job.experiment, this.catalogue))));

  constructor(
    private readonly api: Api,
    private readonly catalogue: Catalogue,
    private readonly notices: Notices,
    /** A job has another name, or others may watch it from now on. */
    private readonly changed: (job: Job) => void,
  ) {}

  show(): void {
    this.open = true;
    void this.#poll();
  }

  hide(): void {
    this.open = false;
    clearTimeout(this.#timer);
  }

  async compare(id: string, on: boolean): Promise<void> {
    this.compared = on ? [...this.compared, id].slice(-MOST_COMPARED) : this.compared.filter((other) => other !== id);
    if (on) await this.#curve(id);
  }

  async stop(id: string): Promise<void> {
    await this.#try(() => this.api.command(id, { op: "stop" }));
  }

  async change(id: string, change: { name?: string; shared?: boolean }): Promise<void> {
    await this.#try(async () => this.changed(await this.api.change(id, change)));
  }

  async remove(id: string): Promise<void> {
    this.compared = this.compared.filter((other) => other !== id);
    await this.#try(() => this.api.remove(id));
  }

  async #try(action: () => Promise<unknown>): Promise<void> {
    try {
      await action();
      if (this.open) await this.#load();
    } catch (error) {
      this.notices.failed(error);
    }
  }

  async #poll(): Promise<void> {
    clearTimeout(this.#timer);
    try {
      await this.#load();
      const moving = this.chosen.filter((job) => !isFinal(job.state)).map((job) => job.id);
      for (const id of moving) await this.#curve(id);
    } catch (error) {
      this.notices.failed(error);
    }
    if (this.open) this.#timer = setTimeout(() => void this.#poll(), POLL);
  }

  async #load(): Promise<void> {
    this.list = await this.api.jobs();
    this.asOf = new Date();
    this.compared = this.compared.filter((id) => this.list?.some((job) => job.id === id));
  }

  async #curve(id: string): Promise<void> {
    try {
      const evaluations = await this.api.evaluations(id);
      this.curves = { ...this.curves, [id]: evaluations };
    } catch (error) {
      this.notices.failed(error);
    }
  }
}

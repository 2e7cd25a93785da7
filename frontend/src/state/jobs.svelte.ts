// The list of jobs, running and past, and those of them that are compared.
import type { Api } from "../api/client.ts";
import type { Catalogue, Evaluated, Job } from "../api/types.ts";
import { type Difference, complete, differences } from "./complete.ts";
import type { Notices } from "./notices.svelte.ts";
import { isFinal } from "./run.svelte.ts";

const POLL = 2000;
export const MOST_COMPARED = 6;

export class Jobs {
  list = $state.raw<Job[] | null>(null);
  open = $state(false);
  /** Ids, in the order in which they were picked. */
  compared = $state.raw<string[]>([]);
  curves = $state.raw<Record<string, Evaluated[]>>({});
  #timer: ReturnType<typeof setTimeout> | undefined;

  chosen: Job[] = $derived.by(() => this.compared.flatMap((id) => this.list?.find((job) => job.id === id) ?? []));
  differences: Difference[] = $derived.by(() => differences(this.chosen.map((job) => complete(job.experiment, this.catalogue))));

  constructor(
    private readonly api: Api,
    private readonly catalogue: Catalogue,
    private readonly notices: Notices,
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

  async remove(id: string): Promise<void> {
    this.compared = this.compared.filter((other) => other !== id);
    await this.#try(() => this.api.remove(id));
  }

  async #try(action: () => Promise<unknown>): Promise<void> {
    try {
      await action();
      await this.#load();
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

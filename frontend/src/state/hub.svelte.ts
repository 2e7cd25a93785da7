// The hub as the page knows it: what is here, the dataset that is looked at, and the download that is under way.
import { Refused } from "../api/errors.ts";
import { type HubApi, type HubPlace, hubApi } from "../api/hub.ts";
import type { HubFetch, HubFetched, HubLook, Words } from "../api/types.ts";
import { chineseRefusal } from "../words/refusals.ts";
import type { Notices } from "./notices.svelte.ts";

const POLL = 300;

export class Hub {
  /** What is on the server's machine; null as long as that is not known. */
  shelf = $state.raw<HubFetched[] | null>(null);
  look = $state.raw<HubLook | null>(null);
  /** The splits that would be fetched. */
  splits = $state.raw<string[]>([]);
  /** The download that is followed. */
  fetch = $state.raw<HubFetch | null>(null);
  looking = $state(false);
  /** A download has been asked for and has not begun yet. */
  asking = $state(false);
  /** Why the last thing that was asked did not work. */
  fault = $state.raw<Words | null>(null);
  /** The server cannot reach the hub: there is no network, or it lacks what it needs. */
  apart = $state<"no_network" | "extra_missing" | null>(null);
  #followed: string | null = null;

  constructor(
    private readonly notices: Notices,
    /** A download has ended well. */
    private readonly arrived: (fetched: HubFetched) => void,
    private readonly api: HubApi = hubApi,
    private readonly pause: () => Promise<unknown> = () => new Promise((resolve) => setTimeout(resolve, POLL)),
  ) {}

  /** Bytes that would be fetched. */
  bytes: number = $derived.by(() => this.#parts.filter((split) => this.splits.includes(split.name)).reduce((sum, split) => sum + split.bytes, 0));
  tooLarge: boolean = $derived.by(() => this.look !== null && this.bytes > this.look.limit);

  get #parts(): HubLook["configurations"][number]["splits"] {
    return this.look?.configurations.find((one) => one.name === this.look?.configuration)?.splits ?? [];
  }

  /** What is here, and whether something is on its way already: nothing of this leaves the machine. */
  async open(): Promise<void> {
    await this.#attempt(async () => {
      const [shelf, fetches] = await Promise.all([this.api.shelf(), this.api.fetches()]);
      this.shelf = shelf;
      const running = fetches.findLast((fetch) => fetch.state === "running");
      if (running) void this.#attempt(() => this.#follow(running));
    });
  }

  async lookAt(name: string, configuration?: string): Promise<void> {
    this.looking = true;
    await this.#attempt(async () => {
      if (this.look?.name !== name) this.look = null;
      this.look = await this.api.look(name, configuration);
      this.apart = null;
      const absent = this.#parts.filter((split) => !split.fetched).map((split) => split.name);
      // All splits that are used are dealt out anew, so one is enough to begin with.
      this.splits = absent.includes("train") ? ["train"] : absent.slice(0, 1);
    });
    this.looking = false;
  }

  /** Take a split into the download, or leave it out. */
  toggle(split: string): void {
    const chosen = this.splits.includes(split) ? this.splits.filter((name) => name !== split) : [...this.splits, split];
    this.splits = this.#parts.map((part) => part.name).filter((name) => chosen.includes(name));
  }

  async bring(): Promise<void> {
    const { look, splits } = this;
    if (!look || this.asking) return;
    this.asking = true;
    await this.#attempt(async () => {
      const fetch = await this.api.fetch({ name: look.name, revision: look.revision, configuration: look.configuration, splits });
      void this.#attempt(() => this.#follow(fetch));
    });
    this.asking = false;
  }

  async cancel(): Promise<void> {
    const id = this.fetch?.id;
    if (id) await this.#attempt(async () => void (await this.api.cancel(id)));
  }

  async remove(place: HubPlace): Promise<void> {
    await this.#attempt(async () => {
      await this.api.remove(place);
      this.shelf = await this.api.shelf();
      if (this.look?.name === place.name) this.look = null;
    });
  }

  /** Nobody looks any more; downloads go on. */
  close(): void {
    this.#followed = null;
  }

  async #follow(begun: HubFetch): Promise<void> {
    this.#followed = begun.id;
    this.fetch = begun;
    try {
      while (this.fetch.state === "running") {
        await this.pause();
        if (this.#followed !== begun.id) return;
        this.fetch = await this.api.fetchOf(begun.id);
      }
      const { state, code, error } = this.fetch;
      if (state === "failed") throw new Refused(503, code ?? "fetch_failed", error ?? "");
      if (state !== "done") return;
      this.shelf = await this.api.shelf();
      const here = this.shelf.find((one) => samePlace(one, begun));
      this.look = null;
      if (here && this.#followed === begun.id) this.arrived(here);
    } finally {
      if (this.#followed === begun.id) this.fetch = null;
    }
  }

  /** What is refused is told beside what was asked, and nowhere else. */
  async #attempt(what: () => Promise<void>): Promise<void> {
    this.fault = null;
    try {
      await what();
    } catch (error) {
      if (!(error instanceof Refused)) return this.notices.failed(error);
      if (error.code === "no_network" || error.code === "extra_missing") this.apart = error.code;
      this.fault = { en: error.message, zh: chineseRefusal(error.code, error.status, error.message) };
    }
  }
}

export function samePlace(one: HubPlace, other: HubPlace): boolean {
  return one.name === other.name && one.revision === other.revision && one.configuration === other.configuration;
}

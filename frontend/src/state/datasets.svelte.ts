// The shelf of datasets: a picture of each, whether it is on the machine, and its download.
import type { Api } from "../api/client.ts";
import { Refused } from "../api/errors.ts";
import type { Availability, Catalogue, DatasetDoc, Modality, Picture } from "../api/types.ts";
import type { Notices } from "./notices.svelte.ts";

const POLL = 700;
const AT_ONCE = 3;

/** Of a dataset that is chosen by its name on the hub: whether it is here depends on that choice, and the check tells. */
export function byName(doc: DatasetDoc): boolean {
  return doc.fields.some((field) => field.name === "repository");
}

export class Datasets {
  thumbnails = $state.raw<Record<string, Picture>>({});
  availability = $state.raw<Record<string, Availability>>({});
  #asked = new Set<string>();

  constructor(
    private readonly api: Api,
    private readonly catalogue: Catalogue,
    private readonly notices: Notices,
    /** A download has ended well. */
    private readonly arrived: (op: string) => void,
  ) {}

  /** False only when it is known that the data has to be fetched first. */
  here(op: string): boolean {
    return this.availability[op]?.available ?? true;
  }

  /** Make the pictures of this shelf, a few at a time, so that nothing else has to wait for them. */
  async show(modality: Modality): Promise<void> {
    const wanted = this.catalogue.datasets.filter((doc) => doc.modality === modality && !byName(doc) && !this.#asked.has(doc.op));
    wanted.forEach((doc) => this.#asked.add(doc.op));
    const queue = [...wanted];
    const work = async (): Promise<void> => {
      for (let doc = queue.shift(); doc; doc = queue.shift()) await this.#look(doc.op, doc.source.bytes !== null || doc.source.remedy !== null);
    };
    await Promise.all(Array.from({ length: AT_ONCE }, work));
  }

  async fetch(op: string): Promise<void> {
    try {
      this.#know(await this.api.fetchDataset(op));
      await this.#follow(op);
    } catch (error) {
      this.notices.failed(error);
    }
  }

  async #look(op: string, mayBeAway: boolean): Promise<void> {
    try {
      if (mayBeAway) {
        const availability = await this.api.availability(op);
        this.#know(availability);
        if (availability.fetching) void this.#follow(op).catch((error: unknown) => this.notices.failed(error));
        if (!availability.available) return;
      }
      await this.#picture(op);
    } catch (error) {
      this.#asked.delete(op);
      // A card without a picture still says what it is; the dataset's own preview tells what is wrong with it.
      if (!(error instanceof Refused)) this.notices.failed(error);
    }
  }

  async #picture(op: string): Promise<void> {
    const defaults = this.catalogue.datasets.find((doc) => doc.op === op)?.defaults ?? { op };
    const preview = await this.api.preview(defaults);
    const picture = preview.steps[0]?.picture;
    if (picture) this.thumbnails = { ...this.thumbnails, [op]: picture };
  }

  #know(availability: Availability): void {
    this.availability = { ...this.availability, [availability.op]: availability };
  }

  async #follow(op: string): Promise<void> {
    for (;;) {
      await new Promise((resolve) => setTimeout(resolve, POLL));
      const availability = await this.api.availability(op);
      this.#know(availability);
      if (availability.error) throw new Refused(503, "fetch_failed", availability.error);
      if (availability.available) {
        await this.#picture(op);
        this.arrived(op);
        return;
      }
      if (!availability.fetching) return;
    }
  }
}

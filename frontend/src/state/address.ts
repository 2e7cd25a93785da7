// The address bar: it always holds the whole document, so that a reload or a copied link brings everything back.
import type { Experiment } from "../api/types.ts";
import { encodeLink } from "./link.ts";

const QUIET = 250;

/** Where a job is seen, by those who may. */
export function linkTo(job: string): string {
  return `${location.origin}/#job=${encodeURIComponent(job)}`;
}

export class Address {
  #timer: ReturnType<typeof setTimeout> | undefined;
  /** The link that was written last. */
  #own = "";

  /** Soon, and without a step in the browser's history: undo is the page's own. */
  write(experiment: Experiment, job: string | null): void {
    clearTimeout(this.#timer);
    const before = location.hash;
    this.#timer = setTimeout(() => void this.#replace(experiment, job, before), QUIET);
  }

  /** The experiment as a link on the clipboard; false where the browser gives none and the address itself has to be copied. */
  async copy(experiment: Experiment): Promise<boolean> {
    const address = new URL(location.href);
    address.hash = await encodeLink(experiment, null);
    try {
      await navigator.clipboard.writeText(address.href);
      return true;
    } catch {
      // Without HTTPS there is no clipboard.
      clearTimeout(this.#timer);
      history.replaceState(null, "", address);
      return false;
    }
  }

  /** Unless somebody has put another link there meanwhile, which is about to be followed. */
  async #replace(experiment: Experiment, job: string | null, before: string): Promise<void> {
    const link = `#${await encodeLink(experiment, job)}`;
    if (location.hash !== before && location.hash !== this.#own) return;
    history.replaceState(null, "", link);
    this.#own = link;
  }
}

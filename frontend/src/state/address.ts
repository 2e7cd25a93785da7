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

  /** Soon, and without a step in the browser's history: undo is the page's own. */
  write(experiment: Experiment, job: string | null): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.#replace(experiment, job), QUIET);
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

  async #replace(experiment: Experiment, job: string | null): Promise<void> {
    history.replaceState(null, "", `#${await encodeLink(experiment, job)}`);
  }
}

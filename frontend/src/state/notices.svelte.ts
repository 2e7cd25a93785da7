// What the page has to tell: short messages, and whether the server answers. Every failed request ends here, in words.
import { Refused, Unreachable, isAbort } from "../api/errors.ts";
import type { Words } from "../api/types.ts";
import { TEXTS } from "../words/texts.ts";

export interface Notice {
  id: number;
  words: Words;
  kind: "info" | "good" | "warn" | "bad";
}

const SHORT = 4000;
const LONG = 9000;
const MOST = 3;

export class Notices {
  list = $state.raw<Notice[]>([]);
  /** False from the first request without an answer to the next one with an answer. */
  reachable = $state(true);
  #next = 1;

  show(words: Words, kind: Notice["kind"] = "info"): void {
    const id = this.#next++;
    this.list = [...this.list.filter((notice) => notice.words.en !== words.en), { id, words, kind }].slice(-MOST);
    setTimeout(() => this.close(id), kind === "bad" || kind === "warn" ? LONG : SHORT);
  }

  close(id: number): void {
    this.list = this.list.filter((notice) => notice.id !== id);
  }

  /** The one place where the page deals with a failed request. */
  failed(error: unknown): void {
    if (isAbort(error)) return;
    if (error instanceof Unreachable) {
      this.reachable = false;
      return;
    }
    if (error instanceof Refused) this.show(wordsOf(error), "bad");
    else {
      this.show({ en: TEXTS.en.unexpected, zh: TEXTS.zh.unexpected }, "bad");
      console.error(error);
    }
  }
}

/** The server explains itself in English; the Chinese page says at least what kind of fault it is in Chinese. */
function wordsOf(error: Refused): Words {
  const known = TEXTS.zh.refusals[error.code as keyof typeof TEXTS.zh.refusals] ?? TEXTS.zh.refusals.other;
  return { en: error.message, zh: `${known}（${error.message}）` };
}

// Whether the server answers, and how busy it is.
import type { Api } from "../api/client.ts";
import type { Health } from "../api/types.ts";
import type { Notices } from "./notices.svelte.ts";

const CALM = 4000;
const EAGER = 1000;

export class Pulse {
  health = $state.raw<Health | null>(null);

  constructor(
    private readonly api: Api,
    private readonly notices: Notices,
    /** The server answers; `back` after a time in which it did not. */
    private readonly felt: (back: boolean) => void,
  ) {}

  async beat(): Promise<void> {
    for (;;) {
      await this.feel();
      await new Promise((resolve) => setTimeout(resolve, this.notices.reachable ? CALM : EAGER));
    }
  }

  /** Ask at once. */
  async feel(): Promise<void> {
    try {
      this.health = await this.api.health();
      const back = !this.notices.reachable;
      this.notices.reachable = true;
      this.felt(back);
    } catch (error) {
      this.notices.failed(error);
    }
  }
}

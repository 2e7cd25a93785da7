// Follows one job over its websocket: every event exactly once and in order, whatever happens to the connection.
import { decodeFrame } from "./pictures.ts";
import type { Frame, JobEvent, View } from "./types.ts";

export type Connection = "connecting" | "open" | "waiting" | "closed";

/** Who listens to a stream. Events come in batches, so that a long log is folded in a few strokes; of each picture only the newest. */
export interface Receiver {
  events(events: JobEvent[]): void;
  frames(frames: Frame[]): void;
  connection(state: Connection): void;
}

/** What the stream needs of a websocket. */
export type Socket = Pick<WebSocket, "send" | "close" | "readyState"> & {
  binaryType: string;
  onopen: ((event: never) => void) | null;
  onmessage: ((event: never) => void) | null;
  onclose: ((event: never) => void) | null;
};

export type OpenSocket = (path: string) => Socket;

const OPEN = 1;
const FIRST_WAIT = 250;
const LONGEST_WAIT = 8000;
const BATCH = 16;

/** The place in the log is one number; after a break the stream goes on behind the last event that it has handed on. A past that has been
 * asked for otherwise is handed on first. */
export class EventStream {
  #seq = 0;
  #socket: Socket | null = null;
  #wait = FIRST_WAIT;
  #retry: ReturnType<typeof setTimeout> | undefined;
  #flush: ReturnType<typeof setTimeout> | undefined;
  #batch: JobEvent[] = [];
  #frames = new Map<string, Frame>();
  #watched = "";
  #closed = false;
  #begun = false;

  constructor(
    private readonly job: string,
    private readonly receiver: Receiver,
    past: Promise<JobEvent[]> | null = null,
    private readonly open: OpenSocket = openSocket,
  ) {
    if (past) void past.then((events) => this.#begin(events));
    else this.#begin([]);
  }

  /** The live pictures wanted from now on. */
  watch(views: View[]): void {
    const message = JSON.stringify({ watch: views });
    if (message === this.#watched) return;
    this.#watched = message;
    if (this.#socket?.readyState === OPEN) this.#socket.send(message);
  }

  /** The number of the last event that has come in. */
  get seq(): number {
    return this.#seq;
  }

  /** Connect anew: the connection seems dead, or the log of a job that had ended goes on. */
  reopen(): void {
    if (this.#closed || !this.#begun) return;
    clearTimeout(this.#retry);
    const socket = this.#socket;
    this.#socket = null;
    this.#hand();
    socket?.close();
    this.#connect();
  }

  /** Stop for good; nothing is handed on after this. */
  close(): void {
    this.#closed = true;
    clearTimeout(this.#retry);
    clearTimeout(this.#flush);
    const socket = this.#socket;
    this.#socket = null;
    socket?.close();
  }

  #begin(past: JobEvent[]): void {
    if (this.#closed) return;
    this.#begun = true;
    this.#seq = past.at(-1)?.seq ?? 0;
    if (past.length) this.receiver.events(past);
    this.#connect();
  }

  #connect(): void {
    this.receiver.connection("connecting");
    const socket = this.open(`/api/jobs/${encodeURIComponent(this.job)}/events?after=${this.#seq}`);
    this.#socket = socket;
    socket.binaryType = "arraybuffer";
    socket.onopen = () => {
      if (socket !== this.#socket) return;
      this.#wait = FIRST_WAIT;
      this.receiver.connection("open");
      if (this.#watched) socket.send(this.#watched);
    };
    socket.onmessage = (message: MessageEvent<string | ArrayBuffer>) => {
      if (socket !== this.#socket) return;
      if (typeof message.data === "string") this.#event(JSON.parse(message.data) as JobEvent);
      else this.#frame(decodeFrame(message.data));
    };
    socket.onclose = (event: CloseEvent) => {
      if (socket !== this.#socket) return;
      this.#socket = null;
      this.#hand();
      if (event.code === 1000) {
        // The log is complete; nothing more will come unless the job goes on.
        this.receiver.connection("closed");
        return;
      }
      if (event.code === 1007 || event.code === 1008) {
        // The server does not take these views; events are worth more than pictures, so go on without.
        console.error(`The job's pictures were refused: ${event.reason}`);
        this.#watched = "";
      }
      this.#later();
    };
  }

  #later(): void {
    if (this.#closed) return;
    this.receiver.connection("waiting");
    this.#retry = setTimeout(() => this.#connect(), this.#wait);
    this.#wait = Math.min(this.#wait * 2, LONGEST_WAIT);
  }

  #event(event: JobEvent): void {
    if (event.seq <= this.#seq) return;
    if (event.seq > this.#seq + 1) {
      // An event is missing: ask again from the last one held rather than show a curve with a hole.
      const socket = this.#socket;
      this.#socket = null;
      socket?.close();
      this.#later();
      return;
    }
    this.#seq = event.seq;
    this.#batch.push(event);
    this.#flush ??= setTimeout(() => this.#hand(), BATCH);
  }

  #frame(frame: Frame): void {
    this.#frames.set(JSON.stringify(frame.key), frame);
    this.#flush ??= setTimeout(() => this.#hand(), BATCH);
  }

  #hand(): void {
    clearTimeout(this.#flush);
    this.#flush = undefined;
    if (this.#closed) return;
    const [events, frames] = [this.#batch, [...this.#frames.values()]];
    this.#batch = [];
    this.#frames.clear();
    if (events.length) this.receiver.events(events);
    if (frames.length) this.receiver.frames(frames);
  }
}

function openSocket(path: string): Socket {
  const url = new URL(path, location.href);
  url.protocol = url.protocol === "https:" ? "wss:" : "ws:";
  return new WebSocket(url) as Socket;
}

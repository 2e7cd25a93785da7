// The link is the whole document: the experiment as compressed JSON in the address, and the job that is shown.
import type { Experiment } from "../api/types.ts";

export interface Link {
  experiment: Experiment | null;
  job: string | null;
  /** Id of a preset, for links written by hand. */
  preset: string | null;
}

/** The part of the address after the `#`. */
export async function encodeLink(experiment: Experiment, job: string | null): Promise<string> {
  const packed = await through(new TextEncoder().encode(JSON.stringify(experiment)), new CompressionStream("deflate-raw"));
  const parts = [`e=${base64url(packed)}`];
  if (job) parts.push(`job=${encodeURIComponent(job)}`);
  return parts.join("&");
}

/** Reads what `encodeLink` wrote; throws when the experiment in it is damaged. */
export async function decodeLink(hash: string): Promise<Link> {
  const fields = new URLSearchParams(hash.replace(/^#/, ""));
  const packed = fields.get("e");
  let experiment: Experiment | null = null;
  if (packed) {
    const json = new TextDecoder().decode(await through(fromBase64url(packed), new DecompressionStream("deflate-raw")));
    experiment = JSON.parse(json) as Experiment;
    if (!isExperiment(experiment)) throw new Error("the link holds no experiment");
  }
  return { experiment, job: fields.get("job"), preset: fields.get("preset") };
}

/** Enough of an experiment to be shown; the server checks the rest. */
export function isExperiment(value: unknown): value is Experiment {
  const experiment = value as Experiment | null;
  return typeof experiment === "object" && experiment !== null && typeof experiment.dataset?.op === "string" && (experiment.network === undefined || isNetwork(experiment.network));
}

function isNetwork(network: unknown): boolean {
  return Array.isArray(network) && network.every((node) => typeof node?.id === "string" && typeof node?.layer?.op === "string");
}

async function through(bytes: Uint8Array<ArrayBuffer>, transform: CompressionStream | DecompressionStream): Promise<Uint8Array<ArrayBuffer>> {
  const writer = transform.writable.getWriter();
  // A damaged link fails on both ends of the stream; the reader's end is the one that tells.
  writer.write(bytes).catch(() => undefined);
  writer.close().catch(() => undefined);
  const reader = transform.readable.getReader();
  const chunks: Uint8Array[] = [];
  for (let part = await reader.read(); !part.done; part = await reader.read()) chunks.push(part.value);
  const whole = new Uint8Array(chunks.reduce((length, chunk) => length + chunk.length, 0));
  let place = 0;
  for (const chunk of chunks) {
    whole.set(chunk, place);
    place += chunk.length;
  }
  return whole;
}

function base64url(bytes: Uint8Array): string {
  let text = "";
  for (const byte of bytes) text += String.fromCharCode(byte);
  return btoa(text).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

function fromBase64url(text: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (character) => character.charCodeAt(0));
}

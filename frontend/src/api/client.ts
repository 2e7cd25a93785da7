// The server's REST surface as functions: values in, values out, errors thrown as `Refused` or `Unreachable`.
import { type Place, Refused, Unreachable, isAbort } from "./errors.ts";
import { type WirePicture, unpack } from "./pictures.ts";
import type {
  Availability,
  Catalogue,
  Check,
  Command,
  Evaluated,
  Entry,
  Experiment,
  Frame,
  Health,
  Job,
  Prediction,
  Preview,
  View,
} from "./types.ts";

type WireFrame = { key: string | View; step: number; picture: WirePicture };
type WirePreview = Omit<Preview, "steps"> & { steps: (Omit<Preview["steps"][number], "picture"> & { picture: WirePicture })[] };
type WirePrediction = Omit<Prediction, "seen"> & { seen: WirePicture | null };

export type ExportFormat = "experiment" | "pytorch" | "weights";

async function request<T>(method: string, path: string, body?: unknown, signal?: AbortSignal, headers: Record<string, string> = {}): Promise<T> {
  let response: Response;
  try {
    response = await fetch(`/api${path}`, {
      method,
      headers: body === undefined ? headers : { "Content-Type": "application/json", ...headers },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      ...(signal ? { signal } : {}),
    });
  } catch (error) {
    if (isAbort(error)) throw error;
    throw new Unreachable("no answer", { cause: error });
  }
  if (response.status === 204) return undefined as T;
  const json = (await response.json().catch(() => null)) as unknown;
  if (response.ok) return json as T;
  const fault = (json as { error?: { code: string; message: string; details?: Place[] | null } } | null)?.error;
  // A proxy answers for a server that is gone, in words that are not the server's.
  if (!fault) throw new Unreachable(`status ${response.status}`);
  throw new Refused(response.status, fault.code, fault.message, fault.details ?? []);
}

/** Fields of an entry as a query: plain values as they are, lists as JSON text. */
function query(fields: Record<string, unknown>): string {
  const parameters = new URLSearchParams();
  for (const [name, value] of Object.entries(fields)) {
    if (name === "op" || value === null || value === undefined) continue;
    parameters.set(name, typeof value === "object" ? JSON.stringify(value) : String(value));
  }
  const text = parameters.toString();
  return text && `?${text}`;
}

function frame(wire: WireFrame): Frame {
  const key = typeof wire.key === "string" ? (JSON.parse(wire.key) as View) : wire.key;
  return { key, step: wire.step, picture: unpack(wire.picture) };
}

const job = (id: string): string => `/jobs/${encodeURIComponent(id)}`;

export const api = {
  health: (signal?: AbortSignal) => request<Health>("GET", "/health", undefined, signal),
  catalogue: () => request<Catalogue>("GET", "/catalogue"),

  availability: (op: string) => request<Availability>("GET", `/datasets/${op}`),
  fetchDataset: (op: string) => request<Availability>("POST", `/datasets/${op}/fetch`),
  async preview(dataset: Entry, signal?: AbortSignal): Promise<Preview> {
    const wire = await request<WirePreview>("GET", `/datasets/${dataset.op}/preview${query(dataset)}`, undefined, signal);
    return { ...wire, steps: wire.steps.map((step) => ({ ...step, picture: unpack(step.picture) })) };
  },

  check: (experiment: Experiment, signal?: AbortSignal) => request<Check>("POST", "/networks/check", experiment, signal),
  async draw(experiment: Experiment, views: View[], signal?: AbortSignal): Promise<Frame[]> {
    const wire = await request<{ pictures: WireFrame[] }>("POST", "/networks/draw", { experiment, views }, signal);
    return wire.pictures.map(frame);
  },

  /** `key` makes a repeated request harmless: the server answers it with the job that it has already made. */
  post: (experiment: Experiment, options: { paused: boolean; steps_per_second: number | null }, key: string) =>
    request<Job>("POST", "/jobs", { experiment, ...options }, undefined, { "Idempotency-Key": key }),
  jobs: async (limit = 50, signal?: AbortSignal) => (await request<{ jobs: Job[] }>("GET", `/jobs?limit=${limit}`, undefined, signal)).jobs,
  job: (id: string) => request<Job>("GET", job(id)),
  remove: (id: string) => request<void>("DELETE", job(id)),
  command: (id: string, command: Command) => request<Job>("POST", `${job(id)}/commands`, command),
  evaluations: async (id: string) => (await request<{ evaluations: Evaluated[] }>("GET", `${job(id)}/metrics?points=500`)).evaluations,
  view: async (id: string, view: View, signal?: AbortSignal) =>
    frame(await request<WireFrame>("GET", `${job(id)}/views/${view.op}${query(view)}`, undefined, signal)),
  async predict(id: string, question: { drawing: number[][] } | { inputs: unknown[] }, signal?: AbortSignal): Promise<Prediction> {
    const wire = await request<WirePrediction>("POST", `${job(id)}/predict`, question, signal);
    return { ...wire, seen: wire.seen && unpack(wire.seen) };
  },
  exportPath: (id: string, format: ExportFormat) => `/api${job(id)}/export/${format}`,
};

export type Api = typeof api;

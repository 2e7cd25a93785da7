// The server's REST surface as functions: values in, values out, errors thrown as `Refused` or `Unreachable`.
import { type WirePicture, unpack } from "./pictures.ts";
import { request } from "./request.ts";
import type { components, operations } from "./schema.ts";
import type { Availability, Baseline, Catalogue, Check, Command, Entry, Evaluated, Experiment, Frame, Health, Job, JobEvent, Prediction, Preview, Question, View } from "./types.ts";

type Schemas = components["schemas"];
export type ExportFormat = "experiment" | "pytorch" | "weights";

/** The page's entries are of every type at once; the server checks them. */
function sent(experiment: Experiment): Schemas["Experiment"] {
  return experiment as unknown as Schemas["Experiment"];
}

const dataset = (op: string) => ({ path: { op } as operations["get_dataset"]["parameters"]["path"] });

/** Fields of an entry as a query: plain values as they are, lists as JSON text. */
function query(fields: Record<string, unknown>): URLSearchParams {
  const parameters = new URLSearchParams();
  for (const [name, value] of Object.entries(fields)) {
    if (name === "op" || value === null || value === undefined) continue;
    // Text that reads as JSON, such as the token "3", would not arrive as text.
    parameters.set(name, typeof value === "string" && !isJson(value) ? value : JSON.stringify(value));
  }
  return parameters;
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

function frame(drawing: { key: string; step: number; picture: unknown }): Frame {
  return { key: JSON.parse(drawing.key) as View, step: drawing.step, picture: unpack(drawing.picture as WirePicture) };
}

const of = (job_id: string) => ({ path: { job_id } });

/** Milliseconds after which a server that says nothing is taken to be away. */
const PATIENCE = 5000;

export const api = {
  health: (): Promise<Health> => request("get", "/api/health", { signal: AbortSignal.timeout(PATIENCE) }),
  catalogue: (): Promise<Catalogue> => request("get", "/api/catalogue") as Promise<unknown> as Promise<Catalogue>,

  availability: (op: string): Promise<Availability> => request("get", "/api/datasets/{op}", dataset(op)),
  fetchDataset: (op: string): Promise<Availability> => request("post", "/api/datasets/{op}/fetch", dataset(op)),
  async preview(entry: Entry, signal?: AbortSignal): Promise<Preview> {
    const preview = await request("get", "/api/datasets/{op}/preview", { ...dataset(entry.op), query: query(entry), signal });
    return { ...preview, steps: preview.steps.map((step) => ({ ...step, picture: unpack(step.picture as WirePicture) })) };
  },

  check: (experiment: Experiment, signal?: AbortSignal): Promise<Check> => request("post", "/api/networks/check", { body: sent(experiment), signal }),
  async draw(experiment: Experiment, views: View[], signal?: AbortSignal): Promise<Frame[]> {
    const body = { experiment: sent(experiment), views: views as Schemas["View"][] };
    return (await request("post", "/api/networks/draw", { body, signal })).pictures.map(frame);
  },

  /** What a simple method reaches on the same data, where there is one. */
  async baseline(experiment: Experiment, signal?: AbortSignal): Promise<Baseline | null> {
    return (await request("post", "/api/networks/baseline", { body: sent(experiment), signal })).baseline;
  },

  /** `key` makes a repeated request harmless: the server answers it with the job that it has already made. */
  post: (experiment: Experiment, options: { paused: boolean; steps_per_second: number | null }, key: string): Promise<Job> =>
    request("post", "/api/jobs", { body: { experiment: sent(experiment), ...options }, header: { "idempotency-key": key } }) as Promise<unknown> as Promise<Job>,
  async jobs(limit = 100): Promise<Job[]> {
    return (await request("get", "/api/jobs", { query: { limit } })).jobs as unknown as Job[];
  },
  job: (id: string): Promise<Job> => request("get", "/api/jobs/{job_id}", of(id)) as Promise<unknown> as Promise<Job>,
  change: (id: string, body: { name?: string; shared?: boolean }): Promise<Job> =>
    request("patch", "/api/jobs/{job_id}", { ...of(id), body }) as Promise<unknown> as Promise<Job>,
  remove: (id: string): Promise<unknown> => request("delete", "/api/jobs/{job_id}", of(id)),
  command: (id: string, command: Command): Promise<Job> =>
    request("post", "/api/jobs/{job_id}/commands", { ...of(id), body: command }) as Promise<unknown> as Promise<Job>,
  /** All that a job has said so far, in short: the losses of many steps as mean, least and greatest. */
  async course(id: string): Promise<JobEvent[]> {
    return (await request("get", "/api/jobs/{job_id}/course", { ...of(id), signal: AbortSignal.timeout(PATIENCE) })).events;
  },
  async evaluations(id: string): Promise<Evaluated[]> {
    return (await request("get", "/api/jobs/{job_id}/metrics", { ...of(id), query: { points: 500 } })).evaluations;
  },
  /** A picture from the last checkpoint, or from the last one up to a step. */
  async view(id: string, view: View, signal?: AbortSignal, at?: number): Promise<Frame> {
    const path = { job_id: id, op: view.op } as operations["get_view"]["parameters"]["path"];
    return frame(await request("get", "/api/jobs/{job_id}/views/{op}", { path, query: query({ ...view, at }), signal }));
  },
  async predict(id: string, question: Question): Promise<Prediction> {
    const prediction = await request("post", "/api/jobs/{job_id}/predict", { ...of(id), body: question });
    const picture = (wire: unknown) => (wire ? unpack(wire as WirePicture) : null);
    const heard = (prediction.heard ?? []).map((step) => ({ ...step, picture: unpack(step.picture as WirePicture) }));
    return { ...prediction, seen: picture(prediction.seen), given: picture(prediction.given), heard };
  },
  exportPath: (id: string, format: ExportFormat): string => `/api/jobs/${encodeURIComponent(id)}/export/${format}`,
};

export type Api = typeof api;

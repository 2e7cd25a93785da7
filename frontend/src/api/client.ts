// The server's REST surface as functions: values in, values out, errors thrown as `Refused` or `Unreachable`.
import createClient from "openapi-fetch";
import { type Place, Refused, Unreachable, isAbort } from "./errors.ts";
import { type WirePicture, unpack } from "./pictures.ts";
import type { components, paths } from "./schema.ts";
import type { Availability, Catalogue, Check, Command, Entry, Evaluated, Experiment, Frame, Health, Job, Prediction, Preview, View } from "./types.ts";

type Schemas = components["schemas"];
export type ExportFormat = "experiment" | "pytorch" | "weights";

// `fetch` is looked up with each call, so that a test may put its own in place.
const client = createClient<paths>({ fetch: (request) => fetch(request) });

/** The data of an answer, or an error that says what went wrong. */
async function answer<Data>(asking: Promise<{ data?: Data; error?: unknown; response: Response }>): Promise<Data> {
  let reply: { data?: Data; error?: unknown; response: Response };
  try {
    reply = await asking;
  } catch (error) {
    if (isAbort(error)) throw error;
    throw new Unreachable("no answer", { cause: error });
  }
  const { data, error, response } = reply;
  if (response.ok) return data as Data;
  const fault = (error as { error?: { code: string; message: string; details?: Place[] | null } } | undefined)?.error;
  // A proxy answers for a server that is gone, in words that are not the server's.
  if (!fault?.code) throw new Unreachable(`status ${response.status}`);
  throw new Refused(response.status, fault.code, fault.message, fault.details ?? []);
}

/** The page's entries are of every type at once; the server checks them. */
function sent(experiment: Experiment): Schemas["Experiment"] {
  return experiment as unknown as Schemas["Experiment"];
}

/** Fields of an entry as a query: plain values as they are, lists as JSON text. */
function query(fields: Record<string, unknown>): string {
  const parameters = new URLSearchParams();
  for (const [name, value] of Object.entries(fields)) {
    if (name === "op" || value === null || value === undefined) continue;
    parameters.set(name, typeof value === "object" ? JSON.stringify(value) : String(value));
  }
  return parameters.toString();
}

function frame(drawing: { key: string; step: number; picture: unknown }): Frame {
  return { key: JSON.parse(drawing.key) as View, step: drawing.step, picture: unpack(drawing.picture as WirePicture) };
}

const of = (job_id: string) => ({ path: { job_id } });

export const api = {
  health: (): Promise<Health> => answer(client.GET("/api/health")),
  catalogue: (): Promise<Catalogue> => answer(client.GET("/api/catalogue")) as Promise<unknown> as Promise<Catalogue>,

  availability: (op: string): Promise<Availability> => answer(client.GET("/api/datasets/{op}", { params: { path: { op } } })),
  fetchDataset: (op: string): Promise<Availability> => answer(client.POST("/api/datasets/{op}/fetch", { params: { path: { op } } })),
  async preview(dataset: Entry, signal?: AbortSignal): Promise<Preview> {
    const params = { path: { op: dataset.op } };
    const preview = await answer(client.GET("/api/datasets/{op}/preview", { params, querySerializer: () => query(dataset), signal: signal ?? null }));
    return { ...preview, steps: preview.steps.map((step) => ({ ...step, picture: unpack(step.picture as WirePicture) })) };
  },

  check: (experiment: Experiment, signal?: AbortSignal): Promise<Check> =>
    answer(client.POST("/api/networks/check", { body: sent(experiment), signal: signal ?? null })),
  async draw(experiment: Experiment, views: View[], signal?: AbortSignal): Promise<Frame[]> {
    const body = { experiment: sent(experiment), views: views as Schemas["View"][] };
    const { pictures } = await answer(client.POST("/api/networks/draw", { body, signal: signal ?? null }));
    return pictures.map(frame);
  },

  /** `key` makes a repeated request harmless: the server answers it with the job that it has already made. */
  async post(experiment: Experiment, options: { paused: boolean; steps_per_second: number | null }, key: string): Promise<Job> {
    const body = { experiment: sent(experiment), ...options };
    return (await answer(client.POST("/api/jobs", { body, params: { header: { "idempotency-key": key } } }))) as unknown as Job;
  },
  async jobs(limit = 50): Promise<Job[]> {
    return (await answer(client.GET("/api/jobs", { params: { query: { limit } } }))).jobs as unknown as Job[];
  },
  job: (id: string): Promise<Job> => answer(client.GET("/api/jobs/{job_id}", { params: of(id) })) as Promise<unknown> as Promise<Job>,
  remove: (id: string): Promise<unknown> => answer(client.DELETE("/api/jobs/{job_id}", { params: of(id) })),
  command: (id: string, command: Command): Promise<Job> =>
    answer(client.POST("/api/jobs/{job_id}/commands", { params: of(id), body: command })) as Promise<unknown> as Promise<Job>,
  async evaluations(id: string): Promise<Evaluated[]> {
    return (await answer(client.GET("/api/jobs/{job_id}/metrics", { params: { ...of(id), query: { points: 500 } } }))).evaluations;
  },
  /** A picture from the last checkpoint, or from the last one up to a step. */
  async view(id: string, view: View, signal?: AbortSignal, at?: number): Promise<Frame> {
    const params = { path: { job_id: id, op: view.op } };
    return frame(await answer(client.GET("/api/jobs/{job_id}/views/{op}", { params, querySerializer: () => query(at === undefined ? view : { ...view, at }), signal: signal ?? null })));
  },
  async predict(id: string, drawing: number[][]): Promise<Prediction> {
    const prediction = await answer(client.POST("/api/jobs/{job_id}/predict", { params: of(id), body: { drawing } }));
    return { ...prediction, seen: prediction.seen ? unpack(prediction.seen as WirePicture) : null };
  },
  exportPath: (id: string, format: ExportFormat): string => `/api/jobs/${encodeURIComponent(id)}/export/${format}`,
};

export type Api = typeof api;

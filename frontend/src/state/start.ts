// How the page opens: the catalogue, the experiment in the link, and the job that was shown before a reload.
import { api } from "../api/client.ts";
import { Refused, Unreachable } from "../api/errors.ts";
import type { Catalogue, Experiment, Job, JobEvent } from "../api/types.ts";
import { type Link, decodeLink } from "./link.ts";
import type { Notices } from "./notices.svelte.ts";
import { Playground } from "./playground.svelte.ts";
import { pastOf } from "./run.svelte.ts";

const RETRY = 1500;
/** Milliseconds for which the page waits for what its parts are laid out by, so that nothing moves when it comes. */
const SETTLING = 1500;
const LOOK = 10;

/** Waits for the server for as long as it takes. */
export async function start(notices: Notices): Promise<Playground> {
  const opened = location.hash;
  const [catalogue, link] = await Promise.all([patiently(notices, () => api.catalogue()), readLink(notices, opened)]);
  const found = link.job ? await findJob(notices, link.job) : null;
  const job = found?.job;
  const preset = catalogue.presets.find((candidate) => candidate.id === link.preset);
  const shown = job && !job.mine ? job.experiment : link.experiment;
  const experiment = shown ?? job?.experiment ?? preset?.experiment ?? firstExperiment(catalogue);
  const playground = new Playground({ api, catalogue, notices }, experiment);
  if (found) playground.transport.attach(found.job, false, found.past);
  window.addEventListener("hashchange", (event) => void follow(playground, notices, new URL(event.newURL).hash));
  // Another link may have come while this one was being followed; soon the page writes its own into the address.
  if (location.hash !== opened) void follow(playground, notices, location.hash);
  await settled(playground);
  return playground;
}

async function settled({ outlook, experiment }: Playground): Promise<void> {
  const until = performance.now() + SETTLING;
  while (performance.now() < until && !(outlook.check && (outlook.previewOf(experiment.dataset.op) || outlook.obstacle))) {
    await new Promise((resolve) => setTimeout(resolve, LOOK));
  }
}

/** Somebody has put another link into the address of the open page. */
async function follow(playground: Playground, notices: Notices, hash: string): Promise<void> {
  const { catalogue } = playground.around;
  const link = await readLink(notices, hash);
  const preset = catalogue.presets.find((candidate) => candidate.id === link.preset);
  const found = link.job && link.job !== playground.run?.id ? await findJob(notices, link.job) : null;
  if (found) playground.openJob(found.job, found.past);
  else if (link.experiment) playground.openExperiment(link.experiment);
  else if (preset) playground.openPreset(preset);
}

async function readLink(notices: Notices, hash: string): Promise<Link> {
  try {
    return await decodeLink(hash);
  } catch {
    notices.tell("linkDamaged", "warn");
    return { experiment: null, job: null, preset: null };
  }
}

/** A job and, asked for at the same time, what it has said so far. */
async function findJob(notices: Notices, id: string): Promise<{ job: Job; past: Promise<JobEvent[]> } | null> {
  try {
    const past = pastOf(id, api);
    return { job: await patiently(notices, () => api.job(id)), past };
  } catch (error) {
    if (error instanceof Refused && error.status === 404) notices.tell("jobNotHere", "warn", true);
    else notices.failed(error);
    return null;
  }
}

async function patiently<T>(notices: Notices, ask: () => Promise<T>): Promise<T> {
  for (;;) {
    try {
      const answer = await ask();
      notices.reachable = true;
      return answer;
    } catch (error) {
      if (!(error instanceof Unreachable)) throw error;
      notices.failed(error);
      await new Promise((resolve) => setTimeout(resolve, RETRY));
    }
  }
}

function firstExperiment(catalogue: Catalogue): Experiment {
  const first = catalogue.presets[0]?.experiment;
  if (first) return first;
  const dataset = catalogue.datasets[0]?.defaults ?? { op: "circle" };
  return { version: 1, dataset, network: [{ id: "out", layer: { op: "output" } }], training: {} };
}

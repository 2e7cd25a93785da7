// Datasets of the Hugging Face hub as functions: looked at, fetched, listed and deleted. Loaded with what shows them.
import { request } from "./request.ts";
import type { HubFetch, HubFetched, HubLook } from "./types.ts";

/** A configuration of a dataset at one commit. */
export type HubPlace = Pick<HubFetched, "name" | "revision" | "configuration">;

const of = (fetch_id: string) => ({ path: { fetch_id } });

export const hubApi = {
  /** Licence, sizes and columns; of the files themselves only the last kilobytes are read. */
  look: (name: string, configuration?: string): Promise<HubLook> => request("get", "/api/hub", { query: { name, ...(configuration ? { configuration } : {}) } }),
  fetch: (what: HubPlace & { splits: string[] }): Promise<HubFetch> => request("post", "/api/hub/fetch", { body: what }),
  fetches: async (): Promise<HubFetch[]> => (await request("get", "/api/hub/fetches")).fetches,
  fetchOf: (id: string): Promise<HubFetch> => request("get", "/api/hub/fetches/{fetch_id}", of(id)),
  cancel: (id: string): Promise<HubFetch> => request("delete", "/api/hub/fetches/{fetch_id}", of(id)),
  /** What is on the server's machine; needs no network. */
  shelf: async (): Promise<HubFetched[]> => (await request("get", "/api/hub/fetched")).fetched,
  remove: ({ name, revision, configuration }: HubPlace): Promise<unknown> => request("delete", "/api/hub/fetched", { query: { name, revision, configuration } }),
};

export type HubApi = typeof hubApi;

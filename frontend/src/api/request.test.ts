// One request: where it goes, what it carries, and what becomes of each kind of answer.
import { afterEach, expect, test, vi } from "vitest";
import { Refused, Unreachable } from "./errors.ts";
import { door, request } from "./request.ts";

const answers = (status: number, body: unknown): void => {
  vi.spyOn(globalThis, "fetch").mockResolvedValue(new Response(body === undefined ? null : JSON.stringify(body), { status }));
};
const sent = (): [string, RequestInit] => vi.mocked(fetch).mock.lastCall as [string, RequestInit];

afterEach(() => vi.restoreAllMocks());

test("fills the path, adds the query, and sends the body as JSON", async () => {
  answers(200, { jobs: [] });
  expect(await request("get", "/api/jobs", { query: { limit: 7 } })).toEqual({ jobs: [] });
  expect(sent()[0]).toBe("/api/jobs?limit=7");
  answers(202, { id: "a/b" });
  await request("post", "/api/jobs/{job_id}/commands", { path: { job_id: "a/b" }, body: { op: "pause" } });
  expect(sent()[0]).toBe("/api/jobs/a%2Fb/commands");
  expect(sent()[1]).toMatchObject({ method: "POST", body: '{"op":"pause"}', headers: { "content-type": "application/json" } });
  answers(204, undefined);
  expect(await request("delete", "/api/jobs/{job_id}", { path: { job_id: "j" } })).toBe(undefined);
});

test("a refusal is thrown with the server's words", async () => {
  answers(409, { error: { code: "job_final", message: "The job is completed." } });
  const refused = await request("get", "/api/health").catch((error: unknown) => error);
  expect(refused).toBeInstanceOf(Refused);
  expect(refused).toMatchObject({ status: 409, code: "job_final", message: "The job is completed.", details: [] });
});

test("who is not signed in is shown the door", async () => {
  const signIn = vi.spyOn(door, "signIn").mockReturnValue();
  answers(401, { error: { code: "unauthorised", message: "A token is needed." } });
  await expect(request("get", "/api/catalogue")).rejects.toBeInstanceOf(Refused);
  expect(signIn).toHaveBeenCalledOnce();
});

test("a proxy's page, a broken line and a server that says nothing are all no answer; a request called off is not", async () => {
  vi.spyOn(globalThis, "fetch").mockResolvedValue(new Response("<h1>Bad gateway</h1>", { status: 502 }));
  await expect(request("get", "/api/health")).rejects.toBeInstanceOf(Unreachable);
  vi.mocked(fetch).mockRejectedValue(new TypeError("Failed to fetch"));
  await expect(request("get", "/api/health")).rejects.toBeInstanceOf(Unreachable);
  vi.mocked(fetch).mockRejectedValue(new DOMException("", "TimeoutError"));
  await expect(request("get", "/api/health")).rejects.toBeInstanceOf(Unreachable);
  vi.mocked(fetch).mockRejectedValue(new DOMException("", "AbortError"));
  await expect(request("get", "/api/health")).rejects.toMatchObject({ name: "AbortError" });
});

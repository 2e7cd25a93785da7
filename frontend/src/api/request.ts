// One request to the server's REST surface: its path, parameters, body and answer are those of the OpenAPI document, or it does not compile.
import { type Place, Refused, Unreachable, isAbort } from "./errors.ts";
import type { paths } from "./schema.ts";

export type Method = "get" | "post" | "patch" | "delete";

/** The paths that take a method. */
export type PathOf<M extends Method> = { [Path in keyof paths]: paths[Path][M] extends { responses: unknown } ? Path : never }[keyof paths];

type Good<Responses> = Responses[keyof Responses & (200 | 201 | 202 | 204)];
type Body<Response> = Response extends { content: { "application/json": infer Json } } ? Json : undefined;
/** What comes back. */
export type Answer<Operation> = Operation extends { responses: infer Responses } ? Body<Good<Responses>> : never;

type Path<Operation> = Operation extends { parameters: { path: infer Path } } ? { path: Path } : { path?: undefined };
type Json<Operation> = Operation extends { requestBody: { content: { "application/json": infer Json } } } ? { body: Json } : { body?: undefined };
type Query<Operation> = Operation extends { parameters: { query?: infer Query } } ? { query?: Query | URLSearchParams } : { query?: undefined };
type Header<Operation> = Operation extends { parameters: { header?: infer Header } } ? { header?: Header } : { header?: undefined };
/** What a request needs, and what it may have. */
export type Asked<Operation> = Path<Operation> & Json<Operation> & Query<Operation> & Header<Operation> & { signal?: AbortSignal };

interface Sent {
  path?: object;
  body?: unknown;
  query?: object | URLSearchParams;
  header?: object;
  signal?: AbortSignal;
}

/** What happens to a visitor who is not signed in: the way to the door, with the document in the address kept for the way back. */
export const door = { signIn: (): void => location.assign(`/sign-in${location.hash}`) };

export async function request<M extends Method, P extends PathOf<M>>(
  method: M,
  path: P,
  ...[asked]: Record<string, never> extends Asked<paths[P][M]> ? [Asked<paths[P][M]>?] : [Asked<paths[P][M]>]
): Promise<Answer<paths[P][M]>> {
  const { path: parts = {}, query = {}, body, header, signal } = (asked as unknown as Sent | undefined) ?? {};
  const filled = path.replace(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent((parts as Record<string, string>)[name]!));
  const search = new URLSearchParams(query as Record<string, string>).toString();
  let response: Response;
  let answer: unknown;
  try {
    response = await fetch(search ? `${filled}?${search}` : filled, {
      method: method.toUpperCase(),
      headers: { ...(body === undefined ? {} : { "content-type": "application/json" }), ...header },
      body: body === undefined ? null : JSON.stringify(body),
      signal: signal ?? null,
    });
    answer = response.status === 204 ? undefined : await response.json();
  } catch (error) {
    if (isAbort(error)) throw error;
    throw new Unreachable("no answer", { cause: error });
  }
  if (response.ok) return answer as Answer<paths[P][M]>;
  const fault = (answer as { error?: { code: string; message: string; details?: Place[] | null } } | null)?.error;
  // A proxy answers for a server that is gone, in words that are not the server's.
  if (!fault?.code) throw new Unreachable(`status ${response.status}`);
  if (response.status === 401) door.signIn();
  throw new Refused(response.status, fault.code, fault.message, fault.details ?? []);
}

// What can go wrong between page and server: the server refused, or did not answer.

/** One fault in what was sent, and where it is. */
export interface Place {
  path: (string | number)[];
  node: string | null;
  field: string | null;
  message: string;
}

/** The server's refusal, in its own words. */
export class Refused extends Error {
  override name = "Refused";

  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
    readonly details: Place[] = [],
  ) {
    super(message);
  }
}

/** No answer came. */
export class Unreachable extends Error {
  override name = "Unreachable";
}

/** True for a request that the page itself has called off. */
export function isAbort(error: unknown): boolean {
  return error instanceof DOMException && error.name === "AbortError";
}

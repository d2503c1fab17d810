// Requests to the admin API as this package makes them: many and small, so without fetch(), which costs more than they do.

import { Agent, type IncomingHttpHeaders, request } from "node:http";
import { AdminError, failureOf } from "./errors.js";

/** Where an admin API is, and the token that it takes. */
export interface Endpoint {
  /** The URL of the Worker. */
  url: string;
  /** The URL of the admin API; that of a world ends in /worlds/<id>. */
  adminUrl: string;
  token?: string | undefined;
}

/** What was answered, whole. */
export interface Answer {
  status: number;
  headers: IncomingHttpHeaders;
  body: Buffer;
}

const agent = new Agent({ keepAlive: true, noDelay: true });

/** Sends a request, and reads the answer. */
export function exchange(
  { adminUrl, token }: Pick<Endpoint, "adminUrl" | "token">,
  method: string,
  path: string,
  body?: string | Uint8Array,
  headers: Record<string, string | number> = {},
): Promise<Answer> {
  const url = new URL(adminUrl + path);
  if (token !== undefined) headers["Authorization"] = `Bearer ${token}`;
  headers["Content-Length"] = body === undefined ? 0 : Buffer.byteLength(body);
  return new Promise((resolve, reject) => {
    const sent = request(url, { method, headers, agent }, (message) => {
      const chunks: Buffer[] = [];
      message.on("data", (chunk: Buffer) => chunks.push(chunk));
      message.on("error", (error) => reject(gone(url, error)));
      message.on("end", () => resolve({ status: message.statusCode!, headers: message.headers, body: Buffer.concat(chunks) }));
    });
    sent.on("error", (error) => reject(gone(url, error)));
    sent.end(body);
  });
}

/** The error for a doemu that does not answer. */
export const gone = (url: URL, error: unknown): AdminError =>
  new AdminError(0, `doemu does not answer at ${url.host}: it has ended, or this test's world has (${(error as Error).message}).`);

/** Calls a route under /api/v1/ with JSON; the result. */
export async function callRoute<T>(endpoint: Pick<Endpoint, "adminUrl" | "token">, method: string, route: string, body?: object): Promise<T> {
  return (await callList<T>(endpoint, method, route, body)).result;
}

/** The same with what an answer says about a list. */
export async function callList<T>(
  endpoint: Pick<Endpoint, "adminUrl" | "token">, method: string, route: string, body?: object,
): Promise<{ result: T; result_info: { cursor: string } }> {
  const answer = await exchange(endpoint, method, `/api/v1/${route}`, body && JSON.stringify(body), { "Content-Type": "application/json" });
  if (answer.status >= 300) throw failureOf(answer.status, answer.body.toString());
  return JSON.parse(answer.body.toString()) as { result: T; result_info: { cursor: string } };
}

/** A route's path for an object. */
export const objectRoute = (namespace: string, object: string): string => `namespaces/${encodeURIComponent(namespace)}/objects/${object}`;

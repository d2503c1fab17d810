// Calls of programs by the admin API, with arguments and results of every kind that can be cloned.

import { type Answer, callRoute, type Endpoint, exchange, objectRoute } from "./api.js";
import { addCaller, failureOf } from "./errors.js";
import { answerHeader, fetchVia, type ProgramRequestInit, type ProgramResponse } from "./fetch.js";
import type { ClientSocket } from "./websocket.js";
import { deserialize, serialize, serializedType } from "./values.js";

/** What calls lead to: an object, or an entrypoint of a Worker, as a path of the admin API. */
export interface Callee {
  readonly path: string;
  /** What distinguishes entrypoints: ?entrypoint=…&props=… */
  readonly query: string;
}

/** The callee that is an object. */
export function objectCallee(namespace: string, id: { toString(): string; name?: string | undefined }): Callee {
  const byName = id.name !== undefined && id.name.isWellFormed();
  const object = byName ? `name:${encodeURIComponent(id.name!)}` : String(id);
  return { path: `/api/v1/${objectRoute(namespace, object)}`, query: "" };
}

/** The callee that is an entrypoint of a Worker; undefined is the default export. */
export function entrypointCallee(worker: string, entrypoint?: string, props?: unknown): Callee {
  const query = new URLSearchParams();
  if (entrypoint !== undefined) query.set("entrypoint", entrypoint);
  if (props !== undefined) query.set("props", JSON.stringify(props));
  return { path: `/api/v1/services/${encodeURIComponent(worker)}`, query: query.size === 0 ? "" : `?${query}` };
}

/** A way to doemu, or to one of its worlds, that is known by the first call at the latest. */
export class Caller {
  readonly endpoint: () => Promise<Endpoint>;
  /** The WebSockets that fetch has opened and that are not closed. */
  readonly sockets = new Set<ClientSocket>();

  constructor(endpoint: () => Promise<Endpoint>) {
    this.endpoint = endpoint;
  }

  /** Calls a method; the names lead to it. */
  call(to: Callee, names: string[], args: unknown[]): Promise<unknown> {
    return this.#exchange(to, `/rpc/${pathOf(names)}`, "POST", args, this.call);
  }

  /** Reads a property. */
  get(to: Callee, names: string[]): Promise<unknown> {
    return this.#exchange(to, `/rpc/${pathOf(names)}`, "GET", undefined, this.get);
  }

  /** Runs a function in an object: fn(instance, state, ...args). */
  run(to: Callee, source: string, args: unknown[]): Promise<unknown> {
    return this.#exchange(to, "/run", "POST", [source, ...args], this.run);
  }

  /** Calls a route of the admin API under /api/v1/. */
  async route<T>(method: string, route: string, body?: object): Promise<T> {
    return callRoute<T>(await this.endpoint(), method, route, body);
  }

  async fetch(to: Callee, input: string | URL | Request, init?: ProgramRequestInit): Promise<ProgramResponse> {
    const caller = here(this.fetch);
    const { adminUrl, token } = await this.endpoint();
    try {
      const response = await fetchVia({ url: `${adminUrl}${to.path}/fetch${to.query}`, token }, input, init);
      if (response.webSocket !== null) this.#track(response.webSocket);
      return response;
    } catch (error) {
      throw addCaller(error, caller);
    }
  }

  #track(socket: ClientSocket): void {
    this.sockets.add(socket);
    socket.ended.then(() => this.sockets.delete(socket));
  }

  async #exchange(to: Callee, route: string, method: string, message: unknown[] | undefined, entry: Function): Promise<unknown> {
    const caller = here(entry);
    try {
      const body = message === undefined ? undefined : serialize(message);
      const headers = { Accept: serializedType, ...(body !== undefined && { "Content-Type": serializedType }) };
      const answer = await exchange(await this.endpoint(), method, `${to.path}${route}${to.query}`, body, headers);
      if (answer.headers[answerHeader.toLowerCase()] !== undefined) return programAnswer(answer);
      if (answer.status !== 200) throw failureOf(answer.status, answer.body.toString());
      return deserialize(answer.body);
    } catch (error) {
      throw addCaller(error, caller);
    }
  }
}

// The response that a function returned.
function programAnswer({ status, headers, body }: Answer): Response {
  const own = new Headers();
  for (const [name, value] of Object.entries(headers)) for (const one of [value ?? []].flat()) own.append(name, one);
  own.delete(answerHeader);
  return new Response([204, 205, 304].includes(status) ? null : Uint8Array.from(body), { status, headers: own });
}

const pathOf = (names: string[]): string =>
  encodeURIComponent(names.length === 1 && !names[0]!.startsWith("[") ? names[0]! : JSON.stringify(names));

// Where a call was made: the frames above the function that programs call.
function here(entry: Function): Error {
  const error = new Error();
  Error.captureStackTrace(error, entry);
  return error;
}

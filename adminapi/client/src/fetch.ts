// fetch() of a stub, a service or SELF: a request that doemu gives to a program as it is.

import type { IncomingMessage } from "node:http";
import { Readable } from "node:stream";
import { gone } from "./api.js";
import { failureOf } from "./errors.js";
import { ClientSocket } from "./websocket.js";

/** A response of a program: of a WebSocket's handshake, it has the client's end. */
export interface ProgramResponse extends Response {
  readonly webSocket: ClientSocket | null;
}

/** What fetch() takes beside the standard's members. */
export interface ProgramRequestInit extends RequestInit {
  /** request.cf as the program sees it. */
  cf?: object;
}

/** A way to a program: the URL of a route that forwards, and what the admin API asks for. */
export interface Way {
  url: string;
  token: string | undefined;
}

type Body = NonNullable<RequestInit["body"]> | null;

/** Marks an answer as the program's own. */
export const answerHeader = "X-Doemu-Response";

const mostRedirects = 20;

/** Sends a request to a program. */
export async function fetchVia(way: Way, input: string | URL | Request, init: ProgramRequestInit = {}): Promise<ProgramResponse> {
  const { cf, ...rest } = init;
  let request = new Request(input, rest);
  const streamed = rest.body instanceof ReadableStream || (rest.body == null && input instanceof Request && input.body !== null);
  let body: Body = request.body;
  if (body !== null && !streamed) body = await request.arrayBuffer();
  for (let redirects = 0; ; redirects++) {
    request.signal.throwIfAborted();
    const head = describe(way, request, cf);
    if (request.headers.get("Upgrade")?.toLowerCase() === "websocket") return connect(way, request, head);
    const answer = await send(way.url, {
      method: "POST", headers: head, body, redirect: "manual", signal: request.signal, ...(streamed && { duplex: "half" }),
    } as RequestInit);
    if (!answer.headers.has(answerHeader)) throw failureOf(answer.status, await answer.text());
    const location = answer.headers.get("Location");
    if (location === null || !isRedirect(answer.status) || request.redirect === "manual") {
      return programResponse(answer, answer.body, request.url, redirects > 0);
    }
    await answer.body?.cancel();
    if (request.redirect === "error") throw new TypeError(`Unexpected redirect of ${request.url} to ${location}`);
    if (redirects === mostRedirects) throw new TypeError("Too many redirects.");
    const seen = answer.status === 303 || (answer.status < 303 && request.method === "POST");
    if (seen && request.method !== "HEAD") body = null;
    else if (streamed) throw new TypeError("A request with a stream as its body cannot be redirected.");
    request = new Request(new URL(location, request.url), {
      method: seen && request.method !== "HEAD" ? "GET" : request.method, headers: request.headers, redirect: request.redirect, signal: request.signal,
    });
  }
}

// The tests of a program may replace the global one.
const { fetch: nativeFetch } = globalThis;

async function send(url: string, init: RequestInit): Promise<Response> {
  try {
    return await nativeFetch(url, init);
  } catch (error) {
    throw error instanceof TypeError ? gone(new URL(url), error.cause ?? error) : error;
  }
}

const isRedirect = (status: number): boolean => [301, 302, 303, 307, 308].includes(status);

// The headers by which the request itself crosses: HTTP clients allow themselves more than programs should see.
function describe(way: Way, request: Request, cf: object | undefined): Record<string, string> {
  const headers: Record<string, string> = {
    "X-Doemu-Url": request.url,
    "X-Doemu-Method": request.method,
    "X-Doemu-Headers": ascii(JSON.stringify([...request.headers])),
  };
  if (cf !== undefined) headers["X-Doemu-Cf"] = ascii(JSON.stringify(cf));
  if (way.token !== undefined) headers["Authorization"] = `Bearer ${way.token}`;
  return headers;
}

const ascii = (json: string): string =>
  json.replace(/[\u007f-\uffff]/g, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, "0")}`);

function programResponse(answer: { status: number; statusText: string; headers: Headers }, body: Body, url: string, redirected: boolean): ProgramResponse {
  const headers = new Headers(answer.headers);
  for (const name of [answerHeader, "Connection", "Keep-Alive", "Transfer-Encoding"]) headers.delete(name);
  const response = new Response(noBody.has(answer.status) ? null : body, { status: answer.status, statusText: answer.statusText, headers });
  return Object.defineProperties(response, {
    url: { value: url }, redirected: { value: redirected }, webSocket: { value: null },
  }) as ProgramResponse;
}

const noBody = new Set([204, 205, 304]);

async function connect(way: Way, request: Request, head: Record<string, string>): Promise<ProgramResponse> {
  // It takes longer to load than all else, and most tests open no WebSocket.
  const { WebSocket: Connection } = await import("ws");
  const protocols = request.headers.get("Sec-WebSocket-Protocol")?.split(",").map((name) => name.trim()) ?? [];
  const connection = new Connection(way.url.replace(/^http/, "ws"), protocols, { headers: head, perMessageDeflate: false });
  const socket = new ClientSocket(connection);
  return new Promise((resolve, reject) => {
    request.signal.addEventListener("abort", () => {
      connection.terminate();
      reject(request.signal.reason as Error);
    });
    connection.once("upgrade", (answer: IncomingMessage) => {
      const response = new Response(null, { headers: headersOf(answer) });
      // The standard lets nobody make a response of this status.
      Object.defineProperties(response, {
        status: { value: 101 }, statusText: { value: "Switching Protocols" }, ok: { value: false }, url: { value: request.url }, webSocket: { value: socket },
      });
      connection.once("open", () => resolve(response as ProgramResponse));
    });
    connection.once("unexpected-response", (_, answer: IncomingMessage) => {
      const body = Readable.toWeb(answer) as ReadableStream<Uint8Array>;
      const head = { status: answer.statusCode ?? 500, statusText: answer.statusMessage ?? "", headers: headersOf(answer) };
      if (head.headers.has(answerHeader)) resolve(programResponse(head, body, request.url, false));
      else new Response(body, head).text().then((text) => reject(failureOf(head.status, text)), reject);
    });
    connection.once("error", reject);
  });
}

function headersOf(answer: IncomingMessage): Headers {
  const headers = new Headers();
  for (let n = 0; n < answer.rawHeaders.length; n += 2) headers.append(answer.rawHeaders[n]!, answer.rawHeaders[n + 1]!);
  return headers;
}

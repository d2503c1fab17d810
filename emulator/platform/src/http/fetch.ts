import { host } from "../kernel.ts";
import { flag } from "../flags.ts";
import type { Ties } from "./body.ts";
import { staysHere } from "./departure.ts";
import { outgoingRequest, Request, signalOf, type WireRequest } from "./request.ts";
import { incomingResponse, isRedirect, setAddress, type Response } from "./response.ts";

type Input = string | URL | Request;

/**
 * https://developers.cloudflare.com/workers/runtime-apis/fetch/
 */
export async function fetch(input: Input, init?: object): Promise<Response> {
  return send(toNetwork, input, init);
}

const toNetwork = (): number => 0;

/**
 * Fetches by a stub or a service binding, which takes relative addresses on old compatibility dates. The fetcher is asked for
 * with each request that is sent: redirects are followed.
 */
export async function fetchVia(fetcher: () => number, input: Input, init?: object): Promise<Response> {
  if (input !== undefined && !(input instanceof Request) && !flag("durable_object_fetch_requires_full_url")) {
    return send(fetcher, new URL(`${input as string}`, "https://fake-host/"), init);
  }
  return send(fetcher, input, init);
}

async function send(fetcher: () => number, input: Input, init: object | undefined): Promise<Response> {
  if (input === undefined) throw wrongArgument(fetcher, 1, "Request or string");
  if (init !== undefined && init !== null && typeof init !== "object") throw wrongArgument(fetcher, 2, "RequestInitializerDict or Request");
  const request = input instanceof Request && init === undefined && !input.bodyUsed ? input : new Request(input, init);
  const signal = signalFor(request, init);
  signal?.throwIfAborted();
  const wire = outgoingRequest(request);
  const urls = [request.url];
  for (;;) {
    const url = urls.at(-1)!;
    if (!/^(https?|data):/.test(url)) throw new TypeError(`Fetch API cannot load: ${url}`);
    wire[1] = url;
    const response = await sendOnce(fetcher(), wire, signal);
    const location = request.redirect === "follow" && isRedirect(response.status) ? response.headers.get("Location") : null;
    if (location === null) {
      setAddress(response, urls);
      return response;
    }
    // Nobody waits for the end of it: what comes is dropped.
    void response.body?.cancel();
    redirect(wire, urls, response.status, location);
  }
}

// workerd follows as many redirects as browsers do.
const mostRedirects = 20;

/**
 * Makes the next request of one that was redirected.
 *
 * https://fetch.spec.whatwg.org/#http-redirect-fetch
 */
function redirect(wire: WireRequest, urls: string[], status: number, location: string): void {
  const url = urls.at(-1)!;
  const next = host["url.parse"](location, url)?.[0];
  if (next === undefined) throw new TypeError("Invalid Location header; unable to follow redirect.");
  if (urls.length > mostRedirects) throw new TypeError(`Too many redirects.${urls.join(", ")}`);
  if (flag("strip_authorization_on_cross_origin_redirect") && originOf(url) !== originOf(next)) {
    wire[2] = withoutHeader(wire[2], "authorization");
  }
  urls.push(next);
  if (status !== 303 && typeof wire[3] === "number") {
    throw new TypeError(
      "A request with a one-time-use body (it was initialized from a stream, not a buffer) encountered a redirect requiring the body " +
        "to be retransmitted. To avoid this error in the future, construct this request from a buffer-like body initializer.",
    );
  }
  if (status === 303 ? wire[0] !== "HEAD" : status < 303 && wire[0] === "POST") {
    wire[0] = "GET";
    wire[3] = undefined;
    wire[2] = withoutHeader(wire[2], "content-length");
  }
}

const originOf = (url: string): string => host["url.parse"](url, undefined)![1];

const withoutHeader = (headers: string, name: string): string =>
  headers.split("\n").filter((line) => !line.toLowerCase().startsWith(`${name}: `)).join("\n");

async function sendOnce(fetcher: number, wire: WireRequest, signal: AbortSignal | undefined): Promise<Response> {
  if (signal === undefined) {
    const head = await host["fetch.send"](fetcher, ...wire, 0);
    return head === null ? new Promise(() => {}) : decode(head);
  }
  const abort = host["fetch.abortable"]();
  return new Promise((resolve, reject) => {
    // The promise is rejected in a later turn: whom the request went to hears of the abort first.
    const aborted = (): void => host["fetch.abort"](abort);
    const ties = { signal, over: () => signal.removeEventListener("abort", aborted) };
    signal.addEventListener("abort", aborted);
    host["fetch.send"](fetcher, ...wire, abort).then(
      (head) => {
        if (head !== null) resolve(decode(head, ties));
      },
      (error) => {
        ties.over();
        reject(signal.aborted ? signal.reason : error);
      },
    );
  });
}

const wrongArgument = (fetcher: () => number, n: number, type: string): TypeError =>
  new TypeError(`Failed to execute 'fetch' on '${fetcher === toNetwork ? "ServiceWorkerGlobalScope" : "Fetcher"}': parameter ${n} is not of type '${type}'.`);

// Only a signal that a program gave is listened to: making one for each request would cost.
function signalFor(request: Request, init: object | undefined): AbortSignal | undefined {
  const given = (init as { signal?: AbortSignal | null } | undefined)?.signal;
  return given === undefined || given === null || staysHere(given) ? signalOf(request) : given;
}

// The head that Go sends: four lines, then the headers. Numbers are empty where there is nothing.
function decode(head: string, ties?: Ties): Response {
  const lines = head.split("\n", 4);
  const [status, statusText, body, socket] = lines as [string, string, string, string];
  if (body === "") ties?.over();
  const at = lines.reduce((n, line) => n + line.length + 1, 0);
  return incomingResponse(
    Number(status),
    statusText,
    head.slice(at),
    body === "" ? undefined : Number(body),
    socket === "" ? undefined : Number(socket),
    ties,
  );
}

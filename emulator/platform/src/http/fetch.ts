import { host } from "../kernel.ts";
import { flag } from "../flags.ts";
import { staysHere } from "./departure.ts";
import { outgoingRequest, Request, signalOf } from "./request.ts";
import { incomingResponse, type Response } from "./response.ts";

type Input = string | URL | Request;

/**
 * https://developers.cloudflare.com/workers/runtime-apis/fetch/
 */
export async function fetch(input: Input, init?: object): Promise<Response> {
  return send(0, input, init);
}

/** Fetches by a stub or a service binding, which takes relative addresses on old compatibility dates. */
export async function fetchVia(fetcher: number, input: Input, init?: object): Promise<Response> {
  if (input !== undefined && !(input instanceof Request) && !flag("durable_object_fetch_requires_full_url")) {
    return send(fetcher, new URL(`${input as string}`, "https://fake-host/"), init);
  }
  return send(fetcher, input, init);
}

async function send(fetcher: number, input: Input, init: object | undefined): Promise<Response> {
  if (input === undefined) throw wrongArgument(fetcher, 1, "Request or string");
  if (init !== undefined && init !== null && typeof init !== "object") throw wrongArgument(fetcher, 2, "RequestInitializerDict or Request");
  const request = input instanceof Request && init === undefined ? input : new Request(input, init);
  const colon = request.url.indexOf(":");
  const scheme = request.url.slice(0, colon);
  if (scheme !== "http" && scheme !== "https" && !(scheme === "data" && fetcher === 0)) {
    throw new TypeError(`Fetch API cannot load: ${request.url}`);
  }
  const signal = signalFor(request, init);
  signal?.throwIfAborted();
  const wire = outgoingRequest(request);
  if (signal === undefined) return decode(await host["fetch.send"](fetcher, ...wire, 0));
  const abort = host["fetch.abortable"]();
  return new Promise((resolve, reject) => {
    // The promise is rejected in a later turn: whom the request went to hears of the abort first.
    signal.addEventListener("abort", () => host["fetch.abort"](abort));
    host["fetch.send"](fetcher, ...wire, abort).then(
      (head) => resolve(decode(head)),
      (error) => reject(signal.aborted ? signal.reason : error),
    );
  });
}

const wrongArgument = (fetcher: number, n: number, type: string): TypeError =>
  new TypeError(`Failed to execute 'fetch' on '${fetcher === 0 ? "ServiceWorkerGlobalScope" : "Fetcher"}': parameter ${n} is not of type '${type}'.`);

// Only a signal that a program gave is listened to: making one for each request would cost.
function signalFor(request: Request, init: object | undefined): AbortSignal | undefined {
  const given = (init as { signal?: AbortSignal | null } | undefined)?.signal;
  return given === undefined || given === null || staysHere(given) ? signalOf(request) : given;
}

// The head that Go sends: five lines, then the headers. Numbers are empty where there is nothing.
function decode(head: string): Response {
  const lines = head.split("\n", 6);
  const [status, statusText, body, socket, url, redirected] = lines as [string, string, string, string, string, string];
  const at = lines.reduce((n, line) => n + line.length + 1, 0);
  return incomingResponse(
    Number(status),
    statusText,
    head.slice(at),
    body === "" ? undefined : Number(body),
    socket === "" ? undefined : Number(socket),
    url,
    redirected === "1",
  );
}

import { AbortSignal } from "../events/abort.ts";
import { flag } from "../flags.ts";
import { enumerable, tag } from "../globals.ts";
import { host } from "../kernel.ts";
import { Body, disturbedError } from "./body.ts";
import { defaultHeader, type Guard, Headers, headersFromText, headersGuard, headersText } from "./headers.ts";
import { clientSignal, staysHere } from "./departure.ts";
import type { WireBody } from "./host.ts";
import { Content } from "./mixin.ts";

/** A request as it goes to Go. */
export type WireRequest = [method: string, url: string, headers: string, body: WireBody, cf: string | undefined];

let incoming: (id: number, method: string, url: string, headers: string, body: WireBody, cf: string | undefined) => Request;
let outgoing: (request: Request) => WireRequest;
let parts: (request: Request) => Parts;

/** What a request is made of, as `new Request` takes it. */
interface Parts extends Init {
  url: string;
}

const standardMethods = new Set(["DELETE", "GET", "HEAD", "OPTIONS", "POST", "PUT"]);

// The other methods that workerd knows. It takes no further ones.
const methods = new Set([
  "PATCH", "PURGE", "TRACE", "COPY", "LOCK", "MKCOL", "MOVE", "PROPFIND", "PROPPATCH", "SEARCH", "UNLOCK", "ACL", "REPORT", "MKACTIVITY",
  "CHECKOUT", "MERGE", "M-SEARCH", "NOTIFY", "SUBSCRIBE", "UNSUBSCRIBE", "QUERY", "BAN",
]);

function methodOf(method: string): string {
  if (methods.has(method)) return method;
  const upper = method.toUpperCase();
  if (standardMethods.has(upper) || (flag("upper_case_all_http_methods") && methods.has(upper))) return upper;
  throw new TypeError(`Invalid HTTP method string: ${method}`);
}

// The modes of the cache that a request may ask for, by the compatibility flags that allow them.
function cacheOf(mode: string): string {
  if (!flag("cache_option_enabled")) throw new Error("The 'cache' field on 'RequestInitializerDict' is not implemented.");
  const allowed = mode === "no-store" || (mode === "no-cache" && flag("cache_no_cache_enabled")) || (mode === "reload" && flag("cache_reload_enabled"));
  if (!allowed) throw new TypeError(`Unsupported cache mode: ${mode}`);
  return mode;
}

interface Init {
  method?: string;
  headers?: unknown;
  body?: unknown;
  redirect?: string;
  signal?: AbortSignal | null;
  cf?: object;
  integrity?: string;
  cache?: string;
}

/**
 * https://developers.cloudflare.com/workers/runtime-apis/request/
 */
export class Request extends Content {
  #method = "GET";
  #url = "";
  #headers: Headers | undefined;
  #headersText = "";
  #guard: Guard = "none";
  #body: Body | null = null;
  #cache: string | undefined;
  #redirect = "follow";
  // The signal that a program gave, or that of the client; and the one that never aborts, for who asks.
  #signal: AbortSignal | undefined;
  #idle: AbortSignal | undefined;
  // The number by which Go delivered it.
  #incoming: number | undefined;
  #cf: unknown;
  #cfText: string | undefined;

  static {
    incoming = (id, method, url, headers, body, cf) => {
      const request = new Request(blank as never);
      request.#method = method;
      request.#url = url;
      request.#headersText = headers;
      request.#guard = "immutable";
      request.#body = Body.fromWire(body);
      request.#redirect = "manual";
      request.#cfText = cf;
      request.#incoming = id;
      return request;
    };
    parts = (request) => {
      const signal = request.#passedOn();
      return {
        url: request.#url,
        ...(request.#method !== "GET" && { method: request.#method }),
        headers: request.headers,
        ...(request.#body !== null && { body: request.body }),
        ...(request.#redirect !== "follow" && { redirect: request.#redirect }),
        ...(request.cf !== undefined && { cf: request.cf as object }),
        ...(signal !== undefined && { signal }),
      };
    };
    outgoing = (request) => {
      if (request.#cache !== undefined) {
        request.#headers ??= headersFromText(request.#headersText, "none");
        defaultHeader(request.#headers, "Cache-Control", "no-cache");
        defaultHeader(request.#headers, "Pragma", "no-cache");
      }
      const headers = request.#headers === undefined ? request.#headersText : headersText(request.#headers);
      const cf = request.#cfText ?? (request.#cf === undefined ? undefined : JSON.stringify(request.#cf));
      return [request.#method, request.#url, headers, request.#body?.wire(), cf];
    };
  }

  constructor(input: string | URL | Request, init?: Init | Request) {
    super();
    if ((input as unknown) === blank) return;
    if (input instanceof Request) this.#copy(input, init);
    else this.#url = parseAddress(`${input as string}`);
    if (init instanceof Request) this.#copyInit(init);
    else if (init !== undefined && init !== null) {
      this.#apply(init);
      // A request that has a body already may be passed on as it is.
      if (init.method !== undefined && this.#body !== null) this.#refuseBody();
    }
  }

  #refuseBody(): void {
    if (this.#method === "GET" || this.#method === "HEAD") throw new TypeError("Request with a GET or HEAD method cannot have a body.");
  }

  #copy(input: Request, init: Init | Request | undefined): void {
    this.#method = input.#method;
    this.#url = input.#url;
    this.#headers = new Headers(input.headers);
    this.#redirect = input.#redirect;
    this.#cache = input.#cache;
    this.#signal = input.#signal;
    this.#incoming = input.#incoming;
    this.#cf = input.#cf;
    this.#cfText = input.#cfText;
    if (init !== undefined && "body" in init && init.body !== undefined) return;
    if (input.#body?.used) throw new TypeError("Cannot reconstruct a Request with a used body.");
    this.#body = input.#body;
    if (this.#body !== null) input.#body = Body.moved(this.#body);
  }

  #copyInit(init: Request): void {
    this.#apply({ method: init.method, headers: init.headers, redirect: init.redirect, ...(init.#cache !== undefined && { cache: init.#cache }), ...(init.#signal !== undefined && { signal: init.#signal }) });
    this.#body = init.#body;
    if (this.#body === null) return;
    if (this.#body.used) throw disturbedError();
    init.#body = Body.moved(this.#body);
  }

  #apply(init: Init): void {
    if (init.method !== undefined) this.#method = methodOf(`${init.method}`);
    if (init.integrity !== undefined && `${init.integrity}` !== "") {
      throw new TypeError("Subrequest integrity checking is not implemented. The integrity option must be either undefined or an empty string.");
    }
    if (init.headers !== undefined) this.#headers = new Headers(init.headers);
    if (init.cache !== undefined) this.#cache = cacheOf(`${init.cache}`);
    if (init.redirect !== undefined) {
      const mode = `${init.redirect}`.toLowerCase();
      if (mode !== "follow" && mode !== "manual") {
        throw new TypeError("Invalid redirect value, must be one of \"follow\" or \"manual\" (\"error\" won't be implemented since it does not make sense at the edge; use \"manual\" and check the response status code).");
      }
      this.#redirect = mode;
    }
    if (init.signal !== undefined) {
      this.#signal = init.signal ?? undefined;
      this.#incoming = undefined;
    }
    if (init.cf !== undefined) {
      this.#cf = init.cf;
      this.#cfText = undefined;
    }
    if (init.body !== undefined && init.body !== null) {
      this.#body = Body.from(init.body);
      this.#refuseBody();
      if (this.#body?.type !== undefined) defaultHeader(this.headers, "Content-Type", this.#body.type);
    }
  }

  /** The signal that goes with a request; not for programs. */
  static signalOf(request: Request): AbortSignal | undefined {
    return request.#passedOn();
  }

  protected content_(): Body | null {
    return this.#body;
  }
  get method(): string {
    return this.#method;
  }
  get url(): string {
    return this.#url;
  }
  get headers(): Headers {
    return (this.#headers ??= headersFromText(this.#headersText, this.#guard));
  }
  get redirect(): string {
    return this.#redirect;
  }
  get signal(): AbortSignal {
    if (this.#incoming !== undefined && flag("enable_request_signal")) this.#signal ??= clientSignal(this.#incoming);
    return this.#signal ?? (this.#idle ??= new AbortController().signal);
  }

  // The signal that goes with the request to where a program sends it.
  #passedOn(): AbortSignal | undefined {
    if (flag("request_signal_passthrough")) void this.signal;
    return this.#signal === undefined || staysHere(this.#signal) ? undefined : this.#signal;
  }

  get cf(): unknown {
    if (this.#cfText !== undefined) {
      this.#cf = JSON.parse(this.#cfText);
      this.#cfText = undefined;
    }
    return this.#cf;
  }
  get fetcher(): null {
    return null;
  }
  get integrity(): string {
    return "";
  }
  get keepalive(): boolean {
    return false;
  }
  get cache(): string | undefined {
    return this.#cache;
  }

  clone(): Request {
    const copy = new Request(blank as never);
    copy.#copyHead(this);
    copy.#body = this.#body === null ? null : this.#body.tee();
    return copy;
  }

  #copyHead(from: Request): void {
    this.#method = from.#method;
    this.#url = from.#url;
    this.#headersText = headersText(from.headers);
    this.#guard = headersGuard(from.headers);
    this.#cache = from.#cache;
    this.#redirect = from.#redirect;
    this.#signal = from.#signal;
    this.#incoming = from.#incoming;
    this.#cf = from.cf;
  }
}
tag(Request, "Request");
enumerable(Request, "method", "url", "headers", "redirect", "signal", "cf", "clone", "fetcher", "integrity", "keepalive", "cache");

const blank = Symbol("blank");
/** The signal that a request takes along to where it is sent. */
export const signalOf = Request.signalOf;
delete (Request as { signalOf?: unknown }).signalOf;

function parseAddress(url: string): string {
  const parts = host["url.parse"](url, undefined);
  if (parts === undefined) throw new TypeError(`Invalid URL: ${url}`);
  const href = parts[0];
  // Before fetch_standard_url an address that had no path got none.
  return !flag("fetch_standard_url") && href.endsWith("/") && href === `${url}/` ? url : href;
}

export const requestParts = (request: Request): Parts => parts(request);
/** The request that Go delivered. */
export const incomingRequest: typeof incoming = (...args) => incoming(...args);
/** A request in the form for Go; its body is used up. */
export const outgoingRequest = (request: Request): WireRequest => outgoing(request);

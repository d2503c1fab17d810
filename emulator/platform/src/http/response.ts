import { enumerable, tag } from "../globals.ts";
import { host } from "../kernel.ts";
import { releaseForResponse, socketFromHandle, WebSocket } from "../sockets/websocket.ts";
import { Body, type Ties } from "./body.ts";
import { defaultHeader, type Guard, Headers, headersFromText, headersGuard, headersText } from "./headers.ts";
import type { WireBody } from "./host.ts";
import { Content } from "./mixin.ts";
import { statusTextOf } from "./status.ts";

/** A response as it goes to Go; encoded says that the program encoded the body as the headers say. */
export type WireResponse = [
  status: number, statusText: string, headers: string, body: WireBody, socket: number | undefined, encoded: boolean,
];

let outgoing: (response: Response) => WireResponse;
let incoming: (
  status: number, statusText: string, headers: string, body: WireBody, socket: number | undefined, ties?: Ties,
) => Response;
let address: (response: Response, urls: readonly string[]) => void;

let parts: (response: Response) => Init & { body: unknown };

interface Init {
  status?: number;
  statusText?: string;
  headers?: unknown;
  webSocket?: WebSocket | null;
  cf?: unknown;
  encodeBody?: string;
}

const nullBody = new Set([101, 204, 205, 304]);
const redirects = new Set([301, 302, 303, 307, 308]);

/**
 * https://developers.cloudflare.com/workers/runtime-apis/response/
 */
export class Response extends Content {
  #status = 200;
  #statusText = "";
  #headers: Headers | undefined;
  #headersText = "";
  #guard: Guard = "none";
  #body: Body | null = null;
  #socket: WebSocket | null = null;
  #url = "";
  #redirected = false;
  #type = "default";
  #cf: unknown;
  #encoded = false;

  static {
    parts = (response) => ({
      body: response.body,
      ...(response.#status !== 200 && { status: response.#status }),
      ...(response.#statusText !== "" && { statusText: response.#statusText }),
      headers: response.headers,
      ...(response.#cf !== undefined && { cf: response.#cf }),
      ...(response.#socket !== null && { webSocket: response.#socket }),
      ...(response.#encoded && { encodeBody: "manual" }),
    });
    outgoing = (response) => {
      const headers = response.#headers === undefined ? response.#headersText : headersText(response.#headers);
      const socket = response.#socket === null ? undefined : releaseForResponse(response.#socket);
      return [response.#status, response.#statusText, headers, response.#body?.wire(), socket, response.#encoded];
    };
    incoming = (status, statusText, headers, body, socket, ties) => {
      const response = new Response();
      response.#status = status;
      response.#statusText = statusText;
      response.#headersText = headers;
      response.#guard = "immutable";
      response.#body = Body.fromWire(body, ties);
      response.#socket = socket === undefined ? null : socketFromHandle(socket);
      return response;
    };
    address = (response, urls) => {
      const url = urls.at(-1)!;
      response.#url = url.startsWith("data:") ? "" : withoutFragment(url);
      response.#redirected = urls.length > 1;
    };
  }

  constructor(body?: unknown, init?: Init | Response) {
    super();
    if (init !== undefined && init !== null) this.#apply(init as Init);
    if (body === undefined || body === null) return;
    if (nullBody.has(this.#status)) {
      throw new TypeError("Response with null body status (101, 204, 205, or 304) cannot have a body.");
    }
    this.#body = Body.from(body);
    const type = this.#body?.type;
    if (type === undefined) return;
    if (this.#headers === undefined) this.#headersText = `Content-Type: ${type}\n`;
    else defaultHeader(this.#headers, "Content-Type", type);
  }

  #apply(init: Init): void {
    const { status, statusText, headers, webSocket } = init;
    if (webSocket !== undefined && webSocket !== null) this.#socket = webSocket;
    if (status !== undefined) {
      const code = Math.trunc(Number(status));
      if (this.#socket !== null && code !== 101) {
        throw new RangeError("Responses with a WebSocket must have status code 101.");
      }
      if (this.#socket === null && !(code >= 200 && code <= 599)) {
        throw new RangeError("Responses may only be constructed with status codes in the range 200 to 599, inclusive.");
      }
      this.#status = code;
    } else if (this.#socket !== null) {
      throw new RangeError("Responses with a WebSocket must have status code 101.");
    }
    if (statusText !== undefined) {
      if (/[^\t\x20-\x7e\x80-\xff]/.test(`${statusText}`)) throw new TypeError("Invalid statusText");
      this.#statusText = `${statusText}`;
    }
    if (headers !== undefined) this.#headers = new Headers(headers);
    if (init.cf !== undefined) this.#cf = init.cf;
    if (init instanceof Response) {
      this.#encoded = init.#encoded;
    } else if (init.encodeBody !== undefined) {
      const encode = `${init.encodeBody}`;
      if (encode !== "manual" && encode !== "automatic") throw new TypeError(`encodeBody: unexpected value: ${encode}`);
      this.#encoded = encode === "manual";
    }
  }

  /** A response with a value as JSON. */
  static json(value: unknown, init?: Init): Response {
    const text = JSON.stringify(value);
    if (text === undefined) throw new TypeError("Failed to execute 'json' on 'Response': parameter 1 is not of type 'JsonValue'.");
    const response = new Response(null, init);
    response.#body = Body.from(text);
    if (response.#headers === undefined) response.#headersText = "Content-Type: application/json\n";
    else defaultHeader(response.#headers, "Content-Type", "application/json");
    return response;
  }

  /** A response that sends the client elsewhere. */
  static redirect(url: string | URL, status = 302): Response {
    const parts = host["url.parse"](`${url as string}`, undefined);
    if (parts === undefined) throw new TypeError(`Unable to parse URL: ${url as string}`);
    if (!redirects.has(status)) {
      throw new RangeError(`${status} is not a redirect status code. It must be one of: 301, 302, 303, 307, or 308.`);
    }
    const response = new Response(null, { status });
    response.#headersText = `Location: ${parts[0]}\n`;
    response.#guard = "immutable";
    return response;
  }

  /** A response that stands for a network error. */
  static error(): Response {
    const response = new Response();
    response.#status = 0;
    response.#type = "error";
    return response;
  }

  protected content_(): Body | null {
    return this.#body;
  }
  get status(): number {
    return this.#status;
  }
  get statusText(): string {
    return this.#statusText === "" ? statusTextOf(this.#status) : this.#statusText;
  }
  get ok(): boolean {
    return this.#status >= 200 && this.#status < 300;
  }
  get headers(): Headers {
    return (this.#headers ??= headersFromText(this.#headersText, this.#guard));
  }
  get redirected(): boolean {
    return this.#redirected;
  }
  get url(): string {
    return this.#url;
  }
  get webSocket(): WebSocket | null {
    return this.#socket;
  }
  get type(): string {
    return this.#type;
  }
  get cf(): unknown {
    return this.#cf;
  }

  clone(): Response {
    if (this.#socket !== null) throw new TypeError("Cannot clone a response to a WebSocket handshake.");
    const copy = new Response();
    copy.#status = this.#status;
    copy.#statusText = this.#statusText;
    copy.#headersText = headersText(this.headers);
    copy.#guard = headersGuard(this.headers);
    copy.#url = this.#url;
    copy.#redirected = this.#redirected;
    copy.#body = this.#body === null ? null : this.#body.tee();
    return copy;
  }
}
tag(Response, "Response");
enumerable(Response, "status", "statusText", "ok", "headers", "redirected", "url", "webSocket", "type", "cf", "clone");

/** What a response is made of, as `new Response` takes it. */
export const responseParts = (response: Response): Init & { body: unknown } => parts(response);
/** A response in the form for Go; its body is used up. */
export const outgoingResponse = (response: Response): WireResponse => outgoing(response);
export const incomingResponse: typeof incoming = (...args) => incoming(...args);
/** Tells a response to which addresses the request went, one after the other. */
export const setAddress: typeof address = (...args) => address(...args);
/** Tells whether a status sends the client elsewhere. */
export const isRedirect = (status: number): boolean => redirects.has(status);

const withoutFragment = (url: string): string => {
  const at = url.indexOf("#");
  return at < 0 ? url : url.slice(0, at);
};

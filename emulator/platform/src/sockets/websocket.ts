import { Blob } from "../blob/blob.ts";
import { bytesOf, encodeText } from "../encoding/text.ts";
import { DOMException } from "../errors.ts";
import { CloseEvent, ErrorEvent, Event, MessageEvent } from "../events/event.ts";
import { EventTarget, eventAttribute } from "../events/target.ts";
import { flag } from "../flags.ts";
import { enumerable, tag } from "../globals.ts";
import { type Bytes, host, on } from "../kernel.ts";
import { deserialize, serialize } from "../serialize/index.ts";

declare module "../kernel.ts" {
  interface Host {
    /** Makes two sockets that are connected: their numbers. */
    "socket.pair"(): [number, number];
    /** From now on events of the socket come. Source is the line that made it, if that is not the one that runs. */
    "socket.accept"(socket: number, source?: string): void;
    "socket.send"(socket: number, message: string | Bytes): void;
    "socket.close"(socket: number, code: number, reason: string): void;
    /** Ends the connection at once, without a close; no more events of the socket come. */
    "socket.drop"(socket: number): void;
    /** Nobody has the socket any more, which was not accepted: what comes to it is lost. */
    "socket.forget"(socket: number): void;
    /** The limits that there are; null for none. */
    "socket.limits"(): [attachment: number | null, tags: number | null, tagBytes: number | null, autoResponse: number | null];
  }
  interface Events {
    "socket.message": [socket: number, message: string | ArrayBuffer];
    "socket.close": [socket: number, code: number, reason: string, wasClean: boolean];
    "socket.error": [socket: number, message: string];
  }
}

/** Where a socket's messages go: to Go, as an ordinary or as a hibernatable socket. */
export interface Transport {
  send(message: string | Bytes): void;
  close(code: number, reason: string): void;
  attach?(value: Bytes | undefined): void;
  attachment?(): ArrayBuffer | undefined;
}

type State = "new" | "accepted" | "hibernatable" | "client" | "released";

/** What the platform keeps of a socket. An object may have thousands: what is rare is set when it is there. */
class Inside {
  state: State;
  transport: Transport;
  ready = 1;
  sentClose = false;
  handle = 0;
  attachment: Bytes | undefined = undefined;
  declare halfOpen: boolean;
  /** The other end of a pair. */
  declare peer: Inside | undefined;
  declare url: string | null;
  declare protocol: string | null;
  declare extensions: string | null;
  declare binaryType: string | undefined;

  constructor(state: State, transport: Transport) {
    this.state = state;
    this.transport = transport;
  }

  static {
    const { prototype } = Inside;
    prototype.halfOpen = true;
    prototype.peer = prototype.binaryType = undefined;
    prototype.url = null;
    prototype.protocol = prototype.extensions = "";
  }
}

const accepted = new Map<number, WebSocket>();
let inside: (socket: WebSocket) => Inside;
let openClient: (socket: WebSocket, url: string, protocols: unknown) => void;

/** Sets how `new WebSocket(url)` connects. */
export const setClientOpener = (open: typeof openClient): void => {
  openClient = open;
};

class Ordinary implements Transport {
  readonly handle: number;
  constructor(handle: number) {
    this.handle = handle;
  }
  send(message: string | Bytes): void {
    host["socket.send"](this.handle, message);
  }
  close(code: number, reason: string): void {
    host["socket.close"](this.handle, code, reason);
  }
}

// Of a socket that is not connected yet.
const nowhere = new Ordinary(0);

function payload(message: unknown): string | Bytes {
  if (typeof message === "string") return message;
  if (message instanceof ArrayBuffer || ArrayBuffer.isView(message)) return bytesOf(message);
  return `${message as string}`;
}

/**
 * https://developers.cloudflare.com/workers/runtime-apis/websockets/
 */
export class WebSocket extends EventTarget {
  static readonly CONNECTING = 0;
  static readonly OPEN = 1;
  static readonly CLOSING = 2;
  static readonly CLOSED = 3;
  static readonly READY_STATE_CONNECTING = 0;
  static readonly READY_STATE_OPEN = 1;
  static readonly READY_STATE_CLOSING = 2;
  static readonly READY_STATE_CLOSED = 3;

  readonly #inside: Inside;

  static {
    inside = (socket) => socket.#inside;
    // The constants are those of instances, too.
    for (const [name, value] of Object.entries(WebSocket)) Object.defineProperty(WebSocket.prototype, name, { value, enumerable: true });
  }

  constructor(url: unknown, protocols?: unknown) {
    super();
    if (url instanceof Inside) {
      this.#inside = url;
      return;
    }
    this.#inside = new Inside("client", nowhere);
    this.#inside.ready = 0;
    openClient(this, `${url as string}`, protocols);
  }

  /** Begins to take messages. */
  accept(options?: { allowHalfOpen?: boolean }): void {
    const me = this.#inside;
    switch (me.state) {
      case "accepted":
        return;
      case "client":
        throw new TypeError("Websockets obtained from the 'new WebSocket()' constructor cannot call accept");
      case "hibernatable":
        throw new TypeError("Can't accept() WebSocket after enabling hibernation.");
      case "released":
        throw new TypeError("Can't accept() WebSocket that was already used in a response.");
    }
    me.state = "accepted";
    me.halfOpen = options?.allowHalfOpen ?? !flag("web_socket_auto_reply_to_close");
    accepted.set(me.handle, this);
    host["socket.accept"](me.handle);
  }

  #usable(): void {
    const { state, ready, sentClose } = this.#inside;
    if (state === "new" || state === "released" || (ready === 0 && !sentClose)) {
      throw new TypeError("You must call one of accept() or state.acceptWebSocket() on this WebSocket before sending messages.");
    }
  }

  send(message: string | ArrayBuffer | ArrayBufferView): void {
    const me = this.#inside;
    this.#usable();
    if (me.sentClose) throw new TypeError("Can't call WebSocket send() after close().");
    if (me.ready === 3) return;
    me.transport.send(payload(message));
  }

  close(code?: number, reason?: string): void {
    const me = this.#inside;
    if (code !== undefined && !validCode(code)) {
      throw new DOMException(`Invalid WebSocket close code: ${code}.`, "InvalidAccessError");
    }
    if (reason !== undefined && flag("websocket_close_reason_byte_limit") && encodeText(`${reason}`).length > mostReason) {
      throw new DOMException(`WebSocket close reason must not be longer than ${mostReason} bytes when UTF-8 encoded.`, "SyntaxError");
    }
    if (reason !== undefined && code === undefined) {
      throw new DOMException("If you specify a WebSocket close reason, you must also specify a code.", "InvalidAccessError");
    }
    if (me.ready === 0) {
      // There is no connection yet: it ends as soon as it is there.
      me.sentClose = true;
      me.ready = 2;
      return;
    }
    this.#usable();
    if (me.sentClose || me.ready === 3) return;
    me.sentClose = true;
    me.ready = me.ready === 2 ? 3 : 2;
    me.transport.close(code ?? 1005, `${reason ?? ""}`.toWellFormed());
  }

  /** Keeps a value with the socket while its object is not in memory. */
  serializeAttachment(value: unknown): void {
    const bytes = serialize(value);
    const [most] = host["socket.limits"]();
    if (most !== null && bytes.byteLength > most) {
      throw new Error(`A WebSocket 'attachment' cannot be larger than ${most} bytes.'attachment' was ${bytes.byteLength} bytes.`);
    }
    this.#inside.attachment = bytes;
    this.#inside.transport.attach?.(bytes);
  }

  /** A copy of the value that was kept, or null. */
  deserializeAttachment(): unknown {
    const bytes = this.#inside.transport.attachment?.() ?? this.#inside.attachment;
    return bytes === undefined ? null : deserialize(bytes);
  }

  get readyState(): number {
    return this.#inside.ready;
  }
  get url(): string | null {
    return this.#inside.url;
  }
  get protocol(): string | null {
    return this.#inside.protocol;
  }
  get extensions(): string | null {
    return this.#inside.extensions;
  }
  get bufferedAmount(): number {
    return 0;
  }
  get binaryType(): string {
    return this.#inside.binaryType ?? (flag("websocket_standard_binary_type") ? "blob" : "arraybuffer");
  }
  set binaryType(type: string) {
    if (type === "blob" || type === "arraybuffer") this.#inside.binaryType = type;
  }
}
tag(WebSocket, "WebSocket");
for (const event of ["open", "message", "close", "error"]) eventAttribute(WebSocket, event);
enumerable(
  WebSocket,
  "accept", "send", "close", "serializeAttachment", "deserializeAttachment", "readyState", "url", "protocol", "extensions",
  "binaryType",
);

// The standard leaves programs 1000 and what libraries and applications may define. Without pedantic_wpt
// all codes pass that a close frame may have.
const validCode = (code: number): boolean =>
  flag("pedantic_wpt")
    ? code === 1000 || (code >= 3000 && code < 5000)
    : code >= 1000 && code < 5000 && ![1004, 1005, 1006, 1015].includes(code);

// What fits into a close frame beside its code.
const mostReason = 123;

/** What the platform keeps of a socket. */
export const socketState = (socket: WebSocket): Inside => inside(socket);

// Ends that the program has dropped before it took or gave them away: what waits for them can go.
const dropped = new FinalizationRegistry<Inside>((me) => {
  if (me.state === "new") host["socket.forget"](me.handle);
});

function make(handle: number): WebSocket {
  const me = new Inside("new", new Ordinary(handle));
  me.handle = handle;
  const socket = new WebSocket(me);
  dropped.register(socket, me);
  return socket;
}

/** The socket that Go delivered with a response. */
export const socketFromHandle = (handle: number): WebSocket => make(handle);

/** Two sockets that are connected. */
export function makePair(): [WebSocket, WebSocket] {
  const [a, b] = host["socket.pair"]().map(make) as [WebSocket, WebSocket];
  inside(a).peer = inside(b);
  inside(b).peer = inside(a);
  return [a, b];
}

/** A socket that outlives its heap; durable/js makes and remakes these. */
export function hibernatableSocket(transport: Transport, sentClose: boolean): WebSocket {
  const me = new Inside("hibernatable", transport);
  if (sentClose) {
    me.sentClose = true;
    me.ready = 2;
  }
  return new WebSocket(me);
}

/** Gives a socket away with a response: its number. */
export function releaseForResponse(socket: WebSocket): number {
  const me = inside(socket);
  switch (me.state) {
    case "accepted":
      throw new TypeError("Can't return WebSocket in a Response after calling accept().");
    case "hibernatable":
      throw new TypeError("Can't return WebSocket in a Response after calling acceptWebSocket().");
    case "client":
      throw new TypeError("Can't return WebSocket in a Response if it was created with `new WebSocket()`");
    case "released":
      throw new TypeError("Can't return WebSocket that was already used in a response.");
  }
  me.state = "released";
  return me.handle;
}

/** A socket that is a client of its own, which the line source made, begins: Go has connected it. */
export function connected(socket: WebSocket, source: string, handle: number, protocol: string | null, extensions: string | null): void {
  const me = inside(socket);
  me.handle = handle;
  me.transport = new Ordinary(handle);
  if (me.sentClose) {
    me.transport.close(1001, "");
    notConnected(socket, new Error("WebSocket was closed before the connection was established."));
    return;
  }
  me.ready = 1;
  me.protocol = protocol;
  me.extensions = extensions;
  accepted.set(handle, socket);
  host["socket.accept"](handle, source);
  socket.dispatchEvent(new Event("open"));
}

/** A connection that could not be made. */
export function notConnected(socket: WebSocket, error: unknown): void {
  inside(socket).ready = 3;
  socket.dispatchEvent(new ErrorEvent("error", { error, message: `Uncaught ${String(error)}` }));
  socket.dispatchEvent(new CloseEvent("close", { code: 1006, reason: "Failed to establish websocket connection", wasClean: false }));
}

on("socket.message", (handle, message) => {
  const socket = accepted.get(handle);
  if (socket === undefined) return;
  const data = typeof message === "string" ? message : socket.binaryType === "blob" ? new Blob([message]) : message;
  try {
    socket.dispatchEvent(new MessageEvent("message", { data }));
  } catch (error) {
    console.error(error);
    inside(socket).ready = 3;
    accepted.delete(handle);
    host["socket.drop"](handle);
    socket.dispatchEvent(new ErrorEvent("error", { error, message: `Uncaught ${String(error)}` }));
  }
});

on("socket.close", (handle, code, reason, wasClean) => {
  const socket = accepted.get(handle);
  if (socket === undefined) return;
  const me = inside(socket);
  if (wasClean) {
    if (!me.halfOpen && !me.sentClose) {
      me.sentClose = true;
      me.transport.close(code, reason);
    }
    me.ready = me.sentClose ? 3 : 2;
  }
  if (me.ready === 3 || !wasClean) accepted.delete(handle);
  socket.dispatchEvent(new CloseEvent("close", { code, reason, wasClean }));
  // This end has not been closed.
  if (!wasClean) me.ready = me.sentClose ? 3 : 2;
});

on("socket.error", (handle, message) => {
  const socket = accepted.get(handle);
  if (socket === undefined) return;
  accepted.delete(handle);
  inside(socket).ready = 3;
  socket.dispatchEvent(new ErrorEvent("error", { error: new Error(message), message: `Uncaught Error: ${message}` }));
});

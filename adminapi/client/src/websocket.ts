// WebSockets to a program, with the methods that they have in Workers.
// https://developers.cloudflare.com/workers/runtime-apis/websockets/

import type { RawData, WebSocket as Connection } from "ws";

/** A message that came: text, or bytes as an ArrayBuffer. */
export type SocketData = string | ArrayBuffer;

/** How a connection ended. */
export interface SocketClose {
  code: number;
  reason: string;
  wasClean: boolean;
}

/** What the events of a ClientSocket carry, by their types. */
export interface SocketEvents {
  message: Event & { readonly data: SocketData };
  close: Event & Readonly<SocketClose>;
  error: Event & { readonly message: string };
}

/** The client's end of a WebSocket. What comes before accept() waits for it. */
export class ClientSocket {
  static readonly CONNECTING = 0;
  static readonly OPEN = 1;
  static readonly CLOSING = 2;
  static readonly CLOSED = 3;

  readonly #connection: Connection;
  readonly #events = new EventTarget();
  #waiting: Event[] | undefined = [];
  /** How the connection ended; undefined while it is open. */
  closed: SocketClose | undefined;
  /** Settles when the connection has ended. */
  readonly ended: Promise<SocketClose>;

  /** @internal */
  constructor(connection: Connection) {
    this.#connection = connection;
    connection.on("message", (data, binary) => this.#tell("message", { data: binary ? arrayBuffer(data) : String(data) }));
    this.ended = new Promise((resolve) => {
      connection.on("close", (code, reason) => {
        this.closed = { code, reason: String(reason), wasClean: code !== 1006 };
        this.#tell("close", this.closed);
        resolve(this.closed);
      });
    });
    connection.on("error", (error) => this.#tell("error", { message: error.message }));
  }

  get readyState(): number {
    return this.#connection.readyState;
  }

  get protocol(): string {
    return this.#connection.protocol;
  }

  get url(): string {
    return this.#connection.url;
  }

  /** Begins to give what comes to the listeners. */
  accept(): void {
    const waiting = this.#waiting ?? [];
    this.#waiting = undefined;
    for (const event of waiting) this.#events.dispatchEvent(event);
  }

  /** @internal Whether accept() was called. */
  get accepted(): boolean {
    return this.#waiting === undefined;
  }

  send(data: string | ArrayBuffer | ArrayBufferView): void {
    if (this.readyState !== ClientSocket.OPEN) throw new TypeError("Can't call WebSocket send() after close().");
    this.#connection.send(data);
  }

  close(code?: number, reason?: string): void {
    this.#connection.close(code, reason);
  }

  /** Ends the connection without a close, as a network that is lost. */
  terminate(): void {
    this.#connection.terminate();
  }

  /** Waits until what doemu has sent is here: its answer to a ping comes behind that. */
  flush(): Promise<void> {
    const connection = this.#connection;
    return new Promise((resolve) => {
      const end = (): void => {
        connection.off("pong", end).off("close", end);
        resolve();
      };
      if (connection.readyState !== ClientSocket.OPEN) return end();
      connection.on("pong", end).on("close", end);
      connection.ping();
    });
  }

  addEventListener<T extends keyof SocketEvents>(type: T, listener: (event: SocketEvents[T]) => void, options?: { once?: boolean }): void {
    this.#events.addEventListener(type, listener as (event: Event) => void, options);
  }

  removeEventListener<T extends keyof SocketEvents>(type: T, listener: (event: SocketEvents[T]) => void): void {
    this.#events.removeEventListener(type, listener as (event: Event) => void);
  }

  #tell(type: keyof SocketEvents, properties: object): void {
    const event = Object.assign(new Event(type), properties);
    if (this.#waiting === undefined) this.#events.dispatchEvent(event);
    else this.#waiting.push(event);
  }
}

function arrayBuffer(data: RawData): ArrayBuffer {
  const bytes = Array.isArray(data) ? Buffer.concat(data) : data instanceof ArrayBuffer ? new Uint8Array(data) : data;
  return Uint8Array.from(bytes).buffer;
}

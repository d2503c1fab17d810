// WebSockets in tests: waiting for a message ends when none can come any more, and not after some seconds.

import type { ProgramRequestInit } from "../fetch.js";
import type { ClientSocket, SocketClose, SocketData } from "../websocket.js";
import type { World } from "../world.js";
import { currentWorld } from "./current.js";

/** How long, in milliseconds of the machine, a world must have been at rest before nothing is waited for any more. */
const grace = 250;

// The test may have stopped the timers of its own process.
const { setTimeout: nativeTimeout } = globalThis;
const pause = (ms: number): Promise<void> => new Promise((resolve) => nativeTimeout(resolve, ms));
const machineTime = (): number => Number(process.hrtime.bigint()) / 1e6;

/** What falls due and makes a program run. */
const runsCode = new Set(["timer", "alarm", "retry", "delay"]);

/** A WebSocket whose messages can be waited for. */
export class TestSocket {
  /** The socket itself. */
  readonly socket: ClientSocket;
  readonly #world: World;
  readonly #queue: SocketData[] = [];
  #arrived: () => void = () => {};

  /** @internal */
  constructor(socket: ClientSocket, world: World) {
    this.socket = socket;
    this.#world = world;
    socket.addEventListener("message", ({ data }) => {
      this.#queue.push(data);
      this.#arrived();
    });
    socket.addEventListener("close", () => this.#arrived());
    if (!socket.accepted) socket.accept();
  }

  send(data: string | ArrayBuffer | ArrayBufferView): void {
    this.socket.send(data);
  }

  close(code?: number, reason?: string): void {
    this.socket.close(code, reason);
  }

  /**
   * The next message. Fails when the connection has ended, and when the world is at rest and nothing is due there, or
   * its clock stands, so that somebody has to let time pass first.
   */
  async next(): Promise<SocketData> {
    await this.#until(() => this.#queue.length > 0, "a message");
    return this.#queue.shift()!;
  }

  /** The next message as JSON. */
  async nextJSON<T = unknown>(): Promise<T> {
    return JSON.parse(String(await this.next())) as T;
  }

  /** What has come and was not asked for yet, once the world is at rest. */
  async received(): Promise<SocketData[]> {
    await this.#world.settle();
    return this.#queue.splice(0);
  }

  /** Waits for the end of the connection. */
  async closed(): Promise<SocketClose> {
    await this.#until(() => this.socket.closed !== undefined, "the end of the connection");
    return this.socket.closed!;
  }

  async #until(done: () => boolean, what: string): Promise<void> {
    for (let restSince: number | undefined; !done(); ) {
      if (this.socket.closed !== undefined) {
        const { code, reason } = this.socket.closed;
        throw new Error(`The WebSocket was closed with ${code}${reason && ` (${reason})`} while the test waited for ${what}.`);
      }
      const arrived = new Promise<void>((resolve) => (this.#arrived = resolve));
      await Promise.race([arrived, this.#world.settle()]);
      if (done()) return;
      const { mode, next: first, now } = await this.#world.clock.status();
      if (done()) return;
      const next = first !== null && runsCode.has(first.kind) ? first : null;
      // With a clock that runs, what is due comes.
      if (restSince === undefined || (mode === "real" && next !== null)) restSince = machineTime();
      if (machineTime() - restSince > grace) {
        const due = next === null ? "nothing is due" : `${next.kind} ${next.name ?? next.object ?? ""} is due at ${next.at}: clock.next() or clock.advance() lets time pass`;
        throw new Error(`The test waits for ${what} that does not come: the world is at rest at ${now}, and ${due}.`);
      }
      await Promise.race([arrived, pause(10)]);
    }
  }
}

/** Opens a WebSocket to the Worker: SELF.fetch with an upgrade, accepted. */
export async function connectWebSocket(input: string | URL | Request, init: ProgramRequestInit = {}): Promise<TestSocket> {
  const world = currentWorld();
  const headers = new Headers(init.headers ?? (input instanceof Request ? input.headers : undefined));
  headers.set("Upgrade", "websocket");
  const response = await world.SELF.fetch(input, { ...init, headers });
  if (response.webSocket === null) {
    throw new Error(`There was no WebSocket in the response, but ${response.status} ${response.statusText}: ${(await response.text()).slice(0, 500)}`);
  }
  return new TestSocket(response.webSocket, world);
}

/** Lets messages of a WebSocket be waited for that a response brought. */
export const watchWebSocket = (socket: ClientSocket): TestSocket => new TestSocket(socket, currentWorld());

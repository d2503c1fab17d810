// What a Worker's code can ask to outlive an event.

import { flag } from "../flags.ts";
import { tag } from "../globals.ts";
import { host } from "../kernel.ts";
import type { Session } from "../rpc/session.ts";
import { ownExports } from "./exports.ts";

declare module "../kernel.ts" {
  interface Host {
    /** Keeps the isolate in memory, for a reason that people read; gives a number to let go with. */
    "pin.add"(kind: string, detail: string): number;
    "pin.remove"(pin: number): void;
  }
}

const reportFailure = (error: unknown): void => {
  console.error(error);
};

/** What an event waits for that is over only when all it asked for has ended: what it gave to waitUntil(). */
export class Tasks {
  /** Tells whether one was rejected. */
  failed = false;
  #open = 0;
  #ended: (() => void) | undefined;

  add(promise: Promise<unknown>): void {
    this.#open++;
    const end = (): void => {
      if (--this.#open === 0) this.#ended?.();
    };
    promise.then(end, () => {
      this.failed = true;
      end();
    });
  }

  /** Is fulfilled when none is left, those among them that others have added. */
  async settled(): Promise<void> {
    while (this.#open > 0) {
      await new Promise<void>((resolve) => {
        this.#ended = resolve;
      });
    }
  }
}

/** The tasks of the events that run and have such. What belongs to no known event belongs to all of them. */
export const waiting = new Set<Tasks>();

/** Keeps the isolate in memory until a promise settles. A rejection is logged, and noted by the event's tasks. */
export function keepAlive(promise: unknown, tasks: Iterable<Tasks> = []): void {
  const pin = host["pin.add"]("waitUntil", "");
  const settling = Promise.resolve(promise);
  for (const t of tasks) t.add(settling);
  settling.catch(reportFailure).finally(() => host["pin.remove"](pin));
}

/**
 * The context of one event of a Worker.
 *
 * https://developers.cloudflare.com/workers/runtime-apis/context/
 */
export class ExecutionContext {
  readonly props: unknown;
  /** Who passed Cloudflare Access: on one machine nobody does. */
  readonly access: undefined = undefined;
  declare readonly exports: Record<string, unknown>;
  // The session of the call that the context belongs to, if it is one of RPC.
  readonly #session: Session | undefined;
  readonly #tasks: Iterable<Tasks>;

  constructor(props: unknown = {}, session?: Session, tasks: Iterable<Tasks> = []) {
    this.props = props;
    this.#session = session;
    this.#tasks = tasks;
    if (flag("enable_ctx_exports")) Object.defineProperty(this, "exports", { get: ownExports, enumerable: true, configurable: true });
  }

  /** Goes on with work after the response. */
  waitUntil(promise: unknown): void {
    if (arguments.length === 0) {
      throw new TypeError("Failed to execute 'waitUntil' on 'ExecutionContext': parameter 1 is not of type 'Promise'.");
    }
    keepAlive(promise, this.#tasks);
    const session = this.#session;
    if (session === undefined) return;
    session.retain();
    const release = (): void => session.release();
    Promise.resolve(promise).then(release, release);
  }

  /** Ends the execution: calls of RPC that it serves fail with the reason. */
  abort(reason?: unknown): void {
    this.#session?.abort(arguments.length === 0 ? new Error("Worker execution was aborted due to call to ctx.abort().") : reason);
  }

  /** Accepted and without effect: there is no origin to fall back to. */
  passThroughOnException(): void {}
}
tag(ExecutionContext, "ExecutionContext");

const shared = new WeakMap<object, ExecutionContext>();

/** The context of an event of an object with handlers. Once all its events had the same one, and so no props. */
export function contextOf(main: object, props: unknown, session?: Session, tasks?: Iterable<Tasks>): ExecutionContext {
  if (!flag("nonclass_entrypoint_reuses_ctx_across_invocations")) return new ExecutionContext(props, session, tasks);
  const ctx = shared.get(main) ?? new ExecutionContext(undefined, undefined, waiting);
  shared.set(main, ctx);
  return ctx;
}

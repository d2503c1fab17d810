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

/** Keeps the isolate in memory until a promise settles. A rejection is only logged. */
export function keepAlive(promise: unknown): void {
  const pin = host["pin.add"]("waitUntil", "");
  Promise.resolve(promise)
    .catch(reportFailure)
    .finally(() => host["pin.remove"](pin));
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

  constructor(props: unknown = {}, session?: Session) {
    this.props = props;
    this.#session = session;
    if (flag("enable_ctx_exports")) Object.defineProperty(this, "exports", { get: ownExports, enumerable: true, configurable: true });
  }

  /** Goes on with work after the response. */
  waitUntil(promise: unknown): void {
    if (arguments.length === 0) {
      throw new TypeError("Failed to execute 'waitUntil' on 'ExecutionContext': parameter 1 is not of type 'Promise'.");
    }
    keepAlive(promise);
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
export function contextOf(main: object, props: unknown, session?: Session): ExecutionContext {
  if (!flag("nonclass_entrypoint_reuses_ctx_across_invocations")) return new ExecutionContext(props, session);
  const ctx = shared.get(main) ?? new ExecutionContext();
  shared.set(main, ctx);
  return ctx;
}

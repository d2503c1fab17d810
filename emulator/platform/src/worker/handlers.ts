// The handlers of a Worker's main module: fetch, scheduled.

import { asyncContext } from "../async_context.ts";
import { errorText } from "../errors.ts";
import { host, on } from "../kernel.ts";
import { setFetchHandler } from "../http/handle.ts";
import { extendModule } from "../modules.ts";
import { remote, setCallTarget, type Target } from "../rpc/deliver.ts";
import { reservedOnServices } from "../rpc/lookup.ts";
import { deserializePersistent } from "../rpc/persistent.ts";
import { Session } from "../rpc/session.ts";
import { contextOf, ExecutionContext, keepAlive, Tasks, waiting } from "./context.ts";
import { entry } from "./entry.ts";
import { WorkerEntrypoint } from "./entrypoint.ts";
import * as importable from "./importable.ts";

declare module "../kernel.ts" {
  interface Host {
    "worker.return"(call: number, result: string): void;
  }
  interface Events {
    /** Gives an entrypoint with its props the number by which requests and events reach it. */
    "worker.target": [target: number, entrypoint: string, props: unknown];
    /** An event that is not a request: its kind says what the payload is, and what is returned. */
    "worker.event": [call: number, target: number, kind: string, payload: unknown];
  }
}

type Handler = (...args: unknown[]) => unknown;

// A handler by its name: a method of a WorkerEntrypoint class, which lives for one event, or a function
// of the exported object.
function call(name: string, argument: unknown, entrypoint = "default", props?: unknown, tasks?: Iterable<Tasks>): unknown {
  const main = exported(entrypoint);
  if (typeof main === "function") {
    const ctx = new ExecutionContext(props, undefined, tasks);
    const instance = new (main as new (ctx: ExecutionContext, env: unknown) => Record<string, Handler>)(ctx, entry.env);
    const method = instance[name];
    if (typeof method !== "function") throw missing(name);
    return method.call(instance, argument);
  }
  const handlers = main as Record<string, Handler>;
  const method = handlers[name];
  if (typeof method !== "function") throw missing(name);
  return method.call(handlers, argument, entry.env, contextOf(handlers, props, undefined, tasks));
}

function exported(entrypoint: string): unknown {
  const main = entry.exports[entrypoint];
  if (main === undefined) throw new Error(`Worker has no such entrypoint: ${entrypoint}`);
  return main;
}

const missing = (name: string): Error => new Error(`Handler does not export a ${name}() function.`);

// The entrypoints that Go has numbers for; -1 is the default export.
const targets = new Map<number, (handler: string, argument: unknown, tasks?: Iterable<Tasks>) => unknown>();

function addTarget(target: number, entrypoint: string, props: unknown): void {
  const to = (handler: string, argument: unknown, tasks?: Iterable<Tasks>): unknown => call(handler, argument, entrypoint, props, tasks);
  targets.set(target, to);
  setFetchHandler(target, (request) => asyncContext.request(() => to("fetch", request)));
  setCallTarget(target, () => openForCall(entrypoint, props));
}

// An entrypoint ready to take a call: an instance of its class, or the object with its functions.
function openForCall(entrypoint: string, props: unknown): Target {
  const main = exported(entrypoint);
  const session = new Session();
  if (typeof main !== "function") {
    const ctx = contextOf(main as object, props, session);
    return { object: main as object, own: true, reserved: reservedOnServices, session, flags: remote, handlerArguments: [entry.env, ctx] };
  }
  const ctx = new ExecutionContext(props, session);
  const object = new (main as new (ctx: ExecutionContext, env: unknown) => object)(ctx, entry.env);
  return { object, own: false, reserved: reservedOnServices, session, flags: remote };
}
addTarget(-1, "default", undefined);
on("worker.target", (target, entrypoint, props) =>
  addTarget(target, entrypoint, props instanceof ArrayBuffer ? deserializePersistent(props) : props),
);

/** What an event gives a handler, and what goes back when that has ended, with or without an error. */
interface Event {
  argument: unknown;
  /** Tells whether the event is over only when what it gave to waitUntil() is. */
  waits?: boolean;
  /** A rejection of what it waited for is reported already, and given as `failed`. */
  outcome(error?: unknown, failed?: boolean): unknown;
}

const kinds = new Map<string, (payload: never) => Event>();

/** Registers a kind of event; its name is the handler's. */
export function eventKind<Payload>(kind: string, make: (payload: Payload) => Event): void {
  kinds.set(kind, make);
}

on("worker.event", (id, target, kind, payload) => {
  void (async () => {
    let outcome: Event["outcome"] = (error) => ({ outcome: "exception", error: errorText(error) });
    try {
      const event = kinds.get(kind)!(payload as never);
      outcome = event.outcome;
      if (!event.waits) {
        await asyncContext.request(() => targets.get(target)!(kind, event.argument));
        host["worker.return"](id, JSON.stringify(outcome()));
        return;
      }
      const tasks = new Tasks();
      waiting.add(tasks);
      try {
        await asyncContext.request(() => targets.get(target)!(kind, event.argument, [tasks]));
      } finally {
        await tasks.settled();
        waiting.delete(tasks);
      }
      host["worker.return"](id, JSON.stringify(event.outcome(undefined, tasks.failed)));
    } catch (error) {
      host["worker.return"](id, JSON.stringify(outcome(error)));
    }
  })();
});

eventKind("test", () => ({
  argument: {},
  outcome: (error) => (error === undefined ? { outcome: "ok" } : { outcome: "exception", error: errorText(error) }),
}));

eventKind("scheduled", ({ time, cron }: { time: number; cron: string }) => {
  let noRetry = false;
  return {
    argument: {
      scheduledTime: time,
      cron,
      type: "scheduled",
      noRetry: () => {
        noRetry = true;
      },
    },
    waits: true,
    outcome(error, failed) {
      if (error !== undefined) console.error(error);
      return { outcome: error === undefined && !failed ? "ok" : "exception", noRetry };
    },
  };
});

/** https://developers.cloudflare.com/workers/runtime-apis/context/#waituntil */
function waitUntil(promise: unknown): void {
  if (arguments.length === 0) {
    throw new TypeError("Failed to execute 'waitUntil' on 'EntrypointsModule': parameter 1 is not of type 'Promise'.");
  }
  keepAlive(promise, waiting);
}

extendModule("cloudflare:workers", { WorkerEntrypoint, ...importable, waitUntil });

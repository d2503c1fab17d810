// The handlers of a Worker's main module: fetch, scheduled.

import { asyncContext } from "../async_context.ts";
import { errorText } from "../errors.ts";
import { host, on } from "../kernel.ts";
import { setFetchHandler } from "../http/handle.ts";
import { defineModule } from "../modules.ts";
import { ExecutionContext, keepAlive } from "./context.ts";
import { entry } from "./entry.ts";
import { RpcTarget, WorkerEntrypoint } from "./entrypoint.ts";

declare module "../kernel.ts" {
  interface Host {
    "worker.return"(call: number, result: string): void;
  }
  interface Events {
    /** A cron trigger: calls the scheduled handler. */
    "worker.scheduled": [call: number, time: number, cron: string];
    /** Gives an entrypoint with its props the number by which requests reach it. */
    "worker.target": [target: number, entrypoint: string, props: unknown];
    /** Runs the test handler of an export; the result is the text of what it threw, or "". */
    "worker.test": [call: number, entrypoint: string];
  }
}

type Handler = (...args: unknown[]) => unknown;

// A handler by its name: a method of a WorkerEntrypoint class, which lives for one event, or a function
// of the exported object.
function call(name: string, argument: unknown, entrypoint = "default", props?: unknown): unknown {
  const main = entry.exports[entrypoint];
  if (main === undefined) throw new Error(`Worker has no such entrypoint: ${entrypoint}`);
  const ctx = new ExecutionContext(props);
  if (typeof main === "function") {
    const instance = new (main as new (ctx: ExecutionContext, env: unknown) => Record<string, Handler>)(ctx, entry.env);
    const method = instance[name];
    if (typeof method !== "function") throw missing(name);
    return method.call(instance, argument);
  }
  const method = (main as Record<string, Handler> | undefined)?.[name];
  if (typeof method !== "function") throw missing(name);
  return method.call(main, argument, entry.env, ctx);
}

const missing = (name: string): Error => new Error(`Handler does not export a ${name}() function.`);

setFetchHandler(-1, (request) => asyncContext.request(() => call("fetch", request)));

on("worker.target", (target, entrypoint, props) => {
  setFetchHandler(target, (request) => asyncContext.request(() => call("fetch", request, entrypoint, props)));
});

on("worker.test", (id, entrypoint) => {
  void (async () => {
    try {
      await call("test", {}, entrypoint);
      host["worker.return"](id, "");
    } catch (error) {
      host["worker.return"](id, errorText(error));
    }
  })();
});

on("worker.scheduled", (id, time, cron) => {
  let retry = true;
  const controller = {
    scheduledTime: time,
    cron,
    type: "scheduled",
    noRetry: () => {
      retry = false;
    },
  };
  void (async () => {
    try {
      await asyncContext.request(() => call("scheduled", controller));
      host["worker.return"](id, JSON.stringify({ outcome: "ok", noRetry: !retry }));
    } catch (error) {
      console.error(error);
      host["worker.return"](id, JSON.stringify({ outcome: "exception", noRetry: !retry }));
    }
  })();
});

// env for code that has no handler's parameter at hand.
const current = new Proxy(
  {},
  {
    get: (_, key) => Reflect.get(entry.env, key) as unknown,
    has: (_, key) => Reflect.has(entry.env, key),
    ownKeys: () => Reflect.ownKeys(entry.env),
    getOwnPropertyDescriptor: (_, key) => Reflect.getOwnPropertyDescriptor(entry.env, key),
  },
);

defineModule("cloudflare:workers", { WorkerEntrypoint, RpcTarget, env: current, waitUntil: keepAlive });

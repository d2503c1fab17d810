// The one object that lives in this heap: how it is constructed, and how calls reach it.

import { host, on } from "doemu-internal:platform/kernel.ts";
import { setFetchHandler } from "doemu-internal:platform/http/handle.ts";
import { setCallTarget } from "doemu-internal:platform/rpc/deliver.ts";
import { anyClassTakesCalls, reservedOnServices } from "doemu-internal:platform/rpc/lookup.ts";
import { Session } from "doemu-internal:platform/rpc/session.ts";
import { entry } from "doemu-internal:platform/worker/entry.ts";
import { internal } from "./args.ts";
import { answer } from "./answer.ts";
import { DurableObject } from "./class.ts";
import { thrown } from "./errors.ts";
import { makeId } from "./id.ts";
import { DurableObjectState } from "./state.ts";

type Handler = (...args: unknown[]) => unknown;

interface Instance {
  object: Record<string, unknown>;
  state: DurableObjectState;
  /** What callers get to see on the errors that it throws. */
  flags: object;
}

let instance: Instance | undefined;
let constructing = false;

/** A handler method of the instance, if the class has it. */
export function handler(name: string): Handler | undefined {
  const method = instance?.object[name];
  return typeof method === "function" ? (method as Handler).bind(instance!.object) : undefined;
}

on("object.construct", (className, hex, name, sql) => {
  const Class = entry.exports[className] as new (ctx: unknown, env: unknown) => Record<string, unknown>;
  const state = new DurableObjectState(internal, makeId(hex, name), {
    sql,
    takesAlarms: () => constructing || handler("alarm") !== undefined,
  });
  constructing = true;
  try {
    instance = { object: new Class(state, entry.env), state, flags: { durableObjectId: hex } };
  } catch (error) {
    host["object.unconstructed"](...thrown(error, { durableObjectReset: true }));
  } finally {
    constructing = false;
  }
});

const session = new Session(true);
let takesCalls: boolean;

setCallTarget(0, () => {
  const { object, flags } = instance!;
  takesCalls ??= object instanceof DurableObject || anyClassTakesCalls();
  if (!takesCalls) {
    throw new TypeError(
      "The receiving Durable Object does not support RPC, because its class was not declared with `extends " +
        "DurableObject`. In order to enable RPC, make sure your class extends the special class `DurableObject`, which " +
        'can be imported from the module "cloudflare:workers".',
    );
  }
  return { object, own: false, reserved: reservedOnServices, session, flags };
});

on("object.alarm", (call, scheduledTime, retryCount) => {
  const alarm = handler("alarm");
  if (alarm === undefined) {
    console.warn("Attempted to run a scheduled alarm without a handler, did you remember to export an alarm() function?");
    host["object.return"](call);
    return;
  }
  void answer(call, async () => {
    await alarm({ scheduledTime, retryCount, isRetry: retryCount > 0 });
  });
});

setFetchHandler(0, (request) => {
  const fetch = handler("fetch");
  if (fetch === undefined) throw new Error("Handler does not export a fetch() function.");
  return fetch(request);
});

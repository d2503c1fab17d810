// The one object that lives in this heap: how it is constructed, and how calls reach it.

import { host, on } from "doemu-internal:platform/kernel.ts";
import { setFetchHandler } from "doemu-internal:platform/http/handle.ts";
import { remote, setCallTarget, type Target } from "doemu-internal:platform/rpc/deliver.ts";
import { anyClassTakesCalls, reservedOnServices } from "doemu-internal:platform/rpc/lookup.ts";
import { deserializePersistent } from "doemu-internal:platform/rpc/persistent.ts";
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
  hex: string;
}

let instance: Instance | undefined;
let constructing = false;

/** The instance and its state, for code that is given both. */
export const current = (): Readonly<Instance> => instance!;

/** A handler method of the instance, if the class has it. */
export function handler(name: string): Handler | undefined {
  const method = instance?.object[name];
  return typeof method === "function" ? (method as Handler).bind(instance!.object) : undefined;
}

on("object.construct", (className, hex, name, sql, isText, props) => {
  const Class = entry.exports[className] as new (ctx: unknown, env: unknown) => Record<string, unknown>;
  const owner = { sql, takesAlarms: () => constructing || handler("alarm") !== undefined };
  const id = isText ? hex : makeId(hex, name);
  const state = new DurableObjectState(internal, id, owner, props === undefined ? undefined : deserializePersistent(props));
  constructing = true;
  try {
    instance = { object: new Class(state, entry.env), state, hex };
  } catch (error) {
    host["object.unconstructed"](...thrown(error, { durableObjectReset: true }));
  } finally {
    constructing = false;
  }
});

let callTarget: Target | undefined;

setCallTarget(0, () => (callTarget ??= openForCalls()));

function openForCalls(): Target {
  const { object, hex } = instance!;
  if (!(object instanceof DurableObject) && !anyClassTakesCalls()) {
    throw new TypeError(
      "The receiving Durable Object does not support RPC, because its class was not declared with `extends " +
        "DurableObject`. In order to enable RPC, make sure your class extends the special class `DurableObject`, which " +
        'can be imported from the module "cloudflare:workers".',
    );
  }
  const flags = { durableObjectId: hex, ...remote };
  return { object, own: false, reserved: reservedOnServices, session: new Session(true), flags };
}

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

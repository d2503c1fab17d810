// Functions that come from outside and run in the object, as tests have them: fn(instance, state, ...args).

import { type Bytes, host, on } from "doemu-internal:platform/kernel.ts";
import { asyncContext } from "doemu-internal:platform/async_context.ts";
import { stackLines } from "doemu-internal:platform/errors.ts";
import { outgoingResponse, Response } from "doemu-internal:platform/http/response.ts";
import type { Wire } from "doemu-internal:platform/rpc/host.ts";
import { Outgoing } from "doemu-internal:platform/rpc/payload.ts";
import { deserialize, serialize } from "doemu-internal:platform/serialize/index.ts";
import { evaluate } from "doemu-internal:platform/worker/codegen.ts";
import { current } from "./instance.ts";

type Guest = (instance: object, state: object, ...args: unknown[]) => unknown;

declare module "doemu-internal:platform/kernel.ts" {
  interface Events {
    /**
     * Runs a function. The message is an array, serialized: its source and its further arguments. The answer is
     * that of the call, or a response to the request.
     */
    "object.run": [call: number, request: number, message: Bytes];
  }
}

on("object.run", (call, request, message) => {
  void asyncContext.request(async () => {
    try {
      const [source, ...args] = readMessage(message);
      const { object, state } = current();
      const result = await compile(source)(object, state, ...args);
      if (result instanceof Response) {
        host["fetch.respond"](request, ...outgoingResponse(result));
        return;
      }
      const packed = new Outgoing(false).pack(result);
      host["rpc.return"](call, packed.bytes as Wire, packed.text);
      packed.sent();
    } catch (error) {
      host["rpc.throw"](call, ...thrown(error));
    }
  });
});

function readMessage(message: Bytes): [source: string, ...args: unknown[]] {
  const list = deserialize(message);
  if (!Array.isArray(list) || typeof list[0] !== "string") {
    throw new TypeError("The body must be a serialized array: the source of a function, and its further arguments.");
  }
  return list as [string, ...unknown[]];
}

// Bundlers that keep names call this helper; it belongs to the module that the function was taken from.
const kept = (target: unknown): unknown => target;

function compile(source: string): Guest {
  const within = (expression: string): unknown =>
    (evaluate(`(function (__name) { "use strict"; return ${expression}; })`) as (keep: typeof kept) => unknown)(kept);
  let guest: unknown;
  try {
    guest = within(`(${source}\n)`);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    guest = asMethod(source, within, error); // in the short form of methods
  }
  if (typeof guest !== "function") throw new TypeError("The source must be that of a function.");
  return guest as Guest;
}

function asMethod(source: string, within: (expression: string) => unknown, why: SyntaxError): unknown {
  try {
    return Object.values(within(`{${source}\n}`) as object)[0];
  } catch {
    throw why;
  }
}

// What was thrown as it is, since to the test this is its own function: its class, message and properties, the
// value itself where it can be serialized, and its stack.
function thrown(error: unknown): [string, string, string | undefined, Bytes | undefined, string] {
  const value = serialized(error);
  if (!(error instanceof Error)) return ["", String(error), undefined, value, ""];
  const own: Record<string, unknown> = {};
  for (const [key, member] of Object.entries(error)) {
    if (key !== "name" && key !== "message" && key !== "stack" && key !== "cause" && isPlain(member)) own[key] = member;
  }
  const message = foreignName(error) ?? String(error.message);
  return [String(error.name), message, JSON.stringify(own), value, stackLines(error)];
}

const isPlain = (value: unknown): boolean => {
  try {
    return JSON.stringify(value) !== undefined;
  } catch {
    return false;
  }
};

function serialized(error: unknown): Bytes | undefined {
  try {
    return serialize(error);
  } catch {
    return undefined;
  }
}

const notDefined = /^'?([\p{ID_Start}$_][\p{ID_Continue}$\u200c\u200d]*)'? is not defined$/u;

// The function's own use of a name that is not there: it was defined around it where it came from.
function foreignName(error: Error): string | undefined {
  const name = error instanceof ReferenceError ? notDefined.exec(error.message)?.[1] : undefined;
  const [place] = stackLines(error).split("\n");
  if (name === undefined || !place!.includes("<input>")) return undefined;
  return `runInDurableObject: the function uses \`${name}\`, which exists only in the test: pass it as an argument`;
}

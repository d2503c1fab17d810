// What a caller can reach of an object, an entrypoint or an exported value.
// https://developers.cloudflare.com/workers/runtime-apis/rpc/visibility/

import { flag } from "../flags.ts";
import { isFunction } from "./exports.ts";
import { ServiceNode } from "./service_stub.ts";
import { nodeOf, PropertyNode, StubNode } from "./stub.ts";
import { RpcTarget } from "./target.ts";

/** What takes a call. */
export interface Receiver {
  object: object;
  /** Whether its own properties can be reached, or its class's. */
  own: boolean;
  /** The names that cannot be called. */
  reserved: ReadonlySet<string>;
}

/** The names that have a meaning of their own on every stub. */
export const reservedOnStubs: ReadonlySet<string> = new Set(["dup", "constructor"]);

/** The names that have one on stubs of entrypoints and objects. */
export const reservedOnServices: ReadonlySet<string> = new Set([
  "fetch", "connect", "alarm", "webSocketMessage", "webSocketClose", "webSocketError", "dup", "constructor",
]);

/** The error for a name that is not there, or not for callers. */
export const missing = (name: string): TypeError =>
  new TypeError(`The RPC receiver does not implement the method "${name}".`);

/** The property at the end of a path, and the object that it is a property of. */
export function find(receiver: Receiver, path: string[]): { value: unknown; self: object } {
  let { object, own } = receiver;
  if (path.length === 0) return { value: object, self: object };
  let inStub = false;
  for (const name of path.slice(0, -1)) {
    const next = member(object, own, name, receiver.reserved);
    if ((typeof next !== "object" && typeof next !== "function") || next === null) throw missing(name);
    object = next;
    const node = nodeOf(object);
    if (node !== undefined) {
      const remote = node instanceof StubNode || node instanceof ServiceNode;
      if (!remote && !(inStub && node instanceof PropertyNode)) throw missing(name);
      own = false;
      inStub = true;
    } else if (Object.getPrototypeOf(object) === Object.prototype) {
      own = true;
    } else if (object instanceof RpcTarget) {
      own = false;
    } else if (isFunction(object)) {
      own = true;
    } else {
      throw missing(name);
    }
  }
  return { value: member(object, own, path.at(-1)!, receiver.reserved), self: object };
}

/** A property that callers can reach; throws for one that they cannot. */
export function member(object: object, own: boolean, name: string, reserved: ReadonlySet<string>): unknown {
  if (reserved.has(name)) throw new TypeError(`'${name}' is a reserved method and cannot be called over RPC.`);
  const stub = nodeOf(object) !== undefined;
  if (!stub && Object.hasOwn(object, name) !== own) throw missing(name);
  const value = (object as Record<string, unknown>)[name];
  if (!own && value === (Object.prototype as unknown as Record<string, unknown>)[name]) throw missing(name);
  return value;
}

/** Whether a class takes calls although it does not extend a class of cloudflare:workers. */
export const anyClassTakesCalls = (): boolean => flag("js_rpc");


/** Checks a call of a function that a Worker exports without a class: it gets (arg, env, ctx). */
export function checkArguments(name: string, handler: Function, given: number): void {
  if (handler.length > 3) {
    throw new TypeError(
      `Cannot call handler function "${name}" over RPC because it has the wrong number of arguments. A simple function ` +
        "handler can only be called over RPC if it has exactly the arguments (arg, env, ctx), where only the first argument " +
        "comes from the client. To support multi-argument RPC functions, use class-based syntax (extending WorkerEntrypoint) " +
        "instead.",
    );
  }
  if (given !== 1) {
    throw new TypeError(
      `Attempted to call RPC function "${name}" with the wrong number of arguments. When calling a top-level handler function ` +
        "that is not declared as part of a class, you must always send exactly one argument. In order to support variable " +
        "numbers of arguments, the server must use class-based syntax (extending WorkerEntrypoint) instead.",
    );
  }
}

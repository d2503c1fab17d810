// The values that others have stubs of.

import { DOMException } from "../errors.ts";
import { host, on } from "../kernel.ts";
import { kindOf } from "../serialize/classes.ts";
import { hostType } from "../serialize/index.ts";
import type { OutgoingReferences } from "../serialize/references.ts";
import { hostTags } from "../serialize/tags.ts";
import { reportUncaught } from "../console/index.ts";
import { RpcTarget } from "./target.ts";
import type { Session } from "./session.ts";
import { makeStub, nodeOf, setExporter } from "./stub.ts";

/** A value that somebody has a stub of. */
export interface Exported {
  object: object;
  /** Whether its own properties can be reached, as those of plain objects and functions, or its class's. */
  own: boolean;
  session: Session | undefined;
  dispose: (() => unknown) | undefined;
}

const exports = new Map<number, Exported>();
let last = 0;

/** Makes a stub of a value possible; gives the number of the first reference. */
export function exportValue(object: object, own: boolean, session: Session | undefined): number {
  const dispose = (object as Record<symbol, unknown>)[Symbol.dispose];
  return add({ object, own, session, dispose: typeof dispose === "function" ? (dispose as () => unknown) : undefined });
}

/** A reference that calls a disposer of an object when it is let go of. */
export const exportDisposer = (object: object, dispose: () => unknown, session: Session | undefined): number =>
  add({ object, own: true, session, dispose });

function add(exported: Exported): number {
  const ref = host["rpc.export"](++last, exported.session !== undefined);
  exports.set(last, exported);
  exported.session?.retain();
  return ref;
}

/** The value of a number; undefined when its session is over. */
export function exportedValue(number: number): Exported | undefined {
  const exported = exports.get(number);
  return exported?.session?.aborted === true ? undefined : exported;
}

on("rpc.release", (number) => {
  const exported = exports.get(number);
  if (exported === undefined) return;
  exports.delete(number);
  try {
    const result: unknown = exported.dispose?.call(exported.object);
    if (result instanceof Promise) result.catch(reportUncaught);
  } catch (error) {
    reportUncaught(error);
  } finally {
    exported.session?.release();
  }
});

on("rpc.revoke", () => {
  for (const [number, { session }] of exports) {
    if (session === undefined) exports.delete(number);
  }
});

/** Whether own properties of an object can be reached; undefined if it cannot be wrapped in a stub. */
function ownProperties(object: object): boolean | undefined {
  let proto = Object.getPrototypeOf(object) as object | null;
  if (proto === Object.prototype) return true;
  for (; proto !== null; proto = Object.getPrototypeOf(proto) as object | null) {
    if (proto === RpcTarget.prototype) return false;
  }
  return isFunction(object) ? true : undefined;
}

/** Tells functions from the promises and properties of RPC, which are callable too. */
export const isFunction = (value: unknown): boolean => typeof value === "function" && nodeOf(value) === undefined;

const isTarget = (value: unknown): value is object => value instanceof RpcTarget && kindOf(value) !== "proxy";

// Where the sender keeps its stubs, what has a dup() method is duplicated; otherwise the receiver's stub
// leads to the object itself, whose disposer is called for each.
function duplicate(object: object, to: OutgoingReferences, fits: (copy: unknown) => boolean, text: string): object {
  if (!to.duplicates) return object;
  const dup = (object as { dup?: unknown }).dup;
  if (typeof dup !== "function") return object;
  const made: unknown = dup.call(object);
  if (!fits(made)) throw new DOMException(text, "DataCloneError");
  return made as object;
}

type Sender = OutgoingReferences & { session?: Session | undefined };

/** Exports a function. */
export function exportFunction(value: object, to: Sender): number {
  const text =
    "Couldn't create a stub for the function because it has a dup() method which did not return another function. " +
    "Either remove the dup() method or make sure it returns a function.";
  return exportValue(duplicate(value, to, isFunction, text), true, to.session);
}

/** Exports a proxy that a program made of a plain object, a function or an RpcTarget. */
export function exportProxy(value: object, to: Sender): number {
  const own = ownProperties(value);
  if (own === undefined) {
    throw new DOMException(
      "Proxy could not be serialized because it is not a valid RPC receiver type. The Proxy must emulate either a plain " +
        "object or an RpcTarget, as indicated by the Proxy's prototype chain.",
      "DataCloneError",
    );
  }
  const text =
    "Couldn't create a stub for the Proxy because it has a dup() method which did not return the same underlying type " +
    "(RpcTarget or Function) as the Proxy itself represents. Either remove the dup() method or make sure it returns an " +
    "RpcTarget.";
  const fits = (copy: unknown): boolean => typeof copy === "object" && copy !== null && ownProperties(copy) === own;
  return exportValue(duplicate(value, to, fits, text), own, to.session);
}

hostType(RpcTarget, {
  tag: hostTags.rpcStub,
  byReference: true,
  write(to, value) {
    const text =
      "Couldn't create a stub for the RcpTarget because it has a dup() method which did not return another RpcTarget. " +
      "Either remove the dup() method or make sure it returns an RpcTarget.";
    const sender = to.references as Sender;
    sender.add(exportValue(duplicate(value, sender, isTarget, text), false, sender.session));
  },
  read(from) {
    const references = from.references as unknown as import("./payload.ts").Incoming;
    const stub = makeStub(references.next("s"), references.session);
    references.group.add(nodeOf(stub) as import("./stub.ts").StubNode);
    return stub;
  },
});

setExporter((target) => {
  const own = ownProperties(target);
  if (own === undefined) throw new TypeError("RpcStubs can only wrap plain objects, functions, and RpcTarget derivatives.");
  return exportValue(target, own, undefined);
});

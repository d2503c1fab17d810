// Calls that come: what takes them, and how they end.

import { asyncContext } from "../async_context.ts";
import { host, on } from "../kernel.ts";
import { fail } from "./errors.ts";
import { exportDisposer, exportedValue } from "./exports.ts";
import { pathNames, type Wire } from "./host.ts";
import { checkArguments, find, member, type Receiver, reservedOnStubs } from "./lookup.ts";
import { Group, mostBytes, Outgoing, unpack } from "./payload.ts";
import type { Session } from "./session.ts";
import { nodeOf } from "./stub.ts";

/** An entrypoint or an object, ready to take one call. */
export interface Target extends Receiver {
  session: Session;
  /** What errors say of where they come from. */
  flags: object;
  /** For functions of an exported object that is no class: what stands behind the caller's argument. */
  handlerArguments?: [env: unknown, ctx: unknown];
}

/** What errors say that come from an entrypoint. */
export const remote = { remote: true };

const targets = new Map<number, () => Target>();

/** Sets what takes the calls for a target: an object in this heap (0), or an entrypoint. */
export function setCallTarget(target: number, open: () => Target): void {
  targets.set(target, open);
}

on("rpc.deliver", (call, exported, target, path, get, args) => {
  if (exported) {
    const value = exportedValue(target);
    if (value === undefined) {
      host["rpc.throw"](call, "Error", "The execution context which hosts this callback is no longer running.", undefined, undefined, "");
      return;
    }
    value.session?.retain();
    new Call(call, { ...value, reserved: reservedOnStubs, flags: remote }).run(path, get, args);
    return;
  }
  asyncContext.request(() => {
    let to: Target;
    try {
      to = targets.get(target)!();
    } catch (error) {
      fail(call, error, remote);
      return;
    }
    new Call(call, to).run(path, get, args);
  });
});

/** One call that was delivered. */
class Call {
  // The fields are plain ones: see Node of stub.ts.
  protected readonly id: number;
  protected readonly to: Omit<Target, "session"> & { session: Session | undefined };
  protected params: Group | undefined = undefined;
  protected readonly forget: (() => void) | undefined;
  protected ended = false;

  constructor(id: number, to: Omit<Target, "session"> & { session: Session | undefined }) {
    this.id = id;
    this.to = to;
    this.forget = to.session?.onAbort((reason) => this.throw(reason));
  }

  run(path: string, get: boolean, args: Wire): void {
    let result: unknown;
    try {
      result = this.work(path, get, args);
    } catch (error) {
      this.throw(error);
      return;
    }
    if (isThenable(result)) {
      Promise.resolve(result).then(
        (value) => this.return(value),
        (error: unknown) => this.throw(error),
      );
    } else {
      this.return(result);
    }
  }

  protected work(path: string, get: boolean, args: Wire): unknown {
    const { to } = this;
    let self = to.object;
    let value: unknown;
    if (path.startsWith("[")) ({ value, self } = find(to, pathNames(path)));
    else value = member(self, to.own, path, to.reserved);
    if (get) return value;
    if (typeof value !== "function") throw new TypeError(`"${nameOf(path)}" is not a function.`);
    let list: unknown[] = [];
    if (args !== undefined) {
      this.params = new Group();
      list = unpack(args, this.params, to.session) as unknown[];
    }
    if (to.handlerArguments !== undefined) {
      checkArguments(nameOf(path), value, list.length);
      list.push(...to.handlerArguments);
    }
    return Reflect.apply(value, self, list);
  }

  protected return(value: unknown): void {
    if (this.ended) return;
    let packed: Outgoing | undefined;
    try {
      packed = pack(value, this.to.session);
    } catch (error) {
      this.throw(error);
      return;
    }
    this.ended = true;
    if (packed === undefined) {
      host["rpc.return"](this.id, value as Wire, "");
    } else {
      host["rpc.return"](this.id, packed.bytes, packed.text);
      packed.sent();
    }
    this.end();
  }

  protected throw(error: unknown): void {
    if (this.ended) return;
    this.ended = true;
    fail(this.id, error, this.to.flags);
    this.end();
  }

  protected end(): void {
    this.forget?.();
    this.params?.dispose();
    this.to.session?.release();
  }
}

function nameOf(path: string): string {
  const names = pathNames(path);
  return names.length === 0 ? "(this)" : names.join(".");
}

const isThenable = (value: unknown): boolean =>
  value !== null &&
  (typeof value === "object" || typeof value === "function") &&
  typeof (value as { then?: unknown }).then === "function";

const isWellFormed: (text: string) => boolean = Function.prototype.call.bind(String.prototype.isWellFormed);

// A result for its way back; undefined when it can go as it is. The disposer of a plain object stays here,
// and is called when the caller disposes of the object.
function pack(value: unknown, session: Session | undefined): Outgoing | undefined {
  switch (typeof value) {
    case "undefined":
    case "boolean":
    case "number":
      return undefined;
    case "string":
      // As it is it leaves in UTF-8, which has no halves of surrogate pairs.
      if (value.length * 2 <= mostBytes && isWellFormed(value)) return undefined;
      break;
    case "object": {
      if (value === null) return undefined;
      if (nodeOf(value) !== undefined || Object.getPrototypeOf(value) !== Object.prototype) break;
      const dispose = (value as Record<symbol, unknown>)[Symbol.dispose];
      if (dispose === undefined) break;
      delete (value as Record<symbol, unknown>)[Symbol.dispose];
      const packed = new Outgoing(false, session).pack(value);
      if (typeof dispose === "function") packed.disposeWith(exportDisposer(value, dispose as () => unknown, session));
      return packed;
    }
  }
  return new Outgoing(false, session).pack(value);
}

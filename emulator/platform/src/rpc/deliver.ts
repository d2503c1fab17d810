// Calls that come: what takes them, and how they end.

import { asyncContext } from "../async_context.ts";
import { host, on } from "../kernel.ts";
import { fail } from "./errors.ts";
import { exportDisposer, exportedValue } from "./exports.ts";
import { pathNames, type Wire } from "./host.ts";
import { find, checkArguments, type Receiver, reservedOnStubs } from "./lookup.ts";
import { Group, Outgoing, unpack } from "./payload.ts";
import type { Session } from "./session.ts";
import { nodeOf } from "./stub.ts";

/** An entrypoint or an object, ready to take one call. */
export interface Target extends Receiver {
  session: Session;
  /** What errors say of where they come from, beside `remote`. */
  flags?: object;
  /** For functions of an exported object that is no class: what stands behind the caller's argument. */
  handlerArguments?: [env: unknown, ctx: unknown];
}

const targets = new Map<number, () => Target>();

/** Sets what takes the calls for a target: an object in this heap (0), or an entrypoint. */
export function setCallTarget(target: number, open: () => Target): void {
  targets.set(target, open);
}

on("rpc.deliver", (call, exported, target, path, get, args) => {
  if (exported) {
    const value = exportedValue(target);
    if (value === undefined) {
      host["rpc.throw"](call, "Error", "The execution context which hosts this callback is no longer running.", undefined, undefined);
      return;
    }
    value.session?.retain();
    new Call(call, { ...value, reserved: reservedOnStubs }, {}).run(path, get, args);
    return;
  }
  asyncContext.request(() => {
    let to: Target;
    try {
      to = targets.get(target)!();
    } catch (error) {
      fail(call, error, { remote: true });
      return;
    }
    new Call(call, to, to.flags ?? {}, to.handlerArguments).run(path, get, args);
  });
});

/** One call that was delivered. */
class Call {
  readonly #id: number;
  readonly #to: Receiver & { session: Session | undefined };
  readonly #flags: object;
  readonly #handlerArguments: [unknown, unknown] | undefined;
  readonly #params = new Group();
  readonly #forget: (() => void) | undefined;
  #ended = false;

  constructor(id: number, to: Receiver & { session: Session | undefined }, flags: object, handlerArguments?: [unknown, unknown]) {
    this.#id = id;
    this.#to = to;
    this.#flags = { ...flags, remote: true };
    this.#handlerArguments = handlerArguments;
    this.#forget = to.session?.onAbort((reason) => this.#throw(reason));
  }

  run(path: string, get: boolean, args: Wire): void {
    let result: unknown;
    try {
      result = this.#work(pathNames(path), get, args);
    } catch (error) {
      this.#throw(error);
      return;
    }
    if (isThenable(result)) {
      Promise.resolve(result).then(
        (value) => this.#return(value),
        (error: unknown) => this.#throw(error),
      );
    } else {
      this.#return(result);
    }
  }

  #work(path: string[], get: boolean, args: Wire): unknown {
    const { value, self } = find(this.#to, path);
    if (get) return value;
    const name = path.length === 0 ? "(this)" : path.join(".");
    if (typeof value !== "function") throw new TypeError(`"${name}" is not a function.`);
    const list = args === undefined ? [] : (unpack(args, this.#params, this.#to.session) as unknown[]);
    if (this.#handlerArguments !== undefined) {
      checkArguments(name, value, list.length);
      list.push(...this.#handlerArguments);
    }
    return Reflect.apply(value, self, list);
  }

  #return(value: unknown): void {
    if (this.#ended) return;
    let wire: Wire;
    let packed: Outgoing | undefined;
    try {
      packed = pack(value, this.#to.session);
      wire = packed === undefined ? (value as Wire) : packed.bytes;
    } catch (error) {
      this.#throw(error);
      return;
    }
    this.#ended = true;
    host["rpc.return"](this.#id, wire, packed?.text ?? "");
    packed?.sent();
    this.#end();
  }

  #throw(error: unknown): void {
    if (this.#ended) return;
    this.#ended = true;
    fail(this.#id, error, this.#flags);
    this.#end();
  }

  #end(): void {
    this.#forget?.();
    if (!this.#params.empty) this.#params.dispose();
    this.#to.session?.release();
  }
}

const isThenable = (value: unknown): boolean =>
  value !== null &&
  (typeof value === "object" || typeof value === "function") &&
  typeof (value as { then?: unknown }).then === "function";

// A result for its way back; undefined when it can go as it is. The disposer of a plain object stays here,
// and is called when the caller disposes of the object.
function pack(value: unknown, session: Session | undefined): Outgoing | undefined {
  switch (typeof value) {
    case "undefined":
    case "boolean":
    case "number":
    case "string":
      return undefined;
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

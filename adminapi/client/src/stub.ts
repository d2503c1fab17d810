// What env has in a program, for those outside: namespaces, stubs of objects and services.

import { type Callee, type Caller, entrypointCallee, objectCallee } from "./calls.js";
import type { ProgramRequestInit, ProgramResponse } from "./fetch.js";
import { DurableObjectId, Ids } from "./ids.js";

/** What a stub leads to. */
export interface StubTarget {
  readonly caller: Caller;
  readonly callee: Callee;
  /** Of an object. */
  readonly namespace?: DurableObjectNamespace;
  readonly id?: DurableObjectId;
}

/** A stub of an object or a service: every name that it has not got itself is a method or a property. */
export interface Stub {
  fetch(input: string | URL | Request, init?: ProgramRequestInit): Promise<ProgramResponse>;
  // eslint-disable-next-line @typescript-eslint/no-explicit-any
  [member: string]: any;
}

/** A stub of an object. */
export interface DurableObjectStub extends Stub {
  readonly id: DurableObjectId;
  readonly name: string | undefined;
}

const targets = new WeakMap<object, StubTarget>();

/** What a stub leads to; undefined for what is none. */
export const targetOf = (stub: unknown): StubTarget | undefined =>
  (typeof stub === "object" && stub !== null) || typeof stub === "function" ? targets.get(stub) : undefined;

function makeStub(target: StubTarget, own: Record<string, unknown>): Stub {
  const { caller, callee } = target;
  const fetch: Stub["fetch"] = (input, init) => caller.fetch(callee, input, init);
  const members = Object.assign(Object.create(null) as object, own, { fetch }) as Record<string, unknown>;
  const stub = new Proxy(members, {
    get(_, name) {
      if (typeof name === "symbol") return undefined;
      // A stub is no promise: await gives the stub itself.
      if (name === "then") return undefined;
      return Object.hasOwn(members, name) ? members[name] : makeMember(target, [name]);
    },
    set: () => false,
  }) as Stub;
  targets.set(stub, target);
  return stub;
}

/** A member of what a stub leads to: calling it calls the method, awaiting it reads the property. */
function makeMember(target: StubTarget, names: string[]): unknown {
  let property: Promise<unknown> | undefined;
  // One promise for all who wait: a failure is one rejection.
  const read = (): Promise<unknown> => (property ??= target.caller.get(target.callee, names));
  return new Proxy(function () {}, {
    get(_, name) {
      switch (name) {
        case "then":
          return (...handlers: Parameters<Promise<unknown>["then"]>) => read().then(...handlers);
        case "catch":
          return (...handlers: Parameters<Promise<unknown>["catch"]>) => read().catch(...handlers);
        case "finally":
          return (...handlers: Parameters<Promise<unknown>["finally"]>) => read().finally(...handlers);
      }
      return typeof name === "symbol" ? undefined : makeMember(target, [...names, name]);
    },
    apply: (_, __, args: unknown[]) => target.caller.call(target.callee, names, args),
  });
}

/** A class of objects, as env has it. */
export class DurableObjectNamespace {
  /** @internal */
  readonly key: string;
  readonly #caller: Caller;
  readonly #ids: Ids;

  /** @internal The key is <worker>-<Class>. */
  constructor(caller: Caller, key: string, ids: Ids = new Ids(key)) {
    this.#caller = caller;
    this.key = key;
    this.#ids = ids;
  }

  /** @internal */
  get caller(): Caller {
    return this.#caller;
  }

  idFromName(name: string): DurableObjectId {
    return this.#ids.fromName(`${name}`);
  }

  idFromString(hex: string): DurableObjectId {
    return this.#ids.fromString(`${hex}`);
  }

  newUniqueId(options?: { jurisdiction?: string }): DurableObjectId {
    return (options?.jurisdiction === undefined ? this.#ids : this.#ids.within(options.jurisdiction)).unique();
  }

  get(id: DurableObjectId): DurableObjectStub {
    if (!(id instanceof DurableObjectId)) {
      throw new TypeError("Failed to execute 'get' on 'DurableObjectNamespace': parameter 1 is not of type 'DurableObjectId'.");
    }
    if (this.#ids.jurisdiction !== undefined && id.jurisdiction !== this.#ids.jurisdiction) {
      throw new TypeError("get called on jurisdictional subnamespace with an ID from a different jurisdiction");
    }
    // A name in a jurisdiction has another id than the admin API would give it.
    const addressed = id.jurisdiction === undefined ? id : String(id);
    const target = { caller: this.#caller, callee: objectCallee(this.key, addressed), namespace: this, id };
    return makeStub(target, { id, name: id.name }) as DurableObjectStub;
  }

  getByName(name: string): DurableObjectStub {
    return this.get(this.idFromName(name));
  }

  jurisdiction(jurisdiction?: string): DurableObjectNamespace {
    if (jurisdiction === undefined) return this;
    return new DurableObjectNamespace(this.#caller, this.key, this.#ids.within(jurisdiction));
  }
}

/** A stub of an entrypoint of a Worker. */
export function serviceStub(caller: Caller, worker: string, entrypoint?: string, props?: unknown): Stub {
  return makeStub({ caller, callee: entrypointCallee(worker, entrypoint, props) }, {});
}

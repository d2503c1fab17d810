import { host } from "doemu-internal:platform/kernel.ts";
import { refuse, tag } from "doemu-internal:platform/globals.ts";
import { fetchVia } from "doemu-internal:platform/http/fetch.ts";
import { serialize } from "doemu-internal:platform/serialize/index.ts";
import type { DurableObjectId } from "./id.ts";
import { unwire } from "./answer.ts";

/** A stub's way to its object: bound to the object's place in memory at its first use. */
class Target {
  readonly #namespace: number;
  readonly #hex: string;
  readonly #name: string | undefined;
  #place = 0;

  constructor(namespace: number, hex: string, name: string | undefined) {
    this.#namespace = namespace;
    this.#hex = hex;
    this.#name = name;
  }

  #bind(): number {
    return (this.#place ||= host["stub.bind"](this.#namespace, this.#hex, this.#name));
  }

  async call(method: string, args: unknown[]): Promise<unknown> {
    const payload = args.length === 0 ? undefined : serialize(args);
    return unwire(await host["stub.call"](this.#namespace, this.#hex, this.#name, this.#bind(), method, payload));
  }

  fetcher(): number {
    return host["stub.fetcher"](this.#namespace, this.#hex, this.#name, this.#bind());
  }
}

const targets = new WeakMap<object, Target>();

/**
 * A stub: the way to a Durable Object from elsewhere. Every name that it has not got itself is a method
 * of the object.
 *
 * https://developers.cloudflare.com/durable-objects/api/stub/
 */
class DurableObjectStub {
  /** Sends a request to the object's fetch handler. */
  fetch(input: RequestInfo | URL, init?: RequestInit): Promise<Response> {
    return fetchVia(targets.get(this)!.fetcher(), input, init);
  }

  connect(): never {
    throw new Error("connect() is not implemented in doemu yet.");
  }
}
Object.defineProperty(DurableObjectStub, "name", { value: "DurableObject" });
tag(DurableObjectStub, "DurableObject");
refuse(DurableObjectStub, "ServiceStub cannot be serialized in this context.");
Object.defineProperty(DurableObjectStub.prototype, "constructor", { enumerable: false });

const methods: ProxyHandler<object> = {
  get(target, name, receiver) {
    if (typeof name === "symbol" || name === "then" || Reflect.has(target, name)) {
      const value = Reflect.get(target, name, receiver) as unknown;
      return typeof value === "function" && name !== "constructor" ? value.bind(target) : value;
    }
    const to = targets.get(target)!;
    return (...args: unknown[]) => to.call(name, args);
  },
  has: (target, name) => typeof name === "string" || Reflect.has(target, name),
};

/** Makes a stub. */
export function makeStub(namespace: number, id: DurableObjectId, hex: string): object {
  const stub = Object.create(DurableObjectStub.prototype, {
    name: { value: id.name, enumerable: true },
    id: { value: id, enumerable: true },
  }) as object;
  targets.set(stub, new Target(namespace, hex, id.name));
  return new Proxy(stub, methods);
}

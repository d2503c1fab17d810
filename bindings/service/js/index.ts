// Service bindings and the members of ctx.exports.

import { fetchVia } from "doemu-internal:platform/http/fetch.ts";
import { host } from "doemu-internal:platform/kernel.ts";
import { bindingKind } from "doemu-internal:platform/worker/bindings.ts";

declare module "doemu-internal:platform/kernel.ts" {
  interface Host {
    /** A fetcher handle for a service binding. */
    "service.fetcher"(service: number): number;
    /** A fetcher handle for an entrypoint of the Worker itself, with props as JSON. */
    "service.loopback"(entrypoint: string, props: string | undefined): number;
  }
}

const fetchers = new WeakMap<object, () => number>();

/**
 * The way to an entrypoint of a Worker.
 *
 * https://developers.cloudflare.com/workers/runtime-apis/bindings/service-bindings/http/
 */
class Fetcher {
  /** Sends a request to the entrypoint's fetch handler. */
  fetch(input: RequestInfo | URL, init?: RequestInit): Promise<Response> {
    return fetchVia(fetchers.get(this)!(), input, init);
  }
}
Object.defineProperty(Fetcher.prototype, Symbol.toStringTag, { value: "Fetcher", configurable: true });

// Names that a stub has not got itself are methods of the entrypoint.
const methods: ProxyHandler<object> = {
  get(target, name) {
    if (typeof name === "symbol" || name === "then" || Reflect.has(target, name)) {
      const value = Reflect.get(target, name) as unknown;
      return typeof value === "function" && name !== "constructor" ? value.bind(target) : value;
    }
    return () => {
      throw new Error(`RPC by service bindings is not implemented in doemu yet: ${name}() was called. fetch() is.`);
    };
  },
};

function stub(fetcher: () => number, shell: object = Object.create(Fetcher.prototype) as object): object {
  fetchers.set(shell, fetcher);
  return new Proxy(shell, methods);
}

bindingKind("service", ({ service }: { service: number }) => stub(() => host["service.fetcher"](service)));

// A member of ctx.exports is a stub, and a function that gives one with other props.
bindingKind("loopback", ({ entrypoint }: { entrypoint: string }) => {
  const withProps = ({ props }: { props?: unknown } = {}): object => {
    const json = props === undefined ? undefined : JSON.stringify(props);
    return stub(() => host["service.loopback"](entrypoint, json));
  };
  return stub(() => host["service.loopback"](entrypoint, undefined), Object.setPrototypeOf(withProps, Fetcher.prototype) as object);
});

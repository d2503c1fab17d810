// Service bindings and the members of ctx.exports.

import { fetchVia } from "doemu-internal:platform/http/fetch.ts";
import { Response } from "doemu-internal:platform/http/response.ts";
import { flag } from "doemu-internal:platform/flags.ts";
import { type Bytes, host } from "doemu-internal:platform/kernel.ts";
import { serialize } from "doemu-internal:platform/serialize/index.ts";
import { bindingKind } from "doemu-internal:platform/worker/bindings.ts";

declare module "doemu-internal:platform/kernel.ts" {
  interface Host {
    /** A fetcher handle for a service binding. */
    "service.fetcher"(service: number): number;
    /** Gives the Worker an event: its kind, and bytes or text as payload. The result is its outcome. */
    "service.event"(service: number, kind: string, payload: Bytes): Promise<Record<string, unknown>>;
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
  fetch(input: RequestInfo | URL, init?: object): Promise<Response> {
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

bindingKind("service", ({ service }: { service: number }) => {
  const shell = Object.create(Fetcher.prototype) as object;
  if (flag("service_binding_extra_handlers")) {
    Object.defineProperty(shell, "queue", {
      value: (queue: string, messages: unknown[]) => host["service.event"](service, "queue", serialize({ queue, messages })),
      configurable: true,
      writable: true,
    });
  }
  return stub(() => host["service.fetcher"](service), shell);
});

// A Worker that does not run here.
bindingKind("absent_service", ({ service }: { service: string }) => {
  const text = `Worker "${service}" not found. Make sure it is running locally.`;
  return new Proxy(Object.create(Fetcher.prototype) as object, {
    get(target, name) {
      if (name === "fetch") return async () => new Response(text, { status: 503 });
      if (typeof name === "symbol" || name === "then") return Reflect.get(target, name) as unknown;
      return async () => {
        throw new Error(text);
      };
    },
  });
});

// A member of ctx.exports is a stub, and a function that gives one with other props.
bindingKind("loopback", ({ entrypoint }: { entrypoint: string }) => {
  const withProps = ({ props }: { props?: unknown } = {}): object => {
    const json = props === undefined ? undefined : JSON.stringify(props);
    return stub(() => host["service.loopback"](entrypoint, json));
  };
  return stub(() => host["service.loopback"](entrypoint, undefined), Object.setPrototypeOf(withProps, Fetcher.prototype) as object);
});

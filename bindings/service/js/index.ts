// Service bindings and the members of ctx.exports.

import { flag } from "doemu-internal:platform/flags.ts";
import { type Bytes, host } from "doemu-internal:platform/kernel.ts";
import { ReferenceCallee, type ServiceCallee } from "doemu-internal:platform/rpc/callee.ts";
import type { Wire } from "doemu-internal:platform/rpc/host.ts";
import { serializePersistent } from "doemu-internal:platform/rpc/persistent.ts";
import { makeServiceStub, ServiceStub } from "doemu-internal:platform/rpc/service_stub.ts";
import { serialize } from "doemu-internal:platform/serialize/index.ts";
import { bindingKind } from "doemu-internal:platform/worker/bindings.ts";

declare module "doemu-internal:platform/kernel.ts" {
  interface Host {
    /** A fetcher handle for a service binding. */
    "service.fetcher"(service: number): number;
    /** A reference to what a service binding leads to. */
    "service.ref"(service: number): number;
    "service.call"(service: number, path: string, get: boolean, args: Bytes | undefined, refs: string): Promise<Wire>;
    /** Gives the Worker an event: its kind, and bytes or text as payload. The result is its outcome. */
    "service.event"(service: number, kind: string, payload: Bytes): Promise<Record<string, unknown>>;
    /** A reference to an entrypoint of the Worker itself, with serialized props. */
    "service.loopbackRef"(entrypoint: string, props: Bytes | undefined): number;
  }
}

/** The way to what a service binding names. */
class BindingCallee implements ServiceCallee {
  readonly #service: number;

  constructor(service: number) {
    this.#service = service;
  }

  call(path: string, get: boolean, args: Bytes | undefined, refs: string): Promise<Wire> {
    return host["service.call"](this.#service, path, get, args, refs);
  }
  ref(): number {
    return host["service.ref"](this.#service);
  }
  fetcher(): number {
    return host["service.fetcher"](this.#service);
  }
  token(): string {
    return new ReferenceCallee(this.ref()).token();
  }
}

bindingKind("service", ({ service }: { service: number }) => {
  const shell = Object.create(ServiceStub.prototype) as object;
  if (flag("service_binding_extra_handlers")) {
    Object.defineProperty(shell, "queue", {
      value: (queue: string, messages: unknown[]) => host["service.event"](service, "queue", serialize({ queue, messages })),
      configurable: true,
      writable: true,
    });
  }
  return makeServiceStub(new BindingCallee(service), shell);
});

/** The way to an entrypoint of the Worker itself. Its reference is made when it is first used: no image holds any. */
class LoopbackCallee implements ServiceCallee {
  readonly #entrypoint: string;
  readonly #props: Bytes | undefined;
  #made: ReferenceCallee | undefined;

  constructor(entrypoint: string, props: Bytes | undefined) {
    this.#entrypoint = entrypoint;
    this.#props = props;
  }

  get #callee(): ReferenceCallee {
    return (this.#made ??= new ReferenceCallee(host["service.loopbackRef"](this.#entrypoint, this.#props)));
  }
  call(path: string, get: boolean, args: Bytes | undefined, refs: string): Promise<Wire> {
    return this.#callee.call(path, get, args, refs);
  }
  ref(): number {
    return this.#callee.ref();
  }
  fetcher(): number {
    return this.#callee.fetcher();
  }
  token(): string {
    return this.#callee.token();
  }
}

// A member of ctx.exports is a stub, and a function that gives one with other props.
bindingKind("loopback", ({ entrypoint }: { entrypoint: string }) => {
  const withProps = ({ props }: { props?: unknown } = {}): object =>
    makeServiceStub(new LoopbackCallee(entrypoint, props === undefined ? undefined : serializePersistent(props)));
  return makeServiceStub(
    new LoopbackCallee(entrypoint, undefined),
    Object.setPrototypeOf(withProps, ServiceStub.prototype) as object,
  );
});

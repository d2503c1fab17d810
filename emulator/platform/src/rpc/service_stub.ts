// Stubs of entrypoints and objects: what service bindings and Durable Object namespaces give.

import { flag } from "../flags.ts";
import { refuse, tag } from "../globals.ts";
import { fetchVia } from "../http/fetch.ts";
import type { Response } from "../http/response.ts";
import { hostType } from "../serialize/index.ts";
import { hostTags } from "../serialize/tags.ts";
import { ReferenceCallee, type ServiceCallee } from "./callee.ts";
import { pathText } from "./host.ts";
import { makePromise, Node, nodeOf, proxyOf, type RpcPromise, send } from "./stub.ts";

type Key = string | symbol;

/** What stands behind a stub of an entrypoint or an object. */
export class ServiceNode extends Node implements ProxyHandler<object> {
  readonly callee: ServiceCallee;

  constructor(callee: ServiceCallee) {
    super();
    this.callee = callee;
  }

  request(path: string[], get: boolean, args: unknown[]): Promise<unknown> {
    return send(this.callee, pathText(path), get, args);
  }

  override callMember(name: string, args: unknown[]): RpcPromise {
    return makePromise(send(this.callee, name.startsWith("[") ? pathText([name]) : name, false, args));
  }

  get(target: object, name: Key, receiver: unknown): unknown {
    if (typeof name === "symbol" || name === "then" || name in target) return Reflect.get(target, name, receiver);
    return offersMethods(name) ? this.property(name) : undefined;
  }

  has(target: object, name: Key): boolean {
    return typeof name === "string" || Reflect.has(target, name);
  }
}

let warned = false;

// Before the flag rpc a name that is not there was not there.
let rpc = false;

function offersMethods(name: string): boolean {
  if (rpc) return true;
  if (!warned && name !== "idFromName") {
    warned = true;
    console.warn(
      `WARNING: Tried to access method or property '${name}' on a Service Binding or Durable Object stub. Are you trying to ` +
        "use RPC? If so, please enable the 'rpc' compat flag or update your compat date to 2024-04-03 or later (see " +
        "https://developers.cloudflare.com/workers/configuration/compatibility-dates/ ). If you are not trying to use RPC, " +
        "please note that in the future, this property (and all other property names) will appear to be present as an RPC " +
        "method.",
    );
  }
  return false;
}

function calleeOf(value: unknown): ServiceCallee {
  const node = nodeOf(value);
  if (!(node instanceof ServiceNode)) throw new TypeError("Illegal invocation");
  return node.callee;
}

/**
 * The way to an entrypoint of a Worker or to an object. Names that it has not got itself are methods there.
 *
 * https://developers.cloudflare.com/workers/runtime-apis/bindings/service-bindings/
 */
export class ServiceStub {
  constructor() {
    throw new TypeError("Illegal constructor");
  }

  /** Sends a request to the fetch handler. */
  fetch(input: RequestInfo | URL, init?: object): Promise<Response> {
    return fetchVia(() => calleeOf(this).fetcher(), input, init);
  }

  connect(): never {
    throw new Error("connect() is not implemented in doemu yet.");
  }
}
Object.defineProperty(ServiceStub, "name", { value: "Fetcher" });
tag(ServiceStub, "Fetcher");
refuse(ServiceStub, "ServiceStub cannot be serialized in this context.");

type Members = Record<string, (this: ServiceStub, ...args: never[]) => unknown>;

function offer(methods: Members): void {
  for (const [name, value] of Object.entries(methods)) {
    Object.defineProperty(ServiceStub.prototype, name, { value, writable: true, configurable: true });
  }
}

/** Adds the methods that depend on compatibility flags, once these are known. */
export function configureServiceStubs(): void {
  rpc = flag("rpc") || flag("experimental");
  if (flag("experimental")) {
    offer({
      getRpcMethodForTestOnly(name: string) {
        return nodeOf(this)!.property(name);
      },
    });
  }
  if (!flag("fetcher_no_get_put_delete")) offer(oldMethods);
}

// What stubs had before RPC: a request and its success in one call.
const oldMethods: Members = {
  async get(this: ServiceStub, url: string, as = "text") {
    const response = await this.fetch(url, { method: "GET" });
    if (response.status === 404 || response.status === 410) return null;
    mustBeOk("GET", response);
    switch (as) {
      case "stream":
        return response.body;
      case "text":
        return response.text();
      case "arrayBuffer":
        return response.arrayBuffer();
      case "json":
        return response.json();
    }
    throw new TypeError("Unknown response type. Possible types are \"text\", \"arrayBuffer\", \"json\", and \"stream\".");
  },
  async put(this: ServiceStub, url: string, body: unknown, options: { expiration?: number; expirationTtl?: number } = {}) {
    const to = new URL(url, "https://fake-host");
    if (options.expiration !== undefined) to.searchParams.append("expiration", String(options.expiration));
    if (options.expirationTtl !== undefined) to.searchParams.append("expiration_ttl", String(options.expirationTtl));
    mustBeOk("PUT", await this.fetch(to.href, { method: "PUT", body }));
  },
  async delete(this: ServiceStub, url: string) {
    mustBeOk("DELETE", await this.fetch(url, { method: "DELETE" }));
  },
};

function mustBeOk(method: string, response: Response): void {
  if (!response.ok) throw new Error(`HTTP ${method} request failed: ${response.status} ${response.statusText}`);
}

/** Makes a stub; what it has itself stands on the shell, whose prototype is that of its class. */
export const makeServiceStub = (callee: ServiceCallee, shell = Object.create(ServiceStub.prototype) as object): object =>
  proxyOf(new ServiceNode(callee), shell);

hostType(ServiceStub, {
  tag: hostTags.serviceStub,
  byReference: true,
  write() {
    throw new TypeError("Illegal invocation"); // stubs are proxies: see Outgoing.write
  },
  read: (from) => makeServiceStub(new ReferenceCallee(from.references!.next("f"))) as ServiceStub,
});

import { type Bytes, host } from "doemu-internal:platform/kernel.ts";
import { refuse, tag } from "doemu-internal:platform/globals.ts";
import { ReferenceCallee, type ServiceCallee } from "doemu-internal:platform/rpc/callee.ts";
import type { Wire } from "doemu-internal:platform/rpc/host.ts";
import { ServiceNode, ServiceStub } from "doemu-internal:platform/rpc/service_stub.ts";
import { proxyOf } from "doemu-internal:platform/rpc/stub.ts";
import type { DurableObjectId } from "./id.ts";

/** A stub's way to its object: bound to the object's place in memory at its first use. */
class ObjectCallee implements ServiceCallee {
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

  call(path: string, get: boolean, args: Bytes | undefined, refs: string): Promise<Wire> {
    return host["stub.call"](this.#namespace, this.#hex, this.#name, this.#bind(), path, get, args, refs);
  }

  ref(): number {
    return host["stub.ref"](this.#namespace, this.#hex, this.#name);
  }

  token(): string {
    return new ReferenceCallee(this.ref()).token();
  }

  fetcher(): number {
    return host["stub.fetcher"](this.#namespace, this.#hex, this.#name, this.#bind());
  }
}

/**
 * A stub: the way to a Durable Object from elsewhere. Every name that it has not got itself is a method
 * of the object.
 *
 * https://developers.cloudflare.com/durable-objects/api/stub/
 */
class DurableObjectStub extends ServiceStub {}
Object.defineProperty(DurableObjectStub, "name", { value: "DurableObject" });
tag(DurableObjectStub, "DurableObject");
refuse(DurableObjectStub, "ServiceStub cannot be serialized in this context.");
Object.defineProperty(DurableObjectStub.prototype, "constructor", { enumerable: false });

/** What stands behind a stub: its name and id are there to be read. */
class ObjectNode extends ServiceNode {
  set(target: object, name: string | symbol, value: unknown): boolean {
    return name !== "name" && name !== "id" && Reflect.set(target, name, value);
  }
}

/** Makes a stub. */
export function makeStub(namespace: number, id: DurableObjectId, hex: string): object {
  const shell = Object.create(DurableObjectStub.prototype) as { name: unknown; id: DurableObjectId };
  shell.name = id.name;
  shell.id = id;
  return proxyOf(new ObjectNode(new ObjectCallee(namespace, hex, id.name)), shell);
}

import { tag } from "doemu-internal:platform/globals.ts";
import { host } from "doemu-internal:platform/kernel.ts";
import { bindingKind } from "doemu-internal:platform/worker/bindings.ts";
import { standsFor } from "./actor_class.ts";
import { internal, onlyInternal, optionsArgument, wrongType } from "./args.ts";
import { type DurableObjectId, hex, isId, makeId } from "./id.ts";
import { makeStub } from "./stub.ts";
import { evictable } from "./unsafe.ts";

const className = "DurableObjectNamespace";
const mostHexes = 200;

/**
 * All objects of a class.
 *
 * https://developers.cloudflare.com/durable-objects/api/namespace/
 */
export class DurableObjectNamespace {
  readonly #number: number;
  readonly #jurisdiction: string | undefined;
  readonly #hexes = new Map<string, string>();

  constructor(key: unknown, number: number, jurisdiction?: string) {
    onlyInternal(key);
    this.#number = number;
    this.#jurisdiction = jurisdiction;
  }

  /** An id that no object has yet. */
  newUniqueId(options?: { jurisdiction?: string }): DurableObjectId {
    const o = optionsArgument<{ jurisdiction: string }>(options, "newUniqueId", className, 1, "NewUniqueIdOptions");
    const jurisdiction = o.jurisdiction ?? this.#jurisdiction;
    return makeId(host["id.unique"](this.#number, jurisdiction), undefined, jurisdiction);
  }

  /** The id of a name; always the same. */
  idFromName(name: string): DurableObjectId {
    if (arguments.length === 0) throw wrongType("idFromName", className, 1, "string");
    const text = `${name}`;
    return makeId(this.#hexOf(text), text, this.#jurisdiction);
  }

  // The digits of a name's id, which is a hash: they are kept for the names of late.
  #hexOf(name: string): string {
    let digits = this.#hexes.get(name);
    if (digits === undefined) {
      digits = host["id.fromName"](this.#number, name, this.#jurisdiction);
      if (this.#hexes.size === mostHexes) this.#hexes.clear();
      this.#hexes.set(name, digits);
    }
    return digits;
  }

  // One machine is one place: people see what was asked for.
  #locate(digits: string, hint: string | undefined): void {
    if (hint !== undefined) host["stub.locate"](this.#number, digits, `${hint}`);
  }

  /** The id that toString() gave. */
  idFromString(digits: string): DurableObjectId {
    if (arguments.length === 0) throw wrongType("idFromString", className, 1, "string");
    const text = host["id.fromString"](this.#number, `${digits}`, this.#jurisdiction);
    return makeId(text, undefined, host["id.jurisdiction"](this.#number, text));
  }

  /** A stub for the object with an id. The object is made when it is first called. */
  get(id: DurableObjectId, options?: object): object {
    if (!isId(id)) throw wrongType("get", className, 1, "DurableObjectId");
    const { locationHint } = checkOptions(options, "get");
    if (this.#jurisdiction !== undefined && id.jurisdiction !== this.#jurisdiction) {
      throw new TypeError("get called on jurisdictional subnamespace with an ID from a different jurisdiction");
    }
    this.#locate(hex(id), locationHint);
    return evictable(makeStub(this.#number, id, hex(id)), this.#number, hex(id));
  }

  /** A stub for the object with a name. */
  getByName(name: string, options?: object): object {
    if (arguments.length === 0) throw wrongType("getByName", className, 1, "string");
    const { locationHint } = checkOptions(options, "getByName");
    const text = `${name}`;
    const digits = this.#hexOf(text);
    this.#locate(digits, locationHint);
    return evictable(makeStub(this.#number, makeId(digits, text, this.#jurisdiction), digits), this.#number, digits);
  }

  /** The part of the namespace whose objects stay in a jurisdiction. */
  jurisdiction(jurisdiction?: string): DurableObjectNamespace {
    if (jurisdiction === undefined || jurisdiction === null) return new DurableObjectNamespace(internal, this.#number);
    return new DurableObjectNamespace(internal, this.#number, `${jurisdiction}`);
  }
}
tag(DurableObjectNamespace, className);

interface StubOptions {
  routingMode?: string;
  locationHint?: string;
}

function checkOptions(options: unknown, method: string): StubOptions {
  if (options === undefined) return {};
  const o = optionsArgument<{ routingMode: string; locationHint: string }>(options, method, className, 2, "GetDurableObjectOptions");
  if (o.routingMode !== undefined && o.routingMode !== "primary-only") {
    throw new RangeError(`unknown routingMode: ${o.routingMode}`);
  }
  return o;
}

// A namespace of ctx.exports stands for its class too, which facets take.
bindingKind("durable_object_namespace", ({ namespace, exported }: { namespace: number; exported?: string }) => {
  const made = new DurableObjectNamespace(internal, namespace);
  if (exported !== undefined) standsFor(made, exported);
  return made;
});

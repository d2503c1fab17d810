// Classes of Durable Objects as values: what facets are made of.

import { readText } from "doemu-internal:platform/serialize/hostreader.ts";
import { writeText } from "doemu-internal:platform/serialize/hostwriter.ts";
import { hostType } from "doemu-internal:platform/serialize/index.ts";
import { hostTags } from "doemu-internal:platform/serialize/tags.ts";
import { tag } from "doemu-internal:platform/globals.ts";
import { serializePersistent } from "doemu-internal:platform/rpc/persistent.ts";
import { bindingKind } from "doemu-internal:platform/worker/bindings.ts";
import { internal, onlyInternal } from "./args.ts";

/** What a class is: an export of the Worker, and the props that its objects get. */
interface Parts {
  exported: string;
  props: Uint8Array<ArrayBuffer> | undefined;
}

let partsOf: (value: unknown) => Parts | undefined;

/**
 * A class of Durable Objects, with props.
 *
 * https://developers.cloudflare.com/durable-objects/api/state/#facets
 */
export class DurableObjectClass {
  readonly #parts: Parts;

  static {
    partsOf = (value) => (typeof value === "object" && value !== null && #parts in value ? value.#parts : undefined);
  }

  constructor(key: unknown, parts: Parts) {
    onlyInternal(key);
    this.#parts = parts;
  }
}
tag(DurableObjectClass, "DurableObjectClass");

// Functions and namespaces of ctx.exports stand for classes too.
const exported = new WeakMap<object, string>();

/** Lets a value stand for the class of an export, without props. */
export function standsFor(value: object, name: string): void {
  exported.set(value, name);
}

/** The class that a value is or stands for; undefined for other values. */
export function classOf(value: unknown): Parts | undefined {
  const parts = partsOf(value);
  if (parts !== undefined || ((typeof value !== "object" || value === null) && typeof value !== "function")) return parts;
  const name = exported.get(value);
  return name === undefined ? undefined : { exported: name, props: undefined };
}

// A member of ctx.exports is the class without props, and a function that gives it with some.
bindingKind("actor_class", ({ entrypoint }: { entrypoint: string }) => {
  const withProps = ({ props }: { props?: unknown } = {}): DurableObjectClass =>
    new DurableObjectClass(internal, { exported: entrypoint, props: props === undefined ? undefined : serializePersistent(props) });
  standsFor(withProps, entrypoint);
  return withProps;
});

hostType(DurableObjectClass, {
  tag: hostTags.actorClass,
  write(to, value) {
    const { exported: name, props } = partsOf(value)!;
    writeText(to, name);
    to.out.varint(props === undefined ? 0 : props.byteLength);
    if (props !== undefined) to.out.raw(props);
  },
  read(from) {
    const name = readText(from);
    const size = from.in.varint();
    return new DurableObjectClass(internal, { exported: name, props: size === 0 ? undefined : from.in.take(size).slice() });
  },
});

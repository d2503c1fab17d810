// Values on their way between isolates: the bytes of the structured clone, and references beside them.
// Where there are references, a head stands before the bytes: 0xFE, the references' letters and numbers,
// a line feed.

import { DOMException } from "../errors.ts";
import { noSupport } from "../globals.ts";
import { type Bytes, host } from "../kernel.ts";
import { kindOf } from "../serialize/classes.ts";
import { deserialize, serializeWith } from "../serialize/index.ts";
import { damaged } from "../serialize/input.ts";
import type { IncomingReferences, OutgoingReferences, ReferenceKind } from "../serialize/references.ts";
import { hostTags, tags } from "../serialize/tags.ts";
import type { Writer } from "../serialize/writer.ts";
import { ReferenceCallee } from "./callee.ts";
import { exportFunction, exportProxy } from "./exports.ts";
import type { Wire } from "./host.ts";
import { ServiceNode } from "./service_stub.ts";
import type { Session } from "./session.ts";
import { nodeOf, PropertyNode, StubNode, stubsStay } from "./stub.ts";

/** The most bytes that a call's arguments or its result may have. */
export const mostBytes = 32 << 20;

const headMark = 0xfe;

/** A value that is ready to be sent. */
export class Outgoing implements OutgoingReferences {
  readonly duplicates: boolean;
  readonly session: Session | undefined;
  bytes: Uint8Array<ArrayBuffer> | undefined;
  readonly #numbers: number[] = [];
  readonly #after: (() => void)[] = [];
  #disposer: number | undefined;

  constructor(duplicates: boolean, session?: Session) {
    this.duplicates = duplicates;
    this.session = session;
  }

  /** Serializes the value; what was made for it is taken back if that fails. */
  pack(value: unknown): this {
    try {
      const out = serializeWith(this, mostBytes, value);
      if (out.size > mostBytes) {
        throw new Error(
          `Serialized RPC arguments or return values are limited to 32MiB, but the size of this value was: ${out.size} bytes.`,
        );
      }
      this.bytes = out.view();
    } catch (error) {
      this.drop();
      throw error;
    }
    return this;
  }

  /** The references as the ops take them. */
  get text(): string {
    if (this.#disposer !== undefined) return [...this.#numbers, `d${this.#disposer}`].join(",");
    return this.#numbers.length === 0 ? "" : this.#numbers.join(",");
  }

  write(to: Writer, value: object): void {
    const node = nodeOf(value);
    to.out.byte(tags.hostObject);
    if (node instanceof ServiceNode) {
      to.out.varint(hostTags.serviceStub);
      this.add(node.callee.ref());
      return;
    }
    to.out.varint(hostTags.rpcStub);
    if (node instanceof StubNode) {
      this.add(node.callee.ref());
      if (!this.duplicates) this.afterwards(() => node.dispose());
    } else if (node !== undefined) {
      throw new DOMException(noSupport(node instanceof PropertyNode ? "RpcProperty" : "RpcPromise"), "DataCloneError");
    } else {
      this.add((kindOf(value) === "proxy" ? exportProxy : exportFunction)(value, this));
    }
  }

  add(number: number): void {
    this.#numbers.push(number);
  }

  /** Has something disposed of when the receiver has no more use for the value. */
  disposeWith(number: number): void {
    this.#disposer = number;
  }

  afterwards(work: () => void): void {
    this.#after.push(work);
  }

  /** The value is on its way. */
  sent(): void {
    for (const work of this.#after) work();
  }

  /** The value will not be sent. */
  drop(): void {
    for (const number of this.#numbers) host["rpc.drop"](number);
    if (this.#disposer !== undefined) host["rpc.drop"](this.#disposer);
  }
}

/** No arguments. */
export const nothing = new Outgoing(false);

/** Packs the arguments of a call. */
export const packArguments = (args: unknown[]): Outgoing => new Outgoing(stubsStay()).pack(args);

/** The stubs that came with a value, which are disposed of together. */
export class Group {
  readonly #stubs: StubNode[] = [];
  #disposer: ReferenceCallee | undefined;

  get empty(): boolean {
    return this.#stubs.length === 0 && this.#disposer === undefined;
  }

  add(stub: StubNode): void {
    this.#stubs.push(stub);
  }

  setDisposer(ref: number): void {
    this.#disposer = new ReferenceCallee(ref);
  }

  dispose(): void {
    for (const stub of this.#stubs) stub.dispose();
    this.#stubs.length = 0;
    this.#disposer?.drop();
    this.#disposer = undefined;
  }
}

/** The references of a value that came, and what the objects that are made of them belong to. */
export class Incoming implements IncomingReferences {
  readonly group: Group;
  readonly session: Session | undefined;
  readonly #list: [letter: string, number: number][];
  #at = 0;

  constructor(list: [string, number][], group: Group, session: Session | undefined) {
    this.#list = list;
    this.group = group;
    this.session = session;
  }

  next(kind: ReferenceKind): number {
    const entry = this.#list[this.#at++];
    if (entry?.[0] !== kind) throw damaged();
    return entry[1];
  }
}

/** The value that came. Its stubs belong to the group, and to the session if there is one. */
export function unpack(wire: Wire, group: Group, session?: Session): unknown {
  if (!(wire instanceof ArrayBuffer)) return wire;
  const bytes = new Uint8Array(wire);
  if (bytes[0] !== headMark) return deserialize(bytes, new Incoming([], group, session));
  const end = bytes.indexOf(0x0a);
  const list: [string, number][] = [];
  for (const item of String.fromCharCode(...bytes.subarray(1, end)).split(",")) {
    const number = Number(item.slice(1));
    if (item.startsWith("d")) group.setDisposer(number);
    else if (item !== "") list.push([item[0]!, number]);
  }
  return deserialize(bytes.subarray(end + 1), new Incoming(list, group, session));
}

const nothingToDispose = (): void => {};

/** The result of a call: an object gets a disposer for the stubs that came with it. */
export function receive(wire: Wire): unknown {
  if (typeof wire !== "object" || wire === null) return wire;
  if (!(wire instanceof ArrayBuffer)) {
    Object.defineProperty(wire, Symbol.dispose, { value: nothingToDispose, writable: true, configurable: true });
    return wire;
  }
  const group = new Group();
  const value = unpack(wire, group);
  if ((typeof value === "object" && value !== null) || typeof value === "function") {
    if (nodeOf(value) === undefined) {
      const dispose = group.empty ? nothingToDispose : () => group.dispose();
      Object.defineProperty(value, Symbol.dispose, { value: dispose, writable: true, configurable: true });
    }
  }
  return value;
}

/** A copy of a value that came, with stubs of its own. */
export function copy(value: unknown): unknown {
  if (value === null || (typeof value !== "object" && typeof value !== "function")) return value;
  const packed = new Outgoing(true).pack(value);
  const result = receive(host["rpc.own"](packed.bytes!, packed.text));
  packed.sent();
  return result;
}

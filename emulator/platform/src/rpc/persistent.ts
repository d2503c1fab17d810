// Stubs that outlive their isolate: stored ones, and those in ctx.props. They are written as a token, by
// which Go finds what they lead to.

import { DOMException } from "../errors.ts";
import { host } from "../kernel.ts";
import { deserialize, serializeWith } from "../serialize/index.ts";
import type { OutgoingReferences } from "../serialize/references.ts";
import { writeText } from "../serialize/hostwriter.ts";
import { hostTags, tags } from "../serialize/tags.ts";
import { cannotClone, refusePlatformObject } from "../serialize/uncloneable.ts";
import type { Writer } from "../serialize/writer.ts";
import { ReferenceCallee } from "./callee.ts";
import { makeServiceStub, ServiceNode } from "./service_stub.ts";
import { nodeOf } from "./stub.ts";

/** Writes stubs of services as tokens, and refuses all other references. */
class Tokens implements OutgoingReferences {
  readonly duplicates = false;
  readonly tokens = true;

  write(to: Writer, value: object): void {
    const node = nodeOf(value);
    if (!(node instanceof ServiceNode)) {
      refusePlatformObject(value);
      throw cannotClone(value, "proxy");
    }
    to.out.byte(tags.hostObject);
    to.out.varint(hostTags.serviceStub);
    writeText(to, node.callee.token());
  }

  add(): never {
    throw new DOMException("Streams and signals cannot be stored.", "DataCloneError");
  }

  afterwards(): void {}
}

/** Serializes a value whose stubs of services outlive the isolate. */
export const serializePersistent = (value: unknown): Uint8Array<ArrayBuffer> =>
  serializeWith(new Tokens(), Infinity, value).bytes();

/** The value that was serialized so. */
export const deserializePersistent = (bytes: ArrayBuffer): unknown => deserialize(bytes, undefined, stubOf);

/** The stub of a token. */
const stubOf = (token: string): object => makeServiceStub(new ReferenceCallee(host["rpc.fromToken"](token)));

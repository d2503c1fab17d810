import { networkLost } from "../errors.ts";
import { tag } from "../globals.ts";
import { TransformStream } from "../vendor/streams.js";
import { bytesOf, encodeText } from "../encoding/text.ts";

type Controller = { enqueue(bytes: Uint8Array): void; error(reason: unknown): void };

function chunk(value: unknown): Uint8Array<ArrayBuffer> {
  if (typeof value === "string") return encodeText(value);
  if (value instanceof ArrayBuffer || ArrayBuffer.isView(value)) return bytesOf(value).slice();
  throw new TypeError("This TransformStream is being used as a byte stream, but received an object of non-ArrayBuffer/ArrayBufferView/string type on its writable side.");
}

/**
 * A transform that passes bytes through.
 *
 * https://developers.cloudflare.com/workers/runtime-apis/streams/transformstream/#identitytransformstream
 */
export class IdentityTransformStream extends TransformStream {
  constructor() {
    super({ transform: (value: unknown, controller: Controller) => controller.enqueue(chunk(value)) });
    identities.add((this as unknown as { readable: object }).readable);
  }
}
tag(IdentityTransformStream, "IdentityTransformStream");

const identities = new WeakSet<object>();

/** What a stream is cancelled with when its reader is gone: who writes to a transform of bytes gets an error. */
export const cancelReason = (stream: object): Error | undefined => (identities.has(stream) ? networkLost() : undefined);

const lengths = new WeakMap<object, number>();

/** The number of bytes that a stream is known to give, if it is. */
export const knownLength = (stream: object): number | undefined => lengths.get(stream);

/** Says how many bytes a stream gives. */
export const setLength = (stream: object, length: number): void => {
  lengths.set(stream, length);
};

/**
 * A transform that passes a known number of bytes through.
 *
 * https://developers.cloudflare.com/workers/runtime-apis/streams/transformstream/#fixedlengthstream
 */
export class FixedLengthStream extends TransformStream {
  constructor(length: number | bigint) {
    const total = Number(length);
    let seen = 0;
    super({
      transform(value: unknown, controller: Controller) {
        const bytes = chunk(value);
        seen += bytes.byteLength;
        if (seen > total) throw new TypeError("Attempt to write too many bytes through a FixedLengthStream.");
        controller.enqueue(bytes);
      },
      flush() {
        if (seen < total) throw new TypeError("FixedLengthStream did not see all expected bytes before close().");
      },
    });
    const { readable } = this as unknown as { readable: object };
    identities.add(readable);
    lengths.set(readable, total);
  }
}
tag(FixedLengthStream, "FixedLengthStream");

import { DOMException } from "../errors.ts";
import { defineGlobals, tag } from "../globals.ts";
import { type Bytes, host } from "../kernel.ts";
import { bytesOf } from "../encoding/text.ts";

declare module "../kernel.ts" {
  interface Host {
    /** Fills bytes in place. */
    "crypto.random"(bytes: Bytes): void;
    "crypto.uuid"(): string;
    /** The digest of bytes, or undefined for an algorithm that is not known. */
    "crypto.digest"(algorithm: string, bytes: Bytes): ArrayBuffer | undefined;
  }
}

const integerArrays = [
  Int8Array, Uint8Array, Uint8ClampedArray, Int16Array, Uint16Array, Int32Array, Uint32Array, BigInt64Array,
  BigUint64Array,
];

const later = [
  "decrypt", "deriveBits", "deriveKey", "encrypt", "exportKey", "generateKey", "importKey", "sign", "unwrapKey", "verify",
  "wrapKey",
];

/** https://developers.cloudflare.com/workers/runtime-apis/web-crypto/ */
class SubtleCrypto {
  async digest(algorithm: string | { name: string }, data: ArrayBuffer | ArrayBufferView): Promise<ArrayBuffer> {
    const name = typeof algorithm === "string" ? algorithm : algorithm?.name;
    const digest = host["crypto.digest"](`${name}`, bytesOf(data));
    if (digest === undefined) throw new DOMException(`Unrecognized or unimplemented digest algorithm requested: ${name}`, "NotSupportedError");
    return digest;
  }
  timingSafeEqual(a: ArrayBuffer | ArrayBufferView, b: ArrayBuffer | ArrayBufferView): boolean {
    const [x, y] = [bytesOf(a), bytesOf(b)];
    if (x.byteLength !== y.byteLength) throw new TypeError("Input buffers must have the same byte length.");
    let difference = 0;
    for (let n = 0; n < x.length; n++) difference |= x[n]! ^ y[n]!;
    return difference === 0;
  }
}
tag(SubtleCrypto, "SubtleCrypto");
for (const name of later) {
  Object.defineProperty(SubtleCrypto.prototype, name, {
    value: async () => {
      throw new DOMException(`crypto.subtle.${name}() is not implemented in doemu yet.`, "NotSupportedError");
    },
    writable: true,
    configurable: true,
    enumerable: true,
  });
}

/** https://developer.mozilla.org/docs/Web/API/Crypto */
class Crypto {
  readonly #subtle = new SubtleCrypto();
  get subtle(): SubtleCrypto {
    return this.#subtle;
  }
  getRandomValues<T extends ArrayBufferView>(array: T): T {
    if (!integerArrays.some((type) => array instanceof type)) {
      throw new DOMException("getRandomValues() only accepts integer-typed ArrayBufferViews.", "TypeMismatchError");
    }
    if (array.byteLength > 65536) {
      throw new DOMException(
        `getRandomValues() only accepts buffers of size <= 64K but provided ${array.byteLength} bytes.`,
        "QuotaExceededError",
      );
    }
    host["crypto.random"](bytesOf(array));
    return array;
  }
  randomUUID(): string {
    return host["crypto.uuid"]();
  }
}
tag(Crypto, "Crypto");

/**
 * The class of keys, for what asks whether it has one: no operation here makes any yet.
 *
 * https://developer.mozilla.org/docs/Web/API/CryptoKey
 */
class CryptoKey {
  constructor() {
    throw new TypeError("Illegal constructor");
  }
}
tag(CryptoKey, "CryptoKey");

defineGlobals({ crypto: new Crypto(), Crypto, CryptoKey, SubtleCrypto });

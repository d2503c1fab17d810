// Durable Object ids, computed as workerd and doemu do: the same class and name give the same id.
// https://developers.cloudflare.com/durable-objects/api/id/

import { createHash, createHmac, randomBytes, timingSafeEqual } from "node:crypto";

const jurisdictions = ["eu", "fedramp", "fedramp-high", "us"];

/** The id of an object. */
export class DurableObjectId {
  readonly #hex: string;
  readonly name: string | undefined;
  readonly jurisdiction: string | undefined;

  /** @internal */
  constructor(hex: string, name: string | undefined, jurisdiction: string | undefined) {
    this.#hex = hex;
    this.name = name;
    this.jurisdiction = jurisdiction;
  }

  /** 64 hex digits. */
  toString(): string {
    return this.#hex;
  }

  equals(other: { toString(): string }): boolean {
    return this.#hex === String(other);
  }
}

/** Makes and checks the ids of a class, which is known by its unique key, <worker>-<Class>. */
export class Ids {
  readonly #root: Buffer;
  readonly #key: Buffer;
  readonly jurisdiction: string | undefined;

  constructor(uniqueKey: string | Buffer, jurisdiction?: string) {
    this.#root = typeof uniqueKey === "string" ? createHash("sha256").update(uniqueKey).digest() : uniqueKey;
    this.jurisdiction = jurisdiction;
    this.#key = jurisdiction === undefined ? this.#root : createHmac("sha256", this.#root).update(`jurisdiction\0${jurisdiction}`).digest();
  }

  within(jurisdiction: string): Ids {
    if (!jurisdictions.includes(jurisdiction)) {
      const known = jurisdictions.map((j) => `"${j}"`).join(", ");
      throw new TypeError(`Invalid jurisdiction: "${jurisdiction}". Durable Object jurisdictions are ${known}.`);
    }
    return new Ids(this.#root, jurisdiction);
  }

  fromName(name: string): DurableObjectId {
    return new DurableObjectId(this.#seal(this.#mac(encode(name))), name, this.jurisdiction);
  }

  unique(): DurableObjectId {
    return new DurableObjectId(this.#seal(randomBytes(16)), undefined, this.jurisdiction);
  }

  fromString(text: string): DurableObjectId {
    if (!/^[0-9a-fA-F]{64}$/.test(text)) {
      throw new TypeError("Invalid Durable Object ID: must be 64 hex digits");
    }
    const hex = text.toLowerCase();
    for (const jurisdiction of [undefined, ...jurisdictions]) {
      const ids = new Ids(this.#root, jurisdiction);
      const sealed = ids.#seal(Buffer.from(hex.slice(0, 32), "hex"));
      if (timingSafeEqual(Buffer.from(sealed), Buffer.from(hex))) return new DurableObjectId(hex, undefined, jurisdiction);
    }
    throw new TypeError("Durable Object ID is not valid for this namespace.");
  }

  #seal(base: Buffer): string {
    return Buffer.concat([base, this.#mac(base)]).toString("hex");
  }

  #mac(message: Buffer): Buffer {
    return createHmac("sha256", this.#key).update(message).digest().subarray(0, 16);
  }
}

// A name may have lone surrogates: each is hashed in its three-byte form.
function encode(name: string): Buffer {
  return Buffer.concat(
    Array.from(name, (character) => {
      const code = character.codePointAt(0)!;
      if (code < 0xd800 || code > 0xdfff) return Buffer.from(character);
      return Buffer.from([0xe0 | (code >> 12), 0x80 | ((code >> 6) & 0x3f), 0x80 | (code & 0x3f)]);
    }),
  );
}

import { tag } from "doemu-internal:platform/globals.ts";
import { internal, onlyInternal, wrongType } from "./args.ts";

let hexOf: (id: DurableObjectId) => string;

/**
 * The identity of a Durable Object.
 *
 * https://developers.cloudflare.com/durable-objects/api/id/
 */
export class DurableObjectId {
  readonly #hex: string;
  declare readonly name: string | undefined;
  declare readonly jurisdiction: string | undefined;

  static {
    hexOf = (id) => id.#hex;
  }

  constructor(key: unknown, hex: string, name: string | undefined, jurisdiction: string | undefined) {
    onlyInternal(key);
    this.#hex = hex;
    Object.defineProperty(this, "jurisdiction", { value: jurisdiction, enumerable: true });
    Object.defineProperty(this, "name", { value: name, enumerable: true });
  }

  /** The id as 64 hex digits. */
  toString(): string {
    return this.#hex;
  }

  /** Tells whether another id names the same object. */
  equals(other: DurableObjectId): boolean {
    if (!isId(other)) throw wrongType("equals", "DurableObjectId", 1, "DurableObjectId");
    return other.#hex === this.#hex;
  }

  /** Tells ids from other objects, without trusting prototypes. */
  static is(value: unknown): value is DurableObjectId {
    return typeof value === "object" && value !== null && #hex in value;
  }
}
tag(DurableObjectId, "DurableObjectId");
export const isId = DurableObjectId.is;
delete (DurableObjectId as { is?: unknown }).is;

/** The 64 hex digits of an id. */
export const hex = (id: DurableObjectId): string => hexOf(id);

/** Makes an id object. */
export const makeId = (digits: string, name?: string, jurisdiction?: string): DurableObjectId =>
  new DurableObjectId(internal, digits, name, jurisdiction);

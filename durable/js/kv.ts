import { tag } from "doemu-internal:platform/globals.ts";
import { host } from "doemu-internal:platform/kernel.ts";
import { onlyInternal, wrongType } from "./args.ts";
import { listKeys, readValue } from "./listing.ts";
import { store } from "./stored.ts";

const unavailable =
  "The storage.kv (synchronous KV) API is only available for SQLite-backed Durable Objects, but this object's " +
  "namespace is not declared to use SQLite. You can use the older, asyncronous interface via methods of `storage` " +
  "itself (e.g. `storage.get()`). Alternatively, to enable SQLite, change `new_classes` to `new_sqlite_classes` " +
  "within the 'migrations' field in your wrangler.jsonc or wrangler.toml file. If using workerd directly, set " +
  "`enableSql = true` in your workerd config for the class. Note that this change cannot be made after the class " +
  "is already deployed to production.";

// Only one list is alive at a time.
let currentList = 0;

/** Ends the list that is under way: another has begun. */
export const invalidateLists = (): number => ++currentList;

/**
 * Synchronous key-value storage.
 *
 * https://developers.cloudflare.com/durable-objects/api/sqlite-storage-api/#synchronous-kv-api
 */
export class SyncKvStorage {
  readonly #available: boolean;

  constructor(key: unknown, available: boolean) {
    onlyInternal(key);
    this.#available = available;
  }

  #check(): void {
    if (!this.#available) throw new Error(unavailable);
  }

  /** The value of a key, or undefined. */
  get(key: string): unknown {
    this.#check();
    if (arguments.length === 0) throw wrongType("get", "SyncKvStorage", 1, "string");
    return readValue(`${key}`);
  }

  /** Stores a value. */
  put(key: string, value: unknown): void {
    this.#check();
    if (arguments.length === 0) throw wrongType("put", "SyncKvStorage", 1, "string");
    if (arguments.length === 1) throw wrongType("put", "SyncKvStorage", 2, "Value");
    host["kv.put"](`${key}`, store(value));
  }

  /** Deletes a key; tells whether it was there. */
  delete(key: string): boolean {
    this.#check();
    if (arguments.length === 0) throw wrongType("delete", "SyncKvStorage", 1, "string");
    return host["kv.delete"](`${key}`);
  }

  /** The entries of a range, read as the iteration comes to them. */
  list(options?: object): IterableIterator<[string, unknown]> {
    this.#check();
    const keys = listKeys(options, "SyncKvStorage");
    return new ListIterator(keys, invalidateLists()) as unknown as IterableIterator<[string, unknown]>;
  }
}
tag(SyncKvStorage, "SyncKvStorage");

const IteratorPrototype = Object.getPrototypeOf(Object.getPrototypeOf([][Symbol.iterator]())) as object;

class ListIterator {
  readonly #keys: string[];
  readonly #list: number;
  #at = 0;

  constructor(keys: string[], list: number) {
    this.#keys = keys;
    this.#list = list;
  }

  next(): IteratorResult<[string, unknown], undefined> {
    if (this.#list !== currentList) {
      throw new Error(
        "kv.list() iterator was invalidated because a new call to kv.list() was started. Only one kv.list() " +
          "iterator can exist at a time.",
      );
    }
    while (this.#at < this.#keys.length) {
      const key = this.#keys[this.#at++]!;
      const value = readValue(key);
      // A key that was deleted since the list began is passed over.
      if (value !== undefined) return { done: false, value: [key, value] };
    }
    return { done: true, value: undefined };
  }
}
Object.setPrototypeOf(ListIterator.prototype, IteratorPrototype);
tag(ListIterator, "ListIterator");

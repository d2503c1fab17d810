import { tag } from "doemu-internal:platform/globals.ts";
import { flag } from "doemu-internal:platform/flags.ts";
import { host } from "doemu-internal:platform/kernel.ts";
import { internal, moment, onlyInternal, optionsArgument, ownProperty, wrongType } from "./args.ts";
import { invalidateLists, SyncKvStorage } from "./kv.ts";
import { listEntries, readValue } from "./listing.ts";
import { inSection } from "./section.ts";
import { SqlStorage } from "./sql.ts";
import { DurableObjectTransaction, endTransaction, inTransaction } from "./transaction.ts";
import { store } from "./stored.ts";

const className = "DurableObjectStorage";

const sqlDisabled =
  "SQL is not enabled for this Durable Object class. To enable it, change `new_classes` to `new_sqlite_classes` " +
  "within the 'migrations' field in your wrangler.jsonc or wrangler.toml file. If using workerd directly," +
  "set `enableSql = true` in your workerd config for the class. Note that this change cannot be made after the " +
  "class is already deployed to production.";

/** What storage must know of its object. */
export interface StorageOwner {
  readonly sql: boolean;
  /** Tells whether alarms can be set: the class has a handler, or is being constructed. */
  takesAlarms(): boolean;
}

// A call whose failures are rejections since capture_async_api_throws; before, they are thrown.
function asynchronous<T>(work: () => T): Promise<T> {
  if (!flag("capture_async_api_throws")) return Promise.resolve(work());
  try {
    return Promise.resolve(work());
  } catch (error) {
    return Promise.reject(error as Error);
  }
}

/**
 * The storage of a Durable Object.
 *
 * https://developers.cloudflare.com/durable-objects/api/sqlite-storage-api/
 */
export class DurableObjectStorage {
  readonly #owner: StorageOwner;
  declare readonly sql: SqlStorage;
  declare readonly kv: SyncKvStorage;

  constructor(key: unknown, owner: StorageOwner) {
    onlyInternal(key);
    this.#owner = owner;
    const sql = owner.sql ? new SqlStorage(internal) : disabledSql();
    const kv = new SyncKvStorage(internal, owner.sql);
    ownProperty(this, "sql", () => sql, true);
    ownProperty(this, "kv", () => kv, true);
    // What workerd has with the compatibility flag experimental. There are no replicas here to wait for.
    if (flag("experimental")) Object.defineProperty(this, "waitForBookmark", { value: async (_bookmark: string) => {} });
  }

  /** The value of a key, or undefined; for an array of keys a Map of those that are there. */
  get(key: string | string[], options?: object): Promise<unknown> {
    return asynchronous(() => {
      if (key === undefined && arguments.length === 0) throw wrongType("get", className, 1, "string or Array");
      optionsArgument(options, "get", className, 2, "GetOptions");
      return Array.isArray(key) ? readMany(key) : readValue(`${key}`);
    });
  }

  /** Entries in the order of their keys' UTF-8 bytes. */
  list(options?: object): Promise<Map<string, unknown>> {
    return asynchronous(() => {
      invalidateLists();
      return listEntries(options, className);
    });
  }

  /** Stores a value, or the own properties of an object as values. */
  put(keyOrEntries: unknown, value?: unknown, options?: unknown): Promise<void> {
    return asynchronous(() => {
      const entries = putArguments(keyOrEntries, value, options, arguments.length);
      if (entries.length === 1) {
        const [key, bytes] = entries[0]!;
        host["kv.put"](key, bytes);
        return;
      }
      host["storage.savepoint"]();
      try {
        for (const [key, bytes] of entries) host["kv.put"](key, bytes);
      } catch (error) {
        host["storage.rollback"]();
        throw error;
      }
      host["storage.release"]();
    });
  }

  /** Deletes a key, and tells whether it was there; or several, and tells how many were. */
  delete(key: string | string[], options?: object): Promise<boolean | number> {
    if (arguments.length === 0) throw wrongType("delete", className, 1, "string or Array");
    optionsArgument(options, "delete", className, 2, "PutOptions");
    return asynchronous(() => {
      if (!Array.isArray(key)) return host["kv.delete"](`${key}`);
      return key.reduce<number>((count, k) => count + Number(host["kv.delete"](`${k as string}`)), 0);
    });
  }

  /** Deletes everything: keys, tables, and since delete_all_deletes_alarm the alarm. */
  deleteAll(options?: object): Promise<void> {
    return asynchronous(() => {
      optionsArgument(options, "deleteAll", className, 1, "PutOptions");
      if (inTransaction()) throw new Error("Cannot call deleteAll() within a transaction");
      host["kv.deleteAll"]();
    });
  }

  /** Runs a closure in a transaction: a throw takes back what it wrote. */
  transaction<T>(closure: (txn: DurableObjectTransaction) => T | PromiseLike<T>): Promise<T> {
    return asynchronous(() => {
      if (typeof closure !== "function") throw wrongType("transaction", className, 1, "function");
      return inSection(async () => {
        const txn = new DurableObjectTransaction(internal, this);
        let result: T;
        try {
          result = await closure(txn);
        } catch (error) {
          endTransaction(txn, "rollback");
          throw error;
        }
        endTransaction(txn, "commit");
        return result;
      }, "reject");
    }) as Promise<T>;
  }

  /** Runs a synchronous callback in a transaction. */
  transactionSync<T>(callback: () => T): T {
    if (typeof callback !== "function") throw wrongType("transactionSync", className, 1, "function");
    host["storage.savepoint"]();
    let result: T;
    try {
      result = callback();
    } catch (error) {
      host["storage.rollback"]();
      throw error;
    }
    host["storage.release"]();
    return result;
  }

  /** Resolves when everything written so far is durable. */
  sync(): Promise<void> {
    return host["storage.sync"]();
  }

  /** The time of the alarm in milliseconds since 1970, or null. */
  getAlarm(options?: object): Promise<number | null> {
    return asynchronous(() => {
      optionsArgument(options, "getAlarm", className, 1, "GetAlarmOptions");
      return host["alarm.get"]();
    });
  }

  /** Sets the alarm; a time that has passed is now. */
  setAlarm(time: Date | number, options?: object): Promise<void> {
    return asynchronous(() => {
      const ms = moment(time, "setAlarm", className);
      optionsArgument(options, "setAlarm", className, 2, "SetAlarmOptions");
      if (ms <= 0) throw new TypeError("setAlarm() cannot be called with an alarm time <= 0");
      if (!this.#owner.takesAlarms()) {
        throw new TypeError("Your Durable Object class must have an alarm() handler in order to call setAlarm()");
      }
      host["alarm.set"](Math.max(ms, Date.now()));
    });
  }

  /** Removes the alarm. */
  deleteAlarm(options?: object): Promise<void> {
    return asynchronous(() => {
      optionsArgument(options, "deleteAlarm", className, 1, "SetAlarmOptions");
      host["alarm.set"](null);
    });
  }

  /** A mark of the present state, which later ones compare greater to. */
  getCurrentBookmark(): Promise<string> {
    return asynchronous(() => host["storage.bookmark"]());
  }

  /** A bookmark of the state that there was at a time, not more than 30 days ago. */
  getBookmarkForTime(time: Date | number): Promise<string> {
    return asynchronous(() => host["storage.bookmarkForTime"](moment(time, "getBookmarkForTime", className)));
  }

  /**
   * Has a bookmark's state restored when the object next starts, for which programs usually call
   * ctx.abort(). The result is a bookmark of the state just before that, with which to undo it.
   */
  onNextSessionRestoreBookmark(bookmark: string): Promise<string> {
    return asynchronous(() => {
      if (arguments.length === 0) throw wrongType("onNextSessionRestoreBookmark", className, 1, "string");
      return host["storage.restore"](`${bookmark}`);
    });
  }
}
tag(DurableObjectStorage, className);

function disabledSql(): SqlStorage {
  const refuse = (): never => {
    throw new Error(sqlDisabled);
  };
  return Object.create(SqlStorage.prototype, {
    exec: { value: refuse, configurable: true },
    databaseSize: { get: refuse, configurable: true },
  }) as SqlStorage;
}

function readMany(keys: unknown[]): Map<string, unknown> {
  const found = new Map<string, unknown>();
  for (const key of sortedByBytes(keys.map((key) => `${key as string}`))) {
    const value = readValue(key);
    if (value !== undefined) found.set(key, value);
  }
  return found;
}

// UTF-8 orders as code points do; UTF-16, which JavaScript compares by, puts surrogates elsewhere.
function sortedByBytes(keys: string[]): string[] {
  const weight = (unit: number): number => (unit >= 0xd800 && unit < 0xe000 ? unit + 0x10000 : unit);
  return [...new Set(keys)].sort((a, b) => {
    const n = Math.min(a.length, b.length);
    for (let i = 0; i < n; i++) {
      const difference = weight(a.charCodeAt(i)) - weight(b.charCodeAt(i));
      if (difference !== 0) return difference;
    }
    return a.length - b.length;
  });
}

function putArguments(key: unknown, value: unknown, options: unknown, count: number): [string, Uint8Array<ArrayBuffer>][] {
  if (typeof key !== "object" || key === null || Array.isArray(key)) {
    if (count < 2 || value === undefined) throw new TypeError("put() called with undefined value.");
    optionsArgument(options, "put", className, 3, "PutOptions");
    return [[`${key as string}`, store(value)]];
  }
  if (value !== undefined && value !== null && typeof value !== "object") {
    throw new TypeError(
      "put() may only be called with a single key-value pair and optional options as put(key, value, options) or " +
        "with multiple key-value pairs and optional options as put(entries, options)",
    );
  }
  return Object.entries(key)
    .filter(([, v]) => v !== undefined)
    .map(([k, v]) => [k, store(v)]);
}

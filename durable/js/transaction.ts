import { tag } from "doemu-internal:platform/globals.ts";
import { host } from "doemu-internal:platform/kernel.ts";
import { onlyInternal } from "./args.ts";
import type { DurableObjectStorage } from "./storage.ts";

type State = "open" | "rolled back" | "committed";

// The transactions that are open, outermost first: each is a savepoint.
const open: DurableObjectTransaction[] = [];

/** Tells whether a transaction is open. */
export const inTransaction = (): boolean => open.length > 0;

/**
 * A transaction of storage.transaction(). What it writes is written through the storage itself, inside
 * a savepoint.
 *
 * https://developers.cloudflare.com/durable-objects/api/legacy-kv-storage-api/#transaction
 */
export class DurableObjectTransaction {
  readonly #storage: DurableObjectStorage;
  #state: State = "open";

  constructor(key: unknown, storage: DurableObjectStorage) {
    onlyInternal(key);
    this.#storage = storage;
    host["storage.begin"]();
    open.push(this);
  }

  #check(method: string): void {
    if (this.#state === "rolled back") throw new Error(`Cannot ${method}() on rolled back transaction`);
    if (this.#state === "committed") {
      throw new Error(
        `Cannot call ${method}() on transaction that has already committed: did you move \`txn\` outside of the closure?`,
      );
    }
  }

  async get(...args: Parameters<DurableObjectStorage["get"]>): Promise<unknown> {
    this.#check("get");
    return this.#storage.get(...args);
  }
  async list(options?: object): Promise<Map<string, unknown>> {
    this.#check("list");
    return this.#storage.list(options);
  }
  async put(...args: Parameters<DurableObjectStorage["put"]>): Promise<void> {
    this.#check("put");
    return this.#storage.put(...args);
  }
  async delete(...args: Parameters<DurableObjectStorage["delete"]>): Promise<boolean | number> {
    this.#check("delete");
    return this.#storage.delete(...args);
  }
  async deleteAll(): Promise<void> {
    throw new Error("Cannot call deleteAll() within a transaction");
  }
  async getAlarm(...args: Parameters<DurableObjectStorage["getAlarm"]>): Promise<number | null> {
    this.#check("getAlarm");
    return this.#storage.getAlarm(...args);
  }
  async setAlarm(...args: Parameters<DurableObjectStorage["setAlarm"]>): Promise<void> {
    this.#check("setAlarm");
    return this.#storage.setAlarm(...args);
  }
  async deleteAlarm(...args: Parameters<DurableObjectStorage["deleteAlarm"]>): Promise<void> {
    this.#check("deleteAlarm");
    return this.#storage.deleteAlarm(...args);
  }

  /** Takes back what the transaction wrote. What is written afterwards stays. */
  rollback(): void {
    if (this.#state === "rolled back") return;
    this.#check("rollback");
    if (open.at(-1) !== this) {
      throw new Error("Cannot roll back an outer transaction while a nested transaction is still running.");
    }
    this.#state = "rolled back";
    open.pop();
    host["storage.rollback"]();
  }

  /** Ends the transaction; not for programs. */
  static end(transaction: DurableObjectTransaction, how: "commit" | "rollback"): void {
    if (transaction.#state !== "open") return;
    if (how === "rollback") {
      transaction.rollback();
      return;
    }
    transaction.#state = "committed";
    open.pop();
    host["storage.release"]();
  }
}
tag(DurableObjectTransaction, "DurableObjectTransaction");
export const endTransaction = DurableObjectTransaction.end;
delete (DurableObjectTransaction as { end?: unknown }).end;

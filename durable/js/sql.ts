import { flag } from "doemu-internal:platform/flags.ts";
import { tag } from "doemu-internal:platform/globals.ts";
import { host } from "doemu-internal:platform/kernel.ts";
import { internal, onlyInternal, wrongType } from "./args.ts";

/** A value that SQLite stores, as JavaScript sees it. */
export type SqlStorageValue = ArrayBuffer | string | number | null;

/** A row as an object. */
export type Row = Record<string, SqlStorageValue>;

// What Go binds: bytes, strings, numbers and null. Everything else becomes text, as in workerd.
function binding(value: unknown): unknown {
  switch (typeof value) {
    case "number":
    case "string":
      return value;
    case "undefined":
      return null;
    case "boolean":
      return String(value);
    case "bigint":
      throw new TypeError("Cannot convert a BigInt value to a number");
    case "symbol":
      throw new TypeError("Cannot convert a Symbol value to a string");
  }
  if (value === null) return null;
  if (value instanceof ArrayBuffer || value instanceof Uint8Array) return value;
  if (ArrayBuffer.isView(value)) return new Uint8Array(value.buffer, value.byteOffset, value.byteLength);
  if (typeof SharedArrayBuffer === "function" && value instanceof SharedArrayBuffer) return new Uint8Array(value);
  return String(value);
}

const execute = host["sql.exec"];

/**
 * SQLite storage of a Durable Object.
 *
 * https://developers.cloudflare.com/durable-objects/api/sqlite-storage-api/
 */
export class SqlStorage {
  declare readonly Cursor: typeof SqlStorageCursor;
  declare readonly Statement: typeof SqlStorageStatement;

  constructor(key: unknown) {
    onlyInternal(key);
    if (flag("experimental")) {
      Object.defineProperties(this, experimental);
      Object.defineProperty(SqlStorageCursor.prototype, "reusedCachedQueryForTest", {
        get(this: SqlStorageCursor) {
          return reused(this);
        },
        configurable: true,
      });
    }
  }

  /** Executes one or more statements; the cursor is for the last. */
  exec(query: string, ...bindings: unknown[]): SqlStorageCursor {
    if (arguments.length === 0) throw wrongType("exec", "SqlStorage", 1, "String");
    const text = `${query}`;
    // Most statements have few bindings: spreading a mapped array costs more than the rest of the call.
    switch (bindings.length) {
      case 0:
        return new SqlStorageCursor(internal, execute(text));
      case 1:
        return new SqlStorageCursor(internal, execute(text, binding(bindings[0])));
      case 2:
        return new SqlStorageCursor(internal, execute(text, binding(bindings[0]), binding(bindings[1])));
    }
    return new SqlStorageCursor(internal, execute(text, ...bindings.map(binding)));
  }

  /** The size of the database in bytes. */
  get databaseSize(): number {
    return host["sql.databaseSize"]();
  }
}
tag(SqlStorage, "SqlStorage");

// What workerd has with the compatibility flag experimental.
const experimental: PropertyDescriptorMap & ThisType<SqlStorage> = {
  prepare: {
    value(query: string) {
      const statement = (...bindings: unknown[]): SqlStorageCursor => this.exec(query, ...bindings);
      return Object.setPrototypeOf(statement, SqlStorageStatement.prototype) as SqlStorageStatement;
    },
  },
  ingest: {
    value(text: string) {
      const [remainder, rowsRead, rowsWritten, statementCount] = host["sql.ingest"](`${text}`);
      return { remainder, rowsRead, rowsWritten, statementCount };
    },
  },
  setMaxPageCountForTest: {
    value(pages: number) {
      host["sql.limitPages"](pages);
    },
  },
};

/** The class of prepared statements, which programs cannot make. */
export class SqlStorageStatement {
  constructor() {
    throw new TypeError("Illegal constructor");
  }
}
tag(SqlStorageStatement, "Statement");

// Cursors that programs dropped before their end are closed in Go when they are collected.
const dropped = new FinalizationRegistry<number>((cursor) => host["sql.close"](cursor));

const doneCounts = 2 ** 24;

/** The rows of a statement, read one after the other. */
export class SqlStorageCursor implements Iterable<Row> {
  readonly #number: number;

  constructor(key: unknown, number: number) {
    onlyInternal(key);
    this.#number = number;
    if (number > 0) dropped.register(this, number);
  }

  /** The next row. */
  next(): { done: false; value: Row } | { done: true } {
    const row = this.#next();
    return row === undefined ? { done: true } : { done: false, value: row };
  }

  /** All rows that are left. */
  toArray(): Row[] {
    return (this.#number > 0 ? host["sql.rows"](this.#number) : undefined) ?? [];
  }

  /** The one row of the result; an error if there are none or more. */
  one(): Row {
    const row = this.#number > 0 ? host["sql.one"](this.#number) : undefined;
    if (row === undefined) throw new Error("Expected exactly one result from SQL query, but got no results.");
    return row;
  }

  /** An iterator over rows as arrays; it shares the cursor's position. */
  raw(): IterableIterator<SqlStorageValue[]> {
    return rowIterator(() => (this.#number > 0 ? host["sql.next"](this.#number, true) : undefined));
  }

  [Symbol.iterator](): IterableIterator<Row> {
    return rowIterator(() => this.#next());
  }

  /** The names of the columns, in their order. */
  get columnNames(): string[] {
    return this.#number > 0 ? host["sql.columns"](this.#number) : [];
  }

  /** Rows that SQLite has read so far, indices included. */
  get rowsRead(): number {
    return this.#number > 0 ? host["sql.counts"](this.#number)[0] : (-this.#number - 1) % doneCounts;
  }

  /** Rows that SQLite has written so far, indices included. */
  get rowsWritten(): number {
    return this.#number > 0 ? host["sql.counts"](this.#number)[1] : Math.floor((-this.#number - 1) / doneCounts);
  }

  /** Tells whether a cursor's statement had been compiled before; not for programs. */
  static reused(cursor: SqlStorageCursor): boolean {
    return cursor.#number > 0 && host["sql.reused"](cursor.#number);
  }

  #next(): Row | undefined {
    return this.#number > 0 ? host["sql.next"](this.#number, false) : undefined;
  }
}
tag(SqlStorageCursor, "Cursor");
const { reused } = SqlStorageCursor;
delete (SqlStorageCursor as { reused?: unknown }).reused;

const IteratorPrototype = Object.getPrototypeOf(Object.getPrototypeOf([][Symbol.iterator]())) as object;

function rowIterator<T>(next: () => T | undefined): IterableIterator<T> {
  return Object.assign(Object.create(IteratorPrototype) as object, {
    next(): IteratorResult<T, undefined> {
      const value = next();
      return value === undefined ? { done: true, value: undefined } : { done: false, value };
    },
  }) as unknown as IterableIterator<T>;
}

Object.defineProperties(SqlStorage.prototype, {
  Cursor: { value: SqlStorageCursor, configurable: true },
  Statement: { value: SqlStorageStatement, configurable: true },
});

import { flag } from "doemu-internal:platform/flags.ts";
import { tag } from "doemu-internal:platform/globals.ts";
import { host } from "doemu-internal:platform/kernel.ts";
import { internal, onlyInternal, wrongType } from "./args.ts";

/** A value that SQLite stores, as JavaScript sees it. */
export type SqlStorageValue = ArrayBuffer | string | number | null;

/** A row as an object. */
export type Row = Record<string, SqlStorageValue>;

// What exec binds, of what it does not know: Uint8Arrays and null. Everything else becomes text, as in
// workerd. What is bytes is a new Uint8Array here, and no object that only claims to be one.
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
  if (ArrayBuffer.isView(value)) return new Uint8Array(value.buffer, value.byteOffset, value.byteLength);
  if (value instanceof ArrayBuffer) return new Uint8Array(value);
  if (typeof SharedArrayBuffer === "function" && value instanceof SharedArrayBuffer) return new Uint8Array(value);
  return String(value);
}

// The method itself is Go's: a function of JavaScript around it costs more than most statements.
const execute = host["sql.exec"];
Object.defineProperties(execute, { name: { value: "exec" }, length: { value: 1 } });

const convert = (query: string, ...bindings: unknown[]) => execute(`${query}`, ...bindings.map(binding));

/**
 * SQLite storage of a Durable Object.
 *
 * https://developers.cloudflare.com/durable-objects/api/sqlite-storage-api/
 */
export class SqlStorage {
  /** Executes one or more statements; the cursor is for the last. */
  declare exec: (query: string, ...bindings: unknown[]) => SqlStorageCursor;
  declare readonly Cursor: typeof SqlStorageCursor;
  declare readonly Statement: typeof SqlStorageStatement;

  constructor(key: unknown) {
    onlyInternal(key);
    host["sql.prepare"](new SqlStorageCursor(internal), convert);
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

const doneCounts = 2 ** 24;

/** The rows of a statement, read one after the other. */
export class SqlStorageCursor implements Iterable<Row> {
  // Go makes cursors, with this one property: a positive number is that of a cursor in Go. Otherwise the
  // statement is done and had no columns: it is -(1 + rows read + rows written * 2^24). A private method
  // would be one more property.
  readonly #number: number = 0;

  constructor(key: unknown) {
    onlyInternal(key);
  }

  /** The next row. */
  next(): { done: false; value: Row } | { done: true } {
    const row = nextRow(this.#number);
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
    return rowIterator(() => nextRow(this.#number));
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
}
tag(SqlStorageCursor, "Cursor");
const { reused } = SqlStorageCursor;
delete (SqlStorageCursor as { reused?: unknown }).reused;

function nextRow(cursor: number): Row | undefined {
  return cursor > 0 ? host["sql.next"](cursor, false) : undefined;
}

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
  exec: { value: execute, writable: true, configurable: true },
  Cursor: { value: SqlStorageCursor, configurable: true },
  Statement: { value: SqlStorageStatement, configurable: true },
});

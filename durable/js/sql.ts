import { flag } from "doemu-internal:platform/flags.ts";
import { tag } from "doemu-internal:platform/globals.ts";
import { host } from "doemu-internal:platform/kernel.ts";
import { NativeFunction } from "doemu-internal:platform/worker/codegen.ts";
import { internal, onlyInternal, wrongType } from "./args.ts";

/** A value that SQLite stores, as JavaScript sees it. */
export type SqlStorageValue = ArrayBuffer | string | number | null;

type Row = Record<string, SqlStorageValue>;

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

const everything = 2 ** 31 - 1;

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
  #columns: string[] | undefined;

  constructor(key: unknown, number: number) {
    onlyInternal(key);
    this.#number = number;
    if (number > 0) dropped.register(this, number);
  }

  /** The next row. */
  next(): { done: false; value: Row } | { done: true } {
    const row = this.#row(false) as Row | undefined;
    return row === undefined ? { done: true } : { done: false, value: row };
  }

  /** All rows that are left. */
  toArray(): Row[] {
    return this.#rows(everything, false) as Row[];
  }

  /** The one row of the result; an error if there are none or more. */
  one(): Row {
    const rows = this.#rows(2, false) as Row[];
    if (rows.length === 1) return rows[0]!;
    if (rows.length > 1) host["sql.close"](this.#number);
    throw new Error(
      rows.length === 0
        ? "Expected exactly one result from SQL query, but got no results."
        : "Expected exactly one result from SQL query, but got multiple results.",
    );
  }

  /** An iterator over rows as arrays; it shares the cursor's position. */
  raw(): IterableIterator<SqlStorageValue[]> {
    return rowIterator(() => this.#row(true) as SqlStorageValue[] | undefined);
  }

  [Symbol.iterator](): IterableIterator<Row> {
    return rowIterator(() => this.#row(false) as Row | undefined);
  }

  /** The names of the columns, in their order. */
  get columnNames(): string[] {
    return [...this.#names()];
  }

  #names(): string[] {
    return (this.#columns ??= this.#number > 0 ? host["sql.columns"](this.#number) : []);
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

  // The next row by itself, as iterations read them.
  #row(raw: boolean): unknown {
    if (this.#number <= 0) return undefined;
    const values = host["sql.rows"](this.#number, 1);
    if (values === undefined) return this.#rows(1, raw)[0];
    if (values.length === 0) return undefined;
    return raw ? values : maker(this.#names())(values, values.length)[0];
  }

  #rows(limit: number, raw: boolean): unknown[] {
    if (this.#number <= 0) return [];
    const rows: unknown[] = [];
    while (rows.length < limit) {
      const values = host["sql.rows"](this.#number, limit - rows.length);
      if (values !== undefined) {
        const plain = (raw ? arrays : maker(this.#names()))(values, this.#names().length);
        if (rows.length === 0) return plain;
        for (const row of plain) rows.push(row);
        break;
      }
      const cells = host["sql.row"](this.#number);
      if (cells === undefined) break;
      rows.push(this.#typed(cells, raw));
    }
    return rows;
  }

  // A row with what JSON cannot say: bytes and numbers that are not finite.
  #typed(cells: [kind: 0 | 1 | 2, value: unknown][], raw: boolean): unknown {
    const values = cells.map(([kind, value]) =>
      kind === 0 ? value : kind === 1 ? host["sql.blob"](this.#number, value as number) : Number(value),
    );
    if (raw) return values;
    const names = this.#names();
    return Object.fromEntries(values.map((value, n) => [names[n], value]));
  }
}
tag(SqlStorageCursor, "Cursor");
const { reused } = SqlStorageCursor;
delete (SqlStorageCursor as { reused?: unknown }).reused;

type Maker = (values: unknown[], columns: number) => unknown[];

const arrays: Maker = (values, columns) => {
  const rows: unknown[] = [];
  for (let n = 0; n < values.length; n += columns) rows.push(values.slice(n, n + columns));
  return rows;
};

const makers = new Map<string, Maker>();
const byNames = new WeakMap<string[], Maker>();

// A function that makes rows with these columns, in the array that held their values: a row is written
// where values have been read already. Code with the names in it is several times faster than any loop
// over them; the names are quoted, so they are never code themselves.
function maker(names: string[]): Maker {
  let make = byNames.get(names);
  if (make !== undefined) return make;
  const key = JSON.stringify(names);
  make = makers.get(key);
  if (make === undefined) {
    const members = names.map((name) => `[${JSON.stringify(name)}]:v[i++]`.replace(/^\[("(?!__proto__")[^"\\]*")\]/, "$1"));
    make = new NativeFunction(
      "v",
      `const end = v.length; let n = 0; for (let i = 0; i < end;) v[n++] = {${members.join(",")}}; v.length = n; return v`,
    ) as Maker;
    makers.set(key, make);
  }
  byNames.set(names, make);
  return make;
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
  Cursor: { value: SqlStorageCursor, configurable: true },
  Statement: { value: SqlStorageStatement, configurable: true },
});

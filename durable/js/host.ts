// What Go offers to Durable Objects, and what it delivers. Each op stands in durable/ops*.go.

import type { Bytes } from "doemu-internal:platform/kernel.ts";
import type { Wire } from "doemu-internal:platform/rpc/host.ts";
import type { Row, SqlStorage, SqlStorageCursor, SqlStorageValue } from "./sql.ts";

/** The arguments of a list; a limit of 0 is none. */
export type Range = [
  start: string | undefined,
  startAfter: string | undefined,
  end: string | undefined,
  prefix: string | undefined,
  reverse: boolean,
  limit: number,
];

declare module "doemu-internal:platform/kernel.ts" {
  interface Host {
    /** Checks or makes ids; the result is 64 hex digits. */
    "id.fromName"(namespace: number, name: string, jurisdiction?: string): string;
    "id.unique"(namespace: number, jurisdiction?: string): string;
    "id.fromString"(namespace: number, hex: string, jurisdiction?: string): string;
    "id.jurisdiction"(namespace: number, hex: string): string | undefined;
    /** Binds a stub to the object that has its place in memory now; gives that place's number. */
    "stub.bind"(namespace: number, id: string, name: string | undefined): number;
    /** Notes where a stub's options ask for the object to be. */
    "stub.locate"(namespace: number, id: string, hint: string): void;
    /** A fetcher handle for a stub that is bound. */
    "stub.fetcher"(namespace: number, id: string, name: string | undefined, place: number): number;
    "stub.call"(
      namespace: number, id: string, name: string | undefined, place: number,
      path: string, get: boolean, args: Bytes | undefined, refs: string,
    ): Promise<Wire>;
    /** A reference to the object, wherever it is. */
    "stub.ref"(namespace: number, id: string, name: string | undefined): number;

    "object.return"(call: number): void;
    "object.throw"(call: number, className: string, message: string, props: string | undefined, stack: string): void;
    "object.unconstructed"(className: string, message: string, props: string | undefined): void;
    "object.abort"(message: string, retryAlarm: boolean): never;

    "section.begin"(id: number): void;
    "section.end"(id: number): void;
    "section.fail"(className: string, message: string, props: string | undefined): void;

    /** The value of a key: as it is where JSON can say it, or else its serialized bytes. */
    "kv.get"(key: string): unknown;
    "kv.put"(key: string, value: Bytes): void;
    "kv.delete"(key: string): boolean;
    /** The keys of a range. */
    "kv.keys"(...range: Range): string[];
    /** The keys of a range, their values, and the places of those values that kv.get has to give. */
    "kv.entries"(...range: Range): [keys: string[], values: unknown[], rest: number[]];
    "kv.deleteAll"(): void;
    "alarm.get"(): number | null;
    "alarm.set"(time: number | null): void;

    "storage.savepoint"(): void;
    /** A savepoint for an asynchronous transaction: what was written before it is committed first. */
    "storage.begin"(): void;
    "storage.release"(): void;
    "storage.rollback"(): void;
    "storage.sync"(): Promise<void>;
    "storage.bookmark"(): string;
    /** A bookmark of the state at a time, in milliseconds since 1970. */
    "storage.bookmarkForTime"(time: number): string;
    /** Has a bookmark's state restored when the object next starts; gives a bookmark to undo that. */
    "storage.restore"(bookmark: string): string;

    /**
     * Takes an example of a cursor, and a function that gets the arguments of exec when Go cannot convert
     * them: it converts them and calls exec again.
     */
    "sql.prepare"(example: SqlStorageCursor, convert: SqlStorage["exec"]): void;
    /** The method exec. */
    "sql.exec"(query: string, ...bindings: unknown[]): SqlStorageCursor;
    /** The cursor's column names. */
    "sql.columns"(cursor: number): string[];
    /** The rows that are left, as objects; undefined when there are none. */
    "sql.rows"(cursor: number): Row[] | undefined;
    /** The next row, as an array or as an object; undefined at the end. */
    "sql.next"(cursor: number, raw: true): SqlStorageValue[] | undefined;
    "sql.next"(cursor: number, raw: false): Row | undefined;
    /** The only row; undefined when there is none. */
    "sql.one"(cursor: number): Row | undefined;
    "sql.counts"(cursor: number): [read: number, written: number];
    "sql.databaseSize"(): number;
    /** Executes the complete statements of a text. */
    "sql.ingest"(text: string): [remainder: string, rowsRead: number, rowsWritten: number, statements: number];
    /** Tells whether a cursor's statement had been compiled before. */
    "sql.reused"(cursor: number): boolean;
    "sql.limitPages"(pages: number): void;

    /** Takes a socket over: its number among those that outlive the heap. */
    "hibernate.accept"(socket: number, tags: string): number;
    /** The numbers of the sockets; of those that have been closed, below 0. */
    "hibernate.list"(tag: string | undefined): number[];
    /** Changes with the list of all sockets; above 0 when there are some. */
    "hibernate.version"(): number;
    /** Tells whether the socket's close was sent. */
    "hibernate.state"(socket: number): boolean;
    "hibernate.send"(socket: number, message: string | Bytes): void;
    "hibernate.close"(socket: number, code: number, reason: string): void;
    "hibernate.tags"(socket: number): string[];
    "hibernate.attach"(socket: number, value: Bytes | undefined): void;
    "hibernate.attachment"(socket: number): ArrayBuffer | undefined;
    "hibernate.setAutoResponse"(request: string | undefined, response: string | undefined): void;
    "hibernate.autoResponse"(): [request: string, response: string] | null;
    "hibernate.autoResponseTime"(socket: number): number | null;
    /** How long handlers may take, in milliseconds; 0 for any time. */
    "hibernate.setTimeout"(ms: number): void;
    "hibernate.timeout"(): number;
  }

  interface Events {
    "object.construct": [
      className: string, id: string, name: string | undefined, sql: boolean, isText: boolean, props: ArrayBuffer | undefined,
    ];
    "object.alarm": [call: number, scheduledTime: number, retryCount: number];
    "object.message": [call: number, socket: number, message: string | ArrayBuffer];
    "object.closed": [call: number, socket: number, code: number, reason: string, wasClean: boolean];
    "object.failed": [call: number, socket: number, message: string];
    section: [id: number];
  }
}

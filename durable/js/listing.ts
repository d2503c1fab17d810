import { host } from "doemu-internal:platform/kernel.ts";
import { int32, optionsArgument } from "./args.ts";
import type { Range } from "./host.ts";
import { restore } from "./stored.ts";

/** The options of list(), in both key-value APIs. */
export interface ListOptions {
  start?: string;
  startAfter?: string;
  end?: string;
  prefix?: string;
  reverse?: boolean;
  limit?: number;
}

const text = (value: unknown): string | undefined => (value === undefined ? undefined : `${value as string}`);

function range(options: unknown, className: string): Range {
  const o = optionsArgument<ListOptions>(options, "list", className, 1, className === "SyncKvStorage" ? "SyncKvListOptions" : "ListOptions");
  if (o.start !== undefined && o.startAfter !== undefined) {
    throw new TypeError("list() cannot be called with both start and startAfter values.");
  }
  let limit = 0;
  if (o.limit !== undefined) {
    limit = int32(o.limit);
    if (limit <= 0) throw new TypeError("List limit must be positive.");
  }
  return [text(o.start), text(o.startAfter), text(o.end), text(o.prefix), Boolean(o.reverse), limit];
}

/** The keys that a list with these options gives, in its order. */
export const listKeys = (options: unknown, className: string): string[] => host["kv.keys"](...range(options, className));

/** The entries that a list with these options gives, in its order. */
export function listEntries(options: unknown, className: string): Map<string, unknown> {
  const [keys, values, rest] = host["kv.entries"](...range(options, className));
  for (const n of rest) values[n] = readValue(keys[n]!);
  const entries = new Map<string, unknown>();
  for (let n = 0; n < keys.length; n++) entries.set(keys[n]!, values[n]);
  return entries;
}

/** The stored value of a key, or undefined. */
export function readValue(key: string): unknown {
  const value = host["kv.get"](key);
  return value instanceof ArrayBuffer ? restore(value) : value;
}

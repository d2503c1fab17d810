import { host } from "doemu-internal:platform/kernel.ts";
import { deserialize } from "doemu-internal:platform/serialize/index.ts";
import { int32, optionsArgument } from "./args.ts";

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

/** The keys that a list with these options gives, in its order. */
export function listKeys(options: unknown, className: string): string[] {
  const o = optionsArgument<ListOptions>(options, "list", className, 1, className === "SyncKvStorage" ? "SyncKvListOptions" : "ListOptions");
  if (o.start !== undefined && o.startAfter !== undefined) {
    throw new TypeError("list() cannot be called with both start and startAfter values.");
  }
  let limit = 0;
  if (o.limit !== undefined) {
    limit = int32(o.limit);
    if (limit <= 0) throw new TypeError("List limit must be positive.");
  }
  return host["kv.list"](text(o.start), text(o.startAfter), text(o.end), text(o.prefix), Boolean(o.reverse), limit);
}

/** The stored value of a key, or undefined. */
export function readValue(key: string): unknown {
  const bytes = host["kv.get"](key);
  return bytes === undefined ? undefined : deserialize(bytes);
}

// DOMException, how errors from Go become JavaScript's, and how thrown values become text for Go.

import { defineGlobals, tag } from "./globals.ts";
import { errors } from "./kernel.ts";

const codes: Record<string, number> = {
  IndexSizeError: 1, HierarchyRequestError: 3, WrongDocumentError: 4, InvalidCharacterError: 5,
  NoModificationAllowedError: 7, NotFoundError: 8, NotSupportedError: 9, InUseAttributeError: 10,
  InvalidStateError: 11, SyntaxError: 12, InvalidModificationError: 13, NamespaceError: 14, InvalidAccessError: 15,
  TypeMismatchError: 17, SecurityError: 18, NetworkError: 19, AbortError: 20, URLMismatchError: 21,
  QuotaExceededError: 22, TimeoutError: 23, InvalidNodeTypeError: 24, DataCloneError: 25,
};

/**
 * An error of a web API.
 *
 * https://developer.mozilla.org/docs/Web/API/DOMException
 */
export class DOMException extends Error {
  readonly #name: string;

  constructor(message = "", options: string | { name?: string; cause?: unknown } = "Error") {
    super(message);
    this.#name = typeof options === "string" ? options : (options.name ?? "Error");
    if (typeof options === "object" && "cause" in options) {
      Object.defineProperty(this, "cause", { value: options.cause, configurable: true, writable: true });
    }
  }

  override get name(): string {
    return this.#name;
  }

  /** The number that old names have; 0 for new ones. */
  get code(): number {
    return codes[this.#name] ?? 0;
  }
}
tag(DOMException, "DOMException");
for (const [name, code] of Object.entries(codes)) {
  const constant = name.replace(/Error$/, "").replace(/([a-z])([A-Z])/g, "$1_$2").toUpperCase() + "_ERR";
  for (const target of [DOMException, DOMException.prototype]) {
    Object.defineProperty(target, constant, { value: code, enumerable: true });
  }
}
defineGlobals({ DOMException });

const types: Record<string, new (message: string) => Error> = {
  Error, TypeError, RangeError, ReferenceError, SyntaxError, EvalError, URIError,
};

let readThrown: (bytes: ArrayBuffer) => unknown = () => undefined;

/** Sets what reads a value that was thrown in another isolate; undefined for what cannot be read. */
export function setThrownReader(reader: (bytes: ArrayBuffer) => unknown): void {
  readThrown = reader;
}

function make(className: string, message: string, props?: object, thrown?: ArrayBuffer, stack?: string): unknown {
  const Type = types[className];
  const whole = thrown === undefined ? undefined : readThrown(thrown);
  const error =
    typeof whole === "object" && whole !== null
      ? whole
      : Type !== undefined
        ? new Type(message)
        : className in codes
          ? new DOMException(message, className)
          : Object.assign(new Error(message), { name: className });
  for (const [name, value] of Object.entries(props ?? {})) {
    Object.defineProperty(error, name, { value, writable: true, enumerable: true, configurable: true });
  }
  if (stack !== undefined) {
    const value = stack.startsWith("    at ") ? `${className}: ${message}\n${stack}` : stack;
    Object.defineProperty(error, "stack", { value, writable: true, configurable: true });
  }
  return error;
}

/** What an error's stack has below its first line, which repeats the error: lines of "    at function (file:line:column)". */
export function stackLines(error: Error): string {
  let stack: unknown;
  try {
    ({ stack } = error);
  } catch {
    return ""; // Error.prepareStackTrace is the program's
  }
  if (typeof stack !== "string") return "";
  if (stack.startsWith("    at ")) return stack.trimEnd();
  const places = stack.indexOf("\n    at ");
  return places < 0 ? "" : stack.slice(places + 1).trimEnd();
}

/** What a program gets whose other side is gone. */
export const networkLost = (): Error => Object.assign(new Error("Network connection lost."), { retryable: true });

/** The text that a thrown value has for people: an error with its stack, anything else as it is. */
export function errorText(error: unknown): string {
  if (!(error instanceof Error)) return `${inspectPlain(error)}`;
  const head = `${error.name}: ${error.message}`;
  const stack = stackLines(error);
  const cause = error.cause === undefined ? "" : `\n  [cause]: ${errorText(error.cause).replaceAll("\n", "\n  ")}`;
  return (stack === "" ? head : `${head}\n${stack}`) + cause;
}

function inspectPlain(value: unknown): string {
  try {
    return typeof value === "object" ? (JSON.stringify(value) ?? String(value)) : String(value);
  } catch {
    return Object.prototype.toString.call(value);
  }
}

function describe(error: unknown): string {
  try {
    if (error instanceof Error) {
      return JSON.stringify({ name: String(error.name), message: String(error.message), stack: stackLines(error) });
    }
    return JSON.stringify({ name: "", message: inspectPlain(error), stack: "" });
  } catch {
    return '{"name":"Error","message":"a thrown value that cannot be shown","stack":""}';
  }
}

errors(make, describe);

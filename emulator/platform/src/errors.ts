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
  /** The number that old names have; 0 for new ones. */
  declare readonly code: number;

  constructor(message = "", options: string | { name?: string; cause?: unknown } = "Error") {
    super(message);
    const name = `${(typeof options === "string" ? options : (options?.name ?? "Error")) as string}`;
    const text = this.message;
    const stack = `${headLine(name, text)}\n${stackLines(this)}`.trimEnd();
    // In this order, and enumerable, as workerd has them.
    for (const key of ["message", "stack"] as const) delete (this as { message?: string; stack?: string })[key];
    const own = { code: codes[name] ?? 0, name, message: text, stack };
    for (const [key, value] of Object.entries(own)) {
      Object.defineProperty(this, key, { value, enumerable: true, configurable: true, writable: key === "stack" });
    }
    if (typeof options === "object" && "cause" in options) {
      Object.defineProperty(this, "cause", { value: options.cause, configurable: true, writable: true });
    }
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

const headLine = (name: string, message: string): string => (message === "" ? name : name === "" ? message : `${name}: ${message}`);

/** What a handler that threw this is said to have thrown: an error with its places, a value that is none as an error's message. */
export function thrownText(error: unknown): string {
  if (error instanceof Error) return `${head(error)}\n${stackLines(error)}`.trimEnd();
  try {
    return `Error: ${String(error)}`;
  } catch {
    return `Error: ${inspectPlain(error)}`;
  }
}

/** The first lines of an error's text: its class and what it says. */
function head(error: Error): string {
  return headLine(String(error.name), String(error.message));
}

/**
 * The text that a thrown value has for people: an error with its stack, its cause and the errors that it is an
 * aggregate of; anything else as it is. Show gives the text of its own properties, if they are wanted too.
 */
export function errorText(error: unknown, show?: (value: unknown) => string, above: readonly unknown[] = []): string {
  if (!(error instanceof Error)) return `${inspectPlain(error)}`;
  const lines = `${head(error)}\n${stackLines(error)}`.trimEnd();
  const parts: string[] = [];
  const within = [...above, error];
  const nested = (value: unknown): string => {
    if (within.includes(value)) return "[Circular *1]";
    if (value instanceof Error) return errorText(value, show, within);
    return show === undefined ? inspectPlain(value) : show(value);
  };
  if (show !== undefined) {
    for (const key of Object.keys(error)) {
      if (["name", "message", "stack", "cause", "errors", ...(error instanceof DOMException ? ["code"] : [])].includes(key)) continue;
      parts.push(`${/^[A-Za-z_$][\w$]*$/.test(key) ? key : JSON.stringify(key)}: ${nested((error as unknown as Record<string, unknown>)[key])}`);
    }
  }
  const { cause } = error;
  if (cause !== undefined) parts.push(`[cause]: ${nested(cause)}`);
  const { errors: inner } = error as { errors?: unknown };
  if (error instanceof AggregateError && Array.isArray(inner)) {
    parts.push(`[errors]: [${inner.map((one) => `\n  ${nested(one).replaceAll("\n", "\n  ")}`).join(",")}${inner.length > 0 ? "\n" : ""}]`);
  }
  if (parts.length === 0) return lines;
  return `${lines} {\n${parts.map((part) => `  ${part.replaceAll("\n", "\n  ")}`).join(",\n")}\n}`;
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

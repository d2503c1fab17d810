// How values look in the log: as in Node and workerd, on one line where it fits.

import { errorText } from "../errors.ts";

const lineWidth = 72;
const mostItems = 100;
// After so many holes of an array, its keys are asked for what comes next.
const mostHoles = 1000;

/** The text of a value, with objects down to a depth. */
export function inspect(value: unknown, depth = 2): string {
  return show(value, depth, []);
}

function show(value: unknown, depth: number, above: object[]): string {
  switch (typeof value) {
    case "string":
      return quote(value);
    case "bigint":
      return `${value}n`;
    case "function":
      return functionText(value);
    case "object":
      return value === null ? "null" : showObject(value, depth, above);
    case "number":
      return Object.is(value, -0) ? "-0" : String(value);
    default:
      return String(value);
  }
}

function quote(text: string): string {
  const mark = !text.includes("'") ? "'" : !text.includes('"') ? '"' : "`";
  return mark + JSON.stringify(text).slice(1, -1).replaceAll('\\"', '"').replaceAll(mark, mark === "'" ? "\\'" : mark) + mark;
}

function functionText(f: Function): string {
  const tag: unknown = (f as unknown as Record<symbol, unknown>)[Symbol.toStringTag];
  if (typeof tag === "string" && tag.startsWith("JsRpc")) return `${tag} {}`; // its names are elsewhere
  if (/^class\b/.test(Function.prototype.toString.call(f))) return `[class ${f.name || "(anonymous)"}]`;
  return f.name === "" ? "[Function (anonymous)]" : `[Function: ${f.name}]`;
}

function className(value: object): string {
  const proto = Object.getPrototypeOf(value) as { constructor?: { name?: unknown } } | null;
  if (proto === null) return "[Object: null prototype]";
  const name = proto.constructor?.name;
  return typeof name === "string" ? name : "Object";
}

function showObject(value: object, depth: number, above: object[]): string {
  if (above.includes(value)) return "[Circular *1]";
  if (value instanceof Error) return errorText(value, (inner) => show(inner, depth - 1, [...above, value]), above);
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? "Invalid Date" : value.toISOString();
  if (value instanceof RegExp) return String(value);
  if (value instanceof Promise) return "Promise { }";
  if (value instanceof Number || value instanceof String || value instanceof Boolean) {
    return `[${className(value)}: ${show(value.valueOf(), depth, above)}]`;
  }
  const name = className(value);
  if (depth < 0) return Array.isArray(value) ? "[Array]" : `[${name}]`;
  const inner = (v: unknown): string => show(v, depth - 1, [...above, value]);
  if (Array.isArray(value)) return wrap("", "[", items(value, inner), "]");
  if (ArrayBuffer.isView(value) && !(value instanceof DataView)) {
    const list = value as unknown as ArrayLike<number>;
    return wrap(`${name}(${list.length}) `, "[", items(list, inner), "]");
  }
  if (value instanceof ArrayBuffer) return `ArrayBuffer { byteLength: ${value.byteLength} }`;
  if (value instanceof Map) {
    return wrap(`Map(${value.size}) `, "{", [...value].map(([k, v]) => `${inner(k)} => ${inner(v)}`), "}");
  }
  if (value instanceof Set) return wrap(`Set(${value.size}) `, "{", [...value].map(inner), "}");
  return wrap(name === "Object" ? "" : `${name} `, "{", properties(value, inner), "}");
}

function items(list: ArrayLike<unknown>, inner: (v: unknown) => string): string[] {
  const out: string[] = [];
  let n = 0;
  while (n < list.length && out.length < mostItems) {
    const from = n;
    while (n < list.length && !(n in list) && n - from < mostHoles) n++;
    if (n > from) {
      if (n - from === mostHoles) n = nextItem(list, from);
      out.push(`<${n - from} empty item${n - from === 1 ? "" : "s"}>`);
    } else {
      out.push(inner(list[n++]));
    }
  }
  if (n < list.length) out.push(`... ${list.length - n} more item${list.length - n === 1 ? "" : "s"}`);
  return out;
}

// The first index from one on that an array has; its length if there is none.
function nextItem(list: ArrayLike<unknown>, from: number): number {
  for (const key of Object.keys(list)) if (Number(key) >= from && Number(key) < list.length) return Number(key);
  return list.length;
}

function properties(value: object, inner: (v: unknown) => string): string[] {
  return Reflect.ownKeys(value).flatMap((key) => {
    const property = Object.getOwnPropertyDescriptor(value, key);
    if (property === undefined || !property.enumerable) return [];
    const name = typeof key === "symbol" ? `[${String(key)}]` : /^[A-Za-z_$][\w$]*$/.test(key) ? key : quote(key);
    if (property.get !== undefined) return [`${name}: ${property.set ? "[Getter/Setter]" : "[Getter]"}`];
    return [`${name}: ${inner(property.value)}`];
  });
}

function wrap(head: string, open: string, parts: string[], close: string): string {
  if (parts.length === 0) return `${head}${open}${close}`;
  const line = `${head}${open} ${parts.join(", ")} ${close}`;
  if (line.length <= lineWidth && !line.includes("\n")) return line;
  return `${head}${open}\n${parts.map((part) => `  ${part.replaceAll("\n", "\n  ")}`).join(",\n")}\n${close}`;
}

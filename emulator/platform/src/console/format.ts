import { inspect } from "./inspect.ts";

/** The text of a console call's arguments: format specifiers in the first, the others after it. */
export function format(args: unknown[]): string {
  const rest = [...args];
  const parts: string[] = [];
  if (typeof rest[0] === "string" && rest.length > 1) {
    parts.push((rest.shift() as string).replace(/%[sdifjoOc%]/g, (spec) => specifier(spec, rest)));
  }
  for (const value of rest) parts.push(typeof value === "string" ? value : inspect(value));
  return parts.join(" ");
}

function specifier(spec: string, rest: unknown[]): string {
  if (spec === "%%") return "%";
  if (rest.length === 0) return spec;
  const value = rest.shift();
  switch (spec) {
    case "%s":
      return typeof value === "object" && value !== null ? inspect(value, 0) : String(value);
    case "%d":
      return typeof value === "bigint" ? `${value}n` : String(typeof value === "object" ? NaN : Number(value));
    case "%i":
      return String(parseInt(String(value), 10));
    case "%f":
      return String(parseFloat(String(value)));
    case "%j":
      return JSON.stringify(value) ?? "undefined";
    case "%c":
      return "";
    default:
      return inspect(value, 4);
  }
}

/** Units of time, in milliseconds. */
export const second = 1000;
export const minute = 60 * second;
export const hour = 60 * minute;
export const day = 24 * hour;

/** A span of time as people say it, with its two largest units: "1 d 2 h", "3 min 20 s", "4.2 s", "12 ms". */
export function span(ms: number): string {
  const sign = ms < 0 ? "−" : "";
  ms = Math.abs(ms);
  if (ms < second) return `${sign}${ms < 10 && ms % 1 !== 0 ? ms.toFixed(1) : Math.round(ms)} ms`;
  if (ms < 10 * second && ms % second !== 0) return `${sign}${(Math.floor(ms / 100) / 10).toFixed(1)} s`;
  if (ms < minute) return `${sign}${Math.floor(ms / second)} s`;
  if (ms < hour) return sign + two(ms, minute, "min", second, "s");
  if (ms < day) return sign + two(ms, hour, "h", minute, "min");
  if (ms < 365 * day) return sign + two(ms, day, "d", hour, "h");
  return sign + two(ms, 365 * day, "y", day, "d");
}

function two(ms: number, large: number, largeName: string, small: number, smallName: string): string {
  const rest = Math.floor((ms % large) / small);
  const head = `${Math.floor(ms / large)} ${largeName}`;
  return rest === 0 ? head : `${head} ${rest} ${smallName}`;
}

/** When something happened or will, in whole seconds: "in 4 s", "3 min 20 s ago", "now". */
export function relative(at: number, now: number): string {
  const ms = Math.trunc((at - now) / second) * second;
  if (ms === 0) return "now";
  return ms > 0 ? `in ${span(ms)}` : `${span(-ms)} ago`;
}

/** A countdown, always as wide: "04:59", "1:02:03", "2d 03:04:05". A time that has come is "due". */
export function countdown(ms: number): string {
  if (ms <= 0) return "due";
  const total = Math.ceil(ms / second);
  const days = Math.floor(total / 86_400);
  const hours = Math.floor((total % 86_400) / 3600);
  const pad = (n: number) => String(n).padStart(2, "0");
  const clock = `${pad(Math.floor((total % 3600) / 60))}:${pad(total % 60)}`;
  if (days > 0) return `${days}d ${pad(hours)}:${clock}`;
  return hours > 0 ? `${hours}:${clock}` : clock;
}

const units: Record<string, number> = {
  ms: 1, s: second, sec: second, second: second, seconds: second,
  m: minute, min: minute, minute: minute, minutes: minute,
  h: hour, hour: hour, hours: hour, d: day, day: day, days: day, w: 7 * day, week: 7 * day, weeks: 7 * day,
};

/** Reads a span of time as "90s", "1h30m", "1.5 d" or "250" (milliseconds); undefined if it is none. */
export function parseSpan(text: string): number | undefined {
  const rest = text.trim().toLowerCase();
  if (/^\d+(\.\d+)?$/.test(rest)) return Number(rest);
  if (!/^(\d+(\.\d+)?\s*[a-z]+\s*)+$/.test(rest)) return undefined;
  let ms = 0;
  for (const [, n, unit] of rest.matchAll(/(\d+(?:\.\d+)?)\s*([a-z]+)/g)) {
    const factor = units[unit!];
    if (factor === undefined) return undefined;
    ms += Number(n) * factor;
  }
  return ms;
}

/** The time of day with milliseconds, in UTC as everything that doemu says: "12:30:00.125". */
export function timeOfDay(iso: string): string {
  return iso.slice(11, 23);
}

/** Date and time, in UTC: "2026-11-25 12:30:00". */
export function dateTime(at: string | number): string {
  const iso = typeof at === "number" ? new Date(at).toISOString() : at;
  return `${iso.slice(0, 10)} ${iso.slice(11, 19)}`;
}

/**
 * Reads a time: RFC 3339, a date with or without a time of day (in UTC), milliseconds since 1970, or a span from
 * now as "+1h"; undefined if it is none.
 */
export function parseTime(text: string, now: number): number | undefined {
  const written = text.trim();
  const ahead = /^(\+|in )(.+)$/.exec(written);
  if (ahead) {
    const ms = parseSpan(ahead[2]!);
    return ms === undefined ? undefined : now + ms;
  }
  if (/^\d{11,}$/.test(written)) return Number(written);
  const match = /^(\d{4}-\d{2}-\d{2})(?:[T ](\d{2}:\d{2})(:\d{2}(?:\.\d{1,3})?)?)?(Z|[+-]\d{2}:\d{2})?$/i.exec(written);
  if (!match) return undefined;
  const [, date, clock = "00:00", seconds = ":00", zone = "Z"] = match;
  const at = Date.parse(`${date}T${clock}${seconds}${zone}`);
  return Number.isNaN(at) ? undefined : at;
}

/** What is due, as text that a person can edit: the form that parseTime reads. */
export function editable(iso: string): string {
  return iso.replace("T", " ").replace(/(\.000)?Z$/, "");
}

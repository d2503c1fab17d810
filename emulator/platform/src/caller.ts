import { stackLines } from "./errors.ts";

/** The line of the program that called the platform: stacks do not show the platform's own. */
export function callerLine(): string {
  const errors = Error as typeof Error & { prepareStackTrace?: unknown };
  const prepare = errors.prepareStackTrace;
  if (prepare === undefined) return firstLine();
  // What the program makes of stacks is not for this.
  errors.prepareStackTrace = undefined;
  try {
    return firstLine();
  } finally {
    errors.prepareStackTrace = prepare;
  }
}

const firstLine = (): string => stackLines(new Error()).split("\n", 1)[0]!.trim();

import { stackLines } from "./errors.ts";

/** The line of the program that called the platform: stacks do not show the platform's own. */
export const callerLine = (): string => stackLines(new Error()).split("\n", 1)[0]!.trim();

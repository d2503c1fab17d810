/** The line of the program that called the platform: the first of the stack that is not the platform's own. */
export const callerLine = (): string =>
  (String(new Error().stack).split("\n").find((line) => line !== "" && !line.includes("(doemu:")) ?? "").trim();

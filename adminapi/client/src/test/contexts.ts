// For tests that call a Worker's handlers themselves, worker.fetch(request, env, ctx), in Node.

/** What a handler gets as ctx. */
export class ExecutionContext {
  /** @internal */
  readonly waiting: Promise<unknown>[] = [];
  readonly props: unknown = {};

  waitUntil(promise: Promise<unknown>): void {
    if (!(this instanceof ExecutionContext)) throw new TypeError("Illegal invocation");
    const waited = Promise.resolve(promise);
    waited.catch(() => {}); // waitOnExecutionContext tells of it
    this.waiting.push(waited);
  }

  passThroughOnException(): void {}
}

export const createExecutionContext = (): ExecutionContext => new ExecutionContext();

/** How long what a handler left may take, in milliseconds. */
const patience = 30_000;

/** Waits for all that was given to waitUntil, what comes meanwhile too. */
export async function waitOnExecutionContext(ctx: ExecutionContext): Promise<void> {
  if (!(ctx instanceof ExecutionContext)) {
    throw new TypeError(
      "Failed to execute 'waitOnExecutionContext': parameter 1 is not of type 'ExecutionContext'.\n" +
        "You must call 'createExecutionContext()' to get an 'ExecutionContext' instance.",
    );
  }
  const errors: unknown[] = [];
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<undefined>((resolve) => (timer = setTimeout(resolve, patience, undefined)));
  while (ctx.waiting.length > 0) {
    const waiting = ctx.waiting.splice(0);
    const settled = await Promise.race([Promise.allSettled(waiting), late]);
    if (settled === undefined) {
      console.warn(`[doemu] ${waiting.length} waitUntil promise(s) did not resolve within ${patience / 1000}s and will be abandoned.`);
      break;
    }
    for (const result of settled) if (result.status === "rejected") errors.push(result.reason);
  }
  clearTimeout(timer);
  if (errors.length === 1) throw errors[0];
  if (errors.length > 1) throw new AggregateError(errors, "Several waitUntil promises were rejected.");
}

/** What a scheduled handler gets. */
export class ScheduledController {
  readonly scheduledTime: number;
  readonly cron: string;

  /** @internal */
  constructor(scheduledTime: number, cron: string) {
    this.scheduledTime = scheduledTime;
    this.cron = cron;
  }

  noRetry(): void {}
}

export function createScheduledController(options: { scheduledTime?: Date | number; cron?: string } = {}): ScheduledController {
  if (typeof options !== "object" || options === null) {
    throw new TypeError("Failed to execute 'createScheduledController': parameter 1 is not of type 'ScheduledOptions'.");
  }
  return new ScheduledController(Number(options.scheduledTime ?? Date.now()), options.cron ?? "");
}

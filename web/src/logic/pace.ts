const firstPause = 500;
const longestPause = 5_000;

/** How long to wait before another attempt to connect, in milliseconds. */
export function pauseAfter(failures: number): number {
  return Math.min(firstPause * 2 ** Math.max(0, failures - 1), longestPause);
}

/**
 * Makes a function of a task that runs at once, and while more is asked for again after a pause, but never twice at
 * the same time. What is asked for last is always done.
 */
export function throttled(task: () => Promise<void>, ms: number): () => void {
  let busy = false;
  let again = false;
  const run = async (): Promise<void> => {
    if (busy) {
      again = true;
      return;
    }
    busy = true;
    try {
      await task();
    } finally {
      setTimeout(() => {
        busy = false;
        if (again) {
          again = false;
          void run();
        }
      }, ms);
    }
  };
  return () => void run();
}

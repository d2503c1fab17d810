import type { StubNode } from "./stub.ts";

/**
 * The execution of one call of an entrypoint: while the handler runs, or waitUntil, or somebody has a stub
 * of something that it returned. Then the stubs that it was given, and their duplicates, are disposed of.
 * An object has one session, which never ends.
 */
export class Session {
  #open = 1;
  readonly #endless: boolean;
  // What it holds; an object leaves that to the garbage collector.
  #held: Set<StubNode> | undefined;
  #aborted: { reason: unknown } | undefined;
  readonly #onAbort = new Set<(reason: unknown) => void>();

  constructor(endless = false) {
    this.#endless = endless;
    if (!endless) this.#held = new Set();
  }

  get aborted(): boolean {
    return this.#aborted !== undefined;
  }

  /** Keeps the session open until release. */
  retain(): void {
    this.#open++;
  }

  release(): void {
    if (--this.#open === 0 && !this.#endless) this.#end();
  }

  hold(stub: StubNode): void {
    this.#held?.add(stub);
  }

  letGo(stub: StubNode): void {
    this.#held?.delete(stub);
  }

  /** Does something if the session is aborted, until what it returns is called. That of an object never is. */
  onAbort(work: (reason: unknown) => void): (() => void) | undefined {
    if (this.#endless) return undefined;
    this.#onAbort.add(work);
    return () => this.#onAbort.delete(work);
  }

  /** Ends the session: what waits for it fails with the reason. */
  abort(reason: unknown): void {
    if (this.#aborted !== undefined) return;
    this.#aborted = { reason };
    for (const work of [...this.#onAbort]) work(reason);
    this.#end();
  }

  #end(): void {
    const held = this.#held;
    this.#held = undefined;
    for (const stub of held ?? []) stub.dispose();
  }
}

// What env holds: each kind of binding has a function here that makes one from its configuration.

type Make = (config: never) => unknown;

const kinds = new Map<string, Make>();

/** Registers a kind of binding. */
export function bindingKind<Config extends object>(kind: string, make: (config: Config) => unknown): void {
  kinds.set(kind, make);
}

/** A member of env, as Go describes it; the kind of one that doemu does not have is a noun with its article. */
export interface BindingConfig {
  name: string;
  kind: string;
}

/** Makes an env from the descriptions of its members. */
export function makeEnv(configs: BindingConfig[]): Record<string, unknown> {
  const env: Record<string, unknown> = {};
  for (const config of configs) {
    const make = kinds.get(config.kind);
    if (make === undefined) {
      missing(env, config);
    } else {
      env[config.name] = make(config as never);
    }
  }
  return env;
}

// A binding of a kind that doemu does not have throws its name when it is used, not when env is made.
function missing(env: object, { name, kind }: BindingConfig): void {
  const refuse = (): never => {
    throw new Error(`env.${name} is ${kind} binding, which doemu does not have yet.`);
  };
  const handler: ProxyHandler<object> = {
    get: (_, key) => (typeof key === "symbol" || key === "then" ? undefined : refuse()),
    has: () => true,
    apply: refuse,
    construct: refuse,
    set: refuse,
  };
  Object.defineProperty(env, name, { value: new Proxy(() => {}, handler), enumerable: true, configurable: true, writable: true });
}

bindingKind("text", ({ value }: { value: string }) => value);
bindingKind("json", ({ json }: { json: unknown }) => json);
bindingKind("data", ({ bytes }: { bytes: number[] }) => new Uint8Array(bytes).buffer);

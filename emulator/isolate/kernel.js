// The first code in every heap: what stands between Go and all other JavaScript. It is called with
// a function that makes those for ops, by number and name, and with the names of ops and events. It gives
// Go the functions that it calls.
((makeOp, config) => {
  "use strict";
  const { ops, events } = config;
  const { apply } = Reflect;
  const NativePromise = Promise;
  const { withResolvers } = Promise;

  // Host operations by name. One that waits gives a promise; Go settles it by its number.
  const host = { __proto__: null };
  const pending = new Map();
  let lastPromise = 0;
  ops.forEach(({ name, waits }, number) => {
    const op = makeOp(number, name);
    host[name] = !waits
      ? op
      : (...args) => {
          const capability = apply(withResolvers, NativePromise, []);
          const id = ++lastPromise;
          pending.set(id, capability);
          try {
            op(id, ...args);
          } catch (error) {
            pending.delete(id);
            capability.reject(error);
          }
          return capability.promise;
        };
  });
  Object.freeze(host);

  const handlers = events.map((name) => () => {
    throw new Error(`no handler for the event ${name}`);
  });
  const settle = (id) => {
    const promise = pending.get(id);
    pending.delete(id);
    return promise;
  };
  handlers[events.indexOf("resolve")] = (id, value) => settle(id)?.resolve(value);
  handlers[events.indexOf("reject")] = (id, error) => settle(id)?.reject(error);

  const kernel = {
    __proto__: null,
    host,
    // Sets the function that takes an event.
    on(name, handler) {
      const number = events.indexOf(name);
      if (number < 0) throw new Error(`the event ${name} is not declared`);
      handlers[number] = handler;
    },
    // Sets how errors from Go become exceptions, and exceptions become text for Go.
    errors(make, describe) {
      result.makeError = make;
      result.describe = describe;
    },
  };

  const plainError = (name, message) => {
    const type = globalThis[name];
    const error = typeof type === "function" ? new type(message) : new Error(message);
    if (error.name !== name) error.name = name;
    return error;
  };
  const result = {
    kernel,
    dispatch: (number, ...args) => apply(handlers[number], undefined, args),
    makeError: plainError,
    describe: (e) =>
      JSON.stringify(
        e instanceof Error
          ? { name: String(e.name), message: String(e.message), stack: String(e.stack) }
          : { name: "", message: String(e), stack: "" },
      ),
    errorFor: (...args) => result.makeError(...args),
    describeFor: (e) => result.describe(e),
  };

  for (const name of ["std", "os", "bjson", "print", "scriptArgs", "gc", "QJS_PROXY_VALUE"]) delete globalThis[name];
  return result;
});

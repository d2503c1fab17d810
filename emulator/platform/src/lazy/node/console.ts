// node:console is the global console.

const whole = globalThis.console;
export default whole;

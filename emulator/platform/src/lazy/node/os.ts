// node:os, with the values that workerd has.
//
// https://developers.cloudflare.com/workers/runtime-apis/nodejs/

const text = (value: string) => (): string => value;

/** Nothing of the machine shows: all Workers see the same one. */
const here = {
  EOL: "\n",
  devNull: "/dev/null",
  arch: text("x64"),
  availableParallelism: (): number => 1,
  cpus: (): object[] => [],
  endianness: text("LE"),
  freemem: (): number => 0,
  getPriority: (): number => 0,
  homedir: text("/tmp/"),
  hostname: text("localhost"),
  loadavg: (): number[] => [0, 0, 0],
  machine: text("x86_64"),
  networkInterfaces: (): object => ({}),
  platform: text("linux"),
  release: text(""),
  setPriority: (): void => {},
  tmpdir: text("/tmp/"),
  totalmem: (): number => 0,
  type: text("Linux"),
  uptime: (): number => 0,
  userInfo: (): object => ({}),
  version: text(""),
};

export const {
  EOL, devNull, arch, availableParallelism, cpus, endianness, freemem, getPriority, homedir, hostname, loadavg, machine, networkInterfaces, platform,
  release, setPriority, tmpdir, totalmem, type, uptime, userInfo, version,
} = here;

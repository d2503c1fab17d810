/** A number of bytes as people say it: "512 B", "4.2 kB", "1.3 MB". */
export function bytes(n: number): string {
  if (n < 1000) return `${n} B`;
  const units = ["kB", "MB", "GB", "TB"];
  let value = n / 1000;
  let unit = 0;
  for (; value >= 999.95 && unit < units.length - 1; unit++) value /= 1000;
  return `${value < 10 ? value.toFixed(1) : Math.round(value)} ${units[unit]}`;
}

const whole = new Intl.NumberFormat("en-US");

/** A number with separators: "10,000". */
export function count(n: number): string {
  return whole.format(n);
}

/** A number with its noun: "1 object", "10,000 objects". */
export function counted(n: number, one: string, many = `${one}s`): string {
  return `${count(n)} ${n === 1 ? one : many}`;
}

import { DurableObject } from "cloudflare:workers";

// What the benchmarks measure: each method does its work n times in one turn. node.mjs does the same with
// node:sqlite.
export class Bench extends DurableObject {
  async fill() {
    const { sql, kv } = this.ctx.storage;
    for (let n = 0; n < 10_000; n++) kv.put(`key:${String(n).padStart(6, "0")}`, { n, name: `value ${n}` });
    sql.exec("CREATE TABLE t (id INTEGER PRIMARY KEY, author TEXT, text TEXT, at REAL)");
    for (let n = 1; n <= 1000; n++) sql.exec("INSERT INTO t VALUES (?, ?, ?, ?)", n, `author ${n % 10}`, `message number ${n}`, n + 0.5);
  }

  async list(n: number) {
    let size = 0;
    for (let i = 0; i < n; i++) size = (await this.ctx.storage.list()).size;
    return size;
  }

  select(n: number) {
    let size = 0;
    for (let i = 0; i < n; i++) size = this.ctx.storage.sql.exec("SELECT * FROM t").toArray().length;
    return size;
  }

  get(n: number) {
    let value: unknown;
    for (let i = 0; i < n; i++) value = this.ctx.storage.kv.get("key:005000");
    return (value as { n: number }).n;
  }
}

export default {
  async fetch(request: Request, env: { BENCH: any }): Promise<Response> {
    const [, method, n] = new URL(request.url).pathname.split("/");
    return Response.json((await env.BENCH.getByName("a")[method!](Number(n))) ?? null);
  },
};

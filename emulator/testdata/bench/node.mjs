// The work of index.ts in Node, with node:sqlite and V8's serializer, to compare: node node.mjs
import { DatabaseSync } from "node:sqlite";
import v8 from "node:v8";

const db = new DatabaseSync(":memory:");
db.exec("CREATE TABLE _cf_KV (key TEXT PRIMARY KEY, value BLOB) WITHOUT ROWID; CREATE TABLE t (id INTEGER PRIMARY KEY, author TEXT, text TEXT, at REAL)");
const put = db.prepare("INSERT INTO _cf_KV VALUES (?, ?)");
for (let n = 0; n < 10_000; n++) put.run(`key:${String(n).padStart(6, "0")}`, v8.serialize({ n, name: `value ${n}` }));
const insert = db.prepare("INSERT INTO t VALUES (?, ?, ?, ?)");
for (let n = 1; n <= 1000; n++) insert.run(n, `author ${n % 10}`, `message number ${n}`, n + 0.5);

const all = db.prepare("SELECT key, value FROM _cf_KV");
const select = db.prepare("SELECT * FROM t");
const get = db.prepare("SELECT value FROM _cf_KV WHERE key = ?");
const work = {
  "list of 10,000": [50, () => new Map(all.all().map(({ key, value }) => [key, v8.deserialize(value)])).size],
  "select of 1,000": [500, () => select.all().length],
  get: [50_000, () => v8.deserialize(get.get("key:005000").value).n],
};
for (const [name, [times, run]] of Object.entries(work)) {
  for (let i = 0; i < times / 10; i++) run();
  const start = performance.now();
  for (let i = 0; i < times; i++) run();
  console.log(`${name}: ${(((performance.now() - start) / times) * 1000).toFixed(1)} us`);
}

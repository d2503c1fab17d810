package emulator_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// sqlSource has a method for what a query's rows are to a program.
const sqlSource = `
export class Thing extends DurableObject {
  sql = this.ctx.storage.sql;
  kinds() {
    const show = (v) => v instanceof ArrayBuffer ? "<" + new Uint8Array(v) + ">" : Object.is(v, -0) ? "-0" : v === null ? "null" : typeof v + " " + v;
    const query = "SELECT 1 AS a, -1.5 AS b, 'é€' AS c, x'00ff' AS d, NULL AS e, 9e999 AS f, '' AS g, x'' AS h, 9007199254740993 AS \"2\", 4 AS a, 5 AS __proto__";
    const row = this.sql.exec(query).one();
    const [raw] = this.sql.exec(query).raw();
    return [
      Object.entries(row).map(([k, v]) => k + "=" + show(v)).join(" "), raw.map(show).join(" "),
      Object.getPrototypeOf(row) === Object.prototype, Array.isArray(raw),
      this.sql.exec(query).columnNames.join(),
    ];
  }
  ways() {
    const query = "SELECT value AS n FROM json_each('[1,2,3,4]')";
    const cursor = this.sql.exec(query);
    const first = cursor.next().value.n;
    const [second] = cursor.raw();
    const other = this.sql.exec(query);
    const rest = cursor.toArray();
    return [first, second, rest.map((r) => r.n), cursor.toArray(), cursor.next().done, other.toArray().length, [...this.sql.exec(query)].length];
  }
  errors() {
    const failing = "SELECT json(value) AS j FROM json_each('[\"1\",\"2\",\"{\"]')";
    const message = (f) => { try { return String(f()); } catch (e) { return e.message; } };
    const cursor = this.sql.exec(failing);
    return [
      message(() => this.sql.exec(failing).toArray()),
      cursor.next().value.j, message(() => cursor.next()), message(() => cursor.toArray()),
      message(() => this.sql.exec(failing).one()),
      message(() => this.sql.exec("SELECT 1 WHERE 0").one()),
      message(() => this.sql.exec("SELECT 1 UNION SELECT 2").one()),
    ];
  }
  // Rows of many forms at once, which are dropped and made again.
  forms() {
    let sum = 0;
    for (let n = 0; n < 700; n++) {
      const row = this.sql.exec("SELECT 1 AS c" + (n % 350) + ", ? AS d", n).one();
      sum += row["c" + (n % 350)] + row.d;
    }
    return sum;
  }
  bindings() {
    const one = (...values) => this.sql.exec("SELECT typeof(?1) || ' ' || coalesce(?1, '') AS v", ...values).one().v;
    const message = (f) => { try { return f(); } catch (e) { return e.name + ": " + e.message; } };
    return [
      one(null), one(undefined), one(5), one(0.5), one("é\u0000x"), one(true), one(false), one({ toString: () => "object" }), one(NaN),
      one(new Uint8Array([97, 98]).subarray(1)), one(new Uint8Array([99]).buffer), one(new Uint16Array([100])), one(new Date(NaN)),
      message(() => one(5n)), message(() => one(Symbol("s"))), message(() => one()), message(() => one(1, 2)), message(() => one(1, 2, 3)),
      message(() => this.sql.exec()), message(() => this.sql.exec({ toString: () => "SELECT 1 AS v" }).one().v), message(() => this.sql.exec(Symbol("s"))),
      message(() => this.sql.exec("SELECT ? || ? || ? AS v", "a", true, 3).one().v),
      this.sql.exec.name + this.sql.exec.length,
    ];
  }
  // A cursor that nobody has any more holds its statement no longer; one that is kept goes on.
  dropped() {
    const message = (f) => { try { f(); return "done"; } catch (e) { return e.message; } };
    this.sql.exec("CREATE TABLE u (n)");
    this.sql.exec("INSERT INTO u VALUES (1), (2), (3) RETURNING n").toArray();
    this.sql.exec("SELECT n FROM u").next();
    const kept = this.sql.exec("SELECT n FROM u");
    kept.next();
    const locked = message(() => this.sql.exec("DROP TABLE u"));
    const rest = kept.toArray().map((r) => r.n);
    this.sql.exec("SELECT n FROM u").next();
    return [locked, rest, kept.rowsRead, message(() => this.sql.exec("DROP TABLE u"))];
  }
  many() {
    const query = "SELECT ? AS k UNION ALL SELECT 100 UNION ALL SELECT 200", kept = [];
    for (let n = 0; n < 90; n++) {
      const cursor = this.sql.exec(query, n);
      if (n % 2 === 0) kept.push(cursor);
    }
    kept.splice(10, 10);
    for (let n = 90; n < 120; n++) kept.push(this.sql.exec(query, n));
    return kept.map((cursor) => { const [first, ...rest] = cursor; return first.k + (rest.length === 2 ? "" : "!"); }).join(" ");
  }
  odd() {
    const one = (...values) => this.sql.exec("SELECT typeof(?1) AS v", ...values).one().v;
    const { exec } = this.sql;
    return [
      one(Object.create(ArrayBuffer.prototype)), one(Object.create(SharedArrayBuffer.prototype)), one(new DataView(new ArrayBuffer(3))),
      exec("SELECT 'é' AS \"ä€\"").one(), exec("SELECT '\ud800' AS v").one().v.charCodeAt(),
      one({ toString: () => this.sql.exec("SELECT 'nested'").one() && "x" }),
    ];
  }
  endless() {
    this.sql.exec("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT zeroblob(2000000) FROM n").toArray();
  }
  counts() {
    this.sql.exec("CREATE TABLE t (n)");
    const write = this.sql.exec("INSERT INTO t VALUES (1), (2), (3)"), read = this.sql.exec("SELECT * FROM t");
    const before = [read.rowsRead, read.rowsWritten];
    const names = Object.getOwnPropertyNames(read).concat(Object.keys(write));
    return [write.rowsRead, write.rowsWritten, before, read.toArray().length, read.rowsRead, write.columnNames, names,
      read instanceof this.sql.Cursor, write instanceof this.sql.Cursor, String(read), read !== this.sql.exec("SELECT * FROM t")];
  }
}`

func TestSQL(t *testing.T) {
	t.Parallel()
	r := newRig(t, sqlSource, nil)
	for _, tt := range []struct{ method, want string }{
		{"kinds", `["2=number 9007199254740992 a=number 4 b=number -1.5 c=string é€ d=<0,255> e=null f=number Infinity g=string  h=<>",` +
			`"number 1 number -1.5 string é€ <0,255> null number Infinity string  <> number 9007199254740992 number 4 number 5",` +
			`true,true,"a,b,c,d,e,f,g,h,2,a,__proto__"]`},
		{"ways", `[1,[2],[3,4],[],true,4,4]`},
		{"errors", `["malformed JSON: SQLITE_ERROR","1","malformed JSON: SQLITE_ERROR","malformed JSON: SQLITE_ERROR",` +
			`"Expected exactly one result from SQL query, but got multiple results.","Expected exactly one result from SQL query, but got no results.","Expected exactly one result from SQL query, but got multiple results."]`},
		{"forms", `245350`},
		{"bindings", `["null ","null ","real 5.0","real 0.5","text é\u0000x","text true","text false","text object","null ",` +
			`"blob b","blob c","blob d\u0000","text Invalid Date",` +
			`"TypeError: Cannot convert a BigInt value to a number","TypeError: Cannot convert a Symbol value to a string",` +
			`"Error: Wrong number of parameter bindings for SQL query.","Error: Wrong number of parameter bindings for SQL query.","Error: Wrong number of parameter bindings for SQL query.",` +
			`"TypeError: Failed to execute 'exec' on 'SqlStorage': parameter 1 is not of type 'String'.",1,"TypeError: Cannot convert a Symbol value to a string","atrue3.0","exec1"]`},
		{"dropped", `["database table is locked: SQLITE_LOCKED",[2,3],3,"done"]`},
		{"many", `"0 2 4 6 8 10 12 14 16 18 40 42 44 46 48 50 52 54 56 58 60 62 64 66 68 70 72 74 76 78 80 82 84 86 88 ` +
			`90 91 92 93 94 95 96 97 98 99 100 101 102 103 104 105 106 107 108 109 110 111 112 113 114 115 116 117 118 119"`},
		{"odd", `["blob","blob","blob",{"ä€":"é"},65533,"text"]`},
		{"counts", `[0,3,[1,0],3,3,[],[],true,true,"[object Cursor]",true]`},
	} {
		if got := r.get("/" + tt.method); got != tt.want {
			t.Errorf("%s:\ngot  %s\nwant %s", tt.method, got, tt.want)
		}
	}
}

// A result that no heap can take ends the object as other use of too much memory does.
func TestSQL_endless(t *testing.T) {
	t.Parallel()
	r := newRig(t, sqlSource, nil)
	answer := httptest.NewRecorder()
	r.ServeHTTP(answer, httptest.NewRequest(http.MethodGet, "http://localhost/endless", nil))
	if want := "exceeded its memory limit"; answer.Code != http.StatusInternalServerError || !strings.Contains(answer.Body.String(), want) {
		t.Errorf("got %d %s, want %d and %q", answer.Code, answer.Body, http.StatusInternalServerError, want)
	}
	r.want("/ways", `[1,[2],[3,4],[],true,4,4]`)
}

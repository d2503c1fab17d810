package isolate

import (
	"math"
	"testing"
)

// fillRow adds a row with every kind of value.
func fillRow(rows *Rows) {
	rows.Number(7)
	rows.Number(math.Inf(-1))
	rows.Text([]byte("é\x00 €"))
	rows.Bytes([]byte{1, 2, 250})
	rows.Null()
	rows.Text(nil)
	rows.Bytes(nil)
	rows.Number(math.Copysign(0, -1))
	rows.Number(1 << 40)
	rows.Number(math.NaN())
	rows.Text([]byte("plain"))
}

// rowForm is the form of such a row.
func rowForm(c *Call) Form {
	n := c.Owner().(*notes)
	if n.form == nil {
		form := c.Isolate().Form([]string{
			`"int"`, `"float"`, `"text"`, `"blob"`, `"null"`, `"1"`, `"no bytes"`, `"__proto__"`, `"big"`, `"nan"`, `"ascii"`,
		})
		n.form = &form
	}
	return *n.form
}

var rowsOps = []Op{
	{Name: "rows", Run: func(c *Call) (Value, error) {
		var rows Rows
		for range c.Int(0) {
			fillRow(&rows)
		}
		return rows.Objects(rowForm(c)), nil
	}},
	{Name: "row", Run: func(c *Call) (Value, error) {
		var rows Rows
		fillRow(&rows)
		return rows.Object(rowForm(c)), nil
	}},
	{Name: "flat", Run: func(c *Call) (Value, error) {
		var rows Rows
		for range c.Int(0) {
			fillRow(&rows)
		}
		return rows.Array(), nil
	}},
	// collectAfter lets a collection begin when so many bytes more are in use.
	{Name: "collectAfter", Run: func(c *Call) (Value, error) {
		i := c.Isolate()
		i.code.Xcollect_after(i.roots.Context, int32(c.Int(0)))
		return Undefined(), nil
	}},
}

// showValue gives JavaScript a function that writes a value so that all kinds differ.
const showValue = `
	const show = (v) =>
		v instanceof ArrayBuffer ? "<" + new Uint8Array(v) + ">" : Object.is(v, -0) ? "-0" : typeof v === "string" ? JSON.stringify(v) : String(v);
`

func deliver(t testing.TB, i *Isolate, args ...Value) {
	t.Helper()
	if err := i.Deliver(testEngine(t).Event("run"), args...); err != nil {
		t.Fatal(err)
	}
}

func TestRows(t *testing.T) {
	t.Parallel()
	i, n := boot(t, showValue+`on("run", () => {
		const row = host.row(), rows = host.rows(2), flat = host.flat(1);
		host.note(Object.entries(row).map(([k, v]) => k + "=" + show(v)).join());
		host.note(...rows.map((r) => Object.values(r).map(show).join()));
		host.note(flat.map(show).join());
		host.note(rows.length, flat.length, host.rows(0).length, host.flat(0).length);
		host.note(Array.isArray(rows), Array.isArray(flat), Object.getPrototypeOf(row) === Object.prototype);
		host.note(JSON.stringify(Object.getOwnPropertyDescriptors(row).ascii), JSON.stringify(Object.getOwnPropertyDescriptor(rows, "length")));
	})`)
	deliver(t, i)
	values := `"",7,-Infinity,"é\u0000 €",<1,2,250>,null,<>,-0,1099511627776,NaN,"plain"`
	n.want(t,
		`1="",int=7,float=-Infinity,text="é\u0000 €",blob=<1,2,250>,null=null,no bytes=<>,__proto__=-0,big=1099511627776,nan=NaN,ascii="plain"`,
		values, values,
		`7,-Infinity,"é\u0000 €",<1,2,250>,null,"",<>,-0,1099511627776,NaN,"plain"`,
		"2 false", "11 false", "0 false", "0 false",
		"0 true", "0 true", "0 true",
		`{"value":"plain","writable":true,"enumerable":true,"configurable":true}`,
		`{"value":2,"writable":true,"enumerable":false,"configurable":false}`,
	)
}

// What a program does to a row or to the array is not seen in others.
func TestRows_changed(t *testing.T) {
	t.Parallel()
	i, n := boot(t, `on("run", () => {
		const rows = host.rows(4), [a, b, c, d] = rows;
		a.more = 1;
		delete b.text;
		Object.defineProperty(c, "int", { get: () => 5 });
		Object.setPrototypeOf(Object.freeze(d), null);
	});
	on("loaded", () => {
		const rows = host.rows(4), [a, b, c, d] = rows;
		a.more = 1;
		delete b.text;
		Object.defineProperty(c, "int", { get: () => 5 });
		Object.freeze(d);
		rows.push(1, 2, 3);
		rows.length = 6;
		rows[9] = 4;
		rows.unshift(0);
		host.note(...[a, b, c, d].map((r) => Object.keys(r).length + " " + r.int + " " + Object.isFrozen(r)));
		host.note(rows.length, rows[1] === a, rows[10]);
		host.note(Object.keys(host.row()).join(), Object.isFrozen(host.row()), host.row().int);
	})`)
	if err := i.Deliver(testEngine(t).Event("loaded")); err != nil {
		t.Fatal(err)
	}
	n.want(t,
		"12 7 false", "10 7 false", "11 5 false", "11 7 true",
		"11 false", "0 true", "4 false",
		"1,int,float,text,blob,null,no bytes,__proto__,big,nan,ascii", "0 false", "7 false",
	)
}

// Rows in cycles are made while collections run in the midst of that: what is kept stays whole, and
// the rest is freed to the last byte.
func TestRows_collected(t *testing.T) {
	t.Parallel()
	i, n := boot(t, showValue+`
	const kept = [];
	on("run", () => {
		for (let k = 0; k < 60; k++) {
			host.collectAfter(6000 + k * 23);
			const rows = host.rows(60);
			host.collectAfter(2000 + k * 23);
			const flat = host.flat(30);
			for (const row of rows) { row.self = row; row.rows = rows; }
			flat[0] = flat;
			if (k % 5 === 0) kept.push(rows.slice(0, 50), flat);
			host.collectAfter(k * 7);
			host.row();
		}
		const seen = new Set(kept.flatMap((rows) =>
			rows[0] === rows ? rows.slice(1, 11).map(show).join() : rows.map((r) => [r.text, r.blob, r.float, r.ascii].map(show) + (r.self === r) + r.rows.length)));
		host.note(...seen);
		kept.length = 0;
		host.collectAfter(0);
		host.row();
	})`)
	used := func() uint32 { return uint32(i.code.Xused_bytes(i.roots.Context)) }
	var first uint32
	for k := range 5 {
		n.said = nil
		deliver(t, i)
		n.want(t,
			`"é\u0000 €",<1,2,250>,-Infinity,"plain"true60`,
			`-Infinity,"é\u0000 €",<1,2,250>,null,"",<>,-0,1099511627776,NaN,"plain"`)
		switch got := used(); k {
		case 0: // the names that the program uses are made
		case 1:
			first = got
		default:
			if got != first {
				t.Errorf("round %d: got %d bytes in use, want %d", k, got, first)
			}
		}
	}
}

// A result that does not fit the heap breaks the isolate, as all memory that is too much does.
func TestRows_memoryLimit(t *testing.T) {
	t.Parallel()
	i, err := testEngine(t).Boot(Options{MemoryLimit: 16 << 20, Owner: &notes{}})
	if err != nil {
		t.Fatal(err)
	}
	defer i.Close()
	if err := i.EvalScript("test.js", `const kernel = `+KernelGlobal+`; kernel.on("run", () => { kernel.host.rows(30000); })`); err != nil {
		t.Fatal(err)
	}
	if err := i.Deliver(testEngine(t).Event("run")); err != ErrMemoryLimit {
		t.Errorf("too many rows: got %v, want %v", err, ErrMemoryLimit)
	}
}

func TestForm_release(t *testing.T) {
	t.Parallel()
	i, n := boot(t, `on("run", () => host.note(Object.keys(host.row()).length))`)
	deliver(t, i)
	i.ReleaseForm(*n.form)
	n.form = nil
	deliver(t, i)
	n.want(t, "11 false", "11 false")
}

package isolate

import (
	"fmt"
	"strings"
	"testing"
)

// formsSource makes strings in every form that the engine has, and says for each what it is: it goes through them
// character by character, which no form of theirs can mislead. forms(use) calls use(name, string, hexadecimal units).
const formsSource = `
const forms = (use) => {
	const lengths = [0, 1, 2, 255, 511, 512, 513, 1023, 1024, 1025, 1026, 2047, 2048, 2049, 4096, 8191, 8192, 8193, 16385, 70000];
	const alphabets = { ascii: "abcdefghij", narrow: "a\xe9\xff\x80z", wide: "a\u20ac\u{1f600}z", lone: "a\ud800b\udc00" };
	const hex = (s) => {
		let out = "";
		for (let i = 0; i < s.length; i++) out += s.charCodeAt(i).toString(16).padStart(4, "0");
		return out;
	};
	for (const [kind, alphabet] of Object.entries(alphabets)) {
		for (const length of lengths) {
			const flat = alphabet.repeat(Math.ceil((length + 20) / alphabet.length));
			const rope = () => {
				let s = "";
				while (s.length < length) s += flat.slice(s.length, Math.min(length, s.length + 700));
				return s;
			};
			const want = hex(Array.from({ length }, (_, i) => flat[i]).join(""));
			const made = {
				slice: flat.slice(0, length),
				"slice from 7": ("1234567" + flat).slice(7, 7 + length),
				"slice of a slice": flat.slice(0, length + 9).slice(0, length),
				substring: flat.substring(0, length),
				trim: length > 0 && flat[length - 1] !== " " ? ("  " + flat.slice(0, length) + "  ").trim() : flat.slice(0, length),
				split: (flat.slice(0, length) + "\n" + flat).split("\n")[0],
				group: length > 0 ? new RegExp("^([^]{" + length + "})").exec(flat)[1] : "",
				joined: Array.from({ length }, (_, i) => flat[i]).join(""),
				rope: rope(),
				"slice of a rope": (rope() + flat).slice(0, length),
				template: ` + "`${flat.slice(0, length >> 1)}${flat.slice(length >> 1, length)}`" + `,
				parsed: JSON.parse(JSON.stringify(flat.slice(0, length))),
			};
			for (const [form, s] of Object.entries(made)) use(kind + " " + form + " of " + length, s, want);
		}
	}
};
`

// Every way by which Go takes a string out of the engine gives the characters that the program sees.
func TestCall_stringForms(t *testing.T) {
	t.Parallel()
	i, n := boot(t, "")
	seen := 0
	if err := i.EvalScript("forms.js", formsSource+`
		const { host } = `+KernelGlobal+`;
		forms((name, s, want) => {
			const got = host.units(s);
			if (got !== host.unitsOf(want)) throw new Error(name + ": UTF16");
			const narrow = /^[\0-\x7f]*$/.test(s);
			if (host.ascii(s) !== (narrow ? s : "not ASCII")) throw new Error(name + ": ASCII");
			const text = s.toWellFormed();
			if (host.text(s) !== text || host.value(s) !== text) throw new Error(name + ": String");
			if (new Map([[host.text(s), 1]]).get(text) !== 1) throw new Error(name + ": key");
			try { host.failWith(s); } catch (error) { if (error.message !== text) throw new Error(name + ": Error"); }
			host.note("seen");
		});`); err != nil {
		t.Fatal(err)
	}
	for _, said := range n.said {
		if said == "seen" {
			seen++
		}
	}
	if want := 4 * 20 * 12; seen != want {
		t.Errorf("got %d strings, want %d", seen, want)
	}
	// What was thrown comes to Go whole, too.
	err := i.EvalScript("forms.js", `throw new Error(("x".repeat(3000) + "!").slice(1))`)
	if want := strings.Repeat("x", 2999) + "!"; err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("got %.100s…, want the %d characters that were thrown", fmt.Sprint(err), len(want))
	}
}

// What Go sees of a typed array is what its buffer has.
func TestCall_viewForms(t *testing.T) {
	t.Parallel()
	i, _ := boot(t, "")
	if err := i.EvalScript("views.js", `
		const { host } = `+KernelGlobal+`;
		const size = (name, view, want) => {
			const got = host.size(view);
			if (got !== want) throw new Error(name + ": got " + got + ", want " + want);
		};
		for (const length of [0, 1, 1024, 65536]) {
			const buffer = new ArrayBuffer(length), view = new Uint8Array(buffer);
			size("buffer", buffer, length);
			size("view", view, length);
			size("part", new Uint8Array(buffer, length >> 1), length - (length >> 1));
			const moved = buffer.transfer();
			size("transferred", view, 0);
			size("transferred buffer", buffer, 0);
			size("taken over", moved, length);
			const other = new Uint8Array(moved);
			moved.transferToFixedLength(length + 10);
			size("transferred to another length", other, 0);
		}
		const buffer = new ArrayBuffer(100, { maxByteLength: 200 });
		const tracks = new Uint8Array(buffer), fixed = new Uint8Array(buffer, 10, 80), later = new Uint8Array(buffer, 50);
		const sizes = (name, ...want) => [buffer, tracks, fixed, later].forEach((view, n) => size(name + " " + n, view, want[n]));
		sizes("at first", 100, 100, 80, 50);
		buffer.resize(200);
		sizes("grown", 200, 200, 80, 150);
		buffer.resize(60);
		sizes("shrunk", 60, 60, 0, 10);
		buffer.resize(20);
		sizes("shrunk again", 20, 20, 0, 0);
		buffer.resize(0);
		sizes("empty", 0, 0, 0, 0);
		buffer.resize(100);
		sizes("grown again", 100, 100, 80, 50);
		size("shared", new Uint8Array(new SharedArrayBuffer(30), 10, 5), 5);
		size("no bytes", {}, -1);
	`); err != nil {
		t.Fatal(err)
	}
}

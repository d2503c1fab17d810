package emulator_test

import (
	"flag"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/doemu/doemu/emulator"
	"github.com/doemu/doemu/emulator/clock"
)

var manyAlarms = flag.Int("alarms", 60, "how many objects TestAlarms_atOnce rings at one instant; make soak rings 10,000")

// bells is a Worker whose objects ring, and its configuration.
func bells(classes []string) (source, configuration string) {
	var code, bindings strings.Builder
	code.WriteString(`import { DurableObject } from "cloudflare:workers";
class Bell extends DurableObject {
	set(at) { return this.ctx.storage.setAlarm(at); }
	alarm() { this.ctx.storage.kv.put("rang", (this.ctx.storage.kv.get("rang") ?? 0) + 1); }
	rang() { return this.ctx.storage.kv.get("rang"); }
}
export default { async fetch(request, env) {
	const q = new URL(request.url).searchParams, from = Number(q.get("from")), to = Number(q.get("to"));
	const rang = {};
	for (const space of Object.values(env)) for (let n = from; n < to; n++) {
		const bell = space.getByName("bell " + n);
		if (q.has("at")) await bell.set(Number(q.get("at")));
		else { const times = await bell.rang(); rang[times] = (rang[times] ?? 0) + 1; }
	}
	return Response.json(rang);
} };
`)
	for n, class := range classes {
		fmt.Fprintf(&code, "export class %s extends Bell {}\n", class)
		if n > 0 {
			bindings.WriteString(", ")
		}
		fmt.Fprintf(&bindings, `{ "name": %[1]q, "class_name": %[1]q }`, class)
	}
	return code.String(), fmt.Sprintf(`{ "name": "test", "main": "index.js", "compatibility_date": "2026-01-01",
		"durable_objects": { "bindings": [%s] }, "migrations": [{ "tag": "v1", "new_sqlite_classes": ["%s"] }] }`,
		&bindings, strings.Join(classes, `", "`))
}

// ring sets the alarm of objects of each class for a time, ends, and starts again at another; then it
// wants each to have rung once when little more time has passed.
func ring(t *testing.T, classes []string, objects int, at, again time.Time) {
	t.Helper()
	source, configuration := bells(classes)
	dir, state := writeProject(t, source, configuration), t.TempDir()
	begin := func(now time.Time) *emulator.Emulator {
		e, _, err := emulator.New(t.Context(), emulator.Options{
			Workers: newWorkers(dir), StateDir: state, Clock: clock.NewFrozen(now),
		})
		if err != nil {
			t.Fatal(err)
		}
		return e
	}
	ask := func(e *emulator.Emulator, query string) string {
		answer := httptest.NewRecorder()
		e.ServeHTTP(answer, httptest.NewRequest(http.MethodGet, "http://localhost/?"+query, nil))
		return answer.Body.String()
	}
	const batch = 50
	e := begin(start)
	for n := 0; n < objects; n += batch {
		if got := ask(e, fmt.Sprintf("at=%d&from=%d&to=%d", at.UnixMilli(), n, min(n+batch, objects))); got != "{}" {
			t.Fatal(got)
		}
	}
	if err := e.Close(); err != nil {
		t.Fatal(err)
	}
	e = begin(again)
	defer func() {
		if err := e.Close(); err != nil {
			t.Error(err)
		}
	}()
	if _, err := e.Clock().Advance(t.Context(), time.Hour); err != nil {
		t.Fatal(err)
	}
	for n := 0; n < objects; n += batch {
		to := min(n+batch, objects)
		if got, want := ask(e, fmt.Sprintf("from=%d&to=%d", n, to)), fmt.Sprintf(`{"1":%d}`, (to-n)*len(classes)); got != want {
			t.Errorf("objects from %d on: got rang %s, want %s", n, got, want)
		}
	}
}

// Many alarms at one instant wake their objects, each once.
func TestAlarms_atOnce(t *testing.T) {
	t.Parallel()
	ring(t, []string{"Bell0"}, *manyAlarms, start.Add(30*time.Minute), start.Add(20*time.Minute))
}

// Alarms that were due while nothing ran are run at the start, in hundreds of namespaces.
func TestAlarms_namespaces(t *testing.T) {
	t.Parallel()
	var classes []string
	for n := range 200 {
		classes = append(classes, fmt.Sprintf("Class%d", n))
	}
	ring(t, classes, 1, start.Add(30*time.Minute), start.Add(40*time.Minute))
}

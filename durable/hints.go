package durable

import (
	"errors"
	"fmt"
	"time"

	"github.com/doemu/doemu/emulator/hint"
	"github.com/doemu/doemu/emulator/isolate"
	"github.com/doemu/doemu/emulator/journal"
	"github.com/doemu/doemu/emulator/mistake"
	"github.com/doemu/doemu/emulator/platform"
)

// hints are those that an object has given already, and what it takes to find them out. They belong to the loop.
type hints struct {
	told mistake.Set
	// held is the line of the timer that was told of last.
	held                    string
	memory, database, value bool
	commits                 uint
}

// hint tells of a mistake that showed in the object. The stack leads to the place in the source; it may be
// empty.
func (o *Object) hint(h hint.Hint, stack string) {
	class := o.namespace.class.Load()
	if class == nil || class.Hint == nil {
		return
	}
	at := journal.Event{Namespace: o.namespace.key, Object: o.id, Name: o.Name(), Generation: class.Generation, Worker: class.Worker}
	class.Hint(at, h, stack)
}

// hintOnce is hint for what may happen with every call: only the first time in the object's place it costs
// more than a look. Call it on the loop.
func (o *Object) hintOnce(stack func() string, m mistake.Mistake, text func() string) {
	if o.hints.told.Add(m) {
		o.hint(hint.Hint{Mistake: m, Text: text()}, stack())
	}
}

// longHeld is how long an object without events stays in memory on Cloudflare's network.
var longHeld = ProductionEviction.Hibernate

// fired is called when a timer of the object's own is due; source is the line that set it.
func (o *Object) fired(source string) {
	quiet := o.quiet()
	if quiet < longHeld || o.hints.held == source {
		return
	}
	o.hints.held = source
	o.hint(hint.Hint{Mistake: mistake.TimerHolds, Text: fmt.Sprintf("A timer has kept the object in memory for %s in which nothing else happened. "+
		"With a timer an object does not hibernate, and its time is billed. An alarm wakes it when there is something to do: ctx.storage.setAlarm().",
		quiet.Truncate(time.Second))}, source)
}

// quiet is how long no event has come from outside.
func (o *Object) quiet() time.Duration {
	o.mu.Lock()
	calls := len(o.calls)
	o.mu.Unlock()
	last := o.lastEnd.Load()
	if calls > 0 || last == 0 {
		return 0
	}
	return o.namespace.now().Sub(time.Unix(0, last))
}

// hintLost tells what an object waited for that leaves memory nevertheless.
func (o *Object) hintLost(stay time.Duration) {
	for _, reason := range o.loop.Pins() {
		switch reason.Kind {
		case platform.PinTimer:
			o.hint(hint.Hint{Mistake: mistake.TimerHolds, Text: fmt.Sprintf("The object has left memory after %s without an event, and a timer that was to come has gone with it. "+
				"An alarm wakes the object when it is due: ctx.storage.setAlarm().", stay)}, reason.Detail)
		case platform.PinFetch, platform.PinResponse:
			o.hint(hint.Hint{Mistake: mistake.FetchHolds, Of: reason.Detail, Text: fmt.Sprintf("The object could not hibernate while it waited for %s, "+
				"and has left memory after %s. A signal ends a request that takes too long: fetch(url, { signal: AbortSignal.timeout(5000) }).", reason.Detail, stay)}, "")
		}
	}
}

// accepted is called when the object has taken a WebSocket with accept(); outgoing is one to elsewhere.
func (o *Object) accepted(outgoing bool, stack func() string) {
	if outgoing {
		o.hintOnce(stack, mistake.OutgoingSocket, func() string {
			return "The object has a WebSocket to elsewhere, and does not hibernate as long as that is open: only the WebSockets of its own clients outlast " +
				"its memory. If messages may wait, connect when an alarm or a request wakes the object, and close again."
		})
		return
	}
	o.hintOnce(stack, mistake.PlainAccept, func() string {
		return "A WebSocket taken with accept() keeps the object in memory as long as it is connected. ctx.acceptWebSocket() takes it so that the object hibernates " +
			"between messages; they come to its method webSocketMessage()."
	})
}

// slowStart is how long an object may take to start before people are told.
const slowStart = 100 * time.Millisecond

// starting is a start of the object that has not ended.
type starting struct {
	began     time.Time     // by the emulator's clock
	computing time.Duration // of the constructor, by its thread's
	sections  int           // critical sections of the constructor that are open
}

// hintStart tells of a start that took long: computing in the constructor, by the time of its thread, and waiting in
// its critical sections, by the emulator's.
func (o *Object) hintStart(computing, waiting time.Duration) {
	if o.namespace.around.Random.Seeded() {
		computing = 0 // two runs are to have the same journal
	}
	if computing+waiting <= slowStart || !o.hints.told.Add(mistake.SlowStart) {
		return
	}
	parts := fmt.Sprintf("%d ms of computing", computing.Milliseconds())
	if waiting > 0 {
		parts += fmt.Sprintf(", %d ms in blockConcurrencyWhile()", waiting.Milliseconds())
	}
	source := ""
	if o.class.Constructor != nil {
		source = o.class.Constructor()
	}
	o.hint(hint.Hint{Mistake: mistake.SlowStart, Source: source, Text: fmt.Sprintf("The constructor of %s took %d ms: %s. All events wait for it each time the object wakes up. "+
		"Leave to later what the first event does not need.", o.class.Name, (computing + waiting).Milliseconds(), parts)}, "")
}

// near tells whether so much of a limit is used that people should know. There is no limit of 0.
func near(used, limit int64) bool { return limit > 0 && used > limit/5*4 }

// hintMemory tells of a heap that is nearly full. Call it on the loop.
func (o *Object) hintMemory() {
	used, limit := o.loop.Memory()
	if o.hints.memory || !near(int64(used), int64(limit)) {
		return
	}
	o.hints.memory = true
	o.hint(hint.Hint{Mistake: mistake.NearLimit, Of: "memory", Text: fmt.Sprintf("The object uses %d of the %d MiB of memory that it may have. With more it is reset: "+
		"what is in memory is lost, and calls under way fail.", used>>20, limit>>20)}, "")
}

// commitsBetweenLooks is after how many commits the size of the database is looked at.
const commitsBetweenLooks = 256

// hintDatabase tells of a database that is nearly full. It is called with each commit.
func (o *Object) hintDatabase() {
	if o.hints.commits++; o.hints.commits%commitsBetweenLooks != 0 || o.hints.database || o.limits.DatabaseBytes == 0 {
		return
	}
	size, err := o.db.Size()
	if limit := o.limits.DatabaseBytes; err == nil && near(size, limit) {
		o.hints.database = true
		o.hint(hint.Hint{Mistake: mistake.NearLimit, Of: "database", Text: fmt.Sprintf("The object stores %.1f of the %.1f GB that it may. Beyond that only reading and deleting work.",
			float64(size)/1e9, float64(limit)/1e9)}, "")
	}
}

// hintValue tells of a value that is nearly too large to be stored.
func (o *Object) hintValue(c *isolate.Call, size, limit int) {
	if near(int64(size), int64(limit)) && !o.hints.value {
		o.hints.value = true
		o.hint(hint.Hint{Mistake: mistake.NearLimit, Of: "value", Text: fmt.Sprintf("A stored value has %d of the %d KiB that it may have. Larger ones are refused: "+
			"divide it over several keys or rows.", size>>10, limit>>10)}, c.Stack())
	}
}

// hintBoolean tells what becomes of a boolean in SQL.
func (o *Object) hintBoolean(c *isolate.Call) {
	o.hintOnce(c.Stack, mistake.BooleanBound, func() string {
		return "A boolean was bound to a SQL statement, and SQLite has none: it became the text 'true' or 'false', and both differ from 1 and 0. Bind Number(value) instead."
	})
}

// hintAlarmStays tells of an alarm that deleteAll, which is about to be done, leaves.
func (o *Object) hintAlarmStays(c *isolate.Call) {
	if o.class.DeleteAllDeletesAlarm {
		return
	}
	at, has, err := o.storedAlarm()
	if err != nil || !has {
		return // deleteAll says what is wrong with the storage
	}
	o.hintOnce(c.Stack, mistake.DeleteAllKeepsAlarm, func() string {
		return fmt.Sprintf("deleteAll() leaves the alarm of %s, which will wake the object: it deletes alarms from the compatibility date 2026-02-24 on, "+
			"or with the flag delete_all_deletes_alarm. Until then call deleteAlarm(), too.", at.UTC().Format(timeFormat))
	})
}

// hintLocation tells what a location hint is.
func hintLocation(c *isolate.Call) {
	r := c.Owner().(realmOwner).Realm()
	if r.Hint == nil || !r.Hinted.Add(mistake.LocationHint) {
		return
	}
	r.Hint(hint.Hint{Mistake: mistake.LocationHint, Text: "A location hint is no guarantee: Cloudflare takes it into account when the object is first used, " +
		"and ignores it afterwards. Here it only shows on the object. For data that has to stay in a place there are jurisdictions: namespace.jurisdiction(\"eu\")."}, c.Stack())
}

// hintGivenUp tells of an alarm whose handler failed too often.
func (o *Object) hintGivenUp(tries int, why error) {
	stack := ""
	var thrown *isolate.Error
	if errors.As(why, &thrown) {
		stack = thrown.Stack
	}
	o.hint(hint.Hint{Mistake: mistake.AlarmGivenUp, Text: fmt.Sprintf("The alarm handler has failed %d times and does not run again: what it was to do is left undone. "+
		"A handler that catches its errors can set the next alarm itself.", tries)}, stack)
}

// Package journal is the record of what happens in an emulator: every event once. The log on the
// screen, the admin API and tests read it.
package journal

import (
	"fmt"
	"sync"
	"time"
	"unicode/utf8"
)

// Kind is what happened.
type Kind string

const (
	Request       Kind = "request"        // an HTTP request that came from outside was answered
	Fetch         Kind = "fetch"          // an object's fetch handler ran
	RPC           Kind = "rpc"            // an object's method ran
	Run           Kind = "run"            // a function of a test ran in an object
	Alarm         Kind = "alarm"          // an alarm handler ran
	AlarmSet      Kind = "alarm.set"      // an alarm was set
	AlarmDelete   Kind = "alarm.delete"   // an alarm was deleted
	AlarmRetry    Kind = "alarm.retry"    // an alarm handler failed and will run again
	AlarmGiveUp   Kind = "alarm.giveup"   // an alarm handler failed too often
	SocketOpen    Kind = "socket.open"    // a program took a WebSocket
	SocketMessage Kind = "socket.message" // a WebSocket brought a message
	SocketClose   Kind = "socket.close"   // a WebSocket's other side closed it, or went away
	SocketError   Kind = "socket.error"   // a WebSocket's other side broke the protocol
	Wake          Kind = "wake"           // an object was constructed
	Hibernate     Kind = "hibernate"      // an object left memory and kept its sockets
	Evict         Kind = "evict"          // an object left memory
	Reset         Kind = "reset"          // an object was reset by an error
	Fault         Kind = "fault"          // a fault that was asked for happened
	Console       Kind = "console"        // a program wrote a line
	Uncaught      Kind = "uncaught"       // an error reached nobody who would handle it
	Reload        Kind = "reload"         // new code serves, or could not be built
	Edit          Kind = "edit"           // a person or a tool changed an object's storage, alarm or sockets
	Delete        Kind = "delete"         // a person or a tool deleted an object
	Restore       Kind = "restore"        // an object's state became that of a snapshot
	Snapshot      Kind = "snapshot"       // a snapshot was saved
	Hint          Kind = "hint"           // a mistake showed that many people make
)

// Event is one entry. Fields that do not apply are empty.
type Event struct {
	Seq        uint64        `json:"seq"`
	Time       time.Time     `json:"time"`
	Kind       Kind          `json:"kind"`
	Generation int           `json:"generation,omitempty"`
	Worker     string        `json:"worker,omitempty"`
	Namespace  string        `json:"namespace,omitempty"` // <worker>-<Class>
	Object     string        `json:"object,omitempty"`    // 64 hex digits
	Name       string        `json:"name,omitempty"`      // of the object
	Detail     string        `json:"detail,omitempty"`    // method and path, RPC method, reason, message
	Status     int           `json:"status,omitempty"`    // of an HTTP response
	Level      string        `json:"level,omitempty"`     // of a console line
	Duration   time.Duration `json:"duration,omitempty"`
	Error      string        `json:"error,omitempty"` // with the stack in the user's own files
	Hint       *HintOf       `json:"hint,omitempty"`  // of a hint
}

// HintOf is what a hint is about.
type HintOf struct {
	// Mistake is its number in docs/mistakes.md, 0 if it has none; Code names it for programs.
	Mistake int    `json:"mistake,omitempty"`
	Code    string `json:"code"`
	// Source is the place in the user's files, "file:line:column" from the directory of the configuration.
	Source string `json:"source,omitempty"`
	// Link is a page of Cloudflare's documentation.
	Link string `json:"link"`
}

// Journal keeps the newest events and gives each to those who listen. It is safe for use by many
// goroutines.
type Journal struct {
	now func() time.Time

	mu        sync.Mutex
	seq       uint64
	events    []Event // a ring once it is full
	forgotten uint64  // the number of the newest event that is not remembered any more
	bytes     int     // of the texts of those that are
	listeners map[int]func(Event)
	last      int
	latest    map[place]Event
}

// place is an object.
type place struct{ namespace, object string }

// Keep is how many events a journal remembers, and KeepBytes how many bytes of text. A text of an event is cut that has
// more than MostText bytes: a program may write whatever it likes to its console.
const (
	Keep      = 10_000
	KeepBytes = 32 << 20
	MostText  = 256 << 10
)

// latestText is how much of a text is kept of the newest event of each object.
const latestText = 4 << 10

// New makes a journal whose events have the times of a clock.
func New(now func() time.Time) *Journal {
	return &Journal{now: now, listeners: map[int]func(Event){}, latest: map[place]Event{}}
}

// Record adds an event; its number and, if it has none, its time are filled in.
func (j *Journal) Record(e Event) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.seq++
	e.Seq = j.seq
	if e.Time.IsZero() {
		e.Time = j.now()
	}
	e.Detail, e.Error = cut(e.Detail, MostText), cut(e.Error, MostText)
	j.keep(e)
	if e.Object != "" {
		latest := e
		latest.Detail, latest.Error = cut(e.Detail, latestText), cut(e.Error, latestText)
		j.latest[place{e.Namespace, e.Object}] = latest
	}
	for _, listener := range j.listeners {
		listener(e)
	}
}

// keep remembers an event, in place of the oldest ones if there are too many.
func (j *Journal) keep(e Event) {
	if len(j.events) == Keep && j.seq-j.forgotten > Keep {
		j.forgetOldest()
	}
	for j.bytes += size(e); j.bytes > KeepBytes && j.forgotten < j.seq-1; {
		j.forgetOldest()
	}
	if len(j.events) < Keep {
		j.events = append(j.events, e)
	} else {
		j.events[(j.seq-1)%Keep] = e
	}
}

func (j *Journal) forgetOldest() {
	oldest := &j.events[j.forgotten%Keep]
	j.bytes -= size(*oldest)
	*oldest = Event{}
	j.forgotten++
}

func size(e Event) int { return len(e.Detail) + len(e.Error) }

// cut is the beginning of a text that is too long, with a remark that there was more. The rest can be let go of.
func cut(text string, most int) string {
	if len(text) <= most {
		return text
	}
	end := most
	for end > 0 && !utf8.RuneStart(text[end]) {
		end--
	}
	return fmt.Sprintf("%s… (cut: %d bytes in all)", text[:end], len(text))
}

// Listen calls f with every event from now on, in order, until stop is called. f must be quick and
// must not use the journal.
func (j *Journal) Listen(f func(Event)) (stop func()) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.last++
	id := j.last
	j.listeners[id] = f
	return func() {
		j.mu.Lock()
		defer j.mu.Unlock()
		delete(j.listeners, id)
	}
}

// Last is the number of the newest event, 0 if there is none.
func (j *Journal) Last() uint64 {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.seq
}

// Latest is the newest event of an object, however long ago it was.
func (j *Journal) Latest(namespace, object string) (e Event, ok bool) {
	j.mu.Lock()
	defer j.mu.Unlock()
	e, ok = j.latest[place{namespace, object}]
	return e, ok
}

// Since returns the events after a number, oldest first, as far as they are remembered.
func (j *Journal) Since(seq uint64) []Event {
	j.mu.Lock()
	defer j.mu.Unlock()
	seq = min(max(seq, j.forgotten), j.seq)
	out := make([]Event, 0, j.seq-seq)
	for n := seq; n < j.seq; n++ {
		out = append(out, j.events[n%Keep])
	}
	return out
}

// Package mistake lists the mistakes that people make with Durable Objects and that doemu tells them of:
// checks before anything runs (package check) and hints while it runs (package hint) name theirs by it.
// docs/mistakes.md shows what a person sees of each.
package mistake

// Mistake is one of the mistakes.
type Mistake uint8

// The mistakes; the first twenty are those that docs/mistakes.md numbers.
const (
	None Mistake = iota
	NotExported
	NotMigrated
	SQLDisabled
	SlowStart
	TimerHolds
	StateInMemory
	OutgoingSocket
	SharedClassName
	DeleteAllKeepsAlarm
	UnknownBinding
	NearLimit
	MigrationsChanged
	LocationHint
	AlarmGivenUp
	FetchHolds
	BooleanBound
	StreamCancelled
	ConstructorSection
	SessionsRPC
	NameInConstructor
	SuperCall
	FloatingCall
	PlainAccept
	CloseUnanswered
)

// Numbered is how many of the mistakes have a number.
const Numbered = int(NameInConstructor)

// detail is what is known of a mistake.
type detail struct{ code, title, page string }

const pages = "https://developers.cloudflare.com/"

var details = [...]detail{
	None:                {},
	NotExported:         {"class-not-exported", "A class that the entry point does not export", "durable-objects/get-started/#2-write-a-durable-object-class-using-sql-api"},
	NotMigrated:         {"class-not-migrated", "A class that is bound and in no migration", "durable-objects/reference/durable-objects-migrations/"},
	SQLDisabled:         {"sql-disabled", "new_classes where SQL is used", "durable-objects/best-practices/access-durable-objects-storage/#create-sqlite-backed-durable-object-class"},
	SlowStart:           {"slow-start", "A constructor that does much", "durable-objects/best-practices/websockets/"},
	TimerHolds:          {"timer-holds", "Timers that keep running", "durable-objects/concepts/durable-object-lifecycle/"},
	StateInMemory:       {"state-in-memory", "State that is only in memory", "durable-objects/reference/in-memory-state/"},
	OutgoingSocket:      {"outgoing-websocket", "Outgoing WebSockets", "durable-objects/best-practices/websockets/"},
	SharedClassName:     {"shared-class-name", "One name for the classes of several Workers", "durable-objects/reference/environments/"},
	DeleteAllKeepsAlarm: {"delete-all-keeps-alarm", "deleteAll and alarms", "durable-objects/api/sqlite-storage-api/#deleteall"},
	UnknownBinding:      {"unknown-binding", "A binding's name that does not match the code", "workers/runtime-apis/bindings/"},
	NearLimit:           {"near-limit", "Limits of storage and memory", "durable-objects/platform/limits/"},
	MigrationsChanged:   {"migrations-changed", "Migrations that change or are rolled out gradually", "workers/configuration/versions-and-deployments/gradual-deployments/#gradual-deployments-for-durable-objects"},
	LocationHint:        {"location-hint", "A location hint taken for a guarantee", "durable-objects/reference/data-location/#provide-a-location-hint"},
	AlarmGivenUp:        {"alarm-given-up", "An alarm handler that keeps failing", "durable-objects/api/alarms/"},
	FetchHolds:          {"fetch-holds", "A fetch that does not end", "durable-objects/concepts/durable-object-lifecycle/"},
	BooleanBound:        {"boolean-bound", "Booleans bound in SQL", "durable-objects/api/sqlite-storage-api/#exec"},
	StreamCancelled:     {"stream-cancelled", "Cancelling a stream that came by RPC", "workers/runtime-apis/rpc/#readablestream-writeablestream-request-and-response"},
	ConstructorSection:  {"constructor-section", "blockConcurrencyWhile in the constructor", "durable-objects/api/state/#blockconcurrencywhile"},
	SessionsRPC:         {"sessions-rpc", "RPC between separate dev sessions", "workers/development-testing/multi-workers/"},
	NameInConstructor:   {"name-in-constructor", "ctx.id.name in the constructor", "durable-objects/api/id/#name"},
	SuperCall:           {"super-call", "super(ctx, env) left out", "durable-objects/api/base/"},
	FloatingCall:        {"floating-call", "A call to a stub that nobody awaits", "workers/best-practices/workers-best-practices/"},
	PlainAccept:         {"plain-accept", "accept() where acceptWebSocket() was meant", "durable-objects/best-practices/websockets/"},
	CloseUnanswered:     {"close-unanswered", "A close of a WebSocket that is not answered", "durable-objects/api/base/#websocketclose"},
}

// All are all mistakes, in their order.
func All() []Mistake {
	all := make([]Mistake, 0, len(details)-1)
	for n := range details[1:] {
		all = append(all, Mistake(n+1))
	}
	return all
}

// Number is the mistake's number in docs/mistakes.md, or 0 if it has none there.
func (m Mistake) Number() int {
	if int(m) > Numbered {
		return 0
	}
	return int(m)
}

// Code is a name for programs that does not change, such as "timer-holds"; "" for None.
func (m Mistake) Code() string { return details[m].code }

// Title says in a few words what the mistake is.
func (m Mistake) Title() string { return details[m].title }

// Link is the page of Cloudflare's documentation on the subject, or "" for None.
func (m Mistake) Link() string {
	if m == None {
		return ""
	}
	return pages + details[m].page
}

// Set is a set of mistakes. The empty value has none.
type Set uint32

// Add puts a mistake into the set; it is false if the set had it.
func (s *Set) Add(m Mistake) bool {
	had := *s&(1<<m) != 0
	*s |= 1 << m
	return !had
}

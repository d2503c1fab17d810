package emulator

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/doemu/doemu/durable"
	"github.com/doemu/doemu/emulator/bundle"
	"github.com/doemu/doemu/emulator/check"
	"github.com/doemu/doemu/emulator/clock"
	"github.com/doemu/doemu/emulator/config"
	"github.com/doemu/doemu/emulator/hint"
	"github.com/doemu/doemu/emulator/isolate"
	"github.com/doemu/doemu/emulator/journal"
	"github.com/doemu/doemu/emulator/platform"
)

// Generation is one build of a project: the heap image with its modules loaded, and what is made of
// it.
type Generation struct {
	Number   int
	service  *Service
	project  *config.Project
	image    *isolate.Image
	modules  *bundle.Bundle
	maps     *bundle.SourceMaps
	bindings *bindings
	worker   *Worker
	inputs   []string
	tail     platform.Tail // nil if no Worker wants to see the events
	exports  map[string]platform.Export
	source   func() (*check.Source, error) // parsed, when it is first asked for
	migrated []check.Finding               // what its migrations change
}

// loading is the owner of the isolate in which a generation's image is made.
type loading struct {
	realm    *platform.Realm
	bindings *bindings
	exports  map[string]platform.Export
}

func (l *loading) Realm() *platform.Realm                        { return l.realm }
func (l *loading) Namespace(n int) *durable.Namespace            { return l.bindings.namespaces[n] }
func (l *loading) SetExports(exports map[string]platform.Export) { l.exports = exports }

// generate evaluates a bundle over the platform's image.
func (s *Service) generate(build build, bindings *bindings, number int) (*Generation, error) {
	e, project, b := s.emulator, build.project, build.bundle
	g := &Generation{Number: number, service: s, project: project, bindings: bindings, modules: b, maps: bundle.NewSourceMaps(b), inputs: b.Inputs}
	g.source = sync.OnceValues(func() (*check.Source, error) { return check.Parse(project, b) })
	place := []string{"module", project.Name, strconv.Itoa(number)}
	owner := &loading{realm: e.newRealm(g, journal.Event{Worker: project.Name}, e.options.Random.Stream(place...)), bindings: bindings}
	i, err := e.base.Fork(isolate.Options{
		MemoryLimit: e.options.Memory, LoadModule: g.loadModule, Owner: owner, Seed: e.options.Random.Uint64(place...),
	})
	if err != nil {
		return nil, err
	}
	defer i.Close()
	i.SetTime(e.options.Clock.Now())
	settings, err := s.workerSettings(project, bindings)
	if err != nil {
		return nil, err
	}
	if err := i.Deliver(e.engine.Event("worker.configure"), isolate.JSON(settings)); err != nil {
		return nil, err
	}
	stop := s.limitLoading(project, i)
	err = i.EvalModule(b.Entry, string(b.Module(b.Entry).Source), e.engine.Event("worker.loaded"))
	stop()
	if err != nil {
		return nil, g.startError(err)
	}
	g.exports = owner.exports
	if err := g.checkClasses(); err != nil {
		return nil, err
	}
	if g.image, err = i.Image(); err != nil {
		return nil, err
	}
	return g, nil
}

// limitLoading ends code at module level that does not end by itself. It counts the machine's time, as
// all limits of computing do.
func (s *Service) limitLoading(project *config.Project, i *isolate.Isolate) (stop func()) {
	timer := time.AfterFunc(s.cpu(project), i.Interrupt)
	return func() { timer.Stop() }
}

// startError is what module-level code threw, with its place in the user's files.
func (g *Generation) startError(err error) error {
	var thrown *isolate.Exception
	switch {
	case errors.Is(err, isolate.ErrPending):
		return &config.Error{Text: "The Worker's top-level await did not end: at module level there is no fetch() and no timer that it could wait for.",
			Hint: "Move the work into a handler: https://developers.cloudflare.com/workers/runtime-apis/handlers/"}
	case !errors.As(err, &thrown):
		return err
	case thrown.Interrupted:
		return &config.Error{Text: "The Worker's code at module level did not end in time."}
	}
	text := "The Worker failed to start: Uncaught " + thrown.Error()
	if stack := strings.TrimRight(g.stack(thrown.Stack), "\n"); stack != "" {
		text += "\n" + stack
	}
	return &config.Error{Text: text}
}

// checkClasses sees that the Durable Object classes are classes.
func (g *Generation) checkClasses() error {
	for _, class := range g.project.Classes {
		if !g.exports[class.Name].Class {
			return &config.Error{
				Text: fmt.Sprintf("The Durable Object class %q is declared in the configuration, but the entry point does not export a class of that name.", class.Name),
				Pos:  class.Pos,
				Hint: fmt.Sprintf("Export it: export class %s extends DurableObject { … }", class.Name),
			}
		}
	}
	return nil
}

// stack rewrites the places of a stack to those in the user's files.
func (g *Generation) stack(text string) string { return g.maps.Stack(text, nil) }

// line is stack for one line, which need not be indented.
func (g *Generation) line(text string) string {
	if !strings.HasPrefix(text, "at ") {
		return text
	}
	return strings.TrimSpace(g.stack("    " + text))
}

// place is the first place of a stack in the user's own files, file:line:column as seen from the configuration;
// if there is none, the first in a package that they use. It is "" without any.
func (g *Generation) place(stack string) (place string) {
	for line := range strings.Lines(stack) {
		origin, ok := g.maps.Origin(line)
		switch {
		case !ok:
		case !strings.Contains(origin.File, "node_modules"):
			return g.show(origin)
		case place == "":
			place = g.show(origin)
		}
	}
	return place
}

func (g *Generation) show(o bundle.Origin) string {
	file, err := filepath.Rel(g.project.Dir, o.File)
	if err != nil {
		file = o.File
	}
	return fmt.Sprintf("%s:%d:%d", filepath.ToSlash(file), o.Line, o.Column)
}

func (g *Generation) close() {
	// Isolates that were made from the image live on; only new ones need it.
	_ = g.image.Close()
}

func (s *Service) newClass(g *Generation, class config.Class) *durable.Class {
	made := s.classOf(g, class)
	made.Facet = func(export string) (*durable.Class, error) {
		if !g.exports[export].Class {
			return nil, isolate.Errorf("Error", "The Worker exports no class %q.", export)
		}
		facet := s.classOf(g, config.Class{Name: export, UniqueKey: class.UniqueKey, SQLite: true})
		facet.Facet = made.Facet
		return facet, nil
	}
	return made
}

func (s *Service) classOf(g *Generation, class config.Class) *durable.Class {
	return &durable.Class{
		Name: class.Name, Worker: g.project.Name, Image: g.image, LoadModule: g.loadModule, SQL: class.SQLite, Generation: g.Number,
		CPU: s.cpu(g.project), Tail: g.tail,
		Namespaces:  g.bindings.namespaces,
		Source:      g.line,
		Constructor: func() string { return g.constructorOf(class.Name) },
		Hint: func(at journal.Event, h hint.Hint, stack string) {
			h.Source = cmp.Or(h.Source, g.place(stack))
			s.emulator.hints.Tell(at, h)
		},
		DeleteAllDeletesAlarm: g.project.Flags.Enabled("delete_all_deletes_alarm"),
		Realm: func(o *durable.Object) *platform.Realm {
			return s.emulator.newRealm(g, journal.Event{Worker: g.project.Name, Namespace: class.UniqueKey, Object: o.ID(), Name: o.Name()}, o.Random())
		},
	}
}

// newRealm is what the platform needs in an isolate; what happens there is recorded with what is
// known of the place.
func (e *Emulator) newRealm(g *Generation, place journal.Event, random io.Reader) *platform.Realm {
	place.Generation = g.Number
	record := func(kind journal.Kind, change func(*journal.Event)) {
		event := place
		event.Kind = kind
		change(&event)
		e.journal.Record(event)
	}
	return &platform.Realm{
		Clock: e.options.Clock, Place: clock.Due{Worker: place.Worker, Namespace: place.Namespace, Object: place.Object, Name: place.Name},
		Random: random, Net: e.net, Service: g.bindings.service, Loopback: g.service.loopback, Find: e.find,
		AnyDepth: e.options.Limits == NoLimits, Brotli: g.project.Flags.Enabled("brotli_content_encoding"), Subrequests: e.options.Limits.subrequests(g.project), SocketLimits: e.options.Limits.sockets(), Stack: g.stack,
		CommonJS: commonJS{g}, MostHeld: int64(cmp.Or(e.options.Memory, isolate.DefaultMemoryLimit)),
		Hint: func(h hint.Hint, stack string) {
			h.Source = g.place(stack)
			e.hints.Tell(place, h)
		},
		Console: func(level, text string) {
			record(journal.Console, func(ev *journal.Event) { ev.Level, ev.Detail = level, g.stack(text) })
		},
		Socket: func(what, detail string) {
			record(journal.Kind("socket."+what), func(ev *journal.Event) { ev.Detail = detail })
		},
		Uncaught: func(text string) {
			record(journal.Uncaught, func(ev *journal.Event) { ev.Error = g.stack(text) })
		},
	}
}

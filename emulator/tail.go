package emulator

import (
	"encoding/json"

	"github.com/doemu/doemu/emulator/isolate"
	"github.com/doemu/doemu/emulator/peer"
	"github.com/doemu/doemu/emulator/platform"
)

// newTail gives the events of a generation to the Workers that tail_consumers names; nil if there are none.
// Their own events are not shown to anybody: a Worker may be its own consumer.
//
// https://developers.cloudflare.com/workers/observability/logs/tail-workers/
func (s *Service) newTail(g *Generation) platform.Tail {
	e := s.emulator
	var consumers []func(traces []byte)
	for _, name := range g.project.TailConsumers {
		consumer := e.Service(name)
		switch {
		case consumer != nil:
			consumers = append(consumers, consumer.tail)
		case e.sessions != nil:
			consumers = append(consumers, func(traces []byte) { e.sessions.tail(name, traces) })
		default:
			e.options.Log.Warn("the Worker that tail_consumers names does not run here: it sees no events", "worker", g.project.Name, "consumer", name)
		}
	}
	if len(consumers) == 0 {
		return nil
	}
	return func(item platform.TraceItem) {
		for n, exception := range item.Exceptions {
			item.Exceptions[n].Stack = g.stack(exception.Stack)
		}
		text, err := json.Marshal([]platform.TraceItem{item})
		if err != nil {
			e.options.Log.Error("write a trace", "worker", g.project.Name, "err", err)
			return
		}
		for _, consumer := range consumers {
			consumer(text)
		}
	}
}

// tail gives the Worker's tail handler traces as JSON.
func (s *Service) tail(traces []byte) {
	g := s.current.Load()
	if g == nil {
		return
	}
	g.worker.event("", nil, "tail", isolate.JSON(traces), func(outcome []byte, err error) {
		s.emulator.tailed(g.project.Name, outcome, err, g.stack)
	})
}

// tail gives the tail handler of a Worker that another session may have traces as JSON. As with wrangler,
// it is nobody's loss if none has it.
func (s *sessions) tail(worker string, traces []byte) {
	s.target(platform.Address{Worker: worker}).Event("tail", isolate.JSON(traces), func(outcome []byte, err error) {
		if err == nil || err.Error() != peer.NotFound(worker) {
			s.emulator.tailed(worker, outcome, err, func(stack string) string { return stack })
		}
	})
}

// tailed says if a tail handler failed.
func (e *Emulator) tailed(worker string, outcome []byte, err error, stack func(string) string) {
	if failure := failureOf(outcome, err); failure != "" {
		e.options.Log.Error("the tail handler failed", "worker", worker, "err", stack(failure))
	}
}

package isolate

// Deliver gives an event to JavaScript and runs all that follows from it, up to the point where
// everything waits for Go. It returns what the handler threw, or an error that broke the isolate.
func (i *Isolate) Deliver(ev Event, args ...Value) (err error) {
	if i.broken != nil {
		return i.broken
	}
	defer i.recoverTrap(&err)
	err = i.dispatch(ev, args...)
	if i.mem.Exceeded() {
		i.broken = ErrMemoryLimit
		return ErrMemoryLimit
	}
	return err
}

func (i *Isolate) dispatch(ev Event, args ...Value) error {
	var raws [maxArgs]uint64
	raws[0] = rawNumber(float64(ev))
	for n, arg := range args {
		raw := i.toRaw(arg)
		if isException(raw) {
			for _, made := range raws[:n+1] {
				i.free(made)
			}
			return i.exception()
		}
		raws[n+1] = raw
	}
	result := i.callRaw(i.roots.Dispatch, scratchOuter, raws[:len(args)+1]...)
	var thrown error
	if isException(result) {
		thrown = i.exception()
	} else {
		i.free(result)
	}
	if i.turn.ending() {
		return nil
	}
	if err := i.runJobs(); err != nil {
		return err
	}
	return thrown
}

// runJobs runs all promise jobs, then tells JavaScript of the rejections that nobody handles.
func (i *Isolate) runJobs() error {
	if err := i.drain(); err != nil {
		return err
	}
	return i.reportRejections()
}

func (i *Isolate) drain() error {
	if !i.jobs() {
		return i.exception()
	}
	return nil
}

func (i *Isolate) reportRejections() error {
	unhandled, known := i.engine.events[EventUnhandled]
	report := func(ev Event, args ...uint64) error {
		result := i.callRaw(i.roots.Dispatch, scratchOuter, append([]uint64{rawNumber(float64(ev))}, args...)...)
		if isException(result) {
			return i.exception()
		}
		i.free(result)
		return nil
	}
	for len(i.handled) > 0 || len(i.rejections) > 0 && known {
		rejections, handled := i.rejections, i.handled
		i.rejections, i.handled = nil, nil
		for _, promise := range handled {
			if err := report(i.engine.events[EventHandled], promise); err != nil {
				return err
			}
		}
		for _, r := range rejections {
			if err := report(unhandled, r.promise, r.reason); err != nil {
				return err
			}
		}
		if err := i.drain(); err != nil {
			return err
		}
	}
	return nil
}

// EventUnhandled is the event, if the caller declares it, that gets each rejected promise without
// a handler, with the reason, when the jobs of a turn have run.
const EventUnhandled = "unhandled"

// EventHandled is the event, if the caller declares it, that gets each promise whose first handler came
// after a turn in which EventUnhandled may have reported it.
const EventHandled = "handled"

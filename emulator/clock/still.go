package clock

import "context"

// Still does f while nothing else is being done inside: what is under way comes to its next rest before, and
// what would begin waits until f has ended. So f sees everything at one instant, and may change it. Whatever
// may go on for long, as turns that follow each other, has to ask [Work.Stopping] in between and come back
// with [Work.Go]. The error is that of the context; f was not called then.
func (w *Work) Still(ctx context.Context, f func()) error {
	select {
	case w.stiller <- struct{}{}:
	case <-ctx.Done():
		return context.Cause(ctx)
	}
	defer func() { <-w.stiller }()
	w.still.Store(true)
	defer w.goOn()
	if err := w.until(ctx, w.stands); err != nil {
		return err
	}
	f()
	return nil
}

// Stopping tells whether somebody waits for everything to be still. It costs next to nothing.
func (w *Work) Stopping() bool { return w.still.Load() }

// Alone tells whether nothing else can begin, and so come to an end, while work is being done that waits: work is done one
// by one, or somebody waits for everything to be still.
func (w *Work) Alone() bool { return w.serial.Load() || w.still.Load() }

// stands tells whether all that is counted as busy only waits to begin.
func (w *Work) stands() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return !w.running && w.busy.Load() == int64(len(w.kept)+len(w.queue))
}

// keep takes what is to begin afterwards, unless that is now.
func (w *Work) keep(f func()) bool {
	w.mu.Lock()
	still := w.still.Load()
	if still {
		w.kept = append(w.kept, f)
	}
	w.mu.Unlock()
	w.tell()
	return still
}

// goOn lets begin what was kept.
func (w *Work) goOn() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.still.Store(false)
	kept := w.kept
	w.kept = nil
	if w.serial.Load() {
		w.queue = append(w.queue, kept...)
		w.runSerial()
		return
	}
	for _, f := range kept {
		go w.do(f)
	}
}

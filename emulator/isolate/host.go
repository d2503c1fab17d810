package isolate

// host is what QuickJS imports: internal/quickjs/source/face.c says when it calls what. There is nothing else that
// JavaScript reaches: no file, no process and no environment.
type host struct{ isolate *Isolate }

// Xcall is a call of an op.
func (h *host) Xcall(number, argc, argv int32) int64 {
	i := h.isolate
	i.leave()
	result := i.callHost(int(number), uint32(argc), uint32(argv))
	i.enterAgain()
	return int64(result)
}

// Xmodule asks for a module.
func (h *host) Xmodule(name int32) int32 {
	i := h.isolate
	i.leave()
	module := i.loadModule(i.cString(uint32(name)))
	i.enterAgain()
	return int32(module)
}

// Xrejection tells of a promise that was rejected and has no handler, or got one later.
func (h *host) Xrejection(promise, reason int64, handled int32) {
	i := h.isolate
	i.leave()
	i.trackRejection(uint64(promise), uint64(reason), handled != 0)
	i.enterAgain()
}

// Xinterrupt asks whether to go on.
func (h *host) Xinterrupt() int32 {
	if h.isolate.interrupted.Load() {
		return 1
	}
	return 0
}

// Xnow is the time of the turn, which stands still while JavaScript runs.
// https://developers.cloudflare.com/workers/reference/security-model/#step-1-disallow-timers-and-multi-threading
func (h *host) Xnow() int64 { return h.isolate.now }

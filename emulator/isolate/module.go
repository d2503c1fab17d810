package isolate

import (
	"errors"
)

// EvalScript evaluates a classic script. Promises that it leaves pending go on in later turns.
func (i *Isolate) EvalScript(name, source string) (err error) {
	if i.broken != nil {
		return i.broken
	}
	defer i.recoverTrap(&err)
	raw, err := i.evalRaw(name, source, evalGlobal)
	if err != nil {
		return err
	}
	i.free(raw)
	return i.runJobs()
}

// Compile gives the code of a classic script, which EvalCode evaluates faster than EvalScript does the text. It is for
// engines of the same [Version], and has no source for Function.prototype.toString.
func (i *Isolate) Compile(name, source string) (code []byte, err error) {
	if i.broken != nil {
		return nil, i.broken
	}
	defer i.recoverTrap(&err)
	script, err := i.evalRaw(name, source, evalGlobal|evalCompileOnly)
	if err != nil {
		return nil, err
	}
	defer i.free(script)
	code, ok := i.writeCode(script)
	if !ok {
		return nil, i.exception()
	}
	return code, nil
}

// EvalCode evaluates a script that Compile gave. The engine trusts the code.
func (i *Isolate) EvalCode(code []byte) (err error) {
	if i.broken != nil {
		return i.broken
	}
	defer i.recoverTrap(&err)
	at := i.lend(string(code))
	raw := i.runCodeAt(at, len(code))
	i.giveBack(at)
	if isException(raw) {
		return i.exception()
	}
	i.free(raw)
	return i.runJobs()
}

// DefineModule makes a module known by its name. It is evaluated when it is first imported.
func (i *Isolate) DefineModule(name, source string) (err error) {
	if i.broken != nil {
		return i.broken
	}
	defer i.recoverTrap(&err)
	_, err = i.evalRaw(name, source, evalModule|evalCompileOnly)
	return err
}

// ErrPending tells that a module waits at its top level for something that no turn has brought.
var ErrPending = errors.New("top-level await did not end while the module was loaded")

// EvalModule evaluates a module and what it imports, runs all jobs, and gives the event its
// namespace as the one argument; a negative event is none.
func (i *Isolate) EvalModule(name, source string, loaded Event) (err error) {
	if i.broken != nil {
		return i.broken
	}
	defer i.recoverTrap(&err)
	i.loading = []string{name}
	module, err := i.evalRaw(name, source, evalModule|evalCompileOnly)
	i.loading = nil
	if err != nil {
		return err
	}
	promise := i.evalModule(module)
	if isException(promise) {
		return i.exception()
	}
	defer i.free(promise)
	if err := i.drain(); err != nil {
		return err
	}
	state, reason := i.promiseState(promise)
	defer i.free(reason)
	if state == promiseRejected {
		i.forgetReason(reason) // it is this function's result
	}
	if err := i.reportRejections(); err != nil {
		return err
	}
	switch state {
	case promisePending:
		return ErrPending
	case promiseRejected:
		return i.describe(reason)
	}
	if loaded < 0 {
		return nil
	}
	namespace := i.namespace(module)
	if isException(namespace) {
		return i.exception()
	}
	return i.dispatch(loaded, Handle{namespace}.Value())
}

// loadModule answers QuickJS's question for a module that is not known yet.
func (i *Isolate) loadModule(name string) (module uint32) {
	fail := func(err error) uint32 {
		i.throw(err)
		return 0
	}
	if i.load == nil {
		return fail(Errorf("Error", "No such module %q.", name))
	}
	source, err := i.load(name, i.loading)
	if err != nil {
		return fail(err)
	}
	i.loading = append(i.loading, name)
	defer func() { i.loading = i.loading[:len(i.loading)-1] }()
	raw := i.compile(name, source, evalModule|evalCompileOnly)
	if isException(raw) {
		return 0
	}
	return uint32(raw)
}

// Script evaluates a classic script while JavaScript waits for the call, and gives its value.
func (c *Call) Script(name, source string) (Value, error) {
	raw, err := c.isolate.evalRaw(name, source, evalGlobal)
	if err != nil {
		return Value{}, thrownAgain(err)
	}
	return Handle{raw}.Value(), nil
}

// Module evaluates a module and what it imports while JavaScript waits for the call. It gives what they
// threw; ok tells that it was nothing. Modules that wait at their top level give ErrPending.
func (c *Call) Module(name, source string) (thrown Value, ok bool, err error) {
	i := c.isolate
	loading := i.loading
	i.loading = nil
	module, err := i.evalRaw(name, source, evalModule|evalCompileOnly)
	i.loading = loading
	if err != nil {
		return Value{}, false, thrownAgain(err)
	}
	promise := i.evalModule(module)
	if isException(promise) {
		return Value{}, false, thrownAgain(i.exception())
	}
	defer i.free(promise)
	switch state, reason := i.promiseState(promise); state {
	default:
		i.free(reason)
	case promisePending:
		i.free(reason)
		return Value{}, false, ErrPending
	case promiseRejected:
		i.forgetReason(reason)
		return Handle{reason}.Value(), false, nil
	}
	return Undefined(), true, nil
}

// thrownAgain is the error by which an op throws what JavaScript threw before.
func thrownAgain(err error) error {
	var thrown *Exception
	if errors.As(err, &thrown) {
		return &Error{Class: thrown.Name, Message: thrown.Message, Cause: err}
	}
	return err
}

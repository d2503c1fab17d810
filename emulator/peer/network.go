// Package peer lets the sessions of a person call each other's Workers and Durable Objects: what a
// platform.Target does inside a process goes over a connection between two, with all that a call can hold:
// stubs, services, streams, WebSockets.
//
// Sessions find each other by package registry. Two of them share one connection over loopback, made when
// the first call needs it, which carries the calls of both.
package peer

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"sync"

	"github.com/doemu/doemu/emulator/isolate"
	"github.com/doemu/doemu/emulator/platform"
	"github.com/doemu/doemu/emulator/registry"
)

// Protocol is the version of what sessions speak with each other.
const Protocol = 1

// Host is what a network needs of its own session.
type Host interface {
	// Target finds what an address leads to in this process. The error is for who calls.
	Target(a platform.Address) (platform.Target, error)
	// Admit waits until an event from outside may come in.
	Admit(ctx context.Context) error
	// Outside says that something happens outside, until done is called.
	Outside(what string) (done func())
}

// Target is what service bindings lead to: a platform.Target that takes other events besides.
type Target interface {
	platform.Target
	// Event gives a Worker an event that is not a request. Done is called once, from any goroutine, with
	// the outcome as JSON.
	Event(kind string, payload isolate.Value, done func(outcome []byte, err error))
}

// Network is one session among the others. It is safe for use by many goroutines.
type Network struct {
	host     Host
	registry *registry.Registry
	log      *slog.Logger
	listener net.Listener
	id       [idSize]byte
	secret   []byte
	limits   limits
	running  sync.WaitGroup

	mu        sync.Mutex
	workers   map[string]bool        // names of this session's own Workers
	conns     map[[idSize]byte]*conn // that have not ended
	routes    map[string]*conn       // by the Worker that is called
	dead      map[[idSize]byte]bool  // sessions that did not answer at their address
	closed    bool
	announced bool   // others can find this session
	noticed   func() // see Notice; may be nil
}

// Listen makes a session that others can call. Announce tells them of it.
func Listen(host Host, r *registry.Registry, log *slog.Logger) (*Network, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("listen for other sessions: %w", err)
	}
	n := &Network{
		host: host, registry: r, log: log, listener: listener, secret: make([]byte, 32), limits: usualLimits,
		workers: map[string]bool{}, conns: map[[idSize]byte]*conn{}, routes: map[string]*conn{}, dead: map[[idSize]byte]bool{},
	}
	if _, err := rand.Read(n.id[:]); err != nil {
		return nil, errors.Join(err, listener.Close())
	}
	if _, err := rand.Read(n.secret); err != nil {
		return nil, errors.Join(err, listener.Close())
	}
	n.run(n.acceptAll)
	return n, nil
}

// Announce tells the other sessions of this one; what its Workers are may change. The caller fills in what
// the network does not know.
func (n *Network) Announce(s registry.Session) error {
	s.ID, s.Secret = hex.EncodeToString(n.id[:]), hex.EncodeToString(n.secret)
	s.Protocol, s.Address = Protocol, n.listener.Addr().String()
	n.mu.Lock()
	n.workers = map[string]bool{}
	for _, w := range s.Workers {
		n.workers[w.Name] = true
	}
	n.mu.Unlock()
	if err := n.registry.Announce(s); err != nil {
		return err
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	n.announced = true
	return nil
}

// Close ends the session for the others: whoever waits for it gets an error.
func (n *Network) Close() error {
	n.mu.Lock()
	if n.closed {
		n.mu.Unlock()
		return nil
	}
	n.closed = true
	conns := make([]*conn, 0, len(n.conns))
	for _, c := range n.conns {
		conns = append(conns, c)
	}
	announced := n.announced
	n.mu.Unlock()
	var err error
	if announced {
		err = n.registry.Withdraw(hex.EncodeToString(n.id[:]))
	}
	err = errors.Join(err, n.listener.Close())
	for _, c := range conns {
		c.fail(errLost)
	}
	n.running.Wait()
	return err
}

// Notice sets what is called when a session is found to have gone that did not say so: it was killed.
func (n *Network) Notice(f func()) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.noticed = f
}

// Changed is to be called when sessions have come or gone: the next call looks for the newest again.
func (n *Network) Changed() {
	n.mu.Lock()
	defer n.mu.Unlock()
	clear(n.routes)
}

// Find tells which other session has a Worker now, the newest if there are more; nil if none has.
func (n *Network) Find(worker string) *registry.Session {
	for _, s := range n.registry.Sessions() {
		id, err := decodeID(s.ID)
		if err != nil || id == n.id || s.Worker(worker) == nil {
			continue
		}
		n.mu.Lock()
		dead := n.dead[id]
		n.mu.Unlock()
		if !dead {
			return &s
		}
	}
	return nil
}

// run does f on a goroutine that Close waits for.
func (n *Network) run(f func()) {
	n.running.Add(1)
	go func() {
		defer n.running.Done()
		f()
	}()
}

// here is what an address leads to in this process.
func (n *Network) here(a platform.Address) platform.Target {
	t, err := n.host.Target(a)
	if err != nil {
		return refusal{err}
	}
	return t
}

// find is what an address leads to, in this process or in another.
func (n *Network) find(a platform.Address) platform.Target {
	n.mu.Lock()
	own := n.workers[a.Worker]
	n.mu.Unlock()
	if own {
		return n.here(a)
	}
	return n.Target(a)
}

// errUnreachable is for a session that does not answer at its address: its file was left behind.
var errUnreachable = errors.New("the session does not answer")

// errIncompatible is for a session that speaks another version.
var errIncompatible = errors.New("the session speaks another version")

// route finds the connection to the session that has a Worker, and begins to connect if there is none.
// Nil is no session.
func (n *Network) route(worker string) (*conn, error) {
	n.mu.Lock()
	c := n.routes[worker]
	n.mu.Unlock()
	if c != nil && c.lasts() {
		return c, nil
	}
	s := n.Find(worker)
	switch {
	case s == nil:
		return nil, errUnreachable
	case s.Protocol != Protocol:
		return nil, errIncompatible
	}
	id, err := decodeID(s.ID)
	if err != nil {
		return nil, errUnreachable
	}
	secret, err := hex.DecodeString(s.Secret)
	if err != nil || len(secret) == 0 {
		return nil, errUnreachable
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.closed {
		return nil, errLost
	}
	c = n.conns[id]
	if c == nil || !c.lasts() {
		c = newConn(n, id)
		n.conns[id] = c
		n.run(func() { n.dial(c, s.Address, secret) })
	}
	n.routes[worker] = c
	return c, nil
}

// dial connects to another session.
func (n *Network) dial(c *conn, address string, secret []byte) {
	ctx, cancel := context.WithTimeout(c.ctx, handshakeTime)
	defer cancel()
	verdict, raw, err := n.greet(ctx, address, secret)
	if err != nil {
		if !isTimeout(err) {
			n.bury(c.id)
		}
		c.failUnlessAttached(errUnreachable)
		return
	}
	switch verdict {
	case accepted:
		if ok, _ := c.attach(raw, true); !ok {
			raw.Close()
			c.failUnlessAttached(errLost)
		}
	case crossed:
		raw.Close()
		// The other side connects to this one at the same time.
		select {
		case <-c.stands:
		case <-ctx.Done():
			c.failUnlessAttached(errLost)
		}
	default:
		raw.Close()
		c.failUnlessAttached(errUnreachable)
	}
}

// bury notes that a session does not answer at its address. It will not be asked again.
func (n *Network) bury(id [idSize]byte) {
	n.mu.Lock()
	n.dead[id] = true
	noticed := n.noticed
	n.mu.Unlock()
	if noticed != nil {
		noticed()
	}
}

func (n *Network) greet(ctx context.Context, address string, secret []byte) (byte, net.Conn, error) {
	host, _, err := net.SplitHostPort(address)
	if ip := net.ParseIP(host); err != nil || ip == nil || !ip.IsLoopback() {
		return 0, nil, fmt.Errorf("%q is not an address of this machine", address)
	}
	var dialer net.Dialer
	raw, err := dialer.DialContext(ctx, "tcp", address)
	if err != nil {
		return 0, nil, err
	}
	verdict, err := greet(raw, secret, n.id)
	if err != nil {
		raw.Close()
		return 0, nil, err
	}
	return verdict, raw, nil
}

// mostStrangers is how many connections may be in their handshake.
const mostStrangers = 64

// acceptAll takes connections of other sessions.
func (n *Network) acceptAll() {
	strangers := make(chan struct{}, mostStrangers)
	for {
		raw, err := n.listener.Accept()
		if errors.Is(err, net.ErrClosed) {
			return
		}
		if err != nil {
			continue // one that has gone already
		}
		strangers <- struct{}{}
		n.run(func() {
			n.welcome(raw)
			<-strangers
		})
	}
}

// welcome takes one connection.
func (n *Network) welcome(raw net.Conn) {
	var c *conn
	_, verdict, err := receive(raw, n.secret, func(id [idSize]byte) (verdict byte) {
		c, verdict = n.decide(id)
		return verdict
	})
	if err != nil || verdict != accepted {
		raw.Close()
		if c != nil {
			c.failUnlessAttached(errLost)
		}
		return
	}
	if ok, _ := c.attach(raw, false); !ok {
		raw.Close()
	}
}

// decide says what becomes of a call of another session: with accepted comes the conn that it is for.
func (n *Network) decide(id [idSize]byte) (*conn, byte) {
	n.mu.Lock()
	known := n.conns[id]
	n.mu.Unlock()
	if known != nil && known.lasts() && known.isAttached() {
		// The two called each other at once, and the other call was the first; or the other side has lost
		// that connection.
		if known.answers() {
			return nil, crossed
		}
		known.fail(errLost)
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	switch known = n.conns[id]; {
	case n.closed:
		return nil, closing
	case known == nil || !known.lasts():
		known = newConn(n, id)
		n.conns[id] = known
	case known.isAttached() || lessID(n.id, id):
		return nil, crossed // of two that call each other at once, the call of the smaller id counts
	}
	return known, accepted
}

func lessID(a, b [idSize]byte) bool { return string(a[:]) < string(b[:]) }

// forget takes out a connection that has ended.
func (n *Network) forget(c *conn) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.conns[c.id] == c {
		delete(n.conns, c.id)
	}
	for worker, other := range n.routes {
		if other == c {
			delete(n.routes, worker)
		}
	}
	if !n.closed {
		n.run(func() { n.lookAfter(c.id) })
	}
}

// lookAfter sees whether a session that has ended its connection has left its file behind.
func (n *Network) lookAfter(id [idSize]byte) {
	for _, s := range n.registry.Sessions() {
		if s.ID != hex.EncodeToString(id[:]) {
			continue
		}
		raw, err := net.DialTimeout("tcp", s.Address, handshakeTime)
		if err == nil {
			raw.Close()
		} else if !isTimeout(err) {
			n.bury(id)
		}
	}
}

// isTimeout tells an error of one who is slow from that of one who is not there.
func isTimeout(err error) bool {
	var network net.Error
	return errors.As(err, &network) && network.Timeout()
}

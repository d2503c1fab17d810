package platform

import (
	"context"
	"net/http/httptrace"
	"sync"
)

// MostLoops is how often a request may come back to the Workers of a process through the network. Cloudflare counts in a
// header, CF-EW-Via, which is not to be seen by servers on this machine; here the connection tells where it comes from.
//
// https://developers.cloudflare.com/workers/observability/errors/#loop-limit
const MostLoops = 16

// loops are the requests on their way to the network, by the address that their connection comes from.
type loops struct {
	mu    sync.Mutex
	under map[string]Lineage
}

// mark notes a request until done is called, once it has been answered.
func (l *loops) mark(req *Request) (ctx context.Context, done func()) {
	lineage := req.Lineage
	lineage.Loops++
	var addresses []string // those of redirects, too
	trace := &httptrace.ClientTrace{GotConn: func(info httptrace.GotConnInfo) {
		address := info.Conn.LocalAddr().String()
		l.mu.Lock()
		defer l.mu.Unlock()
		if l.under == nil {
			l.under = map[string]Lineage{}
		}
		l.under[address] = lineage
		addresses = append(addresses, address)
	}}
	ctx = req.Context
	if ctx == nil {
		ctx = context.Background()
	}
	return httptrace.WithClientTrace(ctx, trace), func() {
		l.mu.Lock()
		defer l.mu.Unlock()
		for _, address := range addresses {
			delete(l.under, address)
		}
	}
}

// Lineage is that of the request of this process which a connection from an address brings; that of one from outside is
// empty.
func (n *Net) Lineage(address string) Lineage {
	n.loops.mu.Lock()
	defer n.loops.mu.Unlock()
	return n.loops.under[address]
}

package main

import (
	"errors"
	"fmt"
	"net"
	"net/http"
	"strconv"
	"syscall"
)

// triedPorts is how many ports are tried when the default one is taken, before any will do.
const triedPorts = 10

// listen opens a port. One that was asked for must be free; a default moves up to the next free one.
func listen(ip string, port int, asked bool, flag string) (net.Listener, error) {
	for n := range triedPorts {
		l, err := net.Listen("tcp", net.JoinHostPort(ip, strconv.Itoa(port+n)))
		switch {
		case err == nil:
			return l, nil
		case !errors.Is(err, syscall.EADDRINUSE):
			return nil, fmt.Errorf("listen on %s: %w", net.JoinHostPort(ip, strconv.Itoa(port)), err)
		case asked:
			return nil, fmt.Errorf("Address already in use (%s:%d). Please check that you are not already running a server on this address or specify a different port with %s.", ip, port, flag)
		}
	}
	return net.Listen("tcp", net.JoinHostPort(ip, "0"))
}

// shownAddress is where a person reaches a listener.
func shownAddress(l net.Listener) string {
	addr := l.Addr().(*net.TCPAddr)
	host := addr.IP.String()
	if addr.IP.IsUnspecified() || addr.IP.IsLoopback() {
		host = "127.0.0.1"
	}
	return net.JoinHostPort(host, strconv.Itoa(addr.Port))
}

func serveHTTP(s *http.Server, l net.Listener, v view) {
	if err := s.Serve(l); !errors.Is(err, http.ErrServerClosed) {
		v.failure(fmt.Errorf("serve HTTP: %w", err))
	}
}

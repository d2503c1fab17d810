package main

import (
	"errors"
	"net"

	"github.com/spf13/pflag"

	"github.com/doemu/doemu/adminapi"
	"github.com/doemu/doemu/web"
)

// adminListenFlags say where the admin API listens, and to whom.
type adminListenFlags struct {
	ip, token  string
	port       int
	open       bool
	allowHosts []string
}

func (f *adminListenFlags) add(flags *pflag.FlagSet, port int) {
	flags.StringVar(&f.ip, "admin-ip", "127.0.0.1", "address of the admin API; one of the network needs --admin-token or --admin-open")
	flags.IntVar(&f.port, "admin-port", port, "port of the admin API; 0 for any")
	flags.StringVar(&f.token, "admin-token", "", "token that requests have to bring that see or change state, on the port of the admin API and on those of Workers")
	flags.BoolVar(&f.open, "admin-open", false, "let anybody in the network see and change state, without a token")
	flags.StringArrayVar(&f.allowHosts, "admin-allow-host", nil, "name under which the admin API answers beside those of this machine")
}

// check refuses what would let anybody in the network read and change all state.
func (f *adminListenFlags) check() error {
	ip := net.ParseIP(f.ip)
	switch {
	case ip == nil && f.ip != "localhost":
		return usageError{errors.New("--admin-ip is " + f.ip + ", but must be an address such as 127.0.0.1 or 0.0.0.0")}
	case (ip == nil || ip.IsLoopback()) || f.token != "" || f.open:
		return nil
	}
	return usageError{errors.New("--admin-ip " + f.ip + " lets the network see and change all state: protect it with --admin-token, or say --admin-open if that is meant")}
}

func (f *adminListenFlags) options() adminapi.Options {
	return adminapi.Options{AllowHosts: f.allowHosts, Token: f.token, Open: f.open, Version: version, Page: &adminapi.Page{Paths: web.Paths(), Handler: web.Handler()}}
}

package emulator

import (
	"github.com/doemu/doemu/durable/storage"
	"github.com/doemu/doemu/emulator/config"
	"github.com/doemu/doemu/emulator/platform"
)

// LimitProfile says which limits Workers and objects meet.
type LimitProfile string

// The profiles: Cloudflare's network, workerd on a local disk, and none but the engine's and SQLite's own.
const (
	ProductionLimits LimitProfile = "production"
	WorkerdLimits    LimitProfile = "workerd"
	NoLimits         LimitProfile = "off"
)

func (p LimitProfile) storage(sqlStorage bool) storage.Limits {
	switch p {
	case WorkerdLimits:
		return storage.WorkerdLimits()
	case NoLimits:
		return storage.Limits{}
	}
	return storage.ProductionLimits(sqlStorage)
}

// production tells whether the limits of Cloudflare's network apply.
func (p LimitProfile) production() bool { return p == "" || p == ProductionLimits }

// What Cloudflare's network allows on the paid plan.
// https://developers.cloudflare.com/workers/platform/limits/
const (
	mostSubrequests = 10_000
	mostBody        = 100 << 20 // bytes of a request
	mostQueued      = 10_000    // requests and calls that wait for one object; Cloudflare names no number
)

// subrequests is how many requests and calls one event of a project may make; 0 for no limit. The
// configuration's limits.subrequests comes first.
func (p LimitProfile) subrequests(project *config.Project) int {
	switch {
	case p == NoLimits:
		return 0
	case project.Limits.Subrequests > 0:
		return int(project.Limits.Subrequests)
	case p.production():
		return mostSubrequests
	}
	return 0
}

// body is how many bytes a request may have; 0 for no limit.
func (p LimitProfile) body() int64 {
	if p.production() {
		return mostBody
	}
	return 0
}

// queued is how many calls may wait for one object; 0 for no limit.
func (p LimitProfile) queued() int {
	if p.production() {
		return mostQueued
	}
	return 0
}

// sockets are the limits of WebSockets, which workerd has as Cloudflare's network does.
func (p LimitProfile) sockets() platform.SocketLimits {
	if p == NoLimits {
		return platform.SocketLimits{}
	}
	return platform.CloudflareSocketLimits()
}

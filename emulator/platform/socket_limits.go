package platform

import (
	"github.com/doemu/doemu/emulator/isolate"
)

// SocketLimits bound WebSockets and what is kept with them; 0 is no limit.
//
// https://developers.cloudflare.com/durable-objects/platform/limits/
type SocketLimits struct {
	Message      int64 // bytes of a received message
	Attachment   int   // bytes of a serialized attachment
	Tags         int   // of a hibernatable socket
	TagBytes     int   // of a tag
	AutoResponse int   // bytes of the message that is answered automatically, and of the answer
}

// MessageLimit is how many bytes a received WebSocket message may have on Cloudflare's network.
const MessageLimit = 32 << 20

// CloudflareSocketLimits are those of Cloudflare's network, which workerd has too.
func CloudflareSocketLimits() SocketLimits {
	return SocketLimits{Message: MessageLimit, Attachment: 16 << 10, Tags: 10, TagBytes: 256, AutoResponse: 2 << 10}
}

// MessageBytes is the limit of a message as a number of bytes: without one, more than memory has.
func (l SocketLimits) MessageBytes() int64 {
	if l.Message == 0 {
		return 1 << 40
	}
	return l.Message
}

// socketLimitOps give JavaScript the limits; those that there are not are null.
func socketLimitOps() []isolate.Op {
	return []isolate.Op{
		{Name: "socket.limits", Run: func(c *isolate.Call) (isolate.Value, error) {
			l := realmOf(c).SocketLimits
			var limits [4]*int
			for n, limit := range []int{l.Attachment, l.Tags, l.TagBytes, l.AutoResponse} {
				if limit > 0 {
					limits[n] = &limit
				}
			}
			return jsonValue(limits)
		}},
	}
}

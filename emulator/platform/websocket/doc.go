// Package websocket is the WebSocket protocol (RFC 6455, with RFC 7692's compression of messages) on one
// connection, with the parts that libraries keep to themselves left to the caller: a peer's close is
// reported and not answered, either side goes on sending after the other has closed, and what breaks the
// protocol has workerd's codes and words.
//
// It is as strict as workerd: close codes and text may be anything. But frames of clients must be masked, as the RFC wants. A
// connection on which nothing happens costs a small buffer and a goroutine.
package websocket

package durable

import (
	"context"
	"errors"
	"slices"
	"time"
	"unicode/utf8"

	"github.com/doemu/doemu/emulator/platform"
)

// Frame is a message or a close that went over a hibernatable WebSocket.
type Frame struct {
	Time time.Time
	// In tells whether it came from the client.
	In bool
	// Kind is text, binary or close.
	Kind string
	// Bytes is the length of a message.
	Bytes int
	// Preview is the beginning of a text, or a close's code and reason.
	Preview string
	// Automatic is for the message and the answer of an automatic response, which do not wake the object.
	Automatic bool

	socket int
}

// SocketInfo is what is known of a hibernatable WebSocket.
type SocketInfo struct {
	// ID tells it from others of the object, in the order in which they were accepted.
	ID     int
	Tags   []string
	Opened time.Time
	// Attachment is what the program attached, in the structured-clone format; nil for nothing.
	Attachment []byte
	// Answered is when it was last answered automatically; zero if it never was.
	Answered time.Time
	// Frames are the newest, oldest first.
	Frames []Frame
}

// SocketsInfo is what is known of an object's hibernatable WebSockets.
type SocketsInfo struct {
	// Automatic tells whether messages equal to Request are answered with Response while the object
	// sleeps.
	Automatic         bool
	Request, Response string
	// Sockets are those that are connected, the oldest first.
	Sockets []SocketInfo
}

// ErrNoSocket is for a WebSocket that is not connected.
var ErrNoSocket = errors.New("the object has no such WebSocket")

// What is kept of the frames of one object.
const (
	keepFrames   = 200
	framePreview = 256
)

// note keeps a frame. The lock is held.
func (s *sockets) note(f Frame) {
	f.Time = s.object.namespace.now()
	if len(s.frames) < keepFrames {
		s.frames = append(s.frames, f)
		return
	}
	s.frames[s.nextFrame] = f
	s.nextFrame = (s.nextFrame + 1) % keepFrames
}

// seen notes a message.
func (s *socket) seen(in, text bool, data []byte, automatic bool) {
	f := Frame{In: in, Kind: "binary", Bytes: len(data), Automatic: automatic, socket: s.number}
	if text {
		f.Kind, f.Preview = "text", beginning(data)
	}
	all := &s.object.sockets
	all.mu.Lock()
	defer all.mu.Unlock()
	all.note(f)
}

// seenClose notes a close.
func (s *socket) seenClose(in bool, detail string) {
	all := &s.object.sockets
	all.mu.Lock()
	defer all.mu.Unlock()
	all.note(Frame{In: in, Kind: "close", Preview: detail, socket: s.number})
}

// beginning is the first part of a text, in whole characters.
func beginning(text []byte) string {
	if len(text) <= framePreview {
		return string(text)
	}
	end := framePreview
	for end > framePreview-utf8.UTFMax && !utf8.RuneStart(text[end]) {
		end--
	}
	return string(text[:end]) + "…"
}

// Sockets are an object's hibernatable WebSockets. The object is not woken.
func (n *Namespace) Sockets(hex string) SocketsInfo {
	o := n.placed(hex)
	if o == nil {
		return SocketsInfo{Sockets: []SocketInfo{}}
	}
	return o.sockets.info()
}

func (s *sockets) info() SocketsInfo {
	s.mu.Lock()
	defer s.mu.Unlock()
	info := SocketsInfo{Automatic: s.auto, Request: s.request, Response: s.response, Sockets: make([]SocketInfo, len(s.all))}
	place := make(map[int]int, len(s.all))
	for n, sock := range s.all {
		place[sock.number] = n
		info.Sockets[n] = SocketInfo{
			ID: sock.number, Tags: slices.Clone(sock.tags), Opened: sock.opened, Attachment: sock.attachment, Answered: sock.answered,
			Frames: []Frame{},
		}
	}
	for n := range s.frames {
		f := s.frames[(s.nextFrame+n)%len(s.frames)]
		if at, ok := place[f.socket]; ok {
			info.Sockets[at].Frames = append(info.Sockets[at].Frames, f)
		}
	}
	return info
}

// socket finds a WebSocket that is connected.
func (n *Namespace) socket(hex string, number int) (*socket, error) {
	if o := n.placed(hex); o != nil {
		if s := o.sockets.find(number); s != nil {
			return s, nil
		}
	}
	return nil, ErrNoSocket
}

// SendToClient sends a message to the client of a WebSocket, as the object would. The object is not woken.
func (n *Namespace) SendToClient(hex string, number int, text bool, data []byte) error {
	s, err := n.socket(hex, number)
	if err == nil {
		s.send(text, data)
	}
	return err
}

// SendToObject gives the object a message as if the client of a WebSocket had sent it.
func (n *Namespace) SendToObject(ctx context.Context, hex string, number int, text bool, data []byte) error {
	if err := n.around.Clock.Work().Admit(ctx); err != nil {
		return err
	}
	s, err := n.socket(hex, number)
	if err == nil {
		s.message(platform.Message{Text: text, Data: data})
	}
	return err
}

// CloseSocket closes a WebSocket, as the object would. Code 1005 is a close without a code.
func (n *Namespace) CloseSocket(hex string, number, code int, reason string) error {
	s, err := n.socket(hex, number)
	if err == nil {
		s.close(func(do func()) { do() }, code, reason)
	}
	return err
}

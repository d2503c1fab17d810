package adminapi

import (
	"context"
	"encoding/base64"
	"net/http"
	"strconv"

	"github.com/doemu/doemu/durable"
)

func socketRoutes() []route {
	return []route{
		handle(http.MethodGet, onePath+"/sockets", "The hibernatable WebSockets of an object, with what went over them last", (*api).sockets),
		handle(http.MethodPost, onePath+"/sockets/{id}/send", "Send a message to the client, or to the object as if the client had sent it", (*api).sendSocket),
		handle(http.MethodPost, onePath+"/sockets/{id}/close", "Close a WebSocket, as the object would", (*api).closeSocket),
	}
}

// sockets are an object's hibernatable WebSockets.
type sockets struct {
	AutoResponse *autoResponse `json:"autoResponse"`
	Sockets      []socket      `json:"sockets"`
}

// autoResponse is the message that is answered while the object sleeps.
type autoResponse struct {
	Request  string `json:"request"`
	Response string `json:"response"`
}

type socket struct {
	ID         int      `json:"id"`
	Tags       []string `json:"tags"`
	OpenedAt   moment   `json:"openedAt"`
	Attachment *value   `json:"attachment"`
	AnsweredAt *moment  `json:"answeredAt" description:"When it was last answered automatically"`
	Frames     []frame  `json:"frames" description:"The newest, the oldest of them first"`
}

type frame struct {
	Time      moment `json:"time"`
	From      string `json:"from" enum:"client,object"`
	Kind      string `json:"kind" enum:"text,binary,close"`
	Bytes     int    `json:"bytes"`
	Preview   string `json:"preview,omitempty"`
	Automatic bool   `json:"automatic" description:"Whether it belongs to an automatic response"`
}

func socketsView(info durable.SocketsInfo) sockets {
	view := sockets{Sockets: []socket{}}
	if info.Automatic {
		view.AutoResponse = &autoResponse{info.Request, info.Response}
	}
	for _, s := range info.Sockets {
		one := socket{ID: s.ID, Tags: append([]string{}, s.Tags...), OpenedAt: moment{s.Opened}, AnsweredAt: momentOrNull(s.Answered), Frames: []frame{}}
		if s.Attachment != nil {
			attachment := valueView(s.Attachment)
			one.Attachment = &attachment
		}
		for _, f := range s.Frames {
			from := "object"
			if f.In {
				from = "client"
			}
			one.Frames = append(one.Frames, frame{moment{f.Time}, from, f.Kind, f.Bytes, f.Preview, f.Automatic})
		}
		view.Sockets = append(view.Sockets, one)
	}
	return view
}

func (a *api) sockets(_ context.Context, in objectPath) (sockets, error) {
	t, err := a.target(in)
	if err != nil {
		return sockets{}, err
	}
	return socketsView(t.Namespace.Sockets(t.id)), nil
}

type socketPath struct {
	objectPath
	ID string `path:"id" json:"-"`
}

// socket finds the number of a WebSocket.
func (a *api) socket(p socketPath) (t target, number int, err error) {
	if t, err = a.target(p.objectPath); err != nil {
		return t, 0, err
	}
	if number, err = strconv.Atoi(p.ID); err != nil {
		return t, 0, durable.ErrNoSocket
	}
	return t, number, nil
}

type sendRequest struct {
	socketPath
	Text   *string `json:"text,omitempty"`
	Base64 *string `json:"base64,omitempty" description:"A binary message, instead of text"`
	To     string  `json:"to,omitempty" enum:"client,object" description:"client if not given"`
}

type sent struct {
	Sent bool `json:"sent"`
}

func (a *api) sendSocket(ctx context.Context, in sendRequest) (sent, error) {
	t, number, err := a.socket(in.socketPath)
	if err != nil {
		return sent{}, err
	}
	var data []byte
	switch {
	case (in.Text == nil) == (in.Base64 == nil):
		return sent{}, refuse(http.StatusBadRequest, `send takes {"text": "…"} or {"base64": "…"}.`)
	case in.Text != nil:
		data = []byte(*in.Text)
	default:
		if data, err = base64.StdEncoding.DecodeString(*in.Base64); err != nil {
			return sent{}, refuse(http.StatusBadRequest, "base64: %v.", err)
		}
	}
	switch in.To {
	case "", "client":
		err = t.SendToClient(t.id, number, in.Text != nil, data)
	case "object":
		err = t.SendToObject(ctx, t.id, number, in.Text != nil, data)
	default:
		err = refuse(http.StatusBadRequest, "to is %q, but must be client or object.", in.To)
	}
	return sent{err == nil}, err
}

type closeRequest struct {
	socketPath
	Code   int    `json:"code,omitempty" description:"1000, or 3000 to 4999; none if not given"`
	Reason string `json:"reason,omitempty"`
}

type closed struct {
	Closed bool `json:"closed"`
}

// noCode is the code of a close without one.
// https://www.rfc-editor.org/rfc/rfc6455#section-7.4.1
const noCode = 1005

func (a *api) closeSocket(_ context.Context, in closeRequest) (closed, error) {
	t, number, err := a.socket(in.socketPath)
	if err != nil {
		return closed{}, err
	}
	switch {
	case in.Code == 0:
		in.Code = noCode
	case in.Code != 1000 && (in.Code < 3000 || in.Code > 4999):
		return closed{}, refuse(http.StatusBadRequest, "code is %d, but must be 1000, or from 3000 to 4999.", in.Code)
	}
	const mostReason = 123
	if len(in.Reason) > mostReason {
		return closed{}, refuse(http.StatusBadRequest, "reason has %d bytes, but may have at most %d.", len(in.Reason), mostReason)
	}
	err = t.CloseSocket(t.id, number, in.Code, in.Reason)
	return closed{err == nil}, err
}

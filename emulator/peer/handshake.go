package peer

import (
	"bytes"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net"
	"time"
)

// Two sessions first show each other that they know the secret of the one that is called, which only the
// user's own processes can read. Everything has a fixed size: nothing of a stranger is parsed. The secret
// itself never travels.
//
//	called: magic, 32 random bytes A
//	caller: 32 random bytes D, its id, HMAC("caller", A, D, id)
//	called: verdict, HMAC("called", D, A, verdict)

const (
	magic     = "doemu-1\n"
	nonceSize = 32
	idSize    = 16
	// handshakeTime is how long it may take.
	handshakeTime = 5 * time.Second
)

// Verdicts of the one that is called.
const (
	accepted byte = 'y'
	// crossed says that the called session is about to connect itself, and that its connection is to be used.
	crossed byte = 'x'
	// closing says that the called session ends.
	closing byte = 'n'
)

var errStranger = errors.New("the other side does not know the secret")

func proof(secret []byte, parts ...[]byte) []byte {
	mac := hmac.New(sha256.New, secret)
	for _, part := range parts {
		mac.Write(part)
	}
	return mac.Sum(nil)
}

// greet is the caller's side.
func greet(conn net.Conn, secret []byte, own [idSize]byte) (verdict byte, err error) {
	if err := conn.SetDeadline(time.Now().Add(handshakeTime)); err != nil {
		return 0, err
	}
	var hello [len(magic) + nonceSize]byte
	if _, err := io.ReadFull(conn, hello[:]); err != nil {
		return 0, err
	}
	if !bytes.HasPrefix(hello[:], []byte(magic)) {
		return 0, errors.New("something else answers there")
	}
	theirs := hello[len(magic):]
	var ours [nonceSize]byte
	if _, err := rand.Read(ours[:]); err != nil {
		return 0, err
	}
	answer := append(ours[:], own[:]...)
	answer = append(answer, proof(secret, []byte("caller"), theirs, ours[:], own[:])...)
	if _, err := conn.Write(answer); err != nil {
		return 0, err
	}
	var end [1 + sha256.Size]byte
	if _, err := io.ReadFull(conn, end[:]); err != nil {
		return 0, err
	}
	if !hmac.Equal(end[1:], proof(secret, []byte("called"), ours[:], theirs, end[:1])) {
		return 0, errStranger
	}
	return end[0], conn.SetDeadline(time.Time{})
}

// receive is the called side. Decide says what to do with a session that knows the secret.
func receive(conn net.Conn, secret []byte, decide func(id [idSize]byte) byte) (id [idSize]byte, verdict byte, err error) {
	if err := conn.SetDeadline(time.Now().Add(handshakeTime)); err != nil {
		return id, 0, err
	}
	var ours [nonceSize]byte
	if _, err := rand.Read(ours[:]); err != nil {
		return id, 0, err
	}
	if _, err := conn.Write(append([]byte(magic), ours[:]...)); err != nil {
		return id, 0, err
	}
	var answer [nonceSize + idSize + sha256.Size]byte
	if _, err := io.ReadFull(conn, answer[:]); err != nil {
		return id, 0, err
	}
	theirs, rest := answer[:nonceSize], answer[nonceSize:]
	copy(id[:], rest)
	if !hmac.Equal(rest[idSize:], proof(secret, []byte("caller"), ours[:], theirs, id[:])) {
		return id, 0, errStranger
	}
	verdict = decide(id)
	end := append([]byte{verdict}, proof(secret, []byte("called"), theirs, ours[:], []byte{verdict})...)
	if _, err := conn.Write(end); err != nil {
		return id, 0, err
	}
	return id, verdict, conn.SetDeadline(time.Time{})
}

func decodeID(text string) (id [idSize]byte, err error) {
	b, err := hex.DecodeString(text)
	if err != nil || len(b) != idSize {
		return id, fmt.Errorf("%q is not the id of a session", text)
	}
	copy(id[:], b)
	return id, nil
}

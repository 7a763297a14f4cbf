package main

import "encoding/binary"

// A stamp in each frame says whose it is and when it was handed to the kernel. It stands at one distance from the network
// header, behind the longest headers that are sent (IPv6 with TCP), so that it is found whatever was done to the tags.
const (
	stampAt     = 60
	stampLength = 16
	magic       = 0x434c5054
)

type stamp struct {
	flow uint32
	// nanoseconds of the system's clock
	sent int64
}

func (s stamp) write(to []byte) {
	binary.BigEndian.PutUint32(to, magic)
	binary.BigEndian.PutUint32(to[4:], s.flow)
	binary.BigEndian.PutUint64(to[8:], uint64(s.sent))
}

func readStamp(from []byte) (stamp, bool) {
	if len(from) < stampLength || binary.BigEndian.Uint32(from) != magic {
		return stamp{}, false
	}
	return stamp{flow: binary.BigEndian.Uint32(from[4:]), sent: int64(binary.BigEndian.Uint64(from[8:]))}, true
}

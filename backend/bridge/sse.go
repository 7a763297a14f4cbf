package main

import (
	"bufio"
	"io"
	"strings"
)

// maxEvent bounds one line of an event stream; a frame of counters takes a few kilobytes.
const maxEvent = 1 << 20

type event struct {
	topic string
	data  string
}

// readEvents hands over the events of a Server-Sent Events stream until it ends or each fails. Identifiers and retry
// times are not read: the sidecar's counters need no resuming, and the pace of reconnecting is the bridge's.
// https://html.spec.whatwg.org/multipage/server-sent-events.html#event-stream-interpretation
func readEvents(stream io.Reader, each func(event) error) error {
	lines := bufio.NewScanner(stream)
	lines.Buffer(make([]byte, 0, 16<<10), maxEvent)
	var topic string
	var data []string
	for lines.Scan() {
		line := lines.Text() // without its \n or \r\n
		if line == "" {
			if data != nil {
				if err := each(event{topic: topic, data: strings.Join(data, "\n")}); err != nil {
					return err
				}
			}
			topic, data = "", nil
			continue
		}
		key, value, _ := strings.Cut(line, ":") // a comment has an empty key
		value = strings.TrimPrefix(value, " ")
		switch key {
		case "event":
			topic = value
		case "data":
			data = append(data, value)
		}
	}
	return lines.Err()
}

package main

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strconv"
)

// What the bridge says when the sidecar does not: which address, what was not done, what to do. Every one of these is
// a gateway's error, never 401: a 401 would make Grafana's page sign the user out.

// broken explains an exchange that ended without an answer.
func (s *sidecar) broken(ctx context.Context, r request, err error) *problem {
	var wrapped *url.Error
	if errors.As(err, &wrapped) {
		err = wrapped.Err // without the request line, which repeats the address
	}
	var op *net.OpError
	var certificate *tls.CertificateVerificationError
	var plain tls.RecordHeaderError
	switch {
	case errors.Is(ctx.Err(), context.Canceled):
		return newProblem(499, "CP-BRIDGE-CANCELLED", "Request was cancelled", "The request was cancelled before the sidecar answered."+r.aftermath())
	case errors.As(err, &certificate):
		return s.notASidecar(r, "has a certificate that is not trusted here ("+certificate.Err.Error()+")")
	case errors.As(err, &plain), errors.Is(err, http.ErrSchemeMismatch):
		return s.notASidecar(r, "does not speak TLS, although the URL begins with https")
	case errors.As(err, &op) && op.Op == "dial":
		return newProblem(http.StatusBadGateway, "CP-BRIDGE-NO-ANSWER", "Sidecar does not answer",
			fmt.Sprintf("No sidecar is answering at %s (%s). Nothing was read or changed. Start clearpathd there, or correct the sidecar URL in the datasource's settings.",
				s.url, op.Err))
	case errors.Is(ctx.Err(), context.DeadlineExceeded), isTimeout(err):
		return newProblem(http.StatusGatewayTimeout, "CP-BRIDGE-TIMEOUT", "Sidecar is too slow",
			fmt.Sprintf("The sidecar at %s took the request but did not answer in time (%s %s).%s Look at clearpathd's log and the load of its machine.",
				s.url, r.method, r.path, r.aftermath()))
	default:
		return newProblem(http.StatusBadGateway, "CP-BRIDGE-BROKEN-OFF", "Sidecar broke off",
			fmt.Sprintf("The sidecar at %s broke off before its answer was complete (%s).%s Look at whether clearpathd was restarted, and at its log.",
				s.url, err, r.aftermath()))
	}
}

func isTimeout(err error) bool {
	var slow net.Error
	return errors.As(err, &slow) && slow.Timeout()
}

// aftermath is what can be said of a request that was sent and not answered.
func (r request) aftermath() string {
	if r.writes {
		return " The change may or may not have been made: look at the deployments and the policy before repeating it."
	}
	return " Nothing was changed."
}

func (s *sidecar) tokenRefused(r request) *problem {
	return newProblem(http.StatusBadGateway, "CP-BRIDGE-TOKEN", "Sidecar refuses the token",
		fmt.Sprintf("The sidecar at %s refused this datasource's token, so %s %s was not carried out. Enter the sidecar's bridge token in the datasource's settings.",
			s.url, r.method, r.path))
}

func (s *sidecar) notASidecar(r request, what string) *problem {
	return newProblem(http.StatusBadGateway, "CP-BRIDGE-NOT-A-SIDECAR", "Not a Clearpath sidecar",
		fmt.Sprintf("What listens at %s is not a Clearpath sidecar, or something stands before it: it %s. %s %s was not carried out. Correct the sidecar URL in the datasource's settings.",
			s.url, what, r.method, r.path))
}

func (s *sidecar) answerTooLarge(r request) *problem {
	detail := fmt.Sprintf("The sidecar's answer to %s %s is larger than the %d MiB that Grafana takes from a datasource.", r.method, r.path, maxAnswer>>20)
	if r.writes {
		detail += r.aftermath()
	} else {
		detail += " Ask for less: a shorter time range, one binding, a lower limit."
	}
	return newProblem(http.StatusBadGateway, "CP-BRIDGE-ANSWER-TOO-LARGE", "Answer is too large", detail)
}

// unreadable is for an answer that is JSON but not what backend/api/contract.ts promises.
func (s *sidecar) unreadable(r request, why string) *problem {
	return newProblem(http.StatusBadGateway, "CP-BRIDGE-UNREADABLE", "Answer cannot be read",
		fmt.Sprintf("The answer of %s to %s %s is not what this plugin understands (%s). Use the sidecar and the plugin of the same release.",
			s.url, r.method, r.path, why))
}

func statusLine(status int) string {
	if text := http.StatusText(status); text != "" {
		return strconv.Itoa(status) + " " + text
	}
	return strconv.Itoa(status)
}

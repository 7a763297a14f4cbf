package main

import (
	"context"
	"errors"
	"net/http"
	"regexp"

	"github.com/grafana/grafana-plugin-sdk-go/backend"
)

// channelRule is the one kind of live channel there is: counters/<binding>, one frame a second.
var channelRule = regexp.MustCompile(`^counters/(` + boundShape + `)$`)

func bindingOf(channel string) (binding string, ok bool) {
	found := channelRule.FindStringSubmatch(channel)
	if found == nil {
		return "", false
	}
	return found[1], true
}

// SubscribeStream asks the sidecar whether this user may read. Grafana shares one stream among all subscribers of a
// channel, so this is the only place where each of them is looked at.
func (b *bridge) SubscribeStream(ctx context.Context, req *backend.SubscribeStreamRequest) (*backend.SubscribeStreamResponse, error) {
	if _, ok := bindingOf(req.Path); !ok {
		return &backend.SubscribeStreamResponse{Status: backend.SubscribeStreamStatusNotFound}, nil
	}
	who, wrong := b.enter(req.PluginContext)
	if wrong == nil {
		var me standing
		me, wrong = b.whoami(ctx, who)
		if wrong == nil && me.canRead() {
			return &backend.SubscribeStreamResponse{Status: backend.SubscribeStreamStatusOK}, nil
		}
	}
	if wrong == nil || wrong.Status == http.StatusForbidden {
		return &backend.SubscribeStreamResponse{Status: backend.SubscribeStreamStatusPermissionDenied}, nil
	}
	// An error, not a refusal: the browser tries again by itself, and a refusal would be final.
	return nil, backend.DownstreamError(errors.New(wrong.message()))
}

// PublishStream refuses always: streams never change anything.
func (b *bridge) PublishStream(context.Context, *backend.PublishStreamRequest) (*backend.PublishStreamResponse, error) {
	return &backend.PublishStreamResponse{Status: backend.PublishStreamStatusPermissionDenied}, nil
}

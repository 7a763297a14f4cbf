// The bridge between Grafana and the sidecar: forwards resource calls, queries and streams with the identity that
// Grafana vouches for, turns rows into data frames, and decides nothing.
//
// Grafana runs it as the backend of the datasource `clearpath-qos-datasource`. The border it speaks to is
// backend/api/contract.ts; what may cross it is the table in border.go.
package main

import (
	"os"

	"github.com/grafana/grafana-plugin-sdk-go/backend/datasource"
	"github.com/grafana/grafana-plugin-sdk-go/backend/log"
)

const pluginID = "clearpath-qos-datasource"

func main() {
	if err := datasource.Manage(pluginID, newBridge, datasource.ManageOpts{}); err != nil {
		log.DefaultLogger.Error("The Clearpath bridge stopped", "error", err.Error())
		os.Exit(1)
	}
}

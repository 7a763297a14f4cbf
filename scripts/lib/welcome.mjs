/** What stands on the terminal once everything runs: the addresses, and what to look at first. */
import { heading, say } from './terminal.mjs';

export function welcome({ grafana, sidecar, demo, flooding, logs }) {
  heading('Clearpath QoS is running');
  if (grafana !== null) {
    const login =
      grafana.password === 'admin'
        ? 'admin / admin (reachable from this machine only)'
        : 'admin, with your GF_SECURITY_ADMIN_PASSWORD';
    say(`  Grafana    ${grafana.url}   login ${login}`);
    say(`  Pages      ${grafana.url}/a/clearpath-qos-app`);
  }
  if (sidecar !== null) {
    say(`  Sidecar    ${sidecar.url}   metrics ${sidecar.url}/metrics   API ${sidecar.url}/api/v1/openapi.json`);
  }
  if (demo !== null) {
    say(`  Network    ${Object.values(demo.network.namespaces).join(' — ')}   switch ${demo.control}`);
    say(
      `             ${[...demo.network.enter, 'ip', 'netns', 'exec', demo.network.namespaces.branch].join(' ')} COMMAND runs in the branch`
    );
  }
  say(`  Logs       ${logs}`);
  if (grafana !== null && demo !== null) {
    heading('What to look at first');
    say(
      `  1. ${flooding ? "Bulk traffic floods the provider's hop" : 'Type "f" and Enter: bulk traffic floods the provider\'s hop'}. Within 30 s the Overview shows that voice at the branch is violated, with its numbers,`
    );
    say('     and the alert goes to Firing; this terminal says whom it would page.');
    say('  2. Policies → branch-edge: look at the plan, line by line, and apply it.');
    say(
      '  3. Voice returns below 20 ms while bulk still floods, and the panel and the alert recover within a minute or two. Roll back to see it break again.'
    );
  }
  say();
  say(
    demo === null
      ? 'Ctrl-C stops everything.'
      : 'Type "f" and Enter to switch the flood. Ctrl-C stops everything and removes what was made.'
  );
}

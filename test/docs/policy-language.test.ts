/** The language page against the schemas and the judgement: every key, every refusal, every example. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { z } from 'zod';
import { describe, expect, it } from 'vitest';
import { judgeSource } from '../../backend/deploy/index.ts';
import {
  APPLICATIONS, BindingSpec, Clause, judgeBinding, judgeTarget, LATER_KINDS, LinkSpec, Objective, parseDocuments, Police, PolicySpec, Probe, Queue, QUEUE_ALGORITHMS, RestoreDscp, Rollout, SCHEDULERS, ScheduleWindow,
  TargetSpec, TrafficClass, type BindingDocument, type TargetDocument,
} from '../../backend/policy/index.ts'; // prettier-ignore
import { objectiveTerms } from '../../backend/sla/index.ts';
import { codeWords, fences, readPage, ROOT, rows, section } from './pages.ts';
import { REFUSED } from './refused.ts';

const page = readPage('docs/policy-language.md');
const refusals = new Map(
  rows(section(page, '## What this version refuses')).map(([where, what]) => [where!, codeWords(what!)])
);
/** Keys that a table of a section explains, from the first column. */
const explained = (heading: string) => rows(section(page, heading)).flatMap(([key]) => codeWords(key!));
const keysOf = (schema: z.ZodObject) => Object.keys(schema.shape);
describe.each([
  ['Policy', '## Policy', PolicySpec, []],
  ['link', '## Link', LinkSpec, []],
  ['restored DSCP', '## Connections', RestoreDscp, []],
  ['class', '## Class', TrafficClass, []],
  ['clause', '## Match', Clause, []],
  ['police', '## Police', Police, []],
  ['queue', '## Queue', Queue, []],
  ['objective', '## Objective', Objective, []],
  ['Target', '## Target', TargetSpec, refusals.get('Target')!],
] as const)('the table of a %s', (_, heading, schema, refused) => {
  it('explains every key, and only keys that there are', () => {
    expect([...new Set([...explained(heading).filter((word) => !word.includes(':')), ...refused])].sort()).toEqual(
      keysOf(schema).sort()
    );
  });
});

it('explains every scheduler, and names every queue', () => {
  expect(['auto', ...explained('## Scheduler')].sort()).toEqual([...SCHEDULERS].sort());
  const algorithms = rows(section(page, '## Queue')).find(([key]) => key === '`algorithm`')![1]!;
  expect([...new Set(codeWords(algorithms))].sort()).toEqual([...QUEUE_ALGORITHMS].sort());
});

it('explains every key of a Binding, its probe, its roll-out and its schedule', () => {
  expect([...explained('## Binding'), ...(refusals.get('Binding') ?? [])].sort()).toEqual(
    [...keysOf(BindingSpec), ...keysOf(Probe), ...keysOf(Rollout), ...keysOf(ScheduleWindow)].sort()
  );
});

describe('the table of refusals', () => {
  it.each(Object.entries(REFUSED))('lists what the source refuses in %s', (where, keys) => {
    expect(refusals.get(where)).toEqual([...keys]);
  });

  it('lists every kind that is not explained', () => {
    expect(refusals.get('kind')).toEqual([...LATER_KINDS]);
  });

  it('is right about Targets and Bindings', () => {
    const target = (spec: object) => judgeTarget({ spec: { platform: 'linux', ...spec } } as TargetDocument);
    const binding = (spec: object) =>
      judgeBinding({
        spec: { policy: 'p', target: 't', interfaces: ['eth0'], direction: 'egress', ...spec },
      } as BindingDocument);
    const refused = (findings: ReturnType<typeof judgeTarget>) => findings.some((item) => item.code === 'CP-NOT-YET');
    expect(refused(target({})) || refused(binding({}))).toBe(false);
    for (const key of refusals.get('Target')!) expect(refused(target({ [key]: 'x' })), key).toBe(true);
    for (const platform of refusals.get('`platform`')!) expect(refused(target({ platform })), platform).toBe(true);
  });
});

it('explains every group of applications', () => {
  expect(explained('## Applications')).toEqual([...APPLICATIONS]);
});

it('says of every objective whether it is measured', () => {
  const figure = { p95: 1 };
  const all = {
    latency: figure,
    jitter: figure,
    rfc3550: figure,
    ipdv: figure,
    pdv: figure,
    loss: 1,
    throughput: 80,
    queueDepth: { packets: 1 },
    availability: 99,
    mos: 4,
  };
  const said = new Map(
    rows(section(page, '## Objective'))
      .filter((cells) => /^(yes|no)$/.test(cells[2]!))
      .map(([key, , measured]) => [key!, measured === 'yes'])
  );
  expect(said.get('`latency` with `oneWay: true`')).toBe(
    objectiveTerms({ latency: { ...figure, oneWay: true } })[0]!.measured
  );
  for (const term of objectiveTerms(all)) {
    const key = term.key.split('.')[0]!;
    expect([...said].find(([words]) => codeWords(words).includes(key))?.[1], key).toBe(term.measured);
  }
});

describe('the examples', () => {
  const examples = fences(page, 'yaml');

  it('begin with the policy of the demo, word for word', () => {
    expect(examples[0]).toBe(readFileSync(path.join(ROOT, 'examples/branch-edge.yaml'), 'utf8'));
  });

  it('have no errors', () => {
    expect(examples).toHaveLength(4);
    for (const example of examples) {
      const { documents, findings } = parseDocuments(example);
      expect(findings).toEqual([]);
      for (const { document, source } of documents) {
        const judged =
          document.kind === 'Policy'
            ? judgeSource(source).findings
            : document.kind === 'Target'
              ? judgeTarget(document)
              : judgeBinding(document);
        expect(judged.filter((item) => item.severity === 'error')).toEqual([]);
      }
    }
  });
});

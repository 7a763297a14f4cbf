/** Bindings and Targets as documents, what a Target has, and a tree of its as a policy. */
import { z } from 'zod';
import { Finding } from '../../policy/finding.ts';
import { Name } from '../../policy/quantities.ts';
import { InterfaceName } from '../../policy/schema.ts';
import { Direction } from './bindings.ts';

export const TargetSummary = z.object({
  name: z.string(),
  namespace: z.string().nullable(),
  site: z.string().nullable(),
  interfaces: z.array(z.string()).describe('Named by the target, else those that there are'),
  message: z.string().nullable().describe('Why its interfaces are not known'),
});

export type TargetSummary = z.infer<typeof TargetSummary>;

export const ImportRequest = z.object({
  interface: InterfaceName,
  direction: Direction.default('egress'),
  policy: Name.optional().describe('Name of the policy; by default made of the interface’s'),
});

export type ImportRequest = z.input<typeof ImportRequest>;

export const ImportedPolicy = z.object({
  name: z.string(),
  source: z.string().describe('YAML, saved nowhere'),
  owner: z.enum(['kernel-default', 'clearpath', 'foreign']),
  direction: Direction.describe('In which a Binding has to use the policy'),
  live: z.string().describe('What is on the interface, in words'),
  remarks: z.array(
    z.object({
      kind: z.enum(['left-out', 'approximate', 'notice']),
      object: z.string().describe('The tc object, e.g. "filter 1: pref 5"'),
      message: z.string(),
    })
  ),
  findings: z.array(Finding),
});

export type ImportedPolicy = z.infer<typeof ImportedPolicy>;

export const DocumentKind = z.enum(['bindings', 'targets']);

export type DocumentKind = z.infer<typeof DocumentKind>;

export const DocumentSummary = z.object({
  name: z.string(),
  description: z.string(),
  revision: z.string(),
  updatedAt: z.number(),
  updatedBy: z.string(),
  file: z.string().nullable().describe('The file that says what it is: then it cannot be edited or deleted here'),
  readable: z.boolean().describe('false: stored, but no document of this version; it acts nowhere until corrected'),
  findings: z.array(Finding).describe('What is wrong with it now, at line and column'),
});

export type DocumentSummary = z.infer<typeof DocumentSummary>;

export const DocumentDetail = DocumentSummary.extend({ source: z.string().describe('YAML as last saved') });

export type DocumentDetail = z.infer<typeof DocumentDetail>;

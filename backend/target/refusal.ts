/** What the kernel or tc says when it refuses, in plain words. The original always follows. */

const PLAIN: ReadonlyArray<[RegExp, string]> = [
  [
    /setting the network namespace|Peer netns|setns/i,
    'That network namespace may not be entered: it needs CAP_SYS_ADMIN beside CAP_NET_ADMIN, e.g. run it as root.',
  ],
  [
    /Operation not permitted|EPERM/i,
    'This process may not change traffic control. It needs CAP_NET_ADMIN, e.g. run it as root.',
  ],
  [/Cannot find device|No such device/i, 'There is no such interface.'],
  [/Cannot open network namespace/i, 'There is no such network namespace, or it may not be entered.'],
  [
    /Specified qdisc kind is unknown|qdisc kind is unknown/i,
    'This kernel does not have that queueing discipline; load its module.',
  ],
  [/TC classifier not found/i, 'This kernel does not have that classifier; load its module.'],
  [
    /Exclusivity flag on|File exists/i,
    'Something with this identity is already there: the interface was changed by someone else in the meantime.',
  ],
  [
    /No such file or directory|Failed to find|not found|Specified class not found|Parent Qdisc doesn'?t exist/i,
    'What it should belong to is no longer there: the interface was changed by someone else in the meantime.',
  ],
  [/Device or resource busy|EBUSY/i, 'It is still in use by a rule or a class below it.'],
  [/No buffer space|Cannot allocate memory|ENOMEM|No space left/i, 'The kernel has no memory left for it.'],
  [/Numerical result out of range|ERANGE/i, 'A number is outside what the kernel takes.'],
  [/Change operation not supported/i, 'The kernel cannot change this in place.'],
  [/Invalid argument|Invalid handle|Illegal/i, 'The kernel does not accept these values.'],
];

export interface Refusal {
  /** 0-based index of the refused line, when tc named it */
  line: number | undefined;
  /** For the operator */
  plain: string;
  /** The kernel's or tc's own words */
  original: string;
}

/** @param stderr of `tc -batch -`; "Command failed -:3" names the third line. */
export function explainRefusal(stderr: string): Refusal {
  const at = /Command failed -:(\d+)/.exec(stderr);
  const original = stderr
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line && !/^Command failed|^We have an error talking to the kernel|^Warning: /.test(line))
    .join(' ')
    .replace(/^(Error|RTNETLINK answers): /, '');
  const plain = PLAIN.find(([pattern]) => pattern.test(stderr))?.[1] ?? 'The kernel refused it.';
  return { line: at ? Number(at[1]) - 1 : undefined, plain, original: original || 'no reason given' };
}

import React from 'react';
import { render, screen } from '@testing-library/react';
import { describe, expect, it } from 'vitest';
import { finding, operation, plan } from '../../../testing/index.ts';
import { testIds } from '../../../testIds.ts';
import { PlanView } from './PlanView.tsx';

const lines = () => screen.getAllByTestId(testIds.planOperation).map((row) => row.textContent);

describe('a plan on the page', () => {
  it('shows each operation exactly as tc is given it, with reason and policy path', () => {
    const first = operation({
      command: 'qdisc add dev wan0 root handle 1: htb default 0x50',
      verb: 'add',
      object: 'qdisc',
    });
    render(<PlanView plan={plan({ operations: [first, operation()] })} />);
    expect(lines()[0]).toContain(first.command);
    expect(lines()[1]).toContain(operation().command);
    expect(lines()[1]).toContain('video: ceiling 11.4 → 15.2 Mbit/s');
    expect(lines()[1]).toContain('spec.classes[1].ceiling');
  });

  it('says what is there now, how much would happen and whether anyone would notice', () => {
    render(<PlanView plan={plan({ disruptive: true })} />);
    const summary = screen.getByTestId(testIds.planSummary);
    expect(summary).toHaveTextContent('HTB with 5 classes');
    expect(summary).toHaveTextContent('1 change');
    expect(summary).toHaveTextContent('Disruptive');
    expect(screen.getByText(/no flower classifier/)).toBeInTheDocument();
  });

  it('says so when there is nothing to do', () => {
    render(<PlanView plan={plan({ operations: [] })} />);
    expect(screen.getByTestId(testIds.planNothing)).toHaveTextContent(
      'wan0 of branch-router holds exactly what revision 9f2c41aa asks for'
    );
    expect(screen.queryByTestId(testIds.planOperation)).not.toBeInTheDocument();
  });

  it('says which traffic goes to another class', () => {
    const { rerender } = render(<PlanView plan={plan({ traffic: ['DSCP EF: from voice to video'] })} />);
    expect(screen.getByTestId(testIds.planTraffic)).toHaveTextContent('DSCP EF: from voice to video');
    rerender(<PlanView plan={plan({ traffic: null })} />);
    expect(screen.queryByTestId(testIds.planTraffic)).not.toBeInTheDocument();
  });

  it('says when it is for what the interface receives', () => {
    const link = 'link add name cpi-wan0 address 02:1:2:3:4:5 type ifb';
    const made = operation({ command: link, verb: 'add', object: 'link' });
    render(<PlanView plan={plan({ direction: 'ingress', operations: [made] })} />);
    expect(screen.getByTestId(testIds.planSummary)).toHaveTextContent('wan0 (ingress) of branch-router');
    expect(lines()[0]).toContain(link);
  });

  it('lists what the plan found', () => {
    render(<PlanView plan={plan({ findings: [finding()] })} />);
    expect(screen.getByTestId(testIds.finding('CP-GUARANTEE-SUM'))).toBeInTheDocument();
  });

  it('says which values the policy was read with, and who gave them', () => {
    const values = { voice: ['2mbit', 'binding'], mark: ['[ef, va]', 'default'] } as const;
    const variables = Object.entries(values).map(([name, [value, from]]) => ({ name, type: 'rate', value, from }));
    render(<PlanView plan={plan({ variables })} />);
    expect(screen.getByTestId(testIds.planValues)).toHaveTextContent('voice = 2mbit given by the binding');
    expect(screen.getByTestId(testIds.planValues)).toHaveTextContent('mark = [ef, va] by default');
  });
});

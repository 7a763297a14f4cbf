import React from 'react';
import { render, screen } from '@testing-library/react';
import { expect, it } from 'vitest';
import { trafficClass } from '../../../testing/index.ts';
import { testIds } from '../../../testIds.ts';
import { AllocationBar } from './AllocationBar.tsx';

it('says how much is promised of how much', () => {
  render(<AllocationBar bandwidth={19e6} classes={[trafficClass('voice', 1.9e6), trafficClass('video', 5.7e6)]} />);
  expect(screen.getByText('Guaranteed 7.6 Mbit/s of 19 Mbit/s')).toBeInTheDocument();
  expect(screen.getByText('11.4 Mbit/s not promised to anyone')).toBeInTheDocument();
  expect(screen.queryByTestId(testIds.allocationOver)).not.toBeInTheDocument();
});

it('says by how much the link is over-committed', () => {
  render(<AllocationBar bandwidth={19e6} classes={[trafficClass('voice', 9.5e6), trafficClass('video', 13.3e6)]} />);
  expect(screen.getByTestId(testIds.allocation)).toHaveAttribute('data-over', 'true');
  expect(screen.getByTestId(testIds.allocationOver)).toHaveTextContent('3.8 Mbit/s too much');
});

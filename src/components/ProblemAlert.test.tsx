import React from 'react';
import { screen } from '@testing-library/react';
import { expect, it } from 'vitest';
import { asProblem } from '../data/index.ts';
import { problem, renderWithSidecar } from '../testing/index.ts';
import { testIds } from '../testIds.ts';
import { ProblemAlert } from './ProblemAlert.tsx';

const thrown = (status: number, data: unknown) => asProblem({ status, statusText: '', data, config: { url: '' } });

it('says what the bridge said, and leads to the datasource when nobody answers', () => {
  renderWithSidecar(<ProblemAlert problem={thrown(502, problem())} />, {});
  expect(screen.getByText('Sidecar does not answer')).toBeInTheDocument();
  expect(screen.getByText(/Nothing was read or changed/)).toBeInTheDocument();
  expect(screen.getByRole('link', { name: 'Datasource settings' })).toHaveAttribute(
    'href',
    '/connections/datasources/edit/clearpath-qos'
  );
});

it('tells a wrong token from silence', () => {
  renderWithSidecar(
    <ProblemAlert problem={thrown(502, problem({ code: 'CP-BRIDGE-TOKEN', title: 'Sidecar refuses the token' }))} />,
    {}
  );
  expect(screen.getByTestId(testIds.problem)).toHaveAttribute('data-trouble', 'token');
});

it('names the datasource and leads to the app’s settings when Grafana itself refuses', () => {
  renderWithSidecar(
    <ProblemAlert problem={thrown(404, { message: 'Data source not found', messageId: 'datasources.notFound' })} />,
    {}
  );
  expect(screen.getByText(/uid “clearpath-qos”: Data source not found/)).toBeInTheDocument();
  expect(screen.getByRole('link', { name: 'App settings' })).toBeInTheDocument();
});

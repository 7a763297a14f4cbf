import type { DataSourceSettings } from '@grafana/data';
import { render, screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import React from 'react';
import { describe, expect, it, vi } from 'vitest';
import { ConfigEditor } from './ConfigEditor.tsx';
import type { ClearpathOptions, ClearpathSecrets } from './settings.ts';

type Settings = DataSourceSettings<ClearpathOptions, ClearpathSecrets>;

function open(settings: Partial<Settings>) {
  const changed = vi.fn<(settings: Settings) => void>();
  render(
    <ConfigEditor options={{ jsonData: {}, secureJsonFields: {}, ...settings } as Settings} onOptionsChange={changed} />
  );
  return changed;
}

describe('the datasource settings', () => {
  it('keep the address in the open and the token among the secrets', async () => {
    const changed = open({});
    await userEvent.type(screen.getByLabelText(/^Sidecar URL/), 'h');
    expect(changed.mock.lastCall?.[0].jsonData).toEqual({ url: 'h' });
    await userEvent.type(screen.getByLabelText(/^Bridge token/), 's');
    expect(changed.mock.lastCall?.[0].secureJsonData).toEqual({ token: 's' });
    expect(JSON.stringify(changed.mock.lastCall?.[0].jsonData)).not.toContain('token');
  });

  it('never show a token that is set', () => {
    open({ secureJsonFields: { token: true } });
    expect(screen.getByLabelText(/^Bridge token/)).toHaveValue('configured');
    expect(screen.getByLabelText(/^Bridge token/)).toBeDisabled();
  });

  it('forget the old token on reset', async () => {
    const changed = open({ secureJsonFields: { token: true } });
    await userEvent.click(screen.getByRole('button', { name: 'Reset' }));
    expect(changed.mock.lastCall?.[0]).toMatchObject({
      secureJsonFields: { token: false },
      secureJsonData: { token: '' },
    });
  });

  it('cannot be edited when a file provides them', () => {
    open({ readOnly: true });
    expect(screen.getByLabelText(/^Sidecar URL/)).toBeDisabled();
  });
});

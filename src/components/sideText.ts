/** A side of an interface as a person reads it: what leaves by it is its name alone. */
import { t } from '@grafana/i18n';
import type { BindingSummary } from '../data/index.ts';
import { raw } from '../locales/raw.ts';

export const sideText = ({ interface: name, direction }: Pick<BindingSummary, 'interface' | 'direction'>): string =>
  direction === 'ingress' ? t('binding.side-ingress', '{{interface}} (ingress)', { ...raw, interface: name }) : name;

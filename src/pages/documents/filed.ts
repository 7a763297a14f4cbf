/** Why a document of a file is not changed here, in words; empty for one that is. */
import { t } from '@grafana/i18n';
import type { DocumentDetail } from '../../data/index.ts';
import { raw } from '../../locales/raw.ts';

export const filedIn = (head: DocumentDetail | undefined): string =>
  head?.file
    ? t('document.filed', 'It comes from the file {{file}} and is changed there.', { ...raw, file: head.file })
    : '';

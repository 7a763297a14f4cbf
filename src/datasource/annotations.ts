/** Deployments as annotations: when which policy was applied or rolled back, over any panel of a dashboard. */
import type { AnnotationQuery, AnnotationSupport } from '@grafana/data';
import { QueryEditor } from './QueryEditor.tsx';
import type { ClearpathQuery } from './query.ts';

const REF_ID = 'Anno';

export const annotations: AnnotationSupport<ClearpathQuery, AnnotationQuery<ClearpathQuery>> = {
  QueryEditor,
  getDefaultQuery: () => ({ type: 'deployments' }),
  prepareAnnotation: (annotation) => ({
    ...annotation,
    target: { type: 'deployments', ...annotation.target, refId: annotation.target?.refId ?? REF_ID },
  }),
};

/** Findings as the editor's own markers. */
import type { monacoTypes } from '@grafana/ui';
import type { Finding } from '../../../data/index.ts';

type Marker = monacoTypes.editor.IMarkerData;
type Lines = Pick<monacoTypes.editor.ITextModel, 'getLineCount' | 'getLineMaxColumn'>;

// monaco.MarkerSeverity is a value of the editor, which is loaded later than this module.
const severity = { error: 8, warning: 4, info: 2 } as const satisfies Record<Finding['severity'], Marker['severity']>;

/** A finding without a line has no place in the text; one beyond the end belongs to a text that has been edited since. */
export function markersOf(findings: Finding[], lines: Lines): Marker[] {
  return findings.flatMap((finding) => {
    if (!finding.line || finding.line > lines.getLineCount()) {
      return [];
    }
    const endColumn = lines.getLineMaxColumn(finding.line);
    return [
      {
        severity: severity[finding.severity],
        message: finding.hint ? `${finding.message}\n${finding.hint}` : finding.message,
        code: finding.code,
        source: finding.path,
        startLineNumber: finding.line,
        endLineNumber: finding.line,
        startColumn: Math.min(finding.column ?? 1, endColumn),
        endColumn,
      },
    ];
  });
}

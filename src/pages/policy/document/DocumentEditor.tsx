/** The document in Grafana's own editor, with the judgement's findings at their lines. */
import React, { forwardRef, useEffect, useImperativeHandle, useState } from 'react';
import { css } from '@emotion/css';
import type { GrafanaTheme2 } from '@grafana/data';
import { t } from '@grafana/i18n';
import { ClipboardButton, CodeEditor, useStyles2, type Monaco, type MonacoEditor } from '@grafana/ui';
import type { Finding } from '../../../data/index.ts';
import { testIds } from '../../../testIds.ts';
import { useLatest } from '../../useLatest.ts';
import { markersOf } from './markers.ts';

export interface EditorHandle {
  jump: (line: number, column?: number) => void;
  /** Another text in place of this one, which the editor's own undo takes back. */
  replace: (text: string) => void;
}

interface Props {
  value: string;
  findings: Finding[];
  readOnly?: boolean;
  onChange: (text: string) => void;
  onSave: () => void;
}

export const DocumentEditor = forwardRef<EditorHandle, Props>(function DocumentEditor(
  { value, findings, readOnly, onChange, onSave },
  ref
) {
  const styles = useStyles2(getStyles);
  const [mounted, setMounted] = useState<{ editor: MonacoEditor; monaco: Monaco } | null>(null);

  const latest = useLatest({ onChange, onSave });

  useEffect(() => {
    const model = mounted?.editor.getModel();
    if (mounted && model) {
      mounted.monaco.editor.setModelMarkers(model, 'clearpath', markersOf(findings, model));
    }
  }, [mounted, findings]);

  useImperativeHandle(
    ref,
    () => ({
      jump: (line, column = 1) => {
        mounted?.editor.revealLineInCenter(line);
        mounted?.editor.setPosition({ lineNumber: line, column });
        mounted?.editor.focus();
      },
      replace: (text) => {
        const range = mounted?.editor.getModel()?.getFullModelRange();
        if (mounted && range) {
          mounted.editor.pushUndoStop();
          mounted.editor.executeEdits('clearpath-fix', [{ range, text }]);
          mounted.editor.pushUndoStop();
        } else {
          latest.current.onChange(text);
        }
      },
    }),
    [mounted, latest]
  );

  return (
    <div className={styles.frame} data-testid={testIds.editor}>
      <CodeEditor
        language="yaml"
        value={value}
        width="100%"
        height="100%"
        showLineNumbers
        showMiniMap={false}
        wordWrap
        readOnly={readOnly}
        containerStyles={styles.container}
        monacoOptions={{
          tabSize: 2,
          insertSpaces: true,
          detectIndentation: false,
          scrollBeyondLastLine: false,
          folding: true,
          renderWhitespace: 'none',
          wrappingIndent: 'indent',
        }}
        onEditorDidMount={(editor, monaco) => setMounted({ editor, monaco })}
        onChange={(text) => latest.current.onChange(text)}
        onSave={() => latest.current.onSave()}
      />
      <ClipboardButton
        className={styles.copy}
        icon="copy"
        variant="secondary"
        fill="text"
        size="sm"
        getText={() => value}
        aria-label={t('editor.copy', 'Copy the document')}
      />
    </div>
  );
});

const getStyles = (theme: GrafanaTheme2) => ({
  frame: css({
    position: 'sticky',
    top: theme.spacing(2),
    height: 'calc(100vh - 250px)',
    minHeight: 420,
    [theme.breakpoints.down('lg')]: { position: 'relative', top: 0, height: 480 },
  }),
  container: css({
    height: '100%',
    borderRadius: theme.shape.radius.default,
    border: `1px solid ${theme.components.input.borderColor}`,
    overflow: 'hidden',
  }),
  // Above the text, so that a long first line does not run through it.
  copy: css({
    '&&': {
      position: 'absolute',
      top: theme.spacing(0.5),
      right: theme.spacing(2.5),
      background: theme.colors.background.primary,
    },
  }),
});

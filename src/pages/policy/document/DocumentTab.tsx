/** Left the document, right what it means: judged while one types. */
import React, { useRef } from 'react';
import { css } from '@emotion/css';
import type { GrafanaTheme2 } from '@grafana/data';
import { useStyles2 } from '@grafana/ui';
import type { useJudgement } from '../../../data/index.ts';
import { DocumentEditor, type EditorHandle } from './DocumentEditor.tsx';
import { JudgementPane } from './JudgementPane.tsx';
import { lineOfClass } from './lineOfClass.ts';

interface Props {
  visible: boolean;
  text: string;
  judgement: ReturnType<typeof useJudgement>;
  /** The judgement is about the text as it stands now. */
  judged: boolean;
  onChange: (text: string) => void;
  onSave: () => void;
}

export function DocumentTab({ visible, text, judgement, judged, onChange, onSave }: Props) {
  const styles = useStyles2(getStyles);
  const editor = useRef<EditorHandle>(null);
  // Hidden rather than taken away: the editor keeps its cursor and its undo steps while one looks at the plan.
  return (
    <div className={styles.panes} hidden={!visible}>
      <DocumentEditor
        ref={editor}
        value={text}
        findings={judgement.data?.findings ?? []}
        onChange={onChange}
        onSave={onSave}
      />
      <JudgementPane
        judgement={judgement}
        judged={judged}
        text={text}
        onFixed={(fixed) => editor.current?.replace(fixed)}
        onFinding={(finding) => finding.line && editor.current?.jump(finding.line, finding.column)}
        onClass={(path) => {
          const line = lineOfClass(text, path);
          if (line) {
            editor.current?.jump(line);
          }
        }}
      />
    </div>
  );
}

const getStyles = (theme: GrafanaTheme2) => ({
  panes: css({
    display: 'grid',
    gridTemplateColumns: 'minmax(0, 1fr) minmax(0, 1fr)',
    gap: theme.spacing(2),
    marginTop: theme.spacing(2),
    '&[hidden]': { display: 'none' },
    [theme.breakpoints.down('lg')]: { gridTemplateColumns: 'minmax(0, 1fr)' },
  }),
});

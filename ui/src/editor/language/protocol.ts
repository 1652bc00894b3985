// The part of the Language Server Protocol 3.17 that the editor uses: shapes, and nothing that runs.

export interface Position {
  line: number;
  character: number;
}

export interface Range {
  start: Position;
  end: Position;
}

export interface Location {
  uri: string;
  range: Range;
}

export interface LocationLink {
  originSelectionRange?: Range;
  targetUri: string;
  targetRange: Range;
  targetSelectionRange: Range;
}

export interface TextEdit {
  range: Range;
  newText: string;
}

/** Edits by the address of the file. */
export interface WorkspaceEdit {
  changes?: Record<string, TextEdit[]>;
}

export interface Markup {
  kind: 'markdown' | 'plaintext';
  value: string;
}

interface InsertReplaceEdit {
  newText: string;
  insert: Range;
  replace: Range;
}

export interface CompletionItem {
  label: string;
  labelDetails?: { detail?: string; description?: string };
  kind?: number;
  tags?: number[];
  detail?: string;
  documentation?: Markup | string;
  sortText?: string;
  filterText?: string;
  insertText?: string;
  textEdit?: TextEdit | InsertReplaceEdit;
  additionalTextEdits?: TextEdit[];
  commitCharacters?: string[];
  data?: unknown;
}

export interface CompletionList {
  isIncomplete: boolean;
  itemDefaults?: { commitCharacters?: string[]; editRange?: Range | { insert: Range; replace: Range } };
  items: CompletionItem[];
}

export interface Hover {
  contents: Markup;
  range?: Range;
}

export interface SignatureHelp {
  signatures: Signature[];
  activeSignature?: number;
  activeParameter?: number;
}

export interface Signature {
  label: string;
  documentation?: Markup;
  parameters?: { label: string | [number, number]; documentation?: Markup }[];
  activeParameter?: number;
}

export interface Diagnostic {
  range: Range;
  severity?: 1 | 2 | 3 | 4;
  code?: number | string;
  source?: string;
  message: string;
  tags?: (1 | 2)[];
}

export interface DocumentDiagnosticReport {
  kind: 'full' | 'unchanged';
  items?: Diagnostic[];
}

export interface CodeAction {
  title: string;
  kind?: string;
  isPreferred?: boolean;
  edit?: WorkspaceEdit;
  data?: unknown;
}

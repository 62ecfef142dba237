// The look of the editor. Its colours are custom properties of the page, so the editor follows the theme of the page.

import { EditorView, HighlightStyle, syntaxHighlighting, tags } from "../../vendor/codemirror.js";

const field = {
  background: "var(--surface)", color: "var(--text)", border: "1px solid var(--control)", borderRadius: "4px",
  padding: "3px 6px", fontFamily: "var(--sans)", fontSize: "13px", minHeight: "26px",
};

const look = EditorView.theme({
  "&": { background: "var(--surface)", color: "var(--text)", fontSize: "13px", maxHeight: "min(64vh, 720px)" },
  "&.cm-focused": { outline: "none" },
  ".cm-scroller": { fontFamily: "var(--mono)", lineHeight: "1.55", overflow: "auto" },
  ".cm-content": { minHeight: "var(--editor-least)", padding: "8px 0", caretColor: "var(--text)" },
  ".cm-line": { padding: "0 10px 0 6px" },
  ".cm-gutters": { background: "var(--surface)", color: "var(--quiet)", border: "none", minHeight: "var(--editor-least)" },
  ".cm-lineNumbers .cm-gutterElement": { padding: "0 6px 0 4px", minWidth: "28px" },
  ".cm-activeLine": { background: "var(--active-line)" },
  ".cm-activeLineGutter": { background: "var(--active-line)", color: "var(--text)" },
  ".cm-cursor, .cm-dropCursor": { borderLeftColor: "var(--text)", borderLeftWidth: "2px" },
  "&.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground, .cm-selectionBackground": {
    background: "var(--selection)",
  },
  "&.cm-focused .cm-matchingBracket": { background: "var(--selection)", outline: "1px solid var(--control)" },
  "&.cm-focused .cm-nonmatchingBracket": { background: "var(--bad-surface)", outline: "1px solid var(--bad)" },
  ".cm-selectionMatch": { background: "var(--selection)" },
  ".cm-searchMatch": { background: "var(--match)", outline: "1px solid var(--control)" },
  ".cm-searchMatch.cm-searchMatch-selected": { background: "var(--match)", outline: "2px solid var(--accent)" },
  ".cm-specialChar": { color: "var(--bad)" },
  ".cm-panels": { background: "var(--sunken)", color: "var(--text)", fontFamily: "var(--sans)", zIndex: "1" },
  ".cm-panels.cm-panels-top": { borderBottom: "1px solid var(--line)" },
  ".cm-panels.cm-panels-bottom": { borderTop: "1px solid var(--line)" },
  ".cm-panel.cm-search": { padding: "6px 32px 6px 8px", fontSize: "13px" },
  ".cm-panel.cm-search label": {
    display: "inline-flex", alignItems: "center", gap: "4px", minHeight: "26px", fontSize: "13px",
  },
  ".cm-textfield": field,
  ".cm-button": { ...field, backgroundImage: "none", cursor: "pointer" },
  ".cm-button:active": { backgroundImage: "none" },
  ".cm-panel.cm-search [name=close]": {
    color: "var(--text)", minWidth: "26px", minHeight: "26px", top: "4px", right: "4px", cursor: "pointer",
  },
  ".cm-panel :focus-visible": { outline: "2px solid var(--accent)", outlineOffset: "1px" },
  ".cm-hint": { padding: "3px 10px", fontSize: "12px", color: "var(--quiet)" },
  ".cm-error-line, .cm-error-line.cm-activeLine": { background: "var(--bad-surface)" },
  ".cm-error-gutter": { width: "14px" },
  ".cm-error-gutter .cm-gutterElement": { color: "var(--bad)", fontSize: "10px", textAlign: "center", lineHeight: "2" },
  ".cm-error-message": {
    background: "var(--bad-surface)", color: "var(--bad)", borderLeft: "3px solid var(--bad)", padding: "2px 10px",
    fontFamily: "var(--sans)", whiteSpace: "pre-wrap", overflowWrap: "anywhere", unicodeBidi: "plaintext",
  },
});

const colours = HighlightStyle.define([
  { tag: [tags.keyword, tags.modifier, tags.controlKeyword, tags.operatorKeyword], color: "var(--code-keyword)" },
  { tag: [tags.string, tags.special(tags.string), tags.regexp], color: "var(--code-string)" },
  { tag: [tags.number, tags.bool, tags.null, tags.self], color: "var(--code-number)" },
  { tag: tags.comment, color: "var(--quiet)", fontStyle: "italic" },
  { tag: [tags.definition(tags.variableName), tags.definition(tags.className)], color: "var(--code-name)" },
  { tag: [tags.function(tags.variableName), tags.function(tags.propertyName)], color: "var(--code-name)" },
  { tag: [tags.className, tags.meta, tags.standard(tags.variableName)], color: "var(--code-type)" },
  { tag: tags.invalid, color: "var(--bad)" },
]);

export const editorTheme = [look, syntaxHighlighting(colours)];

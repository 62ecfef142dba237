// The code editor. CodeMirror lives in a shadow root: there it adds its styles without the inline styles that the policy
// of the page forbids.

import {
  defaultKeymap, drawSelection, EditorState, EditorView, highlightActiveLine, highlightSpecialChars, history,
  historyKeymap, indentOnInput, indentUnit, keymap, lineNumbers, lintGutter, python, setDiagnostics,
} from "../vendor/codemirror.js";

export class Editor {
  /**
   * @param {HTMLElement} place
   * @param {{onRun: () => void}} actions
   */
  constructor(place, { onRun }) {
    const root = place.attachShadow({ mode: "open" });
    this.view = new EditorView({
      parent: root,
      root,
      state: EditorState.create({
        doc: "",
        extensions: [
          lineNumbers(), history(), drawSelection(), indentOnInput(), highlightActiveLine(), highlightSpecialChars(),
          lintGutter(), indentUnit.of("    "), python(),
          keymap.of([{ key: "Mod-Enter", run: () => (onRun(), true) }, ...defaultKeymap, ...historyKeymap]),
          EditorView.contentAttributes.of({ "aria-label": "Script" }),
        ],
      }),
    });
  }

  /** @returns {string} The script. */
  get text() {
    return this.view.state.doc.toString();
  }

  /** @param {string} text The new script. Marks are removed. */
  set text(text) {
    this.view.dispatch({ changes: { from: 0, to: this.view.state.doc.length, insert: text } });
    this.clearMarks();
  }

  /**
   * Mark a line as wrong, and show it.
   *
   * @param {number} number Counted from 1. A line outside of the script is not marked.
   * @param {string} message
   */
  markLine(number, message) {
    const { doc } = this.view.state;
    if (number < 1 || number > doc.lines) return;
    const { from, to } = doc.line(number);
    this.view.dispatch(setDiagnostics(this.view.state, [{ from, to, severity: "error", message }]));
    this.view.dispatch({ effects: EditorView.scrollIntoView(from, { y: "center" }) });
  }

  /** Remove all marks. */
  clearMarks() {
    this.view.dispatch(setDiagnostics(this.view.state, []));
  }

  /** @param {number} number Move the cursor to this line, counted from 1, and focus the editor. */
  goToLine(number) {
    const { doc } = this.view.state;
    const { from } = doc.line(Math.min(Math.max(number, 1), doc.lines));
    this.view.dispatch({ selection: { anchor: from }, effects: EditorView.scrollIntoView(from, { y: "center" }) });
    this.focus();
  }

  focus() {
    this.view.focus();
  }
}

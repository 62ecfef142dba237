// The code editor. CodeMirror lives in a shadow root: there it adds its styles without the inline styles that the policy
// of the page forbids.

import { element } from "../../common/dom.js";
import { visibleText } from "../../common/format.js";
import {
  bracketMatching, defaultKeymap, drawSelection, EditorState, EditorView, highlightActiveLine, highlightActiveLineGutter,
  highlightSelectionMatches, highlightSpecialChars, history, historyKeymap, indentOnInput, indentUnit, indentWithTab, keymap,
  lineNumbers, python, search, searchKeymap, showPanel,
} from "../../vendor/codemirror.js";
import { clearMark, errorMark, markLine } from "./error_mark.js";
import { editorTheme } from "./editor_theme.js";

/** A message beside its line is cut. The panel of the problem has all of it. */
const MESSAGE_MOST = 300;

const HINT = "Ctrl-Enter runs the script. Ctrl-F searches. Escape, then Tab leaves the editor.";

/** Tab indents. After Escape it moves the focus, until the person types or has left. */
const leavingWithTab = [
  keymap.of([{ key: "Escape", run: (view) => (view.setTabFocusMode(true), false) }]),
  EditorView.domEventHandlers({ blur: (_event, view) => view.setTabFocusMode(false) }),
  EditorView.updateListener.of((update) => {
    if (update.docChanged) update.view.setTabFocusMode(false);
  }),
];

/**
 * Replace selected text here. The browser would give the new text the colours of the old, with inline styles, which the
 * policy of the page refuses.
 */
const replacing = EditorView.domEventHandlers({
  beforeinput(event, view) {
    const { state } = view;
    const replaces = event.inputType === "insertText" && event.data !== null && !state.selection.main.empty;
    if (!replaces || view.composing) return false;
    event.preventDefault();
    view.dispatch(state.replaceSelection(state.toText(event.data)), { userEvent: "input.type", scrollIntoView: true });
    return true;
  },
});

const hint = [
  showPanel.of(() => ({ dom: element("div", { id: "editor-hint", class: "cm-hint" }, HINT) })),
  EditorView.contentAttributes.of({ "aria-label": "Script", "aria-describedby": "editor-hint" }),
];

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
          lineNumbers(), errorMark, history(), drawSelection(), indentOnInput(), bracketMatching(), highlightActiveLine(),
          highlightActiveLineGutter(), highlightSelectionMatches(), highlightSpecialChars(), search({ top: true }),
          indentUnit.of("    "), python(), editorTheme, leavingWithTab, hint, replacing,
          keymap.of([
            { key: "Mod-Enter", run: () => (onRun(), true) },
            ...searchKeymap, ...defaultKeymap, ...historyKeymap, indentWithTab,
          ]),
        ],
      }),
    });
  }

  /** @returns {string} The script. */
  get text() {
    return this.view.state.doc.toString();
  }

  /** @param {string} text The new script. The mark is removed. */
  set text(text) {
    clearMark(this.view);
    this.view.dispatch({ changes: { from: 0, to: this.view.state.doc.length, insert: text } });
  }

  /**
   * Mark a line as wrong, and show it.
   *
   * @param {number} number Counted from 1. A line outside of the script is not marked.
   * @param {string} message
   */
  markLine(number, message) {
    const shown = visibleText(message);
    markLine(this.view, number, shown.length > MESSAGE_MOST ? `${shown.slice(0, MESSAGE_MOST)}…` : shown);
  }

  /** Remove the mark. */
  clearMarks() {
    clearMark(this.view);
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

// The mark on the line of an error: the line's background, a sign in the gutter, and the message below the line. It goes
// when the person edits the line.

import {
  Decoration, EditorView, gutter, GutterMarker, RangeSet, StateEffect, StateField, WidgetType,
} from "../../vendor/codemirror.js";

/** @typedef {{from: number, message: string} | null} Mark `from` is the position where the line begins. */

const setMark = /** @type {any} */ (StateEffect.define());

class Sign extends GutterMarker {
  toDOM() {
    return document.createTextNode("▶");
  }
}

class Message extends WidgetType {
  constructor(text) {
    super();
    this.text = text;
  }

  eq(other) {
    return other.text === this.text;
  }

  toDOM() {
    const shown = document.createElement("div");
    shown.className = "cm-error-message";
    shown.textContent = this.text;
    return shown;
  }
}

const line = Decoration.line({ class: "cm-error-line" });
const sign = new Sign();

const mark = StateField.define({
  create: () => /** @type {Mark} */ (null),
  update(value, transaction) {
    for (const effect of transaction.effects) if (effect.is(setMark)) return effect.value;
    if (!value || !transaction.docChanged) return value;
    const { from, to } = transaction.startState.doc.lineAt(value.from);
    if (transaction.changes.touchesRange(from, to)) return null;
    return { ...value, from: transaction.changes.mapPos(from, 1) };
  },
  provide: (field) => [
    EditorView.decorations.compute([field], (state) => {
      const value = state.field(field);
      if (!value) return Decoration.none;
      const { from, to } = state.doc.lineAt(value.from);
      const message = Decoration.widget({ widget: new Message(value.message), block: true, side: 1 });
      return Decoration.set([line.range(from), message.range(to)]);
    }),
    gutter({
      class: "cm-error-gutter",
      markers: ({ state }) => {
        const value = state.field(field);
        return value ? RangeSet.of([sign.range(value.from)]) : RangeSet.empty;
      },
    }),
  ],
});

/** The extension of the editor. */
export const errorMark = mark;

/**
 * Mark a line, scroll to it, and announce it to screen readers.
 *
 * @param {EditorView} view
 * @param {number} number Counted from 1. A line outside of the script is not marked.
 * @param {string} message
 */
export function markLine(view, number, message) {
  const { doc } = view.state;
  if (number < 1 || number > doc.lines) return;
  const { from } = doc.line(number);
  view.dispatch({
    effects: [
      setMark.of({ from, message }),
      EditorView.scrollIntoView(from, { y: "center" }),
      EditorView.announce.of(`Error on line ${number}: ${message}`),
    ],
  });
}

/** @param {EditorView} view Remove the mark. */
export function clearMark(view) {
  if (view.state.field(mark)) view.dispatch({ effects: setMark.of(null) });
}

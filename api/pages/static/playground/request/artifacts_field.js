// The field for the patterns of the files to keep.

import { count } from "./input_fields.js";
import { TextField } from "./text_field.js";

/** @returns {TextField} */
export function artifactsField() {
  return new TextField(
    "artifacts",
    { label: "Patterns of files to keep", rows: 2, placeholder: "*.png\nout/**",
      hint: "One pattern per line. The answer shows the files that match." },
    {
      parse: (text) => {
        const patterns = text.split("\n").map((line) => line.trim()).filter(Boolean);
        return patterns.length ? patterns : undefined;
      },
      format: (patterns) => patterns.join("\n"),
      summarize: (patterns) => count(patterns.length, "pattern"),
    },
  );
}

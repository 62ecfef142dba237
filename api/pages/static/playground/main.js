// The playground: makes its parts, and connects them.
//
// One request goes this way: `Composer` reads the editor and the form as a submission; `runScript` submits it and yields
// what happens; the panels show it. Every panel has the same two methods: `clear()` before a run, and `show(job)` with the
// final job. The output panel also gets output while the script runs.

import { byId } from "../common/dom.js";
import { KeyField } from "../common/key_field.js";
import { facts, Service } from "../common/service.js";
import { initTheme } from "../common/theme.js";
import { Composer } from "./composer.js";
import { Editor } from "./editor.js";
import { OutputPanel } from "./output_panel.js";
import { ProblemPanel } from "./problem_panel.js";
import { ResultPanel } from "./result_panel.js";
import { Runner } from "./runner.js";

initTheme();
const key = new KeyField();
const service = new Service(() => key.value);
const editor = new Editor(byId("editor"), { onRun: () => runner.start() });
const composer = new Composer(editor);
const panels = {
  problem: new ProblemPanel(byId("problem"), editor),
  result: new ResultPanel(byId("result")),
  output: new OutputPanel(byId("output")),
};
const runner = new Runner(service, composer, editor, panels);

composer.write({ script: 'print("Hello")\n', mode: "program" });

// The queue page links to a job as `#job=ID`.
function showLinkedJob() {
  const id = new URLSearchParams(location.hash.slice(1)).get("job");
  if (id && (key.value || !facts.keys)) runner.showJob(id);
}
key.onChange(showLinkedJob);
addEventListener("hashchange", showLinkedJob);
showLinkedJob();

// The playground: makes its parts, and connects them.
//
// One request goes this way: `Composer` reads the editor and the form as a submission; `runScript` submits it and yields
// what happens; the panels show it. Every panel has the same two methods: `clear()` before a run, and `show(job)` with the
// final job. The output panel also gets output while the script runs.

import { byId } from "../common/dom.js";
import { KeyField } from "../common/key_field.js";
import { Service } from "../common/service.js";
import { initTheme } from "../common/theme.js";
import { ArtifactsPanel } from "./answer/artifacts_panel.js";
import { Composer } from "./composer.js";
import { Editor } from "./editor/editor.js";
import { ExamplesMenu } from "./dialogs/examples_menu.js";
import { History } from "./history/history.js";
import { openLinkedJob } from "./history/linked_job.js";
import { Notice } from "./notice.js";
import { OutputPanel } from "./answer/output_panel.js";
import { ProblemPanel } from "./answer/problem_panel.js";
import { ResultPanel } from "./answer/result_panel.js";
import { RequestForm } from "./request/request_form.js";
import { Runner } from "./runner.js";
import { Share } from "./dialogs/share.js";
import { Snippets } from "./dialogs/snippets.js";
import { StatusLine } from "./answer/status_line.js";
import { UsagePanel } from "./answer/usage_panel.js";

initTheme();
const key = new KeyField();
const service = new Service(() => key.value);
const editor = new Editor(byId("editor"), { onRun: () => runner.start() });
const notice = new Notice(byId("notice"));
const form = new RequestForm(byId("request-form"), service, key);
const composer = new Composer(editor, form, notice);
const panels = {
  usage: new UsagePanel(byId("usage")),
  problem: new ProblemPanel(byId("problem"), editor),
  result: new ResultPanel(byId("result")),
  output: new OutputPanel(byId("output")),
  artifacts: new ArtifactsPanel(byId("artifacts"), service),
};
const runner = new Runner(service, composer, new StatusLine(), panels);
const history = (runner.history = new History(service, composer, notice, (job) => runner.show(job)));
new ExamplesMenu(composer);
new Snippets(composer);
const share = new Share(composer, notice);

composer.write({ script: 'print("Hello")\n', mode: "program" });
share.openLink();
openLinkedJob(history, key);

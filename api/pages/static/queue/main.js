// The queue page: asks for the numbers again and again, and gives them to its panels.

import { byId } from "../common/dom.js";
import { KeyField } from "../common/key_field.js";
import { facts, Service } from "../common/service.js";
import { initTheme } from "../common/theme.js";
import { HourPanel } from "./hour_panel.js";
import { News } from "./news.js";
import { Poller } from "./poller.js";
import { DepthPanel, FailuresPanel, FiguresPanel, JobsPanel, WorkersPanel } from "./tables.js";

/** Milliseconds after which a request has failed. */
const PATIENCE = 10_000;

/** The service has keys, and the person has entered none. */
class KeyNeeded extends Error {}

initTheme();
const key = new KeyField();
const service = new Service(() => key.value);
const news = new News();
const panels = [
  new FiguresPanel(), new HourPanel(), new DepthPanel(), new FailuresPanel(), new WorkersPanel(), new JobsPanel(),
];

const poller = new Poller({
  async ask() {
    const asked = key.value;
    if (facts.keys && !asked) throw new KeyNeeded("Enter an API key to see the queue.");
    const numbers = await service.queue({ signal: AbortSignal.timeout(PATIENCE) });
    if (key.value === asked) return numbers;
    // The answer is for a key that the person has removed.
    return this.ask();
  },
  onNumbers(numbers) {
    for (const panel of panels) panel.show(numbers);
    byId("numbers").hidden = false;
    news.current(numbers.at);
  },
  onFailure(error) {
    const refused = error instanceof KeyNeeded || error.type === "unauthorized";
    if (!refused) news.away(error);
    else {
      byId("numbers").hidden = true;
      news.stopped(error instanceof KeyNeeded ? error.message : "The service does not know this API key.");
    }
    return !refused;
  },
});
key.onChange(() => poller.askNow());
poller.start();
